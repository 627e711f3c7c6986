"""Read-only questions about call rounds and the bids of the reader's own firm.

A bid is opened in two places only: for its firm (`own_bids`, `own_bid`) and for the clearing
(`round_book`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.bidding import boxes
from app.bidding.models import Bid, Round
from app.bidding.rules import BidTerms, RoundState, round_state, standing
from app.catalogue import queries as catalogue
from app.catalogue.queries import MaterialRow
from app.core.actor import Actor
from app.core.clock import china_day
from app.core.errors import NotFound
from app.core.vault import Vault
from app.listings import queries as listings
from app.listings.book import BookOrder, clearable_kg, firms_listing, month_book
from app.listings.queries import ListingRow
from app.listings.rules import DealMode

BID_MODES = (DealMode.OPEN, DealMode.ROUND)
"""The modes in which a listing may be bid in a round."""


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A call round as everybody sees it; no materials for all of them."""

    number: str
    state: RoundState
    month: date
    materials: tuple[MaterialRow, ...]
    opens_at: datetime
    closes_at: datetime
    is_scheduled: bool
    run_number: str | None

    def takes(self, codes: tuple[str, ...]) -> bool:
        """Whether a listing of these materials may be bid in it."""
        return not self.materials or any(row.code in codes for row in self.materials)


@dataclass(frozen=True, slots=True)
class BidRow:
    """A bid for its own firm. Masses kg, prices fen per tonne at the own gate."""

    round: RoundRow
    listing: ListingRow
    version: int
    terms: BidTerms = field(repr=False)
    changed_at: datetime
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class Biddable:
    """An own listing that a round takes, with what may be bid of it and the bid, if there is one.

    `room_kg` is what the month of the round has open, kg.
    """

    listing: ListingRow
    room_kg: int
    bid: BidRow | None


def rounds(session: Session, now: datetime, limit: int = 50) -> list[RoundRow]:
    """The rounds: those that take bids first, then those to come, then the past, newest first."""
    found = session.scalars(select(Round).order_by(Round.closes_at.desc()).limit(limit))
    names = catalogue.material_map(session, china_day(now))
    rows = [_round_row(one, names, now) for one in found]
    order = (RoundState.OPEN, RoundState.ANNOUNCED)
    coming = sorted(
        (row for row in rows if row.state in order),
        key=lambda row: (order.index(row.state), row.closes_at),
    )
    return [*coming, *(row for row in rows if row.state not in order)]


def show(session: Session, number: str, now: datetime) -> RoundRow:
    """One round; raises `NotFound`."""
    found = round_of(session, number)
    return _round_row(found, catalogue.material_map(session, china_day(now)), now)


def round_of(session: Session, number: str) -> Round:
    found = session.scalar(select(Round).where(Round.number == number))
    if found is None:
        raise NotFound
    return found


def own_bids(
    session: Session, vault: Vault, actor: Actor, now: datetime, limit: int = 100
) -> list[BidRow]:
    """What the actor's firm has bid, newest first; raises nothing and shows nobody else's."""
    query = (
        select(Bid)
        .where(Bid.company_id == actor.company_id)
        .options(joinedload(Bid.round))
        .order_by(Bid.id.desc())
        .limit(limit)
    )
    return _bid_rows(session, vault, actor, list(session.scalars(query)), now)


def biddable(
    session: Session,
    vault: Vault,
    actor: Actor,
    number: str,
    now: datetime,
    only: str | None = None,
) -> list[Biddable]:
    """The own listings a round takes, or `only` this one, each with its bid; bids first."""
    found = show(session, number, now)
    query = (
        select(Bid)
        .join(Bid.round)
        .where(Round.number == number, Bid.company_id == actor.company_id)
        .options(joinedload(Bid.round))
    )
    bids = {
        row.listing.number: row
        for row in _bid_rows(session, vault, actor, list(session.scalars(query)), now)
    }
    rows = [
        Biddable(row.listing, clearable_kg(session, row.listing.number, found.month), None)
        for row in listings.own_listings(session, actor, china_day(now))
        if only in (None, row.listing.number)
        and (row.listing.number in bids or _is_taken_by(row.listing, found))
    ]
    rows = [replace(row, bid=bids.get(row.listing.number)) for row in rows]
    return sorted(rows, key=lambda row: row.bid is None)


def own_bid(
    session: Session, vault: Vault, actor: Actor, number: str, listing: str, now: datetime
) -> Biddable:
    """One own listing in one round; raises `NotFound` unless it may be bid or has been."""
    for row in biddable(session, vault, actor, number, now, only=listing):
        return row
    raise NotFound


def due_rounds(session: Session, now: datetime) -> list[Round]:
    """The rounds that have closed and wait for their clearing, the earliest first."""
    query = select(Round).where(
        Round.closes_at <= now, Round.run_number.is_(None), Round.cancelled_at.is_(None)
    )
    return list(session.scalars(query.order_by(Round.closes_at, Round.id)))


def lately_opened(session: Session, now: datetime, within: timedelta) -> list[Round]:
    """The rounds that take bids and began to, or were announced, not longer ago than that."""
    since = now - within
    query = select(Round).where(
        Round.cancelled_at.is_(None),
        Round.opens_at <= now,
        Round.closes_at > now,
        or_(Round.opens_at > since, Round.created_at > since),
    )
    return list(session.scalars(query.order_by(Round.id)))


def firms_for(session: Session, found: Round) -> list[int]:
    """The firms with a listing that the round takes, by id."""
    return firms_listing(session, found.month, found.terms.materials, BID_MODES)


def round_book(session: Session, vault: Vault, round_number: str, on: date) -> list[BookOrder]:
    """The orders of a closed round, one per step of each bid, by listing and step.

    A listing counts if it is still active and its firm approved; if less is open by now than was
    bid, the later steps are cut first. Freeze it after `operations.mark_cleared`, which waits for
    bids that are being placed and lets no later one in.
    """
    found = round_of(session, round_number)
    bids = {bid.listing_id: bid for bid in found.bids if bid.withdrawn_at is None}
    book = month_book(session, found.month, list(bids), BID_MODES, on)
    return [
        each
        for listing_id, order in book.items()
        for each in _steps_of(order, boxes.reveal(vault, bids[listing_id]), found)
    ]


def _steps_of(order: BookOrder, terms: BidTerms, found: Round) -> list[BookOrder]:
    wanted = found.terms.materials
    materials = tuple(code for code in order.materials if not wanted or code in wanted)
    if not materials:
        return []
    return [
        replace(
            order,
            materials=materials,
            kg=step.kg,
            step=place,
            limit_fen=step.fen,
            min_lot_kg=terms.min_lot_kg,
            is_single=terms.is_single,
        )
        for place, step in standing(terms, order.kg)
    ]


def _is_taken_by(listing: ListingRow, found: RoundRow) -> bool:
    covers = listing.first_month <= found.month <= listing.last_month
    codes = tuple(material.code for material in listing.materials)
    return (
        covers
        and found.takes(codes)
        and listing.deal_mode in BID_MODES
        and listing.state.is_on_market
    )


def _round_row(found: Round, names: Mapping[str, MaterialRow], now: datetime) -> RoundRow:
    return RoundRow(
        number=found.number,
        state=state_of(found, now),
        month=found.month,
        materials=tuple(names[code] for code in found.terms.materials if code in names),
        opens_at=found.opens_at,
        closes_at=found.closes_at,
        is_scheduled=found.is_scheduled,
        run_number=found.run_number,
    )


def state_of(found: Round, now: datetime) -> RoundState:
    return round_state(
        found.opens_at,
        found.closes_at,
        now,
        run_number=found.run_number,
        cancelled_at=found.cancelled_at,
    )


def _bid_rows(
    session: Session, vault: Vault, actor: Actor, bids: list[Bid], now: datetime
) -> list[BidRow]:
    on = china_day(now)
    names = catalogue.material_map(session, on)
    rows = listings.rows_of(session, actor, on, [bid.listing_id for bid in bids])
    return [
        BidRow(
            round=_round_row(bid.round, names, now),
            listing=rows[bid.listing_id],
            version=bid.version,
            terms=boxes.reveal(vault, bid),
            changed_at=bid.changed_at,
            is_withdrawn=bid.withdrawn_at is not None,
        )
        for bid in bids
    ]
