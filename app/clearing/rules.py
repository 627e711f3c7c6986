"""Decisions about runs, on plain values: numbering, the month cleared, what may be shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FEWEST_FOR_TOTALS = 3
"""A sum over fewer firms than this would let one of them compute another's limit price."""

DISTANCE_STEP_M = 5_000


class RunState(StrEnum):
    """What became of a run, for its reader."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        return self in (RunState.WAITING, RunState.RUNNING)


class Unplaced(StrEnum):
    """Why an order, or the rest of it, has no match: the engine's codes plus the book's own."""

    PLACED = "placed"
    ZERO = "zero"
    NO_LANE_MATERIAL = "no_lane_material"
    NO_LANE_DISTANCE = "no_lane_distance"
    NO_LANE_LISTED = "no_lane_listed"
    PRICE = "price"
    FULL = "full"
    TIE = "tie"
    CHANGED = "changed"


PUBLIC_DETAIL = ("counterparts", "rivals", "nearest_m")


@dataclass(frozen=True, slots=True)
class Line:
    """One order's result: masses in kg."""

    side: str
    material: str
    kg: int
    placed: int
    plan_placed: int
    reason: Unplaced


def run_number(month: date, count: int) -> str:
    """`R-2612-2` is the second run for December 2026."""
    return f"R-{month:%y%m}-{count}"


def sha256(plain: bytes) -> str:
    """The fingerprint by which a stored problem or outcome is named in public."""
    return hashlib.sha256(plain).hexdigest()


def public_detail(detail: Mapping[str, int]) -> dict[str, int]:
    """Of the engine's detail, what betrays no limit and no exact position.

    How much a price is short of (`missing`) and a counterpart's own reach (`limit_m`) are private;
    distances are rounded to 5 km because sites are.
    """
    shown = {name: detail[name] for name in PUBLIC_DETAIL if name in detail}
    if "nearest_m" in shown:
        steps = max(1, (shown["nearest_m"] + DISTANCE_STEP_M // 2) // DISTANCE_STEP_M)
        shown["nearest_m"] = steps * DISTANCE_STEP_M
    return shown


def offered_totals(lines: Iterable[Line]) -> dict[str, dict[str, int]]:
    """Per material of the offers: kg that took part, placed by the market and by the plan."""
    totals: dict[str, dict[str, int]] = {}
    for line in lines:
        if line.side != "offer":
            continue
        sums = totals.setdefault(line.material, {"kg": 0, "placed": 0, "plan_placed": 0})
        sums["kg"] += line.kg
        sums["placed"] += line.placed
        sums["plan_placed"] += line.plan_placed
    return totals


def surplus_to_show(surplus_milli_fen: int, *, producers: int, consumers: int) -> int | None:
    """The run's surplus in fen, or None where it would betray a limit.

    Firms count, not matches: who owns most of the matches could subtract their own.
    """
    if min(producers, consumers) < FEWEST_FOR_TOTALS:
        return None
    return surplus_milli_fen // 1000
