"""A worked example for the page of definitions: one month's figures and what each formula gives."""

from __future__ import annotations

from app.declarations.balance import MassBalance
from app.statistics.indicators import Share, Sums, values, year_balance

EXAMPLE = Sums(
    balance=MassBalance(
        generated_kg=1_000_000,
        self_used_kg=300_000,
        entrusted_used_kg=500_000,
        old_used_kg=100_000,
        stored_kg=250_000,
        disposed_kg=50_000,
        opening_kg=400_000,
        closing_kg=550_000,
    ),
    ticketed_kg=450_000,
    tickets=15,
    related_kg=90_000,
    chained_kg=60_000,
    declared=1,
)
"""A site that makes 1,000 t; both identities of its balance close."""

YEAR_SUMMED = MassBalance(
    generated_kg=2_000_000,
    entrusted_used_kg=1_800_000,
    old_used_kg=700_000,
    stored_kg=900_000,
    opening_kg=400_000,
    closing_kg=600_000,
)
"""The flows of a year's months added up, with the stock before the first and after the last."""


def example_values() -> dict[str, Share | int]:
    """What every official indicator makes of the example, by its code."""
    return values(EXAMPLE)


def example_year() -> MassBalance:
    """The balance of the year: draws beyond what lay there at its beginning leave S."""
    return year_balance(YEAR_SUMMED)
