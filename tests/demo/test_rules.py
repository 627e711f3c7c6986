"""When things happened: the relative times of the demo's tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.core.clock import CHINA, china_day
from app.demo.rules import (
    HISTORY,
    SETTLING_IN,
    Calendar,
    closing_of,
    declared_before,
    declared_since,
    looked_at,
    other_month,
    probe,
    spread,
)

NOW = datetime(2026, 11, 22, 8, 42, tzinfo=UTC)
CLOSE = datetime(2026, 10, 28, 7, 0, tzinfo=UTC)
CALENDAR = Calendar(NOW, CLOSE, date(2026, 11, 20))


@pytest.mark.parametrize(
    ("text", "in_china"),
    [
        ("-1d 09:30", "2026-11-21 09:30"),
        ("-22d 18:05", "2026-10-31 18:05"),
        ("due 10:00", "2026-11-20 10:00"),
        ("-90m", "2026-11-22 15:12"),
        ("-0m", "2026-11-22 16:42"),
        ("+2h", "2026-11-22 18:42"),
        ("round+3h", "2026-10-28 18:00"),
        ("look1+0d 10:00", "2026-10-12 10:00"),
        ("look2+3d 09:30", "2026-11-15 09:30"),
    ],
)
def test_a_time_of_the_tables_is_an_instant(text: str, in_china: str) -> None:
    assert f"{CALENDAR.at(text).astimezone(CHINA):%Y-%m-%d %H:%M}" == in_china


@pytest.mark.parametrize(
    "text", ["", "yesterday", "-1d", "09:30", "-3", "due", "round", "look1", "look3+1d 09:00"]
)
def test_anything_else_is_refused_with_its_words(text: str) -> None:
    with pytest.raises(ValueError, match="is no time of the demo's tables"):
        CALENDAR.at(text)


def test_a_month_is_that_of_the_instant_or_of_the_present() -> None:
    past = CALENDAR.at("-40d 09:00")
    assert CALENDAR.month("then", past) == date(2026, 10, 1)
    assert CALENDAR.month("now", past) == date(2026, 11, 1)


def test_every_past_day_lies_after_the_opening_at_any_hour() -> None:
    for hour in range(24):
        calendar = Calendar(NOW.replace(hour=hour), CLOSE, date(2026, 11, 20))
        assert calendar.opened == calendar.now - HISTORY
        assert calendar.opened < calendar.at("-55d 09:00")
        assert calendar.at("-1d 18:05") < calendar.now


def test_a_probe_lies_whole_weeks_before_this_month_in_china() -> None:
    late = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)  # December in China
    assert china_day(probe(late, 1)) == date(2026, 11, 24)


@pytest.mark.parametrize(("taken", "free"), [((2026, 12), (2027, 1)), ((2027, 1), (2026, 12))])
def test_the_extra_round_is_for_a_month_the_weekly_one_leaves(
    taken: tuple[int, int], free: tuple[int, int]
) -> None:
    assert other_month(NOW, date(*taken, 1)) == date(*free, 1)


def test_bids_are_spread_between_two_instants() -> None:
    found = spread(CLOSE, NOW, 3)
    assert [at - CLOSE for at in found] == [(NOW - CLOSE) * part / 4 for part in (1, 2, 3)]
    assert spread(CLOSE, CLOSE + timedelta(seconds=1), 1)[0] > CLOSE


@pytest.mark.parametrize("day", range(1, 32))
def test_two_months_at_least_are_looked_at_after_the_opening(day: int) -> None:
    now = datetime(2026, 12, day, 23, 55, tzinfo=CHINA)
    months = declared_since(now)
    assert len(months) >= 2
    assert declared_before(now)[-1] < months[0]
    looks = [looked_at(month, now) for month in months]
    assert looks == sorted(looks)
    assert now - HISTORY + SETTLING_IN < looks[0] <= now - timedelta(days=24)
    assert looks[-1] <= now
    assert all(look < closing_of(month) for look, month in zip(looks, months, strict=True))
