"""Readings and limits as ranges."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.eligibility.ranges import NotAReading, Range, exactly, read, written

AT_MOST_5 = Range(high=Decimal(5))
BELOW_5 = Range(high=Decimal(5), high_open=True)
AT_LEAST_70 = Range(low=Decimal(70))
BETWEEN_2_AND_12_5 = Range(Decimal(2), Decimal("12.5"), low_open=True, high_open=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4.9", exactly(Decimal("4.9"))),
        (" 4.90 ", exactly(Decimal("4.90"))),
        (".5", exactly(Decimal("0.5"))),
        ("-0.3", exactly(Decimal("-0.3"))),
        ("1,200", exactly(Decimal(1200))),
        ("1.5e-3", exactly(Decimal("0.0015"))),
        ("４．９", exactly(Decimal("4.9"))),
        ("<0.01", Range(high=Decimal("0.01"), high_open=True)),
        ("＜0.01", Range(high=Decimal("0.01"), high_open=True)),
        ("≤0.01", Range(high=Decimal("0.01"))),
        ("<= 3", Range(high=Decimal(3))),
        ("≥70", Range(low=Decimal(70))),
        ("> 70", Range(low=Decimal(70), low_open=True)),
        ("未检出", Range()),
        ("ND", Range()),
        ("N.D.", Range()),
        ("Not detected", Range()),
        ("1,234,567.8", exactly(Decimal("1234567.8"))),
        ("0.02L", Range(high=Decimal("0.02"), high_open=True)),
        ("ND（<0.05）", Range(high=Decimal("0.05"), high_open=True)),
        ("未检出(＜0.05)", Range(high=Decimal("0.05"), high_open=True)),
    ],
)
def test_a_reading_is_what_the_sheet_says_and_no_more(text: str, found: Range) -> None:
    assert read(text) == found


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "合格", "5%", "1..2", "<", "5 - 6", "1e", "nan", "inf", "9" * 40, "<<3", "0x1"),
        *("4,9", "4，9", "1,23,456", "<0.02L", "未检出(0.05)"),
    ],
)
def test_what_is_no_reading_is_told(text: str) -> None:
    with pytest.raises(NotAReading):
        read(text)


@pytest.mark.parametrize(
    ("text", "limit", "answer"),
    [
        ("4.999", AT_MOST_5, "within"),
        ("5", AT_MOST_5, "within"),
        ("5.0", AT_MOST_5, "within"),
        ("5.001", AT_MOST_5, "apart"),
        ("4.999", BELOW_5, "within"),
        ("5", BELOW_5, "apart"),
        ("70", AT_LEAST_70, "within"),
        ("69.99", AT_LEAST_70, "apart"),
        ("2", BETWEEN_2_AND_12_5, "apart"),
        ("2.01", BETWEEN_2_AND_12_5, "within"),
        ("12.49", BETWEEN_2_AND_12_5, "within"),
        ("12.5", BETWEEN_2_AND_12_5, "apart"),
        ("<0.01", AT_MOST_5, "within"),
        ("<5", BELOW_5, "within"),
        ("≤5", BELOW_5, "neither"),
        ("<6", AT_MOST_5, "neither"),
        (">5", AT_MOST_5, "apart"),
        ("≥5", AT_MOST_5, "neither"),
        ("≥5", BELOW_5, "apart"),
        (">70", AT_LEAST_70, "within"),
        ("<70", AT_LEAST_70, "apart"),
        ("≤70", AT_LEAST_70, "neither"),
        ("未检出", AT_MOST_5, "neither"),
        ("<3", BETWEEN_2_AND_12_5, "neither"),
    ],
)
def test_a_censored_reading_decides_only_where_every_value_it_allows_decides_alike(
    text: str, limit: Range, answer: str
) -> None:
    reading = read(text)
    found = (reading.is_within(limit), reading.is_apart_from(limit))
    assert found == (answer == "within", answer == "apart")


NUMBERS = st.integers(0, 4).map(Decimal)
ENDS = st.none() | NUMBERS


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    """Ranges with at least one number in them."""
    low, high = draw(ENDS), draw(ENDS)
    if low is not None and high is not None and low >= high:
        return exactly(low)
    return Range(low, high, draw(st.booleans()), draw(st.booleans()))


def holds(found: Range, number: Decimal) -> bool:
    """The definition, number by number."""
    above = found.low is None or number > found.low or (number == found.low and not found.low_open)
    below = (
        found.high is None or number < found.high or (number == found.high and not found.high_open)
    )
    return above and below


@given(ranges(), ranges())
def test_within_and_apart_agree_with_a_count_of_numbers(first: Range, second: Range) -> None:
    grid = [Decimal(step) / 4 for step in range(-4, 21)]
    inside = [number for number in grid if holds(first, number)]
    shared = [number for number in inside if holds(second, number)]
    assert first.is_within(second) == (shared == inside and not _runs_out(first, second))
    assert first.is_apart_from(second) == (not shared)


def _runs_out(inner: Range, outer: Range) -> bool:
    """Whether a range without an end leaves one with an end beyond any grid."""
    return (inner.low is None) > (outer.low is None) or (inner.high is None) > (outer.high is None)


def test_a_range_is_written_as_it_is_read() -> None:
    for sign, number in product(("", "<", "≤", ">", "≥"), ("4.90", "0.01")):
        assert written(read(sign + number)) == sign + number
    assert written(Range(Decimal(6), Decimal(9))) == "≥6, ≤9"
    assert written(Range()) == ""
