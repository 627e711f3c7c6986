"""Exact quantities: nothing is rounded silently."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.quantities import (
    amount_fen,
    parse_tonnes,
    parse_yuan,
    tonnes_text,
    yuan_text,
)


@pytest.mark.parametrize(
    ("text", "kg"),
    [
        ("1200", 1_200_000),
        ("1,200.5", 1_200_500),
        (" ３１．４６ ", 31_460),
        ("0.001", 1),
        ("−3", -3_000),
        ("+2", 2_000),
    ],
)
def test_tonnes_are_read_as_people_type_them(text: str, kg: int) -> None:
    assert parse_tonnes(text) == kg


@pytest.mark.parametrize(
    "text", ["", "abc", "NaN", "inf", "1e3", "0.0001", "--1", "1.2.3", "１２吨", "0x10", "."]
)
def test_what_is_no_exact_number_of_kilograms_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|decimals"):
        parse_tonnes(text)


def test_money_takes_two_decimals_and_no_third() -> None:
    assert parse_yuan("8.50") == 850
    with pytest.raises(ValueError, match="decimals"):
        parse_yuan("8.505")


@given(st.integers(-(10**12), 10**12))
def test_a_mass_that_was_written_reads_back_the_same(kg: int) -> None:
    assert parse_tonnes(tonnes_text(kg)) == kg


@given(st.integers(-(10**12), 10**12))
def test_an_amount_that_was_written_reads_back_the_same(fen: int) -> None:
    assert parse_yuan(yuan_text(fen)) == fen


@pytest.mark.parametrize(
    ("kg", "price", "fen"), [(1000, 155, 155), (500, 1, 1), (499, 1, 0), (1500, -1, -1), (0, 9, 0)]
)
def test_an_amount_is_rounded_half_up_to_the_fen(kg: int, price: int, fen: int) -> None:
    assert amount_fen(kg, price) == fen


def test_a_negative_amount_wears_the_true_minus() -> None:
    assert yuan_text(-123456) == "−1,234.56"
