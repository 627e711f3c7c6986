"""Read-only questions about negotiations: a firm sees its own, the other side without a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.bidding.freight import way_of
from app.bidding.models import Move, Negotiation
from app.bidding.rules import MoveKind, NegotiationStatus, may_move
from app.catalogue import queries as catalogue
from app.catalogue.queries import CountyRow, MaterialRow
from app.core.actor import Actor
from app.core.clock import china_day
from app.core.errors import NotFound
from app.listings.models import Listing
from app.listings.policy import sees_name
from app.listings.rules import Side, coarse_km
from app.listings.words import firm_without_name

OTHER_SIDE = {Side.OFFER: Side.REQUIREMENT, Side.REQUIREMENT: Side.OFFER}


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One line of a thread; mass and price where it carries an offer."""

    position: int
    kind: MoveKind
    is_mine: bool
    kg: int | None
    price: int | None
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A negotiation of the reader's firm. `offer` is what stands; the other firm has no name."""

    number: str
    listing: str
    side: Side
    material: MaterialRow
    month: date
    status: NegotiationStatus
    is_owner: bool
    other: str
    offer: MoveRow
    expires_at: datetime
    trade: str | None

    @property
    def i_produce(self) -> bool:
        """Whether the reader's firm is the producer."""
        return (self.side is Side.OFFER) == self.is_owner

    @property
    def is_open(self) -> bool:
        return self.status is NegotiationStatus.OPEN

    @property
    def waits_for_me(self) -> bool:
        return self.is_open and not self.offer.is_mine


@dataclass(frozen=True, slots=True)
class ThreadView:
    """One negotiation in full, with the way by the market's tariff: fen per tonne, about km."""

    row: ThreadRow
    moves: list[MoveRow]
    freight: int
    km: int
    may: frozenset[MoveKind]
    site: str | None

    @property
    def price_delivered(self) -> int:
        """What the standing offer comes to at the consumer's gate, fen per tonne."""
        return (self.row.offer.price or 0) + self.freight


def own_threads(session: Session, actor: Actor, now: datetime, limit: int = 100) -> list[ThreadRow]:
    """The firm's negotiations: what waits for it first, then what is open, then newest first."""
    query = _full().where(_is_mine(actor)).order_by(Negotiation.id.desc()).limit(limit)
    names, counties = _names(session, now)
    rows = [_row(one, actor, names, counties, now) for one in session.scalars(query).unique()]
    return sorted(rows, key=lambda row: (not row.waits_for_me, not row.is_open))


def waiting_threads(session: Session, actor: Actor, now: datetime) -> int:
    """How many negotiations wait for the firm's answer."""
    if not actor.is_company:
        return 0
    last = (
        select(Move.company_id)
        .where(Move.negotiation_id == Negotiation.id, Move.kg.is_not(None))
        .order_by(Move.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(func.count(Negotiation.id)).where(
        _is_mine(actor),
        Negotiation.status == NegotiationStatus.OPEN,
        Negotiation.expires_at > now,
        last != actor.company_id,
    )
    return session.scalar(query) or 0


def show(session: Session, actor: Actor, number: str, now: datetime) -> ThreadView:
    """One negotiation; raises `NotFound` for everybody but its two firms."""
    found = session.scalar(_full().where(Negotiation.number == number, _is_mine(actor)))
    if found is None:
        raise NotFound
    names, counties = _names(session, now)
    row = _row(found, actor, names, counties, now)
    way = way_of(session, found.listing, found.site, found.ended_at or now)
    mine = found.listing.site if row.is_owner else found.site
    return ThreadView(
        row=row,
        moves=[_move(move, actor) for move in found.moves],
        freight=way.freight,
        km=coarse_km(way.road_m),
        may=_may(actor, row, now),
        site=mine.display_name,
    )


def _may(actor: Actor, row: ThreadRow, now: datetime) -> frozenset[MoveKind]:
    if not actor.may_trade:
        return frozenset()
    return frozenset(
        kind
        for kind in MoveKind
        if may_move(row.status, kind, is_mine=row.offer.is_mine, expires_at=row.expires_at, now=now)
    )


def _is_mine(actor: Actor) -> ColumnElement[bool]:
    return or_(
        Negotiation.owner_company_id == actor.company_id,
        Negotiation.company_id == actor.company_id,
    )


def _full() -> Select[Negotiation]:
    listing = joinedload(Negotiation.listing)
    return select(Negotiation).options(
        listing.joinedload(Listing.site),
        listing.joinedload(Listing.company),
        joinedload(Negotiation.site),
        joinedload(Negotiation.company),
    )


def _names(
    session: Session, now: datetime
) -> tuple[Mapping[str, MaterialRow], Mapping[str, CountyRow]]:
    return catalogue.material_map(session, china_day(now)), catalogue.county_map(session)


def _row(
    found: Negotiation,
    actor: Actor,
    names: Mapping[str, MaterialRow],
    counties: Mapping[str, CountyRow],
    now: datetime,
) -> ThreadRow:
    is_late = found.status is NegotiationStatus.OPEN and now >= found.expires_at
    return ThreadRow(
        number=found.number,
        listing=found.listing.number,
        side=found.listing.side,
        material=names[found.material],
        month=found.month,
        status=NegotiationStatus.EXPIRED if is_late else found.status,
        is_owner=found.owner_company_id == actor.company_id,
        other=_other(found, actor, counties),
        offer=_move(found.standing, actor),
        expires_at=found.expires_at,
        trade=found.trade_number,
    )


def _other(found: Negotiation, actor: Actor, counties: Mapping[str, CountyRow]) -> str:
    """How the other firm is called; names open with a confirmed trade, on its own page."""
    side = found.listing.side
    if found.owner_company_id == actor.company_id:
        return firm_without_name(OTHER_SIDE[side], counties[found.site.adcode].name)
    if sees_name(actor, found.listing):
        return found.listing.company.display_name
    return firm_without_name(side, counties[found.listing.site.adcode].name)


def _move(move: Move, actor: Actor) -> MoveRow:
    return MoveRow(
        position=move.position,
        kind=move.kind,
        is_mine=move.company_id == actor.company_id,
        kg=move.kg,
        price=move.price,
        words=move.words,
        at=move.at,
    )
