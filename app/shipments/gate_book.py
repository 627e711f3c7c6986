"""Questions at the gate: hours, appointments, the day's trucks, and the trucks of a firm."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from app.companies.models import Site
from app.core.actor import Actor
from app.core.clock import CHINA
from app.core.errors import NotFound
from app.shipments.models import Gate, Shipment, Vehicle
from app.shipments.policy import may_see_vehicles_of
from app.shipments.queries import found, readable, rows_of
from app.shipments.rows import ShipmentRow
from app.shipments.rules import (
    ON_THE_ROAD,
    SENT_BACK,
    EmissionClass,
    End,
    GateHours,
    ShipmentStatus,
    has_room,
    slots_of,
    sum_by_slot,
)
from app.trades.models import Trade

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SlotRow:
    """One slot of a gate's day and who comes in it."""

    at: datetime
    is_free: bool
    rows: list[ShipmentRow]


@dataclass(frozen=True, slots=True)
class GateRow:
    """A site's gate; `hours` is `None` while the firm has not opened one."""

    site_id: int
    site: str
    hours: GateHours | None
    least_emission: EmissionClass | None


@dataclass(frozen=True, slots=True)
class GateDay:
    """A day at a gate: its slots, and the trucks on site or on the way without an appointment."""

    gate: GateRow
    day: date
    slots: list[SlotRow]
    unbooked: list[ShipmentRow]


@dataclass(frozen=True, slots=True)
class VehicleRow:
    """A registered truck; kilograms."""

    id: int
    plate: str
    trailer_plate: str
    emission: EmissionClass
    load_kg: int
    is_active: bool
    company_name: str


def gates(session: Session, actor: Actor) -> list[GateRow]:
    """The sites of the reader's firm with their gates."""
    query = (
        select(Site, Gate)
        .outerjoin(Gate, Gate.site_id == Site.id)
        .where(Site.company_id == actor.company_id)
        .order_by(Site.id)
    )
    return [_gate_row(site, gate) for site, gate in session.execute(query)]


def gate_day(session: Session, actor: Actor, site_id: int, day: date, now: datetime) -> GateDay:
    """The trucks of a day (in China) at a site of the reader's firm; raises `NotFound`."""
    site = session.get(Site, site_id)
    if site is None or site.company_id != actor.company_id:
        raise NotFound
    gate = _gate_row(site, session.get(Gate, site_id))
    coming: dict[datetime | None, list[Shipment]] = defaultdict(list)
    begin = datetime.combine(day, time(), CHINA)
    for shipment in session.scalars(_at_gate(actor, site_id, begin, now)):
        coming[_slot_on(shipment, site_id, begin)].append(shipment)
    times = {*(slots_of(gate.hours, day) if gate.hours else ()), *(at for at in coming if at)}
    return GateDay(
        gate=gate,
        day=day,
        slots=[
            SlotRow(at, _has_room(gate, coming[at]), rows_of(session, actor, coming[at], now))
            for at in sorted(times)
        ],
        unbooked=rows_of(session, actor, coming[None], now),
    )


def free_slots(
    session: Session, actor: Actor, number: str, end: End, day: date, now: datetime
) -> list[tuple[datetime, int]]:
    """The slots of a day at one end of a load that may still be taken, and the room in each.

    Empty without a gate; raises `NotFound` for a load the reader may not see.
    """
    site_id = site_at(found(session, actor, number).trade, end)
    gate = session.get(Gate, site_id)
    if gate is None:
        return []
    hours, begin = hours_of(gate), datetime.combine(day, time(), CHINA)
    taken = booked(session, site_id, begin, begin + DAY)
    room = ((at, hours.trucks_per_slot - taken.get(at, 0)) for at in slots_of(hours, day))
    return [(at, count) for at, count in room if at > now and count > 0]


def booked(session: Session, site_id: int, first: datetime, last: datetime) -> dict[datetime, int]:
    """How many trucks come to a site in each slot from `first` until before `last`."""
    query = (
        select(Shipment)
        .join(Trade, Trade.id == Shipment.trade_id)
        .where(Shipment.status != ShipmentStatus.VOID, _has_slot(site_id, first, last))
    )
    slots = (at for load in session.scalars(query) for at in _slots_at(load, site_id))
    return sum_by_slot(at for at in slots if first <= at < last)


def site_at(trade: Trade, end: End) -> int:
    """The site whose weighbridge and gate an end is."""
    return trade.consumer_site_id if end is End.UNLOADING else trade.producer_site_id


def hours_of(gate: Gate) -> GateHours:
    return GateHours(gate.opens_hour, gate.closes_hour, gate.slot_minutes, gate.trucks_per_slot)


def vehicles_of(session: Session, actor: Actor, company_id: int) -> list[VehicleRow]:
    """The trucks of the reader's own firm, those in use first; raises `NotFound` for others'."""
    if not may_see_vehicles_of(actor, company_id):
        raise NotFound
    query = (
        select(Vehicle).options(joinedload(Vehicle.company)).where(Vehicle.company_id == company_id)
    )
    found = session.scalars(query.order_by(Vehicle.is_active.desc(), Vehicle.plate))
    return [_vehicle_row(vehicle) for vehicle in found]


def vehicle(session: Session, actor: Actor, vehicle_id: int) -> VehicleRow:
    """One truck of the reader's own firm; raises `NotFound`."""
    found = session.get(Vehicle, vehicle_id)
    if found is None or not may_see_vehicles_of(actor, found.company_id):
        raise NotFound
    return _vehicle_row(found)


def _at_gate(actor: Actor, site_id: int, begin: datetime, now: datetime) -> Select[Shipment]:
    """Who has an appointment on the day; on the present day also who may come without one."""
    of_day = _has_slot(site_id, begin, begin + DAY)
    if begin <= now < begin + DAY:
        of_day = or_(of_day, _comes_any_time(site_id, begin))
    query = readable(actor).join(Trade, Trade.id == Shipment.trade_id)
    return query.where(Shipment.status != ShipmentStatus.VOID, of_day).order_by(Shipment.id)


def _has_slot(site_id: int, first: datetime, last: datetime) -> ColumnElement[bool]:
    loads = and_(Shipment.load_slot_at >= first, Shipment.load_slot_at < last)
    unloads = and_(Shipment.unload_slot_at >= first, Shipment.unload_slot_at < last)
    return or_(
        and_(Trade.producer_site_id == site_id, loads),
        and_(Trade.consumer_site_id == site_id, unloads),
    )


def _comes_any_time(site_id: int, begin: datetime) -> ColumnElement[bool]:
    """To be loaded without an appointment or after a missed one, on its way back, or on the road.

    A truck that is late or early stands at the gate all the same.
    """
    has_no_slot_to_come = or_(Shipment.load_slot_at.is_(None), Shipment.load_slot_at < begin)
    to_load = and_(Shipment.status == ShipmentStatus.CONFIRMED, has_no_slot_to_come)
    on_its_way_back = and_(Shipment.status.in_(SENT_BACK), Shipment.returned_at.is_(None))
    to_unload = Shipment.status.in_(ON_THE_ROAD)
    return or_(
        and_(Trade.producer_site_id == site_id, or_(to_load, on_its_way_back)),
        and_(Trade.consumer_site_id == site_id, to_unload),
    )


def _slots_at(shipment: Shipment, site_id: int) -> list[datetime]:
    trade = shipment.trade
    slots = {
        End.LOADING: (trade.producer_site_id, shipment.load_slot_at),
        End.UNLOADING: (trade.consumer_site_id, shipment.unload_slot_at),
    }
    return [at for site, at in slots.values() if site == site_id and at is not None]


def _slot_on(shipment: Shipment, site_id: int, begin: datetime) -> datetime | None:
    slots = (at for at in _slots_at(shipment, site_id) if begin <= at < begin + DAY)
    return next(slots, None)


def _has_room(gate: GateRow, shipments: list[Shipment]) -> bool:
    return gate.hours is not None and has_room(gate.hours, len(shipments))


def _gate_row(site: Site, gate: Gate | None) -> GateRow:
    return GateRow(
        site_id=site.id,
        site=site.display_name,
        hours=None if gate is None else hours_of(gate),
        least_emission=None if gate is None else gate.least_emission,
    )


def _vehicle_row(found: Vehicle) -> VehicleRow:
    return VehicleRow(
        id=found.id,
        plate=found.plate,
        trailer_plate=found.trailer_plate,
        emission=found.emission,
        load_kg=found.load_kg,
        is_active=found.is_active,
        company_name=found.company.display_name,
    )
