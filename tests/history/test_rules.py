"""Made-up months close to the kilogram, whatever their works do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.history.rules import (
    MEAN_LOAD_KG,
    SPREAD_KG,
    STEP_KG,
    Habit,
    TooMuchTicketed,
    contract_kg,
    loads_of,
    logged_balance,
    month_balance,
    past_months,
    shared_out,
)

MILLI = st.integers(0, 1_000)
KG = st.integers(0, 10**9)
HABITS = st.builds(
    Habit,
    mean_kg=KG,
    used_milli=st.integers(0, 1_200),
    rising_milli=st.integers(0, 60),
    entrusted_milli=MILLI,
    disposed_milli=MILLI,
    store_kg=KG,
    seasonal=st.booleans(),
)


@given(
    habit=HABITS,
    generated=KG,
    opening=KG,
    ticketed=MILLI,
    month=st.integers(1, 12),
    age=st.integers(0, 60),
)
def test_both_identities_hold_and_nothing_is_less_than_nothing(
    habit: Habit, generated: int, opening: int, ticketed: int, month: int, age: int
) -> None:
    kg = (generated + opening) * ticketed // 1_000
    found = month_balance(
        habit,
        generated_kg=generated,
        ticketed_kg=kg,
        opening_kg=opening,
        month=month,
        age=age,
    )
    assert found.flow_gap_kg == 0 == found.stock_gap_kg
    assert found.old_used_kg + found.old_disposed_kg <= opening
    assert found.used_kg <= found.usable_kg
    assert found.entrusted_used_kg >= kg
    assert found.closing_kg <= habit.store_kg
    assert min(found.self_used_kg, found.stored_kg, found.closing_kg, found.disposed_kg) >= 0


def test_more_tickets_than_waste_cannot_be() -> None:
    with pytest.raises(TooMuchTicketed):
        month_balance(
            Habit(mean_kg=100, used_milli=500),
            generated_kg=100,
            ticketed_kg=131,
            opening_kg=30,
            month=5,
            age=0,
        )


def test_what_a_yard_neither_stored_nor_sent_it_used() -> None:
    found = logged_balance(
        generated_kg=1_000, ticketed_kg=60, stored_kg=100, taken_out_kg=40, opening_kg=500
    )
    assert (found.self_used_kg, found.entrusted_used_kg, found.old_used_kg) == (880, 60, 40)
    assert found.closing_kg == 560
    assert found.flow_gap_kg == 0 == found.stock_gap_kg


@given(seed=st.integers(), trucks=st.integers(1, 60))
def test_the_loads_of_a_contract_sum_to_it_in_steps_of_the_scale(seed: int, trucks: int) -> None:
    loads = loads_of(Random(seed), trucks)
    assert sum(loads) == contract_kg(trucks)
    assert all(kg % STEP_KG == 0 for kg in loads)
    assert all(abs(kg - MEAN_LOAD_KG) <= 2 * SPREAD_KG + STEP_KG for kg in loads)


@given(
    total=st.integers(0, 10_000),
    weights=st.dictionaries(st.integers(), st.integers(1, 100), min_size=1),
)
def test_whole_things_are_shared_out_without_loss(total: int, weights: dict[int, int]) -> None:
    shares = shared_out(total, weights)
    assert sum(shares.values()) == total
    whole = sum(weights.values())
    assert all(abs(shares[key] - total * weight / whole) < 1 for key, weight in weights.items())


def test_the_past_ends_with_last_month_of_china() -> None:
    new_year_in_china = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    assert past_months(new_year_in_china, 2) == [date(2026, 11, 1), date(2026, 12, 1)]
