"""How long a producer's stores still last: stock, room and the forecast, read-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.catalogue.queries import term
from app.catalogue.rules import Term
from app.companies.models import Site
from app.core.clock import china_day
from app.declarations import rules
from app.declarations.declared import Waste
from app.declarations.models import Facility, YardEvent
from app.declarations.queries import FacilityRow, SourceRow, facilities, sources, stocks
from app.declarations.rules import EventKind, FacilityKind, Flow
from app.shipments.models import Shipment
from app.trades.models import Trade

Fate = tuple[int, str, str]
"""A site, a material and what became of it."""

FLOWS = {
    EventKind.GENERATED: "generated",
    EventKind.SELF_USED: "used",
    EventKind.SELF_DISPOSED: "disposed",
    EventKind.ENTRUSTED_DISPOSED: "disposed",
}


@dataclass(frozen=True, slots=True)
class SiloRow:
    """A waste and the stores that take it; `days_left` is `None` without a forecast.

    `room_kg` is what still fits into them, whatever else lies there; `warns` is whether the days
    left are so few that the firm is told.
    """

    source: SourceRow
    stores: tuple[FacilityRow, ...]
    stock_kg: int
    room_kg: int
    flow: Flow
    days_left: int | None
    warns: bool

    @property
    def capacity_kg(self) -> int:
        return sum(store.capacity_kg or 0 for store in self.stores)

    @property
    def monthly_kg(self) -> int:
        """What could be offered each month at this rate."""
        return rules.monthly_surplus(self.flow)


def silos(session: Session, company_id: int, now: datetime) -> list[SiloRow]:
    """The wastes of a firm that have a store, the first to be full first."""
    today = china_day(now)
    stores = [
        row for row in facilities(session, company_id, today) if row.kind is FacilityKind.STORAGE
    ]
    if not stores:
        return []
    reader = _Reader.prepare(session, company_id, now)
    rows = [reader.row(row, stores) for row in sources(session, company_id, today)]
    return sorted((row for row in rows if row.stores), key=_most_pressing)


def keepers(session: Session) -> list[int]:
    """The firms that have a store, by id."""
    query = select(Site.company_id).join(Facility, Facility.site_id == Site.id)
    stores = query.where(Facility.kind == FacilityKind.STORAGE)
    return list(session.scalars(stores.distinct().order_by(Site.company_id)))


@dataclass(frozen=True, slots=True)
class _Reader:
    held: Mapping[tuple[int | None, str], int]
    since: Mapping[Waste, datetime]
    flows: Mapping[Fate, int]
    now: datetime
    warn_days: int

    @classmethod
    def prepare(cls, session: Session, company_id: int, now: datetime) -> _Reader:
        begin = now - timedelta(days=rules.WINDOW_DAYS)
        return cls(
            held=stocks(session, company_id),
            since=_first_records(session, company_id),
            flows=_declared(session, company_id, begin) | _shipped(session, company_id, begin),
            now=now,
            warn_days=term(session, Term.SILO_WARN_DAYS, china_day(now)),
        )

    def row(self, source: SourceRow, stores: list[FacilityRow]) -> SiloRow:
        waste = (source.site_id, source.material.code)
        own = tuple(store for store in stores if _takes(store, source))
        flow = self._flow(waste)
        room = sum(max(0, (store.capacity_kg or 0) - store.stock_kg) for store in own)
        days = rules.days_until_full(room, flow)
        return SiloRow(
            source=source,
            stores=own,
            stock_kg=sum(self.held.get((store.id, waste[1]), 0) for store in own),
            room_kg=room,
            flow=flow,
            days_left=days,
            warns=days is not None and days <= self.warn_days,
        )

    def _flow(self, waste: Waste) -> Flow:
        days = rules.window_days(self.since.get(waste), self.now)
        names = {*FLOWS.values(), "shipped"}
        return Flow(days, **{name: self.flows.get((*waste, name), 0) for name in names})


def _takes(store: FacilityRow, source: SourceRow) -> bool:
    if store.site_id != source.site_id:
        return False
    return store.material is None or store.material.code == source.material.code


def _most_pressing(row: SiloRow) -> tuple[bool, int, int]:
    return row.days_left is None, row.days_left or 0, row.source.id


def _first_records(session: Session, company_id: int) -> dict[Waste, datetime]:
    query = (
        select(YardEvent.site_id, YardEvent.material, func.min(YardEvent.happened_at))
        .join(YardEvent.site)
        .where(Site.company_id == company_id, YardEvent.kind == EventKind.GENERATED)
        .group_by(YardEvent.site_id, YardEvent.material)
    )
    return {(site_id, material): at for site_id, material, at in session.execute(query)}


def _declared(session: Session, company_id: int, begin: datetime) -> dict[Fate, int]:
    query = (
        select(YardEvent.site_id, YardEvent.material, YardEvent.kind, func.sum(YardEvent.kg))
        .join(YardEvent.site)
        .where(Site.company_id == company_id, YardEvent.kind.in_(FLOWS))
        .where(YardEvent.happened_at >= begin)
        .group_by(YardEvent.site_id, YardEvent.material, YardEvent.kind)
    )
    found: dict[Fate, int] = {}
    for site_id, material, kind, kg in session.execute(query):
        place = (site_id, material, FLOWS[kind])
        found[place] = found.get(place, 0) + int(kg)
    return found


def _shipped(session: Session, company_id: int, begin: datetime) -> dict[Fate, int]:
    """What left by truck, less what was sent back and is home again."""
    left, home = Shipment.departed_at >= begin, Shipment.returned_at >= begin
    out = _trucks(session, company_id, func.sum(Shipment.dispatched_kg), left)
    back = _trucks(session, company_id, func.sum(Shipment.rejected_kg), home)
    wastes = out.keys() | back.keys()
    return {(*waste, "shipped"): out.get(waste, 0) - back.get(waste, 0) for waste in wastes}


def _trucks(
    session: Session, company_id: int, kg: ColumnElement[int], when: ColumnElement[bool]
) -> dict[Waste, int]:
    query = (
        select(Trade.producer_site_id, Trade.material, kg)
        .select_from(Shipment)
        .join(Shipment.trade)
        .where(Trade.producer_company_id == company_id, when)
        .group_by(Trade.producer_site_id, Trade.material)
    )
    return {(site_id, material): int(mass) for site_id, material, mass in session.execute(query)}
