"""The official indicators: what each is, by a formula that can be run. Plain values only.

Utilisation and its identity: 排放源统计调查制度; a tonne counts for the county of its producer.
Names and explanations stand in `words.OFFICIAL`, under the same codes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from app.declarations.balance import MassBalance
from app.statistics.rules import DEFINITIONS_FROM


class Unit(StrEnum):
    KG = "kg"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, both in kg; of nothing there is no share."""

    part: int
    whole: int

    @property
    def exact(self) -> Fraction | None:
        return Fraction(self.part, self.whole) if self.whole > 0 else None


@dataclass(frozen=True, slots=True)
class Sums:
    """Declared balances added up, what the weighbridges show of them, and who is missing.

    `ticketed_kg` was received by others, `related_kg` of it by firms of the same group,
    `chained_kg` in a use whose product turns up as another waste. `declared` counts declarations,
    `missing` the wastes that should have been declared.
    """

    balance: MassBalance = field(default_factory=MassBalance)
    ticketed_kg: int = 0
    tickets: int = 0
    related_kg: int = 0
    chained_kg: int = 0
    declared: int = 0
    missing: int = 0

    @property
    def used_kg(self) -> int:
        return self.balance.used_kg

    @property
    def usable_kg(self) -> int:
        return self.balance.usable_kg

    @property
    def without_ticket_kg(self) -> int:
        """Entrusted use that no weighbridge ticket shows; negative: tickets show more."""
        return self.balance.entrusted_used_kg - self.ticketed_kg

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.balance + other.balance,
            self.ticketed_kg + other.ticketed_kg,
            self.tickets + other.tickets,
            self.related_kg + other.related_kg,
            self.chained_kg + other.chained_kg,
            self.declared + other.declared,
            self.missing + other.missing,
        )


Formula = Callable[[Sums], "Share | int"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure of the official statistics; `version` counts how its definition changed."""

    code: str
    version: int
    valid_from: date
    unit: Unit
    formula: Formula


def rate(sums: Sums) -> Share:
    """U ÷ (G + U0)."""
    return Share(sums.used_kg, sums.usable_kg)


def chain_rate(sums: Sums) -> Share:
    """(U − C) ÷ (G + U0 − C): a tonne that turned into another waste counts there, and once."""
    return Share(sums.used_kg - sums.chained_kg, sums.usable_kg - sums.chained_kg)


def gap_kg(sums: Sums, target_per_cent: Fraction) -> int:
    """Whole kilograms still to be used until the rate reaches the target, rounded up."""
    wanted = sums.usable_kg * target_per_cent / 100
    return max(0, -(-wanted.numerator // wanted.denominator) - sums.used_kg)


def year_balance(summed: MassBalance) -> MassBalance:
    """The balance of a year from the sums of its months.

    `summed` holds the sums of the flows, the opening stock of the first month and the closing stock
    of the last. What is drawn from stock in a year is taken first from what lay there when the
    year began: U0 and D0 of the year are min(opening, Σ U0 + Σ D0), shared as the months' sums
    are (whole kg, the rest to D0). Draws beyond that are of the year's own stock and leave S. Both
    identities hold for the year if they hold for its months.
    """
    drawn = summed.old_used_kg + summed.old_disposed_kg
    if drawn <= summed.opening_kg:
        return summed
    used = summed.opening_kg * summed.old_used_kg // drawn
    disposed = summed.opening_kg - used
    return replace(
        summed,
        old_used_kg=used,
        old_disposed_kg=disposed,
        stored_kg=summed.stored_kg - (drawn - summed.opening_kg),
    )


def _mass(name: str) -> Formula:
    def formula(sums: Sums) -> int:
        mass: int = getattr(sums.balance, name)
        return mass

    return formula


def _indicators() -> Mapping[str, Indicator]:
    masses: dict[str, Formula] = {
        "generated": _mass("generated_kg"),
        "used": lambda sums: sums.used_kg,
        "self_used": _mass("self_used_kg"),
        "entrusted_used": _mass("entrusted_used_kg"),
        "related_used": lambda sums: sums.related_kg,
        "old_used": _mass("old_used_kg"),
        "stored": _mass("stored_kg"),
        "disposed": _mass("disposed_kg"),
        "dumped": _mass("dumped_kg"),
        "stock": _mass("closing_kg"),
        "gap": lambda sums: gap_kg(sums, Fraction(100)),
        "without_ticket": lambda sums: sums.without_ticket_kg,
    }
    shares: dict[str, Formula] = {
        "rate": rate,
        "chain_rate": chain_rate,
        "self_share": lambda sums: Share(sums.balance.self_used_kg, sums.used_kg),
        "ticketed_share": lambda sums: Share(sums.ticketed_kg, sums.balance.entrusted_used_kg),
    }
    made = {code: (Unit.SHARE, formula) for code, formula in shares.items()}
    made |= {code: (Unit.KG, formula) for code, formula in masses.items()}
    return {
        code: Indicator(code, 1, DEFINITIONS_FROM, unit, formula)
        for code, (unit, formula) in made.items()
    }


INDICATORS = _indicators()


def values(sums: Sums) -> dict[str, Share | int]:
    """Every indicator of a sum by its code."""
    return {code: indicator.formula(sums) for code, indicator in INDICATORS.items()}
