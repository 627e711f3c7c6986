"""How a parameter varies from batch to batch: count, mean, least and most, and whether it drifts.

Pure over (day, reading) points. A censored reading such as "<0.01" is counted and bounds the
spread, but there is no number of it to take a mean or a trend of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from app.eligibility.ranges import Range

Point = tuple[date, Range]

TREND_BATCHES = 4
"""The fewest numbers that a trend is told of: the Mann-Kendall test of MAKESENS, the trend program
of the Finnish Meteorological Institute (2002), asks for as many."""
TREND_P = 0.1
"""A trend is told where chance would order the batches so at most this often: the weakest level of
MAKESENS, and of its levels the only one that four numbers in a row can reach (2 in 4!)."""


class Trend(StrEnum):
    """Where the values go from batch to batch; `unknown` with too few numbers to say."""

    RISING = "rising"
    FALLING = "falling"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Spread:
    """What the batches say together.

    `censored` of the `count` readings are no numbers; `mean` is of the others, `None` without any.
    `least` and `most` are the readings that reach furthest down and up, `None` where no reading
    has an end.
    """

    count: int
    censored: int
    mean: Fraction | None
    least: Range | None
    most: Range | None
    trend: Trend


def spread(points: Iterable[Point]) -> Spread:
    """The spread of readings, each with the day it speaks of."""
    found = sorted(points, key=lambda point: point[0])
    numbers = [(day, number) for day, reading in found if (number := _number(reading)) is not None]
    bounded = [reading for _day, reading in found if reading != Range()]
    return Spread(
        count=len(found),
        censored=len(found) - len(numbers),
        mean=_mean([number for _day, number in numbers]),
        least=min(bounded, key=_lower_reach, default=None),
        most=max(bounded, key=_upper_reach, default=None),
        trend=trend(numbers),
    )


def trend(numbers: list[tuple[date, Decimal]]) -> Trend:
    """Whether numbers rise or fall with their days, by Kendall's tau."""
    if len(numbers) < TREND_BATCHES:
        return Trend.UNKNOWN
    from scipy.stats import kendalltau  # noqa: PLC0415  (a slow import)

    days, values = zip(*((day.toordinal(), float(number)) for day, number in numbers), strict=True)
    found = kendalltau(days, values)
    if not found.pvalue <= TREND_P:
        return Trend.NONE
    return Trend.RISING if found.statistic > 0 else Trend.FALLING


def _number(reading: Range) -> Decimal | None:
    return reading.low if reading.is_exact else None


def _mean(numbers: list[Decimal]) -> Fraction | None:
    return sum(map(Fraction, numbers), Fraction()) / len(numbers) if numbers else None


def _lower_reach(reading: Range) -> tuple[bool, Decimal]:
    """What sorts the reading first that may lie lowest; without a lower end its upper one tells."""
    if reading.low is None:
        return False, reading.high or Decimal(0)
    return True, reading.low


def _upper_reach(reading: Range) -> tuple[bool, Decimal]:
    if reading.high is None:
        return True, reading.low or Decimal(0)
    return False, reading.high
