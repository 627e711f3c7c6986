"""Questions about trades: a reader's list, one case. Names are cut in `readers`.

Limit prices stand in no row; `own_limits` opens them for their owner alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.catalogue.queries import MaterialRow, material_map
from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.quantities import amount_fen
from app.core.vault import Vault
from app.listings.limits import reveal
from app.listings.models import Listing
from app.trades.choices import Choice, Facts, of_a_side, of_the_operator
from app.trades.masses import Masses, masses_of
from app.trades.models import Trade, TradeApproval, TradeDraw
from app.trades.policy import sides_of, visible_to
from app.trades.readers import PartyRow, Reader
from app.trades.rules import (
    STANDING,
    UNDER_DELIVERY,
    Dispute,
    EndReason,
    Party,
    TradeSource,
    TradeStatus,
    holding,
    is_late,
    most_held,
    shown_metres,
)
from app.trades.terms import terms_at
from app.trades.trucks import disputes_of
from app.trades.waiting import CONFIRM, SIGN, waits_for

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class TradeRow:
    """A trade in a list; kilograms and fen per tonne. `received_kg` is what came through the gate.

    `awaits_me` if this person has to do the next thing; `dispute` is the weight that is being
    settled and holds the clock meanwhile.
    """

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
    escalated_at: datetime | None
    masses: Masses
    awaits_me: bool
    dispute: Dispute | None

    @property
    def is_running(self) -> bool:
        return self.status in STANDING


@dataclass(frozen=True, slots=True)
class StayRow:
    """Kilograms a side keeps in its silo, made in or needed in another month than the trade's."""

    party: Party
    month: date
    kg: int


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """The yes of a first person, in a firm that asks for two; `is_mine` if the reader gave it."""

    party: Party
    deed: str
    person: str
    at: datetime
    is_mine: bool


@dataclass(frozen=True, slots=True)
class TradeView(TradeRow):
    """A trade on its own page. `metres` is rounded for whoever does not know both sites.

    `stays` and `approvals` are those of the reader's own side; officials see both. `is_open` says
    whether the names are open to this reader.
    """

    source: TradeSource
    origin: str
    offer_number: str
    requirement_number: str
    freight: int
    metres: int
    is_open: bool
    stays: tuple[StayRow, ...]
    approvals: tuple[ApprovalRow, ...]
    my_sides: frozenset[Party]
    choices: frozenset[Choice]
    confirmed_by: frozenset[Party]
    signed_by: frozenset[Party]
    proposed_at: datetime
    producer_confirmed_at: datetime | None
    consumer_confirmed_at: datetime | None
    confirmed_at: datetime | None
    contract_number: str
    producer_signed_at: datetime | None
    consumer_signed_at: datetime | None
    contracted_at: datetime | None
    delivering_at: datetime | None
    cancel_asked_by: Party | None
    cancel_reason: EndReason | None
    ended_at: datetime | None
    ended_by: Party | None
    ended_reason: EndReason | None
    at_fault: Party | None
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
class TradeFilter:
    """Which trades of a list: of one state, those that wait for the reader, or all.

    Pages count from 1.
    """

    status: TradeStatus | None = None
    page: int = 1
    only_waiting: bool = False


@dataclass(frozen=True, slots=True)
class TradeList:
    """One page of a reader's trades; how many there are by state, and that wait for the reader."""

    rows: list[TradeRow]
    page: int
    total: int
    total_kg: int
    counts: Mapping[TradeStatus, int]
    waiting: int

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def own_trades(session: Session, actor: Actor, wanted: TradeFilter, now: datetime) -> TradeList:
    """A page of the trades the reader may see, those that wait for the reader first."""
    condition = _chosen(actor, wanted)
    total, total_kg = _total(session, condition)
    page = max(1, min(wanted.page, -(-total // PAGE_SIZE)))
    query = (
        _readable(actor)
        .where(condition)
        .order_by(*_most_pressing_first(actor))
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    found = list(session.scalars(query))
    writer = _Writer.prepare(session, actor, found, now)
    rows = [TradeRow(**writer.common(trade)) for trade in found]
    waiting = waiting_for(session, actor)
    return TradeList(rows, page, total, total_kg, _counts(session, actor), waiting)


def show(session: Session, actor: Actor, number: str, now: datetime) -> TradeView:
    """One trade as the reader may see it; raises `NotFound` for strangers."""
    trade = session.scalar(_readable(actor).where(Trade.number == number))
    if trade is None:
        raise NotFound
    writer = _Writer.prepare(session, actor, [trade], now)
    is_open, mine = writer.reader.knows(trade), sides_of(actor, trade)
    approvals = _approvals(session, actor, trade)
    return TradeView(
        **writer.common(trade),
        **{name: getattr(trade, name) for name in _AS_STORED},
        metres=shown_metres(trade.road_m, is_open),
        is_open=is_open,
        stays=_stays(trade, mine if actor.is_company else frozenset(Party)),
        approvals=approvals,
        my_sides=mine,
        choices=_choices(session, actor, trade, writer.masses[number], approvals, is_open, now),
    )


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
    """How many trades wait for this person's next step."""
    query = select(func.count()).select_from(Trade).where(visible_to(actor), waits_for(actor))
    return session.scalar(query) or 0


_AS_STORED = (
    "source",
    "origin",
    "offer_number",
    "requirement_number",
    "freight",
    "confirmed_by",
    "signed_by",
    "proposed_at",
    "producer_confirmed_at",
    "consumer_confirmed_at",
    "confirmed_at",
    "contract_number",
    "producer_signed_at",
    "consumer_signed_at",
    "contracted_at",
    "delivering_at",
    "cancel_asked_by",
    "cancel_reason",
    "ended_at",
    "ended_by",
    "ended_reason",
    "at_fault",
    "ended_words",
)


@dataclass(frozen=True, slots=True)
class _Writer:
    """What is needed to write rows for one reader; `waiting` are the ids that wait for it.

    `disputes` hold the clocks of the trades whose numbers they stand under.
    """

    reader: Reader
    materials: Mapping[str, MaterialRow]
    masses: Mapping[str, Masses]
    waiting: frozenset[int]
    disputes: Mapping[str, Dispute]

    @classmethod
    def prepare(cls, session: Session, actor: Actor, trades: list[Trade], now: datetime) -> _Writer:
        ids = [trade.id for trade in trades]
        in_time = or_(Trade.status != TradeStatus.PROPOSED, Trade.deadline >= now)
        waiting = select(Trade.id).where(Trade.id.in_(ids), in_time, waits_for(actor))
        return cls(
            reader=Reader.prepare(session, actor, trades, now),
            materials=material_map(session, now.date()),
            masses=masses_of(session, [trade.number for trade in trades]),
            waiting=frozenset(session.scalars(waiting)),
            disputes=_holding(session, trades),
        )

    def common(self, trade: Trade) -> dict[str, Any]:
        """The fields a list and a page have in common."""
        return {
            "number": trade.number,
            "material": self.materials[trade.material],
            "month": trade.month,
            "kg": trade.kg,
            "producer": self.reader.party(trade, Party.PRODUCER),
            "consumer": self.reader.party(trade, Party.CONSUMER),
            "price_producer": trade.price_producer,
            "price_consumer": trade.price_consumer,
            "status": trade.status,
            "deadline": trade.deadline,
            "escalated_at": trade.escalated_at,
            "masses": self.masses[trade.number],
            "awaits_me": trade.id in self.waiting,
            "dispute": self.disputes.get(trade.number),
        }


def _holding(session: Session, trades: list[Trade]) -> dict[str, Dispute]:
    """By trade, the dispute that holds its clock."""
    numbers = [trade.number for trade in trades if trade.status in UNDER_DELIVERY]
    found = disputes_of(session, numbers) if numbers else {}
    held = {number: holding(disputes) for number, disputes in found.items()}
    return {number: dispute for number, dispute in held.items() if dispute is not None}


def _stays(trade: Trade, sides: frozenset[Party]) -> tuple[StayRow, ...]:
    parties = {trade.offer_number: Party.PRODUCER, trade.requirement_number: Party.CONSUMER}
    return tuple(
        StayRow(parties[draw.listing_number], draw.month, draw.kg)
        for draw in trade.draws
        if draw.month != trade.month and parties[draw.listing_number] in sides
    )


def _approvals(session: Session, actor: Actor, trade: Trade) -> tuple[ApprovalRow, ...]:
    """What one person of the reader's own firm has agreed to and a second has not yet."""
    asked = {
        TradeStatus.PROPOSED: (CONFIRM, trade.confirmed_by),
        TradeStatus.CONFIRMED: (SIGN, trade.signed_by),
    }
    if trade.status not in asked:
        return ()
    deed, given = asked[trade.status]
    query = (
        select(TradeApproval, User.name)
        .join(User, User.id == TradeApproval.user_id)
        .where(TradeApproval.trade_id == trade.id, TradeApproval.deed == deed)
        .where(TradeApproval.party.in_(sides_of(actor, trade) - given))
        .order_by(TradeApproval.party)
    )
    return tuple(
        ApprovalRow(one.party, one.deed, person, one.at, one.user_id == actor.user_id)
        for one, person in session.execute(query)
    )


def _choices(
    session: Session,
    actor: Actor,
    trade: Trade,
    masses: Masses,
    approvals: tuple[ApprovalRow, ...],
    is_open: bool,
    now: datetime,
) -> frozenset[Choice]:
    """What this reader can do about the trade now."""
    if actor.is_operator:
        return of_the_operator(trade.status)
    if actor.is_regulator and not is_open:
        return frozenset({Choice.LOOK_UP})
    if not actor.may_trade:
        return frozenset()
    signs = trade.status is TradeStatus.CONFIRMED
    short_milli = terms_at(session, now).short_tolerance_milli
    facts = Facts(
        status=trade.status,
        sides=sides_of(actor, trade),
        given=trade.signed_by if signs else trade.confirmed_by,
        agreed=any(one.is_mine and one.deed == (SIGN if signs else CONFIRM) for one in approvals),
        cancel_asked_by=trade.cancel_asked_by,
        is_late=is_late(trade.deadline, now),
        is_enough=masses.is_enough(trade.kg, short_milli),
    )
    return of_a_side(facts)


def _readable(actor: Actor) -> Select[Trade]:
    return (
        select(Trade)
        .where(visible_to(actor))
        .options(
            joinedload(Trade.producer, innerjoin=True),
            joinedload(Trade.consumer, innerjoin=True),
            joinedload(Trade.producer_site, innerjoin=True),
            joinedload(Trade.consumer_site, innerjoin=True),
        )
    )


def _chosen(actor: Actor, wanted: TradeFilter) -> ColumnElement[bool]:
    conditions = [visible_to(actor)]
    if wanted.status is not None:
        conditions.append(Trade.status == wanted.status)
    if wanted.only_waiting:
        conditions.append(waits_for(actor))
    return and_(*conditions)


def _counts(session: Session, actor: Actor) -> dict[TradeStatus, int]:
    """How many trades the reader may see, by state; every state is there."""
    counted = session.execute(
        select(Trade.status, func.count()).where(visible_to(actor)).group_by(Trade.status)
    )
    counts = dict.fromkeys(TradeStatus, 0)
    for status, count in counted:
        counts[status] = count
    return counts


def _total(session: Session, condition: ColumnElement[bool]) -> tuple[int, int]:
    query = select(func.count(), func.coalesce(func.sum(Trade.kg), 0)).where(condition)
    count, kg = session.execute(query).one()
    return count, int(kg)


def _most_pressing_first(actor: Actor) -> tuple[ColumnElement[Any], ...]:
    """What waits for the reader, then what waits for others, by deadline; then the newest."""
    is_running = Trade.status.in_(STANDING)
    group = case((waits_for(actor), 0), (is_running, 1), else_=2)
    return group, case((is_running, Trade.deadline)).asc(), Trade.id.desc()
