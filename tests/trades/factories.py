"""Trades for tests, proposed by the product's own operations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM, Actor
from app.listings.models import Offer, Requirement
from app.trades import cases, delivery, keeping, operations
from app.trades.models import Trade
from app.trades.operations import ProposalDraft
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, published_requirement, trader


def proposal(offer: Offer, taker: Requirement, **changes: object) -> ProposalDraft:
    """600 t of fly ash in December; the producer gets 1.55, the consumer pays 24.65 CNY/t."""
    values: dict[str, object] = {
        "origin": "R-2612-1",
        "offer_number": offer.number,
        "requirement_number": taker.number,
        "material": "fly_ash",
        "month": DECEMBER,
        "kg": 600_000,
        "price_producer": 155,
        "price_consumer": 2_465,
        "freight": 2_310,
        "road_m": 23_400,
    }
    return ProposalDraft(**(values | changes))  # type: ignore[arg-type]


def proposed_trade(
    session: Session,
    offer: Offer | None = None,
    taker: Requirement | None = None,
    now: datetime = NOW,
    **changes: object,
) -> Trade:
    """A trade that waits for both sides; without listings two new firms publish them.

    `changes` are fields of `ProposalDraft`.
    """
    draft = proposal(
        offer or published_offer(session), taker or published_requirement(session), **changes
    )
    return operations.propose(session, SYSTEM, draft, now)


def confirmed_trade(
    session: Session,
    offer: Offer | None = None,
    taker: Requirement | None = None,
    now: datetime = NOW,
    **changes: object,
) -> Trade:
    """A trade both sides have said yes to; arguments as of `proposed_trade`."""
    trade = proposed_trade(session, offer, taker, now, **changes)
    operations.confirm(session, producer_of(trade), trade.number, now)
    return operations.confirm(session, consumer_of(trade), trade.number, now)


def contracted_trade(
    session: Session,
    offer: Offer | None = None,
    taker: Requirement | None = None,
    now: datetime = NOW,
    **changes: object,
) -> Trade:
    """A trade whose contract both sides have signed; arguments as of `proposed_trade`."""
    trade = confirmed_trade(session, offer, taker, now, **changes)
    cases.sign(session, producer_of(trade), trade.number, "HT-1", now)
    return cases.sign(session, consumer_of(trade), trade.number, "HT-1", now)


def deliver(
    session: Session,
    trade: Trade,
    received_kg: int,
    rejected_kg: int = 0,
    *,
    document: str = "W-2612-00001",
    now: datetime = NOW,
) -> Trade:
    """A truck that leaves and arrives with nothing lost between; what is refused stays away."""
    sent = received_kg + rejected_kg
    delivery.dispatch(session, producer_of(trade), trade.number, sent, document, now)
    return delivery.receive(
        session,
        consumer_of(trade),
        trade.number,
        document,
        received_kg=received_kg,
        rejected_kg=rejected_kg,
        difference_kg=0,
        now=now,
    )


def keep_time(session: Session, now: datetime) -> int:
    """What the clock asks of all trades at an instant; returns how many it has ended."""
    last = 0
    while batch := keeping.due(session, now, last):
        for trade_id in batch:
            keeping.keep(session, trade_id, now)
        last = batch[-1]
    ended = select(func.count()).select_from(Trade).where(Trade.ended_at == now)
    return session.scalar(ended) or 0


def producer_of(trade: Trade) -> Actor:
    return trader(trade.producer)


def consumer_of(trade: Trade) -> Actor:
    return trader(trade.consumer)
