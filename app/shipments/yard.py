"""The trucks of a day at one gate, in the order a clerk works through them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.shipments.gate_book import GateDay
from app.shipments.rows import ShipmentRow
from app.shipments.rules import End, Next
from app.trades.rules import Party


class Place(StrEnum):
    """Where a truck stands, seen from one gate; the first is the most pressing."""

    IN_THE_YARD = "in_the_yard"
    COMING_BACK = "coming_back"
    TO_LOAD = "to_load"
    COMING = "coming"
    NOT_STARTED = "not_started"
    GONE = "gone"
    DONE = "done"


TITLES: dict[Place, LazyString] = {
    Place.IN_THE_YARD: _l("在厂，等过磅"),
    Place.COMING_BACK: _l("拒收退回，等过磅"),
    Place.TO_LOAD: _l("待装车"),
    Place.COMING: _l("在途，将到"),
    Place.NOT_STARTED: _l("还没发车"),
    Place.GONE: _l("已出厂"),
    Place.DONE: _l("已过磅"),
}
OWN_PLACES: dict[tuple[Next, Party], Place] = {
    (Next.LOADING, Party.PRODUCER): Place.TO_LOAD,
    (Next.ARRIVAL, Party.CONSUMER): Place.COMING,
    (Next.UNLOADING, Party.CONSUMER): Place.IN_THE_YARD,
    (Next.RETURN, Party.PRODUCER): Place.COMING_BACK,
}
OTHER_PLACES: dict[Next, Place] = {
    Next.CONFIRMATION: Place.NOT_STARTED,
    Next.LOADING: Place.NOT_STARTED,
    Next.ARRIVAL: Place.GONE,
    Next.UNLOADING: Place.GONE,
}
WEIGHINGS: dict[tuple[Next, Party], End] = {
    (Next.LOADING, Party.PRODUCER): End.LOADING,
    (Next.ARRIVAL, Party.CONSUMER): End.UNLOADING,
    (Next.UNLOADING, Party.CONSUMER): End.UNLOADING,
    (Next.RETURN, Party.PRODUCER): End.RETURN,
}
"""Which ticket a firm's weighbridge makes next, by what the load waits for."""


@dataclass(frozen=True, slots=True)
class TruckGroup:
    title: LazyString
    trucks: list[ShipmentRow]


def place_of(row: ShipmentRow) -> Place:
    """Where the truck stands for the reader's firm."""
    own = (OWN_PLACES.get((row.next, side)) for side in Party if side in row.my_sides)
    return next(filter(None, own), OTHER_PLACES.get(row.next, Place.DONE))


def end_of(row: ShipmentRow) -> End | None:
    """The weighing that the reader's firm makes next, if it is its turn."""
    ends = (WEIGHINGS.get((row.next, side)) for side in Party if side in row.my_sides)
    return next(filter(None, ends), None)


def groups(rows: Iterable[ShipmentRow]) -> list[TruckGroup]:
    """Trucks by where they stand; empty groups are left out."""
    listed = list(rows)
    sorted_out = {place: [row for row in listed if place_of(row) is place] for place in Place}
    return [TruckGroup(TITLES[place], found) for place, found in sorted_out.items() if found]


def trucks_of(day: GateDay) -> list[ShipmentRow]:
    """Every truck of the day once: by appointment, then those without one."""
    booked = [row for slot in day.slots for row in slot.rows]
    return list({row.number: row for row in [*booked, *day.unbooked]}.values())


def slot_of(row: ShipmentRow) -> object:
    """When the truck is expected where it goes next."""
    return row.load_slot_at if row.next is Next.LOADING else row.unload_slot_at


def other_firm(row: ShipmentRow) -> str:
    """The firm at the other end of the road."""
    return row.consumer_name if Party.PRODUCER in row.my_sides else row.producer_name
