"""The border to the engine: what goes over it, and the process behind it."""

from __future__ import annotations

import sys
from datetime import date

import pytest

from app.catalogue.rules import WorkingDays
from app.clearing.engine import SolverFailed, draws_of, problem_of, run_apart
from app.clearing.rules import Draws
from app.listings.book import BookOrder
from app.listings.rules import Side
from matching import (
    Match,
    OrderResult,
    Outcome,
    Reason,
    Settings,
    check,
    solve,
)
from matching import Side as EngineSide

DECEMBER, JANUARY, FEBRUARY = (date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1))
MONTHS = [DECEMBER, JANUARY, FEBRUARY]
SLOW_READER = "import sys, time; time.sleep(1.2); print(len(sys.stdin.buffer.read()))"


def order(number: str, side: Side, month: date, kg: int, **changes: object) -> BookOrder:
    values: dict[str, object] = {
        "number": number,
        "side": side,
        "company_id": 1,
        "site_id": 1,
        "adcode": "371503",
        "lon": 116.0,
        "lat": 36.5,
        "materials": ("fly_ash",),
        "month": month,
        "product": None,
        "kg": kg,
        "worked": None,
        "limit_fen": 0 if side is Side.OFFER else 60_00,
        "max_km": None,
        "silo_kg": 0,
        "holding_fen": 0,
    }
    return BookOrder(**(values | changes))  # type: ignore[arg-type]


def test_a_run_of_one_month_tells_the_engine_of_no_months_and_no_silo() -> None:
    problem = problem_of(
        [order("S-1", Side.OFFER, DECEMBER, 5, silo_kg=9, holding_fen=3)], Settings(), [DECEMBER]
    )
    (supply,) = problem.supplies
    assert (supply.month, supply.silo_kg, supply.holding) == (None, 0, 0)


@pytest.mark.parametrize(("kept", "left"), [({}, 900), ({"S-1": 600}, 300), ({"S-1": 901}, 0)])
def test_what_trades_keep_in_a_silo_is_room_no_more(kept: dict[str, int], left: int) -> None:
    offered = [order("S-1", Side.OFFER, month, 5, silo_kg=900, holding_fen=3) for month in MONTHS]
    problem = problem_of(offered, Settings(), MONTHS, kept)
    assert [(supply.month, supply.silo_kg) for supply in problem.supplies] == [
        (0, left),
        (1, left),
        (2, left),
    ]
    assert {supply.holding for supply in problem.supplies} == ({3} if left else {0})


def test_december_ash_waits_in_the_silo_for_the_works_that_open_in_february() -> None:
    book = [
        order("S-1", Side.OFFER, DECEMBER, 1_000, silo_kg=700),
        order("D-1", Side.REQUIREMENT, DECEMBER, 0, worked=WorkingDays(0, 31)),
        order("D-1", Side.REQUIREMENT, FEBRUARY, 2_000),
    ]
    problem = problem_of(book, Settings(), MONTHS)
    outcome = solve(problem)
    assert check(problem, outcome) == []
    ((match, from_offer, for_taker),) = draws_of(outcome, MONTHS)
    assert (match.month, match.kg) == (2, 700)
    assert (from_offer, for_taker) == ({DECEMBER: 700}, {FEBRUARY: 700})


def test_what_is_shipped_first_comes_out_of_what_was_made_first() -> None:
    outcome = Outcome(
        matches=(shipped("D-2", 900, 1), shipped("D-1", 300, 0)),
        orders=(
            row(EngineSide.SUPPLY, "S-1", 1, 400),
            row(EngineSide.SUPPLY, "S-1", 0, 800),
            row(EngineSide.DEMAND, "D-1", 0, 300),
            row(EngineSide.DEMAND, "D-2", 1, 600),
            row(EngineSide.DEMAND, "D-2", 2, 300),
        ),
        certificate=None,  # type: ignore[arg-type]
    )
    found: list[tuple[str, Draws, Draws]] = [
        (match.demand, offer, taker) for match, offer, taker in draws_of(outcome, MONTHS)
    ]
    assert found == [
        ("D-1", {DECEMBER: 300}, {DECEMBER: 300}),
        ("D-2", {DECEMBER: 500, JANUARY: 400}, {JANUARY: 600, FEBRUARY: 300}),
    ]


def test_a_process_that_reads_late_gets_all_that_was_sent() -> None:
    command = (sys.executable, "-c", SLOW_READER)
    asked = []
    assert run_apart(command, b"x" * 1_000_000, lambda: asked.append(1)) == b"1000000\n"
    assert asked


def test_a_process_that_ends_badly_is_told_by_its_last_words() -> None:
    command = (sys.executable, "-c", "import sys; print('first\\nlast', file=sys.stderr); exit(4)")
    with pytest.raises(SolverFailed, match=r"\Alast\Z"):
        run_apart(command, b"")


def shipped(demand: str, kg: int, month: int) -> Match:
    return Match("S-1", demand, kg, 0, 0, 0, 0, month)


def row(side: EngineSide, order_id: str, month: int, placed: int) -> OrderResult:
    return OrderResult(side, order_id, placed, placed, Reason.PLACED, {}, month)
