"""Which way a verdict goes, on any pair of rulebooks and any lot."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.rules import Confidence, LimitRole
from app.eligibility.ranges import Range, exactly
from app.eligibility.rules import Limit, Lot, Purpose, Ruling, Verdict, verdict
from app.passports.rules import Direction, because, direction

GRADES = ("I", "II", "III")
PARAMETERS = ("loi", "so3", "moisture")
ends = st.integers(0, 12).map(Decimal)
tables = st.dictionaries(
    st.tuples(st.sampled_from(("", *GRADES)), st.sampled_from(PARAMETERS)), ends, max_size=8
)
lots = st.dictionaries(st.sampled_from(PARAMETERS), ends.map(exactly)).map(Lot)
Table = dict[tuple[str, str], Decimal]
OPPOSITE = {Direction.UP: Direction.DOWN, Direction.DOWN: Direction.UP, None: None}


def graded(table: Table, lot: Lot) -> Verdict:
    """The verdict by a table of upper ends, by grade (blank for all) and parameter."""
    limits = [
        Limit(
            role=LimitRole.ACCEPT,
            subject=parameter,
            allowed=Range(high=end),
            standard="GB/T 1",
            clause="1",
            confidence=Confidence.SEEN,
            grade=grade,
            rank=GRADES.index(grade) + 1 if grade else 0,
        )
        for (grade, parameter), end in table.items()
    ]
    return verdict(limits, lot, Purpose("GB/T 1"))


@given(tables, tables, lots)
def test_what_goes_up_one_way_goes_down_the_other(one: Table, other: Table, lot: Lot) -> None:
    before, after = graded(one, lot), graded(other, lot)
    assert direction(before, after) is OPPOSITE[direction(after, before)]
    assert direction(before, before) is None


@given(tables, lots, st.lists(st.integers(0, 4), min_size=8, max_size=8))
def test_lower_ends_never_take_a_lot_up(table: Table, lot: Lot, steps: list[int]) -> None:
    tighter = {place: end - step for (place, end), step in zip(table.items(), steps, strict=False)}
    way = direction(graded(table, lot), graded(tighter, lot))
    assert way in (None, Direction.DOWN)


@given(tables, tables, lots)
def test_a_move_has_reasons_and_none_of_them_is_met(one: Table, other: Table, lot: Lot) -> None:
    before, after = graded(one, lot), graded(other, lot)
    found = because(before, after)
    assert bool(found) is (direction(before, after) is not None)
    assert all(each.ruling is not Ruling.MET for each in found)


@given(tables, lots)
def test_a_use_that_appears_is_worth_what_its_verdict_is(table: Table, lot: Lot) -> None:
    found = graded(table, lot)
    opens = Direction.UP if found.outcome != "fails" else None
    assert direction(None, found) is opens
    assert direction(found, None) is OPPOSITE[opens]
    assert because(None, found) == ()
