"""A firm's statements: with whom, in which month, for which loads, how much money.

A load counts once the receiver has weighed it and no discrepancy about it is open; one that was
refused whole is nothing to pay. A load that waits is listed by number, so that nobody takes a
statement for complete that is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.queries import MaterialRow, material_map
from app.companies.models import Company
from app.core.actor import Actor
from app.core.clock import china_day, month_of
from app.core.errors import NotFound
from app.settlement.rules import Line, Load, Prices, lines, of_month
from app.shipments.models import Discrepancy, Shipment
from app.shipments.rules import DiscrepancyStatus, End
from app.trades.models import Trade
from app.trades.policy import is_a_side


@dataclass(frozen=True, slots=True)
class TradeStatement:
    """One trade's loads of the month."""

    number: str
    contract_number: str
    material: MaterialRow
    price_producer: int
    price_consumer: int
    lines: tuple[Line, ...]

    @property
    def kg(self) -> int:
        return sum(line.load.kg for line in self.lines)

    @property
    def producer_fen(self) -> int:
        return sum(line.producer_fen for line in self.lines)

    @property
    def consumer_fen(self) -> int:
        return sum(line.consumer_fen for line in self.lines)

    @property
    def freight_fen(self) -> int:
        return self.consumer_fen - self.producer_fen


@dataclass(frozen=True, slots=True)
class Firm:
    """A side as a statement names it."""

    id: int
    name: str
    credit_code: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What lies between a producer and a consumer for one month; `waiting` are loads in dispute."""

    month: date
    producer: Firm
    consumer: Firm
    trades: tuple[TradeStatement, ...]
    waiting: tuple[str, ...]
    is_synthetic: bool

    @property
    def number(self) -> str:
        """The same pair and month give the same number."""
        return f"J-{self.month:%y%m}-{self.producer.id}-{self.consumer.id}"

    @property
    def kg(self) -> int:
        return sum(trade.kg for trade in self.trades)

    @property
    def producer_fen(self) -> int:
        return sum(trade.producer_fen for trade in self.trades)

    @property
    def consumer_fen(self) -> int:
        return sum(trade.consumer_fen for trade in self.trades)

    @property
    def freight_fen(self) -> int:
        return self.consumer_fen - self.producer_fen


def months_with_loads(session: Session, actor: Actor) -> list[date]:
    """The months in which a load of the actor's firm came or became payable, newest first."""
    moments = session.execute(
        select(Shipment.received_at, Discrepancy.settled_at)
        .join(Shipment.trade)
        .outerjoin(Discrepancy, _at_receipt())
        .where(is_a_side(actor), Shipment.received_at.is_not(None))
    )
    days = {china_day(at) for pair in moments for at in pair if at is not None}
    return sorted({month_of(day) for day in days}, reverse=True)


def statements(session: Session, actor: Actor, month: date) -> list[Statement]:
    """The firm's statements of a month, one per producer and consumer, by names."""
    pairs: dict[tuple[int, int], list[Trade]] = defaultdict(list)
    for trade in _trades(session, actor):
        pairs[trade.producer_company_id, trade.consumer_company_id].append(trade)
    made = [_statement(session, trades, month) for trades in pairs.values()]
    found = [statement for statement in made if statement.trades or statement.waiting]
    return sorted(found, key=lambda one: (one.producer.name, one.consumer.name))


def statement(
    session: Session, actor: Actor, month: date, producer_id: int, consumer_id: int
) -> Statement:
    """The statement of one pair; raises `NotFound` for strangers and where there is none."""
    for found in statements(session, actor, month):
        if (found.producer.id, found.consumer.id) == (producer_id, consumer_id):
            return found
    raise NotFound


def _at_receipt() -> ColumnElement[bool]:
    """The case about what was received; one about a load sent back touches no money."""
    return and_(Discrepancy.shipment_id == Shipment.id, Discrepancy.end == End.UNLOADING)


def _trades(session: Session, actor: Actor) -> Iterable[Trade]:
    """The firm's trades of which a load has been received."""
    received = select(Shipment.trade_id).where(Shipment.received_at.is_not(None))
    query = (
        select(Trade)
        .where(is_a_side(actor), Trade.id.in_(received))
        .options(joinedload(Trade.producer), joinedload(Trade.consumer))
        .order_by(Trade.number)
    )
    return session.scalars(query)


def _statement(session: Session, trades: list[Trade], month: date) -> Statement:
    loads, waiting = _loads(session, trades, month)
    materials = material_map(session, month)
    rows = [_trade_statement(trade, loads[trade.number], month, materials) for trade in trades]
    first = trades[0]
    return Statement(
        month=month,
        producer=_firm(first.producer),
        consumer=_firm(first.consumer),
        trades=tuple(row for row in rows if row.lines),
        waiting=tuple(waiting),
        is_synthetic=first.producer.is_synthetic or first.consumer.is_synthetic,
    )


def _loads(
    session: Session, trades: list[Trade], month: date
) -> tuple[dict[str, list[Load]], list[str]]:
    """By trade all received loads that may be paid, and the numbers of the month's others."""
    query = (
        select(Shipment, Discrepancy)
        .outerjoin(Discrepancy, _at_receipt())
        .where(Shipment.trade_id.in_([trade.id for trade in trades]))
        .where(Shipment.received_at.is_not(None))
        .options(joinedload(Shipment.trade))
        .order_by(Shipment.number)
    )
    loads: dict[str, list[Load]] = defaultdict(list)
    waiting: list[str] = []
    for shipment, case in session.execute(query):
        if case is not None and case.status is not DiscrepancyStatus.SETTLED:
            if shipment.received_at and month_of(china_day(shipment.received_at)) == month:
                waiting.append(shipment.number)
            continue
        load = _load(shipment, case)
        if load.kg:
            loads[load.trade].append(load)
    return loads, waiting


def _load(shipment: Shipment, settled: Discrepancy | None) -> Load:
    """A received load; the weight both sides settled on goes before the one that was received."""
    assert shipment.received_at is not None
    certain = (shipment.received_at, shipment.received_kg)
    if settled is not None:
        assert settled.settled_at is not None
        assert settled.settled_kg is not None
        certain = (settled.settled_at, settled.settled_kg)
    payable_at, kg = certain
    return Load(shipment.trade.number, shipment.number, shipment.received_at, payable_at, kg)


def _trade_statement(
    trade: Trade, loads: list[Load], month: date, materials: dict[str, MaterialRow]
) -> TradeStatement:
    prices = Prices(trade.price_producer, trade.price_consumer)
    return TradeStatement(
        number=trade.number,
        contract_number=trade.contract_number,
        material=materials[trade.material],
        price_producer=trade.price_producer,
        price_consumer=trade.price_consumer,
        lines=tuple(of_month(lines(loads, prices), month)),
    )


def _firm(company: Company) -> Firm:
    return Firm(company.id, company.display_name, company.credit_code)
