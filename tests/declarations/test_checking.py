"""The balance of a month: what cannot be, what is asked, and what would answer it."""

from __future__ import annotations

from dataclasses import asdict, replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.declarations.balance import MASSES, MassBalance
from app.declarations.checking import (
    LARGEST_MONTH_KG,
    Known,
    faults,
    is_explained,
    proposal,
    questions,
)

NOTHING_KNOWN = Known()
LVLIANG_2023 = MassBalance(
    generated_kg=93_497_400_000,
    self_used_kg=18_067_100_000,
    disposed_kg=57_364_000_000,
    stored_kg=18_623_300_000,
    opening_kg=1_000_000_000,
    closing_kg=19_623_300_000,
)
"""The city's bulletin: 9349.74, 1806.71, 5736.40 and 1862.33 (10,000 t), with some opening stock.

Its parts are 55.70 above what was generated, though neither U0 nor D0 is printed.
"""


def codes(balance: MassBalance, known: Known = NOTHING_KNOWN) -> list[str]:
    return [question.code for question in questions(balance, known)]


def closed(**masses: int) -> MassBalance:
    """A month of 100 generated, 60 used and 40 stored on top of 10, but for `masses`."""
    found = MassBalance(
        generated_kg=100, self_used_kg=60, stored_kg=40, opening_kg=10, closing_kg=50
    )
    return replace(found, **masses)


@pytest.mark.parametrize(
    ("balance", "found"),
    [
        (closed(), []),
        (MassBalance(), []),
        (closed(dumped_kg=-1), [("dumped_kg", "mass_below_zero")]),
        (closed(generated_kg=LARGEST_MONTH_KG), []),
        (closed(generated_kg=LARGEST_MONTH_KG + 1), [("generated_kg", "mass_too_large")]),
        (closed(opening_kg=LARGEST_MONTH_KG + 1), []),
        (closed(opening_kg=100_000_000_001), [("opening_kg", "mass_too_large")]),
        (closed(old_used_kg=10), []),
        (closed(old_used_kg=61, opening_kg=61), [("old_used_kg", "old_over_used")]),
        (closed(old_disposed_kg=1), [("old_disposed_kg", "old_over_disposed")]),
        (closed(old_used_kg=11), [("opening_kg", "old_over_opening")]),
        (
            closed(old_used_kg=6, disposed_kg=9, old_disposed_kg=5),
            [("opening_kg", "old_over_opening")],
        ),
    ],
)
def test_what_cannot_be_true_is_named_at_its_field(
    balance: MassBalance, found: list[tuple[str, str]]
) -> None:
    assert [(fault.field, fault.code) for fault in faults(balance)] == found


@pytest.mark.parametrize(
    ("balance", "known", "asked"),
    [
        (closed(), NOTHING_KNOWN, []),
        (closed(), Known(10, 0), []),
        (closed(), Known(9, 0), ["opening_moved"]),
        (closed(), Known(10, 1), ["below_tickets"]),
        (closed(entrusted_used_kg=5, self_used_kg=55), Known(10, 5), []),
        (closed(entrusted_used_kg=6, self_used_kg=54), Known(10, 5), []),
        (closed(self_used_kg=65), NOTHING_KNOWN, ["more_went"]),
        (closed(self_used_kg=65, old_used_kg=5), NOTHING_KNOWN, ["stock_open"]),
        (closed(self_used_kg=65, old_used_kg=5, closing_kg=45), NOTHING_KNOWN, []),
        (closed(self_used_kg=55), NOTHING_KNOWN, ["more_arose"]),
        (closed(self_used_kg=55, dumped_kg=5), NOTHING_KNOWN, []),
        (closed(closing_kg=49), NOTHING_KNOWN, ["stock_open"]),
    ],
)
def test_what_stays_open_is_asked(balance: MassBalance, known: Known, asked: list[str]) -> None:
    assert codes(balance, known) == asked


def test_a_question_says_by_how_much() -> None:
    (more,) = questions(closed(self_used_kg=65), NOTHING_KNOWN)
    assert more.values == {"kg": 5}
    (stock,) = questions(closed(closing_kg=49), NOTHING_KNOWN)
    assert stock.values == {"kg": 49, "whole_kg": 50}


@pytest.mark.parametrize(
    ("balance", "known", "answers"),
    [
        (closed(), NOTHING_KNOWN, None),
        (closed(self_used_kg=65), NOTHING_KNOWN, {"old_used_kg": 5, "closing_kg": 45}),
        (closed(self_used_kg=70), NOTHING_KNOWN, {"old_used_kg": 10, "closing_kg": 40}),
        (closed(self_used_kg=71), NOTHING_KNOWN, None),
        (closed(self_used_kg=55), NOTHING_KNOWN, None),
        (closed(closing_kg=49), NOTHING_KNOWN, {"closing_kg": 50}),
        (closed(disposed_kg=5), NOTHING_KNOWN, {"old_used_kg": 5, "closing_kg": 45}),
        (
            closed(disposed_kg=5, old_disposed_kg=3),
            NOTHING_KNOWN,
            {"old_used_kg": 2, "closing_kg": 45},
        ),
        (
            closed(self_used_kg=2, disposed_kg=65),
            NOTHING_KNOWN,
            {"old_used_kg": 2, "old_disposed_kg": 5, "closing_kg": 43},
        ),
        (closed(old_used_kg=5, closing_kg=45), NOTHING_KNOWN, {"old_used_kg": 0, "closing_kg": 50}),
        (closed(), Known(12, 0), {"opening_kg": 12, "closing_kg": 52}),
        (
            closed(),
            Known(10, 4),
            {"entrusted_used_kg": 4, "old_used_kg": 4, "closing_kg": 46},
        ),
    ],
)
def test_earlier_stock_is_proposed_where_it_closes_the_balance(
    balance: MassBalance, known: Known, answers: dict[str, int] | None
) -> None:
    expected = None if answers is None else replace(balance, **answers)
    assert proposal(balance, known) == expected


def test_the_bulletin_of_lvliang_is_asked_for_the_old_stock_it_does_not_print() -> None:
    (asked,) = questions(LVLIANG_2023, NOTHING_KNOWN)
    assert (asked.code, asked.values) == ("more_went", {"kg": 557_000_000})
    found = proposal(LVLIANG_2023, NOTHING_KNOWN)
    assert found is not None
    assert found.old_used_kg + found.old_disposed_kg == 557_000_000
    assert questions(found, NOTHING_KNOWN) == []
    assert proposal(replace(LVLIANG_2023, opening_kg=556_999_999), NOTHING_KNOWN) is None


@pytest.mark.parametrize(("text", "said"), [("", False), ("  无  ", False), ("地磅检修", True)])
def test_an_explanation_says_something(text: str, said: bool) -> None:
    assert is_explained(text) is said


small = st.integers(min_value=0, max_value=6)
balances = st.builds(MassBalance, **dict.fromkeys(MASSES, small))
knowns = st.builds(Known, last_closing_kg=st.none() | small, ticketed_kg=small)


@given(balances, knowns)
def test_a_proposal_answers_every_question_and_breaks_nothing(
    balance: MassBalance, known: Known
) -> None:
    found = proposal(balance, known)
    if found is not None:
        assert questions(balance, known) != []
        assert questions(found, known) == []
        assert faults(found) == []


@given(balances, knowns)
def test_a_proposal_leaves_what_was_weighed_as_it_was(balance: MassBalance, known: Known) -> None:
    found = proposal(balance, known)
    if found is not None:
        asked = {"entrusted_used_kg", "old_used_kg", "old_disposed_kg", "opening_kg", "closing_kg"}
        before, after = asdict(balance), asdict(found)
        assert {name for name in MASSES if before[name] != after[name]} <= asked


@given(balances)
def test_without_a_proposal_no_old_stock_closes_an_open_balance(balance: MassBalance) -> None:
    if proposal(balance, NOTHING_KNOWN) is not None or balance.closes:
        return
    for used, disposed in product(range(balance.used_kg + 1), range(balance.disposed_kg + 1)):
        closing = balance.opening_kg + balance.stored_kg - used - disposed
        tried = replace(
            balance, old_used_kg=used, old_disposed_kg=disposed, closing_kg=max(0, closing)
        )
        assert not tried.closes or faults(tried)


@given(balances, balances)
def test_the_gaps_of_a_sum_are_the_sums_of_the_gaps(one: MassBalance, other: MassBalance) -> None:
    both = one + other
    assert both.flow_gap_kg == one.flow_gap_kg + other.flow_gap_kg
    assert both.stock_gap_kg == one.stock_gap_kg + other.stock_gap_kg
