"""Indicators: pure decisions on plain values. What of them may be published is `disclosure`'s.

Masses are whole kilograms. A *place* is one material in one county; a *region* is any set of
them whose sum somebody might publish: a county, a material, the whole city.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

DEFINITIONS_VERSION = "v3"
DEFINITIONS_FROM = date(2026, 11, 23)
FEWEST_TRADES = 3

RATE_STEPS = ((100, "r7"), (95, "r6"), (90, "r5"), (80, "r4"), (70, "r3"), (60, "r2"))
"""From how many per cent on a class of the map begins; below the last one it is r1."""

Place = tuple[str, str]
"""A county's code and a material's."""

Region = frozenset[Place]
Firms = Mapping[Place, frozenset[int]]


class Part(StrEnum):
    """Where kilograms stand, none in two parts; `REACHABLE` cuts the same ones another way."""

    OPEN = "open"
    RESERVED = "reserved"
    SIGNED = "signed"
    RECEIVED = "received"
    REACHABLE = "reachable"


class Measure(StrEnum):
    """What is published of a region, the most important first."""

    OFFERED = "offered_kg"
    CONTRACTED = "contracted_kg"
    UNPLACED = "unplaced_kg"
    REACHABLE = "reachable_kg"
    RESERVED = "reserved_kg"
    RECEIVED = "received_kg"


PARTS: Mapping[Measure, tuple[Part, ...]] = {
    Measure.OFFERED: (Part.OPEN, Part.RESERVED, Part.SIGNED, Part.RECEIVED),
    Measure.CONTRACTED: (Part.SIGNED, Part.RECEIVED),
    Measure.UNPLACED: (Part.OPEN,),
    Measure.REACHABLE: (Part.REACHABLE,),
    Measure.RESERVED: (Part.RESERVED,),
    Measure.RECEIVED: (Part.RECEIVED,),
}
"""What a measure adds up: so offered less unplaced is no secret once both are published."""


@dataclass(frozen=True, slots=True)
class Masses:
    """The kilograms of a month's offers. `reachable` counts as 0 where nothing was cleared yet.

    `contracted` holds what is signed, on its way and received; `received` is the last of these.
    `open` is the rest: also what was rejected or lost on the way and so placed nowhere.
    """

    open: int = 0
    reserved: int = 0
    contracted: int = 0
    received: int = 0
    reachable: int = 0

    @property
    def offered(self) -> int:
        return self.open + self.reserved + self.contracted

    @property
    def parts(self) -> dict[Part, int]:
        """The same kilograms, part by part."""
        return {
            Part.OPEN: self.open,
            Part.RESERVED: self.reserved,
            Part.SIGNED: self.contracted - self.received,
            Part.RECEIVED: self.received,
            Part.REACHABLE: self.reachable,
        }

    def __add__(self, other: Masses) -> Masses:
        return Masses(
            self.open + other.open,
            self.reserved + other.reserved,
            self.contracted + other.contracted,
            self.received + other.received,
            self.reachable + other.reachable,
        )


def rate_tenths(part: int, whole: int) -> int | None:
    """A rate in tenths of a per cent, cut: 99.96 % is 999. Of nothing there is no rate."""
    return part * 1000 // whole if whole > 0 else None


def rate_class(part: int, whole: int) -> str | None:
    """The class of a rate on the map, r1 to r7; the highest is reached and never rounded to."""
    if whole <= 0:
        return None
    for percent, name in RATE_STEPS:
        if part * 100 >= percent * whole:
            return name
    return "r1"


def reachable(offered: int, committed_before: int, plan_placed: int) -> int:
    """Kilograms of an offer that could physically be placed, by the last run of its month.

    What still holds of the trades from before that run, and what its plan (the most tonnes,
    whatever the price) placed of the rest; never more than is on offer by now.
    """
    return min(offered, committed_before + plan_placed)


def firms_in(region: Iterable[Place], firms: Firms) -> frozenset[int]:
    return frozenset().union(*(firms[place] for place in region))


def may_show_flow(trades: int, tells_too_much: bool, origin_is_published: bool) -> bool:
    """Whether an arc may be public: enough trades of enough groups, and its origin's sum is public.

    The arcs that leave a county add up to what it has sold, so they follow its figure.
    """
    return trades >= FEWEST_TRADES and not tells_too_much and origin_is_published
