"""Decisions of the demo data on plain values: its password, and who confirms."""

from __future__ import annotations

PASSWORD = "gufei-demo-2026"  # noqa: S105  (printed at every start; never loaded in production)


def confirms(position: int) -> bool:
    """Whether the synthetic firms confirm their trade at this place of the list: two of three."""
    return position % 3 != 2
