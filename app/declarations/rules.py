"""What a producer declares of its own waste: pure decisions on plain values, in kilograms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from app.core.clock import china_day
from app.core.faults import Fault
from app.core.quantities import KG_PER_TONNE

LARGEST_KG = 100_000 * 1000
"""Of one event: more than any site makes, moves or stores in a day."""
LARGEST_CAPACITY_KG = 100_000_000 * 1000
KEPT = timedelta(days=5 * 365)
"""How far back an event may be entered: as long as the guide asks to keep the records."""
WHOLE_MILLI = 1000
WINDOW_DAYS = 28
"""What a forecast looks back on: four whole weeks, so that every weekday weighs alike."""
LEAST_DAYS = 7
"""With fewer days on record there is no forecast."""
MONTH_DAYS = 30
NUMBER = re.compile(r"E-[0-9]{4}-[0-9]{5,7}")
FACILITY_CODE = re.compile(r"TS[0-9]{3}|MF[0-9]{4}")


class FacilityKind(StrEnum):
    STORAGE = "storage"
    USE = "use"
    DISPOSAL = "disposal"


class EventKind(StrEnum):
    """A line of the guide's forms 4 to 7 (announcement 2021 no. 82): kilograms of one material."""

    GENERATED = "generated"
    STORED = "stored"
    TAKEN_OUT = "taken_out"
    SELF_USED = "self_used"
    SELF_DISPOSED = "self_disposed"
    ENTRUSTED_DISPOSED = "entrusted_disposed"


class ActivityKind(StrEnum):
    """What a site's wastes follow from; whole kilograms, the board in square metres."""

    COAL_BURNT = "coal_burnt"
    ALUMINA_MADE = "alumina_made"
    PVC_MADE = "pvc_made"
    COPPER_MADE = "copper_made"
    ALLOY_MADE = "alloy_made"
    BOARD_MADE = "board_made"


class WasteForm(StrEnum):
    SOLID = "solid"
    SEMI_SOLID = "semi_solid"
    POWDER = "powder"
    SLURRY = "slurry"


class WasteClass(StrEnum):
    """General industrial solid waste by GB 18599: what leaches out of it decides."""

    I = "I"  # noqa: E741 - the standard's own name
    II = "II"


PLACES: Mapping[EventKind, FacilityKind] = MappingProxyType(
    {
        EventKind.STORED: FacilityKind.STORAGE,
        EventKind.TAKEN_OUT: FacilityKind.STORAGE,
        EventKind.SELF_USED: FacilityKind.USE,
        EventKind.SELF_DISPOSED: FacilityKind.DISPOSAL,
    }
)
"""The kind of facility an event happens at; the other events happen at none."""

STOCK_EFFECT: Mapping[EventKind, int] = MappingProxyType(
    {EventKind.STORED: 1, EventKind.TAKEN_OUT: -1}
)
"""What an event does to the stock of its facility."""

ASKED: Mapping[EventKind, str] = MappingProxyType(
    {
        EventKind.SELF_USED: "product",
        EventKind.SELF_DISPOSED: "destination",
        EventKind.ENTRUSTED_DISPOSED: "destination",
    }
)
"""The text an event must carry besides: what was made of it, how or by whom it was disposed of."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event to be recorded, as plain values; `moisture_milli` is thousandths of the mass."""

    kind: EventKind
    kg: int
    happened_at: datetime
    handler: str
    destination: str = ""
    product: str = ""
    moisture_milli: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The facility an event names."""

    kind: FacilityKind
    material: str | None


@dataclass(frozen=True, slots=True)
class Shortage:
    """An instant at which more is taken out of a store than the `kg` it held."""

    at: datetime
    kg: int


def is_event_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None


def happening_faults(happening: Happening, now: datetime) -> list[Fault]:
    """What is wrong with an event itself, whatever the facility."""
    return [
        *_mass_faults(happening.kg),
        *_time_faults(happening.happened_at, now),
        *_moisture_faults(happening.moisture_milli),
        *_text_faults(happening),
    ]


def place_faults(kind: EventKind, place: Place | None, material: str) -> list[Fault]:
    """Whether the facility named, or not named, suits an event of a material."""
    wanted = PLACES.get(kind)
    if wanted is None:
        return [] if place is None else [Fault("facility_id", "facility_unwanted")]
    if place is None:
        return [Fault("facility_id", f"facility_missing_{wanted}")]
    if place.kind is not wanted:
        return [Fault("facility_id", f"facility_missing_{wanted}")]
    if place.material not in (None, material):
        return [Fault("facility_id", "facility_other_material")]
    return []


def facility_faults(kind: FacilityKind, code: str, capacity_kg: int | None) -> list[Fault]:
    """Whether code and capacity will do; only a store must say how much it holds."""
    return [*_code_faults(code), *_capacity_faults(kind, capacity_kg)]


def source_faults(yearly_kg: int) -> list[Fault]:
    """Whether a year's generation is a mass that a site can have."""
    if yearly_kg <= 0:
        return [Fault("yearly", "mass_not_positive", {"kg": yearly_kg})]
    if yearly_kg > LARGEST_CAPACITY_KG:
        return [Fault("yearly", "mass_too_large", {"mass_limit": LARGEST_CAPACITY_KG})]
    return []


def shortage(opening_kg: int, later: Iterable[tuple[datetime, int]]) -> Shortage | None:
    """The first of the later movements that takes out more than there is, if one does.

    Movements are signed kilograms by time. What comes in and goes out in one minute comes in first.
    """
    stock = opening_kg
    for at, kg in sorted(later, key=lambda move: (move[0], -move[1])):
        if stock + kg < 0:
            return Shortage(at, stock)
        stock += kg
    return None


def over_capacity(stock_kg: int, capacity_kg: int | None) -> int:
    """Kilograms a facility holds beyond what it was built for; a warning, since they are there."""
    return 0 if capacity_kg is None else max(0, stock_kg - capacity_kg)


@dataclass(frozen=True, slots=True)
class Flow:
    """What became of a waste in the last `days` days, in kilograms."""

    days: int
    generated: int = 0
    used: int = 0
    disposed: int = 0
    shipped: int = 0

    @property
    def net_kg(self) -> int:
        """What was left over: the stores took it, whether or not anybody wrote that down."""
        return self.generated - self.used - self.disposed - self.shipped


def window_days(first: datetime | None, now: datetime) -> int:
    """The whole days a forecast may look back on; nothing before the first record counts."""
    return 0 if first is None else min(WINDOW_DAYS, (now - first) // timedelta(days=1))


def days_until_full(room_kg: int, flow: Flow) -> int | None:
    """Whole days until the room is taken; `None` if never, or if too little is on record.

    A day is expected to add (generated − used on site − disposed of − shipped) ÷ days. This assumes
    that the coming days are like the last four weeks and that what is not taken away is stored;
    it is the market's own rule of thumb, not a published method (confidence U).
    """
    if room_kg <= 0:
        return 0
    if flow.days < LEAST_DAYS or flow.net_kg <= 0:
        return None
    return room_kg * flow.days // flow.net_kg


def monthly_surplus(flow: Flow) -> int:
    """What a month leaves over at this rate, in whole tonnes as kilograms: what to offer."""
    if flow.days == 0:
        return 0
    return max(0, flow.net_kg * MONTH_DAYS // flow.days // KG_PER_TONNE * KG_PER_TONNE)


def bucket(now: datetime) -> str:
    """The ISO week of an instant in China: a store that stays full is told of once a week."""
    return f"{china_day(now):%G-W%V}"


def _mass_faults(kg: int) -> Iterator[Fault]:
    if kg <= 0:
        yield Fault("tonnes", "mass_not_positive", {"kg": kg})
    elif kg > LARGEST_KG:
        yield Fault("tonnes", "mass_too_large", {"mass_limit": LARGEST_KG})


def _time_faults(at: datetime, now: datetime) -> Iterator[Fault]:
    if at > now:
        yield Fault("happened_at", "in_future", {"now": now})
    elif at < now - KEPT:
        yield Fault("happened_at", "long_past", {"first": now - KEPT})


def _moisture_faults(milli: int | None) -> Iterator[Fault]:
    if milli is not None and not 0 <= milli < WHOLE_MILLI:
        yield Fault("moisture", "moisture_range")


def _text_faults(happening: Happening) -> Iterator[Fault]:
    if not happening.handler:
        yield Fault("handler", "handler_missing")
    asked = ASKED.get(happening.kind)
    if asked and not getattr(happening, asked):
        yield Fault(asked, f"{asked}_missing")


def _code_faults(code: str) -> Iterator[Fault]:
    if not FACILITY_CODE.fullmatch(code):
        yield Fault("code", "facility_code", {"value": code})


def _capacity_faults(kind: FacilityKind, capacity_kg: int | None) -> Iterator[Fault]:
    if capacity_kg is None:
        if kind is FacilityKind.STORAGE:
            yield Fault("capacity", "capacity_missing")
    elif capacity_kg <= 0:
        yield Fault("capacity", "mass_not_positive", {"kg": capacity_kg})
    elif capacity_kg > LARGEST_CAPACITY_KG:
        yield Fault("capacity", "mass_too_large", {"mass_limit": LARGEST_CAPACITY_KG})
