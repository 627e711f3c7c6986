"""Rules of a run, as tables."""

from datetime import date

import pytest

from app.clearing.rules import (
    Line,
    RunState,
    Unplaced,
    offered_totals,
    public_detail,
    run_number,
    surplus_to_show,
)
from app.listings.rules import Side
from matching import Reason


@pytest.mark.parametrize(
    ("detail", "shown"),
    [
        ({}, {}),
        ({"missing": 740, "counterparts": 4}, {"counterparts": 4}),
        ({"limit_m": 90_000, "nearest_m": 96_499}, {"nearest_m": 95_000}),
        ({"nearest_m": 400}, {"nearest_m": 5_000}),
        ({"nearest_m": 97_500}, {"nearest_m": 100_000}),
        ({"counterparts": 2, "rivals": 1}, {"counterparts": 2, "rivals": 1}),
    ],
)
def test_what_a_reason_shows_betrays_no_limit_and_no_exact_place(
    detail: dict[str, int], shown: dict[str, int]
) -> None:
    assert public_detail(detail) == shown


@pytest.mark.parametrize(
    ("surplus", "producers", "consumers", "shown"),
    [
        (0, 0, 0, None),
        (5_000_000, 2, 9, None),
        (5_000_000, 9, 2, None),
        (5_000_999, 3, 3, 5_000),
        (0, 9, 9, 0),
    ],
)
def test_a_surplus_of_fewer_than_three_firms_on_a_side_is_withheld(
    surplus: int, producers: int, consumers: int, shown: int | None
) -> None:
    assert surplus_to_show(surplus, producers=producers, consumers=consumers) == shown


def test_runs_are_numbered_within_their_month() -> None:
    assert run_number(date(2026, 12, 1), 2) == "R-2612-2"


def line(side: Side, material: str, kg: int, placed: int, plan: int) -> Line:
    return Line("S-2611-0001", date(2026, 12, 1), side, material, kg, placed, plan, Unplaced.FULL)


def test_only_offers_count_in_the_totals() -> None:
    lines = [
        line(Side.OFFER, "fly_ash", 10, 4, 6),
        line(Side.OFFER, "fly_ash", 5, 5, 5),
        line(Side.REQUIREMENT, "fly_ash|bottom_ash", 9, 9, 9),
    ]
    assert offered_totals(lines) == {"fly_ash": {"kg": 15, "placed": 9, "plan_placed": 11}}


def test_every_reason_of_the_engine_has_a_word_here() -> None:
    assert {reason.value for reason in Reason} <= {reason.value for reason in Unplaced}


@pytest.mark.parametrize("state", list(RunState))
def test_a_run_is_open_only_while_it_waits_or_works(state: RunState) -> None:
    assert state.is_open == (state in (RunState.WAITING, RunState.RUNNING))
