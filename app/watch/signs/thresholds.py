"""The figures the rules go by on a day. All of them are dated data; none stands in the code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.catalogue.rules import FactorSide, Threshold, is_valid_on
from app.declarations.rules import ActivityKind

MILLI = 1000
PER_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """A dated figure; a blank material means every one that has no row of its own."""

    code: Threshold
    material: str
    value: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Figures and factors of one day."""

    values: Mapping[tuple[Threshold, str], int]
    factors: Sequence[Factor] = ()

    def factors_of(self, side: FactorSide) -> list[Factor]:
        return [factor for factor in self.factors if factor.side is side]

    def of(self, code: Threshold, material: str = "") -> int:
        """The figure for a material; raises `LookupError` where there is none at all."""
        found = self.values.get((code, material), self.values.get((code, "")))
        if found is None:
            raise LookupError(f"the watch has no figure {code}")
        return found

    def slack(self, kg: int) -> int:
        """By how many kilograms figures of that size may disagree."""
        share = kg * self.of(Threshold.BALANCE_SLACK_MILLI) // MILLI
        return max(share, self.of(Threshold.BALANCE_SLACK_KG))

    @property
    def chance(self) -> float:
        """How seldom honest weighings must look like this for a finding."""
        return self.of(Threshold.CHANCE_PER_MILLION) / PER_MILLION


@dataclass(frozen=True, slots=True)
class Factor:
    """Grams of a material per unit of an activity: that arise from it, or that it takes up."""

    side: FactorSide
    activity: ActivityKind
    material: str
    low_milli: int
    central_milli: int
    high_milli: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class ThresholdBook:
    """Figures and factors of all days."""

    rows: Sequence[ThresholdRow]
    factors: Sequence[Factor]

    def on(self, day: date) -> Thresholds:
        """Those that hold on a day."""
        held = (row for row in self.rows if is_valid_on(day, row.valid_from, row.valid_to))
        return Thresholds(
            {(row.code, row.material): row.value for row in held},
            [one for one in self.factors if is_valid_on(day, one.valid_from, one.valid_to)],
        )


@dataclass(frozen=True, slots=True)
class Expected:
    """Kilograms to be expected of an activity."""

    low_kg: int
    central_kg: int
    high_kg: int

    @classmethod
    def of(cls, factor: Factor, quantity: int) -> Expected:
        low, central, high = factor.low_milli, factor.central_milli, factor.high_milli
        return cls(*(quantity * milli // MILLI for milli in (low, central, high)))

    def widened(self, milli: int) -> Expected:
        """With the range taken wider by thousandths at both ends."""
        low = self.low_kg * (MILLI - milli) // MILLI
        return Expected(low, self.central_kg, self.high_kg * (MILLI + milli) // MILLI)
