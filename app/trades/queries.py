"""Questions about trades. What each reader may know is cut here, not in the templates.

Before both sides have confirmed, a side sees the other only as a county and a role (unless the
other's listing shows its name); afterwards with name, site, contact and phone. Officials see
names at any time. Limit prices stand in no row; `own_limits` opens them for their owner alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.queries import CountyRow, MaterialRow, county_map, material_map
from app.companies.models import Company, Site
from app.core.actor import Actor
from app.core.audit import AuditEvent
from app.core.errors import NotFound
from app.core.i18n import pick
from app.core.quantities import amount_fen
from app.core.vault import Vault
from app.listings.limits import reveal
from app.listings.models import Listing
from app.trades.models import Trade, TradeDraw
from app.trades.policy import sides_of, visible_to
from app.trades.rules import (
    IDENTITY_OPEN,
    STANDING,
    DeclineReason,
    Party,
    TradeStatus,
    awaits,
    most_held,
    shown_metres,
)

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class PartyRow:
    """One side of a trade as this reader may know it; what is not open is empty."""

    party: Party
    county: str
    is_mine: bool
    name: str = ""
    site: str = ""
    address: str = ""
    contact: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class TradeRow:
    """A trade in a list; kilograms and fen per tonne."""

    number: str
    material: MaterialRow
    month: date
    kg: int
    producer: PartyRow
    consumer: PartyRow
    price_producer: int
    price_consumer: int
    status: TradeStatus
    deadline: datetime
    awaits_me: bool


@dataclass(frozen=True, slots=True)
class StayRow:
    """Kilograms a side keeps in its silo, made in or needed in another month than the trade's."""

    party: Party
    month: date
    kg: int


@dataclass(frozen=True, slots=True)
class TradeView(TradeRow):
    """A trade on its own page. `metres` is rounded for whoever does not know both sites.

    `stays` are those of the reader's own side; officials see both.
    """

    origin: str
    offer_number: str
    requirement_number: str
    freight: int
    metres: int
    is_exact: bool
    stays: tuple[StayRow, ...]
    my_sides: frozenset[Party]
    confirmed_by: frozenset[Party]
    proposed_at: datetime
    producer_confirmed_at: datetime | None
    consumer_confirmed_at: datetime | None
    confirmed_at: datetime | None
    ended_at: datetime | None
    ended_by: Party | None
    ended_reason: DeclineReason | None
    ended_words: str

    @property
    def producer_fen(self) -> int:
        """What the producer gets for the whole (negative: pays), in fen."""
        return amount_fen(self.kg, self.price_producer)

    @property
    def consumer_fen(self) -> int:
        """What the consumer pays for the whole at its gate, in fen."""
        return amount_fen(self.kg, self.price_consumer)

    @property
    def freight_fen(self) -> int:
        """The freight for the whole: what lies between the two sums, so that they add up."""
        return self.consumer_fen - self.producer_fen


@dataclass(frozen=True, slots=True)
class LogRow:
    """One deed of the audit trail on a trade."""

    at: datetime
    verb: str
    sides: tuple[Party, ...]
    reason: DeclineReason | None


@dataclass(frozen=True, slots=True)
class TradeFilter:
    """Which trades of a list: those of one state, or all; pages count from 1."""

    status: TradeStatus | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class TradeList:
    """One page of a reader's trades, and how many there are by state."""

    rows: list[TradeRow]
    page: int
    total: int
    total_kg: int
    counts: Mapping[TradeStatus, int]

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def own_trades(session: Session, actor: Actor, wanted: TradeFilter, now: datetime) -> TradeList:
    """A page of the trades the reader may see, those that wait for the reader first."""
    counts = _counts(session, actor)
    total, total_kg = _total(counts, wanted.status)
    page = max(1, min(wanted.page, -(-total // PAGE_SIZE)))
    query = (
        _readable(actor, wanted.status)
        .order_by(*_most_pressing_first(actor))
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    found = list(session.scalars(query))
    reader = _Reader.prepare(session, actor, found, now)
    rows = [TradeRow(**reader.common(trade)) for trade in found]
    numbers = {status: count for status, (count, _kg) in counts.items()}
    return TradeList(rows, page, total, total_kg, numbers)


def show(session: Session, actor: Actor, number: str, now: datetime) -> TradeView:
    """One trade as the reader may see it; raises `NotFound` for strangers."""
    trade = session.scalar(_readable(actor).where(Trade.number == number))
    if trade is None:
        raise NotFound
    reader = _Reader.prepare(session, actor, [trade], now)
    exact = reader.sees_sites(trade)
    return TradeView(
        **reader.common(trade),
        **{name: getattr(trade, name) for name in _AS_STORED},
        metres=shown_metres(trade.road_m, exact),
        is_exact=exact,
        stays=_stays(trade, sides_of(actor, trade) if actor.is_company else frozenset(Party)),
        my_sides=sides_of(actor, trade),
    )


def log_of(session: Session, number: str) -> list[LogRow]:
    """What happened to a trade, newest first. The caller has shown the trade to the reader."""
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.object_kind == "trade", AuditEvent.object_id == number)
        .order_by(AuditEvent.id.desc())
    )
    return [_log_row(event) for event in events]


def own_limits(session: Session, vault: Vault, actor: Actor, view: TradeView) -> dict[Party, int]:
    """The reader's own limit prices in fen per tonne, by side; empty for anybody else."""
    numbers = {
        Party.PRODUCER: view.offer_number,
        Party.CONSUMER: view.requirement_number,
    }
    mine = {numbers[party]: party for party in view.my_sides}
    listings = session.scalars(
        select(Listing).where(Listing.number.in_(mine), Listing.company_id == actor.company_id)
    )
    limits = {mine[listing.number]: reveal(vault, listing) for listing in listings}
    return {party: fen for party, fen in limits.items() if fen is not None}


def kept_in_silos(session: Session) -> dict[str, int]:
    """By listing, the most kilograms that standing trades keep in its silo at any month's end."""
    query = (
        select(TradeDraw.listing_number, TradeDraw.month, Trade.month, TradeDraw.kg)
        .join(Trade, Trade.id == TradeDraw.trade_id)
        .where(Trade.status.in_(STANDING), TradeDraw.month != Trade.month)
    )
    stays: dict[str, list[tuple[date, date, int]]] = defaultdict(list)
    for number, month, delivered, kg in session.execute(query):
        stays[number].append((month, delivered, kg))
    return {number: most_held(found) for number, found in stays.items()}


def waiting_for(session: Session, actor: Actor) -> int:
    """How many proposals wait for the actor's answer."""
    if not actor.may_trade:
        return 0
    return session.scalar(select(func.count()).select_from(Trade).where(_waits(actor))) or 0


_AS_STORED = (
    "origin",
    "offer_number",
    "requirement_number",
    "freight",
    "confirmed_by",
    "proposed_at",
    "producer_confirmed_at",
    "consumer_confirmed_at",
    "confirmed_at",
    "ended_at",
    "ended_by",
    "ended_reason",
    "ended_words",
)


@dataclass(frozen=True, slots=True)
class _Reader:
    """What is needed to write rows for one reader."""

    actor: Actor
    now: datetime
    counties: Mapping[str, CountyRow]
    materials: Mapping[str, MaterialRow]
    named: frozenset[str]

    @classmethod
    def prepare(
        cls, session: Session, actor: Actor, trades: Iterable[Trade], now: datetime
    ) -> _Reader:
        numbers = {
            number for trade in trades for number in (trade.offer_number, trade.requirement_number)
        }
        named = select(Listing.number).where(Listing.number.in_(numbers), Listing.shows_name)
        return cls(
            actor=actor,
            now=now,
            counties=county_map(session),
            materials=material_map(session, now.date()),
            named=frozenset(session.scalars(named)),
        )

    def common(self, trade: Trade) -> dict[str, Any]:
        """The fields a list and a page have in common."""
        return {
            "number": trade.number,
            "material": self.materials[trade.material],
            "month": trade.month,
            "kg": trade.kg,
            "producer": self.party(trade, Party.PRODUCER),
            "consumer": self.party(trade, Party.CONSUMER),
            "price_producer": trade.price_producer,
            "price_consumer": trade.price_consumer,
            "status": trade.status,
            "deadline": trade.deadline,
            "awaits_me": self.is_asked(trade),
        }

    def is_asked(self, trade: Trade) -> bool:
        sides = sides_of(self.actor, trade)
        if not sides or not self.actor.may_trade:
            return False
        return awaits(trade.status, sides, trade.confirmed_by, trade.deadline, self.now)

    def sees_sites(self, trade: Trade) -> bool:
        return trade.status in IDENTITY_OPEN or not self.actor.is_company

    def party(self, trade: Trade, party: Party) -> PartyRow:
        company, site, number = _side(trade, party)
        is_mine = party in sides_of(self.actor, trade)
        row = PartyRow(party, self.counties[site.adcode].name, is_mine)
        if is_mine or self.sees_sites(trade):
            row = _with_site(row, company, site)
        elif number in self.named:
            row = replace(row, name=company.display_name)
        has_open_line = self.actor.is_company and trade.status in IDENTITY_OPEN
        if is_mine or has_open_line or self.actor.is_operator:
            row = _with_contact(row, company)
        return row


def _stays(trade: Trade, sides: frozenset[Party]) -> tuple[StayRow, ...]:
    parties = {trade.offer_number: Party.PRODUCER, trade.requirement_number: Party.CONSUMER}
    return tuple(
        StayRow(parties[draw.listing_number], draw.month, draw.kg)
        for draw in trade.draws
        if draw.month != trade.month and parties[draw.listing_number] in sides
    )


def _side(trade: Trade, party: Party) -> tuple[Company, Site, str]:
    if party is Party.PRODUCER:
        return trade.producer, trade.producer_site, trade.offer_number
    return trade.consumer, trade.consumer_site, trade.requirement_number


def _with_site(row: PartyRow, company: Company, site: Site) -> PartyRow:
    return replace(
        row,
        name=company.display_name,
        site=site.display_name,
        address=site.display_address,
    )


def _with_contact(row: PartyRow, company: Company) -> PartyRow:
    contact = pick(company.contact_name, company.contact_name_en)
    return replace(row, contact=contact, phone=company.contact_phone)


def _readable(actor: Actor, status: TradeStatus | None = None) -> Select[Trade]:
    query = (
        select(Trade)
        .where(visible_to(actor))
        .options(
            joinedload(Trade.producer, innerjoin=True),
            joinedload(Trade.consumer, innerjoin=True),
            joinedload(Trade.producer_site, innerjoin=True),
            joinedload(Trade.consumer_site, innerjoin=True),
        )
    )
    return query if status is None else query.where(Trade.status == status)


def _counts(session: Session, actor: Actor) -> dict[TradeStatus, tuple[int, int]]:
    """Trades and kilograms the reader may see, by state; every state is there."""
    counted = session.execute(
        select(Trade.status, func.count(), func.sum(Trade.kg))
        .where(visible_to(actor))
        .group_by(Trade.status)
    )
    return dict.fromkeys(TradeStatus, (0, 0)) | {
        status: (count, int(kg)) for status, count, kg in counted
    }


def _total(
    counts: Mapping[TradeStatus, tuple[int, int]], status: TradeStatus | None
) -> tuple[int, int]:
    chosen = counts.values() if status is None else [counts[status]]
    return sum(count for count, _kg in chosen), sum(kg for _count, kg in chosen)


def _most_pressing_first(actor: Actor) -> tuple[ColumnElement[Any], ...]:
    """What waits for the reader, then what waits for others, by deadline; then the newest."""
    is_open = Trade.status == TradeStatus.PROPOSED
    group = case((_waits(actor), 0), (is_open, 1), else_=2)
    return group, case((is_open, Trade.deadline)).asc(), Trade.id.desc()


def _waits(actor: Actor) -> ColumnElement[bool]:
    return and_(
        Trade.status == TradeStatus.PROPOSED,
        or_(
            and_(
                Trade.producer_company_id == actor.company_id,
                Trade.producer_confirmed_at.is_(None),
            ),
            and_(
                Trade.consumer_company_id == actor.company_id,
                Trade.consumer_confirmed_at.is_(None),
            ),
        ),
    )


def _log_row(event: AuditEvent) -> LogRow:
    reason = event.detail.get("reason")
    return LogRow(
        at=event.at,
        verb=event.verb,
        sides=tuple(Party(side) for side in event.detail.get("sides", ())),
        reason=DeclineReason(reason) if reason else None,
    )
