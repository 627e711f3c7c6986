"""Runs from start to record, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.queries import material_map
from app.clearing import operations
from app.clearing.engine import Answer, Effort, solve_both
from app.clearing.freezing import freeze, frozen_problem
from app.clearing.models import ClearingRun, RunOrder
from app.clearing.queries import material_totals, reason_totals, run_row
from app.clearing.rules import RunState, Unplaced, sha256
from app.core.actor import SYSTEM, Actor
from app.core.clock import add_months
from app.core.errors import Conflict, Refused
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.ledger.queries import balances, check
from app.listings.models import Listing
from app.listings.operations import withdraw
from app.trades.models import Trade
from matching import Problem
from tests.clearing.factories import TONNE, cleared, small_market
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, trader

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def market(any_app: Flask) -> dict[str, str]:
    with database().writing() as session:
        return small_market(session)


def test_a_run_reserves_what_it_proposes_and_the_ledger_agrees(market: dict[str, str]) -> None:
    cleared()
    with database().reading() as session:
        held = {
            name: balances(session, [number], DECEMBER)[number, DECEMBER].reserved // TONNE
            for name, number in market.items()
        }
        assert held == {"ash": 1100, "mud": 0, "gypsum": 0, "near": 800, "far": 300, "board": 0}
        assert check(session) == []


def test_every_order_of_a_run_stands_in_its_result_exactly_once(market: dict[str, str]) -> None:
    number = cleared()
    with database().reading() as session:
        orders = session.scalars(select(RunOrder)).all()
        assert sorted(order.listing_number for order in orders) == sorted(market.values())
        reasons = {order.listing_number: order.reason for order in orders}
        row = run_row(session, number)
        materials = material_map(session, DECEMBER)
        totals = {each.material: each for each in material_totals(session, number, materials)}
        left_open = sum(reason.kg for reason in reason_totals(session, number))
    assert reasons[market["mud"]] is Unplaced.NO_LANE_MATERIAL
    assert reasons[market["gypsum"]] is Unplaced.PRICE
    assert reasons[market["ash"]] is Unplaced.FULL
    assert left_open == row.unplaced_kg == row.offered_kg - row.placed_kg
    assert totals["fgd_gypsum"].plan_placed_kg == 400 * TONNE


def test_prices_are_the_middle_in_whole_steps_and_differ_by_the_freight(
    market: dict[str, str],
) -> None:
    cleared()
    with database().reading() as session:
        trade = session.scalars(
            select(Trade).where(Trade.requirement_number == market["near"])
        ).one()
    middle = (-200 + 60_00 - trade.freight) / 2
    assert trade.price_consumer - trade.price_producer == trade.freight
    assert trade.price_producer % 500 == 0
    assert -250 < trade.price_producer - middle <= 250


def test_replaying_the_stored_problem_gives_the_same_bytes(any_app: Flask) -> None:
    with database().writing() as session:
        small_market(session)
    number = cleared()
    with database().reading() as session:
        run = session.scalars(select(ClearingRun)).one()
        problem = frozen_problem(any_app.extensions["gufei.vault"], run)
        recorded = (run.outcome_sha256, run.plan_outcome_sha256)
    again = [sha256(answer.outcome) for answer in solve_both(problem)]
    assert (number, *again) == ("R-2612-1", *recorded)


def test_the_stored_problem_cannot_be_read_without_the_key(any_app: Flask) -> None:
    with database().writing() as session:
        numbers = small_market(session)
    cleared()
    with database().reading() as session:
        run = session.scalars(select(ClearingRun)).one()
    for box in (run.problem_box, run.outcome_box, run.plan_outcome_box):
        assert box is not None
        assert numbers["ash"].encode() not in box


def test_the_book_is_frozen_once(any_app: Flask, market: dict[str, str]) -> None:
    vault = any_app.extensions["gufei.vault"]
    with database().writing() as session:
        number = operations.start_run(session, SYSTEM, DECEMBER, NOW, months=1).number
        first = freeze(session, vault, number, NOW)
    with database().writing() as session:
        withdraw(session, _owner(session, market["ash"]), market["ash"], NOW)
    with database().writing() as session:
        assert freeze(session, vault, number, NOW) == first


def test_tonnes_withdrawn_while_the_engine_works_are_not_proposed(
    any_app: Flask, market: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def solve_and_lose_the_offer(
        problem: Problem, efforts: tuple[Effort, Effort], still_wanted: Callable[[], None]
    ) -> tuple[Answer, Answer]:
        with database().writing() as session:
            withdraw(session, _owner(session, market["ash"]), market["ash"], NOW)
        return solve_both(problem, efforts, still_wanted)

    monkeypatch.setattr("app.clearing.jobs.solve_both", solve_and_lose_the_offer)
    number = cleared()
    with database().reading() as session:
        assert session.scalars(select(Trade)).all() == []
        assert run_row(session, number).placed_kg == 0
        near = select(RunOrder).where(RunOrder.listing_number == market["near"])
        assert session.scalars(near).one().reason is Unplaced.CHANGED
        assert check(session) == []


def test_only_one_run_may_be_under_way(market: dict[str, str]) -> None:
    with database().writing() as session:
        operations.start_run(session, SYSTEM, DECEMBER, NOW, months=1)
        with pytest.raises(Conflict):
            operations.start_run(session, SYSTEM, add_months(DECEMBER, 1), NOW, months=1)


def test_a_second_run_clears_only_what_the_first_left(market: dict[str, str]) -> None:
    cleared()
    second = cleared()
    with database().reading() as session:
        row = run_row(session, second)
        assert (second, row.placed_kg, row.state) == ("R-2612-2", 0, RunState.DONE)
        assert row.offered_kg == (1200 - 1100 + 1200 + 1200) * TONNE


def test_a_cancelled_run_proposes_nothing(market: dict[str, str]) -> None:
    with database().writing() as session:
        run = operations.start_run(session, SYSTEM, DECEMBER, NOW, months=1)
        operations.cancel_run(session, SYSTEM, run.number, NOW)
        number, job_id = run.number, run.job_id
    run_job(job_id)
    with database().reading() as session:
        assert run_row(session, number).state is RunState.CANCELLED
        assert session.scalars(select(Trade)).all() == []


def test_a_recorded_run_cannot_be_cancelled(market: dict[str, str]) -> None:
    number = cleared()
    with database().writing() as session, pytest.raises(Conflict):
        operations.cancel_run(session, SYSTEM, number, NOW)


def test_a_month_that_is_over_is_not_cleared(any_app: Flask) -> None:
    with database().writing() as session, pytest.raises(Refused) as refusal:
        operations.start_run(session, SYSTEM, date(2026, 10, 1), NOW, months=1)
    assert refusal.value.field == "month"


def test_an_empty_market_clears_to_an_empty_result(any_app: Flask) -> None:
    number = cleared()
    with database().reading() as session:
        row = run_row(session, number)
    assert (row.state, row.match_count, row.offered_kg) == (RunState.DONE, 0, 0)


def _owner(session: Session, number: str) -> Actor:
    return trader(session.scalars(select(Listing).where(Listing.number == number)).one().company)


def test_the_weekly_run_starts_once_a_week_and_never_for_an_empty_market(any_app: Flask) -> None:
    week = timedelta(days=7)
    with database().writing() as session:
        assert operations.start_scheduled(session, week, NOW, months=1) is None
        small_market(session)
        first = operations.start_scheduled(session, week, NOW, months=1)
        assert first is not None
        assert first.month == DECEMBER
        assert operations.start_scheduled(session, week, NOW + week / 2, months=1) is None
