"""What batches say together: count, exact mean, least and most, trend."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assays.spread import TREND_BATCHES, TREND_P, Spread, Trend, spread
from app.eligibility.ranges import exactly, read

FIRST = date(2026, 1, 5)
NUMBERS = st.decimals(min_value=0, max_value=100, places=2)


def of(*texts: str) -> Spread:
    """The spread of readings a month apart."""
    return spread((FIRST + timedelta(days=30 * n), read(text)) for n, text in enumerate(texts))


@given(st.lists(NUMBERS, min_size=1, max_size=12))
def test_the_mean_is_exact_and_lies_between_least_and_most(numbers: list[Decimal]) -> None:
    found = spread((FIRST, exactly(number)) for number in numbers)
    assert found.mean == sum(map(Fraction, numbers), Fraction()) / len(numbers)
    assert (found.least, found.most) == (exactly(min(numbers)), exactly(max(numbers)))
    assert min(numbers) <= found.mean <= max(numbers)


def test_a_reading_that_is_no_number_is_counted_and_not_averaged() -> None:
    found = of("<0.01", "0.02", "0.04", "未检出")
    assert (found.count, found.censored, found.mean) == (4, 2, Fraction(3, 100))


def test_a_bound_reaches_as_far_as_nobody_knows() -> None:
    below, above = of("<0.01", "0.05"), of("≥70", "72")
    assert (below.least, below.most) == (read("<0.01"), read("0.05"))
    assert (above.least, above.most) == (read("≥70"), read("≥70"))


def test_nothing_is_made_of_what_was_not_found() -> None:
    found = of("未检出", "未检出")
    assert (found.mean, found.least, found.most, found.trend) == (None, None, None, Trend.UNKNOWN)


def test_without_batches_there_is_nothing_to_tell() -> None:
    assert spread([]) == Spread(0, 0, None, None, None, Trend.UNKNOWN)


@pytest.mark.parametrize(
    ("texts", "trend"),
    [
        (("1", "2", "3"), Trend.UNKNOWN),
        (("1", "2", "3", "4"), Trend.RISING),
        (("4", "3", "2", "1"), Trend.FALLING),
        (("1", "2", "4", "3"), Trend.NONE),
        (("5", "5", "5", "5"), Trend.NONE),
        (("1", "2", "3", "<5"), Trend.UNKNOWN),
    ],
)
def test_a_trend_is_told_from_four_numbers_on(texts: tuple[str, ...], trend: Trend) -> None:
    assert of(*texts).trend is trend


def test_chance_orders_four_batches_into_a_trend_no_more_often_than_the_limit_says() -> None:
    orders = list(permutations(("1", "2", "3", "4"), TREND_BATCHES))
    told = [order for order in orders if of(*order).trend is not Trend.NONE]
    assert len(told) / len(orders) <= TREND_P


@given(st.lists(NUMBERS, min_size=4, max_size=8, unique=True))
def test_the_order_in_which_batches_are_told_does_not_matter(numbers: list[Decimal]) -> None:
    points = [(FIRST + timedelta(days=n), exactly(each)) for n, each in enumerate(numbers)]
    assert spread(points) == spread(points[::-1])


def test_the_statistics_library_is_loaded_only_where_a_trend_is_asked_for() -> None:
    code = "import sys, app.assays.spread; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_spread_of_one_reading_is_that_reading() -> None:
    only = exactly(Decimal("6.4"))
    assert of("6.4") == Spread(1, 0, Fraction(32, 5), only, only, Trend.UNKNOWN)
