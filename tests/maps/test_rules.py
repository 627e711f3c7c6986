"""What a map shows, on plain values."""

from __future__ import annotations

from datetime import date

import pytest

from app.maps.rules import month_shown, neighbours, tonnage_class

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)


@pytest.mark.parametrize(
    ("kg", "name"),
    [
        (1, "r1"),
        (999_999, "r1"),
        (1_000_000, "r2"),
        (3_000_000, "r3"),
        (10_000_000, "r4"),
        (30_000_000, "r5"),
        (99_999_999, "r5"),
        (100_000_000, "r6"),
    ],
)
def test_a_mass_falls_into_the_class_it_reaches(kg: int, name: str) -> None:
    assert tonnage_class(kg) == name


@pytest.mark.parametrize(
    ("cleared", "month"),
    [(None, DECEMBER), (date(2026, 9, 1), DECEMBER), (NOVEMBER, NOVEMBER), (JANUARY, JANUARY)],
)
def test_a_page_opens_with_the_last_month_cleared_unless_it_is_past(
    cleared: date | None, month: date
) -> None:
    assert month_shown(NOVEMBER, cleared) == month


@pytest.mark.parametrize(
    ("month", "known", "expected"),
    [
        (DECEMBER, None, (None, None)),
        (DECEMBER, (NOVEMBER, JANUARY), (NOVEMBER, JANUARY)),
        (NOVEMBER, (NOVEMBER, JANUARY), (None, DECEMBER)),
        (JANUARY, (NOVEMBER, JANUARY), (DECEMBER, None)),
        (date(2030, 5, 1), (NOVEMBER, JANUARY), (JANUARY, None)),
        (date(2020, 5, 1), (NOVEMBER, JANUARY), (None, NOVEMBER)),
    ],
)
def test_the_arrows_stay_where_something_was_on_offer(
    month: date, known: tuple[date, date] | None, expected: tuple[date | None, date | None]
) -> None:
    assert neighbours(month, known) == expected
