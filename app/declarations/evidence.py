"""Read-only: what is on record of a waste in a month, to make its statement ready from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core.clock import add_months, china_instant
from app.core.db import within_month
from app.declarations.declared import latest
from app.declarations.models import YardEvent
from app.declarations.prefill import STORAGE, Evidence, Tally
from app.declarations.queries import effect
from app.declarations.rules import EventKind
from app.shipments.models import Shipment, Ticket
from app.shipments.receipts import received_in
from app.trades.models import Trade

Loads = TypeVar("Loads", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class LoadRow:
    """A load that was received for use, by the ticket of the consumer's weighbridge."""

    shipment: str
    trade: str
    ticket: str
    weighed_at: datetime
    received_kg: int


def evidence(session: Session, site: Site, material: str, month: date) -> Evidence:
    """The records of one waste of a site in one month."""
    last = latest(session, site.id, material, add_months(month, -1))
    return Evidence(
        logged=_logged(session, site.id, material, month),
        ticketed=_ticketed(session, site, material, month),
        stock=_stock(session, site.id, material, month),
        last_closing_kg=last.closing_kg if last else None,
        last_number=last.number if last else "",
    )


def loads(session: Session, site: Site, material: str, month: date) -> list[LoadRow]:
    """The loads behind what was used by others, in the order they were weighed."""
    columns = (Shipment.number, Trade.number, Ticket.number, Ticket.weighed_at)
    query = select(*columns, Shipment.received_kg).order_by(Ticket.weighed_at, Ticket.id)
    rows = session.execute(received(query, month).where(*_of_waste(site, material)))
    return [LoadRow(*row) for row in rows]


def received(query: Loads, month: date) -> Loads:
    """The query over loads of which something was received in a month in China."""
    return (
        query.select_from(Ticket)
        .join(Shipment, Shipment.id == Ticket.shipment_id)
        .join(Trade, Trade.id == Shipment.trade_id)
        .where(*received_in(month))
    )


def _of_waste(site: Site, material: str) -> tuple[ColumnElement[bool], ...]:
    """The trades of a waste; the firm is asked for too, since it has the index."""
    return (
        Trade.producer_company_id == site.company_id,
        Trade.producer_site_id == site.id,
        Trade.material == material,
    )


def _ticketed(session: Session, site: Site, material: str, month: date) -> Tally:
    sums = select(func.coalesce(func.sum(Shipment.received_kg), 0), func.count())
    kg, count = session.execute(received(sums, month).where(*_of_waste(site, material))).one()
    return Tally(int(kg), count)


def _logged(session: Session, site_id: int, material: str, month: date) -> dict[EventKind, Tally]:
    query = (
        select(YardEvent.kind, func.sum(YardEvent.kg), _standing())
        .where(YardEvent.site_id == site_id, YardEvent.material == material)
        .where(within_month(YardEvent.happened_at, month))
        .group_by(YardEvent.kind)
    )
    return {kind: Tally(int(kg), int(count)) for kind, kg, count in session.execute(query)}


def _stock(session: Session, site_id: int, material: str, month: date) -> Tally:
    query = (
        select(func.coalesce(func.sum(effect()), 0), func.coalesce(_standing(), 0))
        .where(YardEvent.site_id == site_id, YardEvent.material == material)
        .where(YardEvent.kind.in_(STORAGE), YardEvent.happened_at < china_instant(month))
    )
    kg, count = session.execute(query).one()
    return Tally(int(kg), int(count))


def _standing() -> ColumnElement[int]:
    """How many events stand: a reversal takes back itself and what it undoes."""
    return func.sum(case((YardEvent.kg > 0, 1), else_=-1))
