"""Rounds and bids for tests, made by the product's own operations."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.bidding import operations
from app.bidding.models import Bid, Round
from app.bidding.rules import BidTerms, RoundTerms, Step
from app.core import once
from app.core.actor import Actor, ActorKind
from app.core.vault import own_vault
from app.listings.models import Listing
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, trader

OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=9)
OPENS, CLOSES = NOW - timedelta(hours=1), NOW + timedelta(days=2)


def round_terms(**changes: object) -> RoundTerms:
    """A round for December that takes everything, open now for two more days."""
    values: dict[str, object] = {"month": DECEMBER, "opens_at": OPENS, "closes_at": CLOSES}
    return RoundTerms(**(values | changes))  # type: ignore[arg-type]


def announced_round(session: Session, now: datetime = NOW, **changes: object) -> Round:
    terms = round_terms(**changes)
    return operations.announce_round(session, OPERATOR, terms, now, key=once.new_key())


def bid_terms(*steps: tuple[int, int], **changes: object) -> BidTerms:
    """Steps of tonnes and fen per tonne; 100 t at 8 CNY unless told otherwise."""
    wanted = tuple(Step(tonnes * 1000, fen) for tonnes, fen in steps or ((100, 800),))
    return BidTerms(wanted, **changes)  # type: ignore[arg-type]


def placed(
    session: Session,
    found: Round,
    listing: Listing,
    terms: BidTerms | None = None,
    *,
    version: int = 0,
    now: datetime = NOW,
) -> Bid:
    return operations.place_bid(
        session,
        own_vault(),
        trader(listing.company),
        found.number,
        listing.number,
        terms or bid_terms(),
        now,
        version=version,
    )
