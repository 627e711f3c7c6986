"""Read-only questions about a producer's own records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, func, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from app.catalogue.queries import MaterialRow, material_map
from app.companies.models import Site
from app.core.actor import Actor
from app.core.clock import china_day, china_instant, month_of
from app.core.db import within_month
from app.core.errors import NotFound
from app.declarations.models import Facility, WasteSource, YardEvent
from app.declarations.rules import STOCK_EFFECT, EventKind, FacilityKind, WasteForm

PAGE_SIZE = 50
Held = Mapping[tuple[int | None, str], int]
"""Kilograms in stores, by facility and material."""
Owned = TypeVar("Owned", WasteSource, Facility)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A line of form 1; `yearly_kg` is what a year of normal work brings."""

    id: int
    site_id: int
    site: str
    material: MaterialRow
    waste_name: str
    waste_code: str
    waste_class: str
    process: str
    form: WasteForm
    composition: str
    pollution: str
    yearly_kg: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class FacilityRow:
    """A facility; without `material` it takes any. `stock_kg` is what a store holds now."""

    id: int
    site_id: int
    site: str
    kind: FacilityKind
    code: str
    name: str
    material: MaterialRow | None
    capacity_kg: int | None
    stock_kg: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event; `reversed_by` and `reverses` are the numbers of its counterpart, if it has one."""

    number: str
    site: str
    material: MaterialRow
    kind: EventKind
    facility: str
    kg: int
    moisture_milli: int | None
    happened_at: datetime
    handler: str
    destination: str
    product: str
    reversed_by: str | None
    reverses: str | None

    @property
    def stands(self) -> bool:
        return self.reversed_by is None and self.reverses is None


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log, the latest happening first; pages count from 1."""

    rows: list[EventRow]
    page: int
    total: int

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return min(self.page * PAGE_SIZE, self.total)


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A waste's sums of one month in kilograms, reversals taken off."""

    source: SourceRow
    opening_kg: int
    sums: Mapping[EventKind, int] = field(default_factory=dict)

    def of(self, kind: EventKind) -> int:
        return self.sums.get(kind, 0)

    @property
    def closing_kg(self) -> int:
        """What lies in the stores at the end of the month."""
        return self.opening_kg + sum(sign * self.of(kind) for kind, sign in STOCK_EFFECT.items())


def effect() -> ColumnElement[int]:
    """Signed kilograms an event adds to its store."""
    signs = ((YardEvent.kind == kind, sign * YardEvent.kg) for kind, sign in STOCK_EFFECT.items())
    return case(*signs, else_=0)


def stock_before(session: Session, facility_id: int, material: str, at: datetime) -> int:
    """Kilograms of a material a store held just before an instant."""
    before = (_in_store(facility_id, material), YardEvent.happened_at < at)
    return int(session.scalar(select(func.sum(effect())).where(*before)) or 0)


def movements_from(
    session: Session, facility_id: int, material: str, at: datetime
) -> list[tuple[datetime, int]]:
    """What went into (positive) and out of a store from an instant on."""
    since = (_in_store(facility_id, material), YardEvent.happened_at >= at)
    rows = session.execute(select(YardEvent.happened_at, effect()).where(*since))
    return [(moment, kg) for moment, kg in rows]


def stock_now(session: Session, facility_id: int) -> int:
    """Kilograms of everything a store holds by what is recorded."""
    query = select(func.sum(effect())).where(YardEvent.facility_id == facility_id)
    return int(session.scalar(query) or 0)


def stocks(session: Session, company_id: int) -> Held:
    """By facility and material, what the stores of a firm hold, in kilograms."""
    query = (
        select(YardEvent.facility_id, YardEvent.material, func.sum(effect()))
        .join(YardEvent.site)
        .where(Site.company_id == company_id, YardEvent.kind.in_(STOCK_EFFECT))
        .group_by(YardEvent.facility_id, YardEvent.material)
    )
    return {(store, material): int(kg) for store, material, kg in session.execute(query)}


def sources(session: Session, company_id: int, on: date) -> list[SourceRow]:
    """The wastes of a firm, by site and in the catalogue's order of materials."""
    materials = material_map(session, on)
    found = session.scalars(_own(WasteSource, company_id))
    rows = [_source_row(row, materials) for row in found]
    return sorted(rows, key=lambda row: (row.site_id, row.material.sort_order))


def source(session: Session, company_id: int, source_id: int, on: date) -> SourceRow:
    """One waste of a firm; raises `NotFound`."""
    found = session.get(WasteSource, source_id)
    if found is None or found.site.company_id != company_id:
        raise NotFound
    return _source_row(found, material_map(session, on))


def facilities(session: Session, company_id: int, on: date) -> list[FacilityRow]:
    """The facilities of a firm, by site and code, with what its stores hold."""
    materials, held = material_map(session, on), stocks(session, company_id)
    query = _own(Facility, company_id).order_by(Facility.site_id, Facility.code)
    return [_facility_row(row, materials, held) for row in session.scalars(query)]


def facility(session: Session, company_id: int, facility_id: int, on: date) -> FacilityRow:
    """One facility of a firm; raises `NotFound`."""
    for row in facilities(session, company_id, on):
        if row.id == facility_id:
            return row
    raise NotFound


def log(session: Session, actor: Actor, month: date | None, page: int, on: date) -> LogPage:
    """A page of what a firm recorded, of one month or of all."""
    wanted = _log_of(actor, month)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    page = max(1, min(page, -(-total // PAGE_SIZE)))
    query = (
        wanted.order_by(YardEvent.happened_at.desc(), YardEvent.id.desc())
        .options(joinedload(YardEvent.site), joinedload(YardEvent.facility))
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    found = list(session.scalars(query))
    return LogPage(_event_rows(session, found, material_map(session, on)), page, total)


def month_sums(session: Session, company_id: int, month: date) -> list[MonthRow]:
    """What happened to each waste of a firm in a month, and what lay in its stores before."""
    before = YardEvent.happened_at < china_instant(month)
    opening = _sums(session, company_id, effect(), before)
    sums = _sums(session, company_id, YardEvent.kg, within_month(YardEvent.happened_at, month))
    return [
        MonthRow(
            source=row,
            opening_kg=sum(opening.get((row.site_id, row.material.code), {}).values()),
            sums=sums.get((row.site_id, row.material.code), {}),
        )
        for row in sources(session, company_id, month)
    ]


def first_month(session: Session, company_id: int, now: datetime) -> date:
    """The month of the first event of a firm; this one before there is any."""
    query = select(func.min(YardEvent.happened_at)).join(YardEvent.site)
    found = session.scalar(query.where(Site.company_id == company_id))
    return month_of(china_day(found or now))


def _sums(
    session: Session, company_id: int, kg: SQLColumnExpression[int], *which: ColumnElement[bool]
) -> dict[tuple[int, str], dict[EventKind, int]]:
    query = (
        select(YardEvent.site_id, YardEvent.material, YardEvent.kind, func.sum(kg))
        .join(YardEvent.site)
        .where(Site.company_id == company_id, *which)
        .group_by(YardEvent.site_id, YardEvent.material, YardEvent.kind)
    )
    found: dict[tuple[int, str], dict[EventKind, int]] = {}
    for site_id, material, kind, mass in session.execute(query):
        found.setdefault((site_id, material), {})[kind] = int(mass)
    return found


def _in_store(facility_id: int, material: str) -> ColumnElement[bool]:
    return and_(YardEvent.facility_id == facility_id, YardEvent.material == material)


def _own(model: type[Owned], company_id: int) -> Select[Owned]:
    query = select(model).join(model.site).where(Site.company_id == company_id)
    return query.options(contains_eager(model.site))


def _log_of(actor: Actor, month: date | None) -> Select[YardEvent]:
    query = select(YardEvent).join(YardEvent.site).where(Site.company_id == actor.company_id)
    if month is None:
        return query
    return query.where(within_month(YardEvent.happened_at, month))


def _event_rows(
    session: Session, found: list[YardEvent], materials: Mapping[str, MaterialRow]
) -> list[EventRow]:
    counterparts = _counterparts(session, found)
    return [
        EventRow(
            number=event.number,
            site=event.site.display_name,
            material=materials[event.material],
            kind=event.kind,
            facility=f"{event.facility.code} {event.facility.name}" if event.facility else "",
            kg=event.kg,
            moisture_milli=event.moisture_milli,
            happened_at=event.happened_at,
            handler=event.handler,
            destination=event.destination,
            product=event.product,
            reversed_by=None if event.reverses_id else counterparts.get(event.id),
            reverses=counterparts.get(event.id) if event.reverses_id else None,
        )
        for event in found
    ]


def _counterparts(session: Session, found: list[YardEvent]) -> dict[int | None, str]:
    """By event, the number of the one that reverses it or that it reverses."""
    ids = [event.id for event in found]
    other = aliased(YardEvent)
    reversing = select(other.reverses_id, other.number).where(other.reverses_id.in_(ids))
    reversed_ = (
        select(YardEvent.id, other.number)
        .join(other, other.id == YardEvent.reverses_id)
        .where(YardEvent.id.in_(ids))
    )
    rows = (*session.execute(reversing), *session.execute(reversed_))
    return {row[0]: row[1] for row in rows}


def _source_row(found: WasteSource, materials: Mapping[str, MaterialRow]) -> SourceRow:
    return SourceRow(
        id=found.id,
        site_id=found.site_id,
        site=found.site.display_name,
        material=materials[found.material],
        waste_name=found.waste_name,
        waste_code=found.waste_code,
        waste_class=found.waste_class,
        process=found.process,
        form=found.form,
        composition=found.composition,
        pollution=found.pollution,
        yearly_kg=found.yearly_kg,
        changed_at=found.changed_at,
    )


def _facility_row(
    found: Facility,
    materials: Mapping[str, MaterialRow],
    held: Held,
) -> FacilityRow:
    return FacilityRow(
        id=found.id,
        site_id=found.site_id,
        site=found.site.display_name,
        kind=found.kind,
        code=found.code,
        name=found.name,
        material=materials[found.material] if found.material else None,
        capacity_kg=found.capacity_kg,
        stock_kg=sum(kg for (store, _material), kg in held.items() if store == found.id),
    )
