"""Decisions of the demo data on plain values: windows around idle months, who has an account."""

from __future__ import annotations

from datetime import date

PASSWORD = "gufei-demo-2026"  # noqa: S105  (printed at every start; never loaded in production)


def active_spells(months: list[date], idle: frozenset[int]) -> list[tuple[date, date]]:
    """The unbroken runs of months that are not idle, each as its first and last month.

    `months` are consecutive; `idle` are calendar months, 1 to 12, in which a kiln stands still.
    """
    spells: list[tuple[date, date]] = []
    previous_active = False
    for month in months:
        active = month.month not in idle
        if active and previous_active:
            spells[-1] = (spells[-1][0], month)
        elif active:
            spells.append((month, month))
        previous_active = active
    return spells


def confirms(position: int) -> bool:
    """Whether the synthetic firms confirm their trade at this place of the list: two of three."""
    return position % 3 != 2
