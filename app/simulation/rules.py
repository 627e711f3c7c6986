"""How lazy people deal: what they will do with a match, drawn once from a seed, and the funnel.

The shares are assumptions made to reach every ending, not observations of any market.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random

from app.trades.rules import Owner, TradeStatus

NEVER = timedelta(days=10_000)
TRUCK_KG = 30_000
MOST_TRUCKS = 3


class Load(StrEnum):
    """What becomes of one truck."""

    WHOLE = "whole"
    SHORT = "short"
    PART_REJECTED = "part_rejected"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Side:
    """What one side will do: how long it takes to each step, `NEVER` for not at all."""

    answers_after: timedelta
    declines: bool
    signs_after: timedelta
    wants_out: bool
    settles_after: timedelta


@dataclass(frozen=True, slots=True)
class Temper:
    """Everything a match's people will do. `loads` are its trucks, one sent every `pace`."""

    producer: Side
    consumer: Side
    sends_after: timedelta
    pace: timedelta
    loads: tuple[Load, ...]
    operator_acts: bool
    operator_blames_consumer: bool


def temper(random: Random) -> Temper:
    """The people of one match, drawn in a fixed order so that a seed gives one market."""
    trucks = random.randint(1, MOST_TRUCKS)
    return Temper(
        producer=_side(random),
        consumer=_side(random),
        sends_after=NEVER if _happens(random, 8) else _hours(random, 12, 120),
        pace=_hours(random, 8, 48),
        loads=tuple(_load(random) for _ in range(trucks)),
        operator_acts=_happens(random, 50),
        operator_blames_consumer=_happens(random, 30),
    )


def _side(random: Random) -> Side:
    return Side(
        answers_after=NEVER if _happens(random, 15) else _hours(random, 1, 80),
        declines=_happens(random, 8),
        signs_after=NEVER if _happens(random, 8) else _hours(random, 6, 200),
        wants_out=_happens(random, 4),
        settles_after=NEVER if _happens(random, 30) else _hours(random, 6, 90),
    )


def _load(random: Random) -> Load:
    (drawn,) = random.choices(list(Load), weights=(85, 7, 4, 4))
    return drawn


def _happens(random: Random, percent: int) -> bool:
    return random.randrange(100) < percent


def _hours(random: Random, least: int, most: int) -> timedelta:
    return timedelta(hours=random.randint(least, most))


@dataclass(frozen=True, slots=True)
class Ended:
    """A case as it stands at the end; `reason` is empty while it has no ending."""

    status: TradeStatus
    reason: str
    owner: Owner | None
    was_confirmed: bool
    was_contracted: bool
    kg: int
    received_kg: int


def funnel(cases: Iterable[Ended]) -> dict[str, object]:
    """The way of all matches as one JSON object: counts, and tonnes as whole kilograms."""
    cases = list(cases)
    endings = Counter(f"{case.status}:{case.reason}" for case in cases if case.reason)
    delivered = [case for case in cases if case.status is TradeStatus.COMPLETED]
    return {
        "proposed": len(cases),
        "confirmed": sum(case.was_confirmed for case in cases),
        "contracted": sum(case.was_contracted for case in cases),
        "delivered": len(delivered),
        "endings": dict(sorted(endings.items())),
        "without_ending": sum(not case.reason for case in cases),
        "without_owner": sum(not case.reason and case.owner is None for case in cases),
        "kg_proposed": sum(case.kg for case in cases),
        "kg_received": sum(case.received_kg for case in cases),
    }
