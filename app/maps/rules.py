"""What a map can show and in which classes: plain values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.core.clock import add_months

TONNAGE_STEPS = (
    (100_000_000, "r6"),
    (30_000_000, "r5"),
    (10_000_000, "r4"),
    (3_000_000, "r3"),
    (1_000_000, "r2"),
)
"""From how many kg a month on a class begins; below the last it is r1. r7 means "reached"."""


class Measure(StrEnum):
    """What the map is coloured by: first the official figures of a month, then the market's."""

    UTILISATION = "utilisation"
    GAP = "gap"
    STOCK = "stock"
    USED_HERE = "used_here"
    OFFICIAL_FLOWS = "official_flows"
    RATE = "rate"
    OFFERED = "offered"
    UNPLACED = "unplaced"
    REACHABLE = "reachable"
    FLOWS = "flows"

    @property
    def is_official(self) -> bool:
        return self in OFFICIAL


OFFICIAL = (
    Measure.UTILISATION,
    Measure.GAP,
    Measure.STOCK,
    Measure.USED_HERE,
    Measure.OFFICIAL_FLOWS,
)
MARKET = tuple(measure for measure in Measure if measure not in OFFICIAL)


@dataclass(frozen=True, slots=True)
class View:
    """What the reader looks at; an empty `adcode` is the whole city."""

    month: date
    measure: Measure = Measure.RATE
    with_red_mud: bool = False
    adcode: str = ""


def tonnage_class(kg: int) -> str:
    for least, name in TONNAGE_STEPS:
        if kg >= least:
            return name
    return "r1"


def month_shown(this_month: date, last_cleared: date | None) -> date:
    """The month a page opens with: the last one cleared unless it is past; else the next."""
    if last_cleared is not None and last_cleared >= this_month:
        return last_cleared
    return add_months(this_month, 1)


def neighbours(month: date, known: tuple[date, date] | None) -> tuple[date | None, date | None]:
    """The months before and after, where something was or is on offer."""
    if known is None:
        return None, None
    first, last = known
    earlier = min(add_months(month, -1), last) if month > first else None
    later = max(add_months(month, 1), first) if month < last else None
    return earlier, later
