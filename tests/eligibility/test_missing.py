"""What one more test of a lot could show."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.catalogue.rules import LimitRole
from app.eligibility.fitting import Grading
from app.eligibility.missing import just_passing, lacking_alone, passes, usual_values
from app.eligibility.queries import Chapter
from app.eligibility.ranges import Range, exactly
from app.eligibility.rules import Limit, Lot, judge
from tests.eligibility.factories import NUMBERS, at_most, own_limit, use_row
from tests.listings.factories import DECEMBER

LOI, SO3 = at_most("loi", "10"), at_most("so3", "3")
UNKNOWN = Lot()
Limits = tuple[Limit, ...]
READINGS = {"loi": exactly(Decimal(4)), "so3": exactly(Decimal(1))}


def lacking(*limits: Limit, known: Lot = UNKNOWN, own: Limits = ()) -> dict[str, set[Decimal]]:
    """The parameters that a use with these limits lacks alone, with the values that just pass."""
    rules = Grading({"fly_ash": [Chapter(use_row("concrete"), limits)]}, ())
    shown = [judge(limit, known) for limit in own]
    found = lacking_alone(rules.options("fly_ash", known, ""), shown)
    return {
        name: {value for hurdle in hurdles for value in just_passing(hurdle)}
        for name, hurdles in found.items()
    }


def test_what_is_lacking_with_something_else_is_not_lacking_alone() -> None:
    assert lacking(LOI, SO3) == {}
    assert lacking(LOI, SO3, known=Lot({"so3": READINGS["so3"]})) == {"loi": {Decimal(10)}}
    assert lacking(LOI, SO3, known=Lot(READINGS)) == {}


def test_a_lot_that_fails_lacks_nothing_that_a_test_could_give() -> None:
    assert lacking(LOI, SO3, known=Lot({"so3": exactly(Decimal(5))})) == {}


def test_a_reading_that_leaves_the_limit_open_is_lacking_too() -> None:
    assert lacking(LOI, known=Lot({"loi": Range(high=Decimal(15))})) == {"loi": {Decimal(10)}}


def test_every_grade_has_its_value_and_so_has_what_the_buyer_asks() -> None:
    grades = [at_most("loi", most, grade=str(most), rank=rank) for rank, most in ((1, 5), (2, 8))]
    assert lacking(*grades) == {"loi": {Decimal(5), Decimal(8)}}
    assert lacking(LOI, own=(own_limit("loi", "7"),)) == {"loi": {Decimal(7)}}


def test_facts_and_uses_without_a_standard_are_nothing_to_test() -> None:
    boiler = at_most("boiler_type", 0, role=LimitRole.ORIGIN, allowed=None)
    origin = replace(boiler, words=frozenset({"pulverised"}))
    assert lacking(LOI, origin, known=Lot(READINGS)) == {}
    assert lacking() == {}


def test_a_value_must_pass_the_gates_that_sleep_until_it_is_known() -> None:
    hazard = at_most("loi", 6, role=LimitRole.HAZARD)
    assert lacking(LOI, hazard) == {"loi": {Decimal(10), Decimal(6)}}


@pytest.mark.parametrize(
    ("limit", "ends"),
    [
        (Range(high=Decimal("10.0")), {"10.0"}),
        (
            Range(low=Decimal("2.0"), high=Decimal("12.5"), low_open=True, high_open=True),
            {"2.1", "12.4"},
        ),
        (Range(low=Decimal("30"), low_open=True), {"31"}),
        (Range(low=Decimal("1E+2"), low_open=True), {"101"}),
        (Range(low=Decimal("1"), high=Decimal("2"), low_open=True, high_open=True), set()),
        (Range(), set()),
    ],
)
def test_just_passing_is_the_end_or_one_step_inside(limit: Range, ends: set[str]) -> None:
    assert just_passing(frozenset({limit})) == {Decimal(end) for end in ends}


@given(st.sets(st.builds(Range, st.none() | NUMBERS, st.none() | NUMBERS), max_size=4))
def test_what_just_passes_passes_every_limit(hurdle: set[Range]) -> None:
    limits = frozenset(hurdle)
    assert all(passes(value, limits) for value in just_passing(limits))


def test_the_usual_value_is_the_middle_or_the_one_end(session: Session) -> None:
    usual = usual_values(session, DECEMBER)
    assert usual["red_mud", "ph"] == Decimal("11.25")
    assert usual["carbide_slag", "ca_oh2"] == 85
    assert ("fly_ash", "loi") not in usual
