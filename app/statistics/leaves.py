"""The last levels of a figure: the contracts behind what was used, and their trucks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, aliased, lazyload

from app.companies.models import Company
from app.core.clock import months_between
from app.core.i18n import pick
from app.shipments.models import Shipment, Ticket
from app.shipments.receipts import received_in
from app.shipments.rules import End
from app.statistics.indicators import Sums
from app.statistics.models import OF_ITS_WASTE, FactMonth, MonthlyFact, MonthlyFlow
from app.statistics.official import Choice, Period, flows_within
from app.trades.models import Trade


@dataclass(frozen=True, slots=True)
class ContractLine:
    """What one trade brought in a period, from whom, and who took it where."""

    number: str
    contract_number: str
    material: str
    giver_id: int
    giver: str
    taker: str
    to_adcode: str
    received_kg: int
    tickets: int
    is_related: bool


@dataclass(frozen=True, slots=True)
class UseSheet:
    """What the used kilograms of one waste of one site are made of."""

    sums: Sums
    contracts: list[ContractLine]

    @property
    def self_used_kg(self) -> int:
        return self.sums.balance.self_used_kg

    @property
    def without_ticket_kg(self) -> int:
        return self.sums.without_ticket_kg

    @property
    def total_kg(self) -> int:
        """Own use, contracts, and what no ticket shows: all that was used."""
        by_contract = sum(line.received_kg for line in self.contracts)
        return self.self_used_kg + by_contract + self.without_ticket_kg


@dataclass(frozen=True, slots=True)
class TruckLine:
    """A load that was taken, with the numbers of its tickets at both gates."""

    shipment: str
    plate: str
    weighed_at: datetime
    loading_ticket: str | None
    unloading_ticket: str
    gross_kg: int
    tare_kg: int
    received_kg: int


def contracts(session: Session, period: Period, site_id: int, material: str) -> list[ContractLine]:
    """The trades that took one waste of a site in a period, the most first."""
    chosen = Choice(frozenset({material}))
    return _contracts(session, period, chosen, MonthlyFlow.site_id == site_id)


def contracts_between(
    session: Session, period: Period, chosen: Choice, origin: str, destination: str
) -> list[ContractLine]:
    """The trades that brought something from one county to another, the most first."""
    ends = (MonthlyFact.adcode == origin, MonthlyFlow.to_adcode == destination)
    return _contracts(session, period, chosen, *ends)


def trucks(session: Session, period: Period, number: str) -> list[TruckLine]:
    """The loads of one trade in a period, as far as the facts of each month know them."""
    months = months_between(period.first, period.last)
    return [line for month in months for line in _trucks_of(session, month, number)]


def _trucks_of(session: Session, month: date, number: str) -> Iterator[TruckLine]:
    facts = session.get(FactMonth, month)
    if facts is None:
        return
    loading = aliased(Ticket)
    query = (
        select(Shipment, Ticket, loading.number)
        .join(Trade, Trade.id == Shipment.trade_id)
        .join(Ticket, Ticket.shipment_id == Shipment.id)
        .outerjoin(loading, (loading.shipment_id == Shipment.id) & (loading.end == End.LOADING))
        .where(Trade.number == number, *received_in(month))
        .where(Ticket.recorded_at <= facts.as_of)
        .options(lazyload(Shipment.tickets), lazyload(Shipment.discrepancies))
        .order_by(Ticket.weighed_at, Shipment.number)
    )
    for shipment, ticket, loaded in session.execute(query):
        yield TruckLine(
            shipment=shipment.number,
            plate=shipment.plate,
            weighed_at=ticket.weighed_at,
            loading_ticket=loaded,
            unloading_ticket=ticket.number,
            gross_kg=ticket.gross_kg,
            tare_kg=ticket.tare_kg,
            received_kg=shipment.received_kg,
        )


def _contracts(
    session: Session, period: Period, chosen: Choice, *which: ColumnElement[bool]
) -> list[ContractLine]:
    giver, taker = aliased(Company), aliased(Company)
    named = (
        Trade.number,
        Trade.contract_number,
        MonthlyFlow.material,
        giver.id.label("giver_id"),
        giver.name.label("giver"),
        giver.name_en.label("giver_en"),
        taker.name.label("taker"),
        taker.name_en.label("taker_en"),
        MonthlyFlow.to_adcode,
    )
    kg, tickets = func.sum(MonthlyFlow.received_kg), func.sum(MonthlyFlow.tickets)
    is_related = func.max(case((MonthlyFlow.is_related, 1), else_=0))
    query = (
        select(*named, kg.label("kg"), tickets.label("tickets"), is_related.label("is_related"))
        .join(MonthlyFact, OF_ITS_WASTE)
        .join(Trade, Trade.id == MonthlyFlow.trade_id)
        .join(giver, giver.id == Trade.producer_company_id)
        .join(taker, taker.id == Trade.consumer_company_id)
        .where(*flows_within(period, chosen), *which)
        .group_by(*named)
        .order_by(kg.desc(), Trade.number)
    )
    return [_contract(row) for row in session.execute(query)]


def _contract(row: Any) -> ContractLine:
    return ContractLine(
        number=row.number,
        contract_number=row.contract_number,
        material=row.material,
        giver_id=row.giver_id,
        giver=pick(row.giver, row.giver_en),
        taker=pick(row.taker, row.taker_en),
        to_adcode=row.to_adcode,
        received_kg=int(row.kg),
        tickets=int(row.tickets),
        is_related=bool(row.is_related),
    )
