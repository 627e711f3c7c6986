"""When a month is due, and in which state it is."""

from __future__ import annotations

from datetime import date

import pytest

from app.declarations.monthly import (
    State,
    Terms,
    activities,
    is_open_for,
    last_month,
    read_month,
    state_of,
)
from app.declarations.rules import ActivityKind

OCTOBER, DECEMBER = date(2026, 10, 1), date(2026, 12, 1)
TERMS = Terms(day=10, remind_days=3, escalate_days=5)


def test_a_month_is_due_on_the_tenth_of_the_next() -> None:
    assert TERMS.due_on(OCTOBER) == date(2026, 11, 10)
    assert TERMS.due_on(DECEMBER) == date(2027, 1, 10)


@pytest.mark.parametrize(
    ("today", "near", "late", "escalated", "days"),
    [
        (date(2026, 11, 6), False, False, False, 0),
        (date(2026, 11, 7), True, False, False, 0),
        (date(2026, 11, 10), True, False, False, 0),
        (date(2026, 11, 11), False, True, False, 1),
        (date(2026, 11, 15), False, True, False, 5),
        (date(2026, 11, 16), False, True, True, 6),
    ],
)
def test_a_firm_is_reminded_before_the_day_and_late_after_it(
    today: date, near: bool, late: bool, escalated: bool, days: int
) -> None:
    assert TERMS.is_near(OCTOBER, today) is near
    assert TERMS.is_late(OCTOBER, today) is late
    assert TERMS.is_escalated(OCTOBER, today) is escalated
    assert TERMS.days_late(OCTOBER, today) == days


@pytest.mark.parametrize(
    ("version", "balanced", "late", "state"),
    [
        (0, False, False, State.DUE),
        (0, False, True, State.LATE),
        (1, True, False, State.DECLARED),
        (1, True, True, State.DECLARED),
        (2, True, True, State.CORRECTED),
        (1, False, False, State.UNBALANCED),
        (2, False, True, State.UNBALANCED),
    ],
)
def test_a_month_has_one_state(version: int, balanced: bool, late: bool, state: State) -> None:
    assert state_of(version, is_balanced=balanced, is_late=late) is state


@pytest.mark.parametrize(
    ("month", "is_open"),
    [
        (date(2026, 11, 1), False),
        (date(2026, 12, 1), False),
        (OCTOBER, True),
        (date(2021, 12, 1), True),
        (date(2021, 11, 1), False),
    ],
)
def test_a_month_is_declared_once_it_is_over_and_while_records_are_kept(
    month: date, is_open: bool
) -> None:
    assert is_open_for(month, date(2026, 11, 22)) is is_open


def test_the_last_month_is_the_one_that_is_over() -> None:
    assert last_month(date(2027, 1, 1)) == DECEMBER


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-10", OCTOBER),
        ("2026-13", None),
        ("2026-1", None),
        ("0001-01", None),
        ("２０２６-10", None),
        ("2026-10-01", None),
    ],
)
def test_an_address_names_a_month_in_one_way(text: str, month: date | None) -> None:
    assert read_month(text) == month


@pytest.mark.parametrize(
    ("material", "industry", "kinds"),
    [
        ("fly_ash", "4411", [ActivityKind.COAL_BURNT]),
        ("fly_ash", None, [ActivityKind.COAL_BURNT]),
        ("red_mud", "3216", [ActivityKind.ALUMINA_MADE]),
        ("carbide_slag", None, [ActivityKind.PVC_MADE]),
        ("smelting_slag", "3211", [ActivityKind.COPPER_MADE]),
        ("smelting_slag", "3140", [ActivityKind.ALLOY_MADE]),
        ("smelting_slag", None, []),
        ("fgd_gypsum", "3024", [ActivityKind.COAL_BURNT, ActivityKind.BOARD_MADE]),
    ],
)
def test_a_site_is_asked_what_its_waste_follows_from(
    material: str, industry: str | None, kinds: list[ActivityKind]
) -> None:
    assert list(activities(material, industry)) == kinds
