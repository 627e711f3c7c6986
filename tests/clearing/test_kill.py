"""SIGKILL at every point of a clearing: it ends as if nothing had happened, on both set-ups."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.bidding.models import Round
from app.clearing.models import ClearingRun, PriceIndex, RunOrder
from app.clearing.operations import start_round, start_run
from app.core.actor import SYSTEM
from app.core.clock import now
from app.core.jobs import bell, queue_bell, schedule
from app.core.jobs.models import Job
from app.core.jobs.rules import JobState
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.ledger.models import Balance, Entry, Lot
from app.ledger.queries import check
from app.trades.models import Trade
from tests.clearing.factories import round_market, small_market
from tests.conftest import NOW
from tests.core.jobs.processes import empty_redis, job, running, start, wait_until
from tests.installations import build
from tests.listings.factories import DECEMBER

POINTS = (
    "after_claim",
    "after_freeze",
    "mid_solve",
    "before_record_commit",
    "after_record_commit",
    "before_acknowledgement",
)


def started_market() -> str:
    """The id of the job of a run that waits, in a market of its own."""
    with database().writing() as session:
        small_market(session)
    with database().writing() as session:
        return start_run(session, SYSTEM, DECEMBER, NOW, months=1).job_id


def started_round() -> str:
    """The id of the job of a round's run that waits, in a market of its own."""
    with database().writing() as session:
        round_market(session)
    with database().writing() as session:
        run = start_round(session, NOW)
        assert run is not None
        return run.job_id


def state_of_the_market() -> dict[str, Any]:
    """Everything a run leaves behind, without the times."""
    proposal = (Trade.offer_number, Trade.requirement_number, Trade.month, Trade.kg)
    prices = (Trade.price_producer, Trade.price_consumer, Trade.freight, Trade.road_m, Trade.status)
    held = (Lot.listing_number, Lot.month, Balance.account, Balance.kg)
    order = (RunOrder.listing_number, RunOrder.step, RunOrder.kg)
    result = (RunOrder.placed_kg, RunOrder.reason)
    with database().reading() as session:
        assert check(session) == []
        return {
            "proposals": sorted(map(tuple, session.execute(select(*proposal, *prices)))),
            "balances": sorted(map(tuple, session.execute(select(*held).join(Lot)))),
            "entries": sorted(session.scalars(select(Entry.key))),
            "orders": sorted(map(tuple, session.execute(select(*order, *result)))),
            "index": sorted(map(tuple, session.execute(select(PriceIndex.kg, PriceIndex.price)))),
            "rounds": sorted(map(tuple, session.execute(select(Round.number, Round.run_number)))),
        }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> dict[str, Any]:
    """What a run leaves behind that nobody killed."""
    return _after(tmp_path_factory.mktemp("undisturbed"), sqlite_template, started_market)


@pytest.fixture(scope="module")
def undisturbed_round(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> dict[str, Any]:
    """What a call round leaves behind whose run nobody killed."""
    return _after(tmp_path_factory.mktemp("undisturbed_round"), sqlite_template, started_round)


def _after(folder: Path, template: Path, started: Callable[[], str]) -> dict[str, Any]:
    shutil.copy(template, folder / "gufei.db")
    app = build(folder)
    with app.app_context():
        run_job(started())
        state = state_of_the_market()
    app.extensions["gufei.database"].engine.dispose()
    return state


def let_the_lease_run_out(identity: str) -> None:
    """A minute passes: whoever held the job is taken for dead."""
    held = update(Job).where(Job.id == identity, Job.state == JobState.RUNNING)
    with database().writing() as session:
        session.execute(held.values(lease_until=now() - timedelta(seconds=1)))


def is_done(identity: str) -> bool:
    return job(identity).state is JobState.DONE


@pytest.mark.parametrize("point", POINTS)
def test_killed_on_one_machine_a_clearing_ends_as_if_undisturbed(
    point: str,
    app: Flask,
    supervise: Callable[[Flask], None],
    undisturbed: dict[str, Any],
) -> None:
    identity = started_market()
    killed = start(app, "jobs", "run", identity, GUFEI_KILL_AT=point)
    assert killed.wait() == -signal.SIGKILL
    let_the_lease_run_out(identity)
    supervise(app)
    wait_until(lambda: is_done(identity), "the run is recorded")
    assert state_of_the_market() == undisturbed


@pytest.mark.parametrize("point", ["after_freeze", "before_record_commit"])
def test_a_round_whose_run_is_killed_ends_as_if_undisturbed(
    point: str,
    app: Flask,
    supervise: Callable[[Flask], None],
    undisturbed_round: dict[str, Any],
) -> None:
    identity = started_round()
    killed = start(app, "jobs", "run", identity, GUFEI_KILL_AT=point)
    assert killed.wait() == -signal.SIGKILL
    root = frozen_root()
    let_the_lease_run_out(identity)
    supervise(app)
    wait_until(lambda: is_done(identity), "the run is recorded")
    assert frozen_root() == root
    assert state_of_the_market() == undisturbed_round


def frozen_root() -> str | None:
    with database().reading() as session:
        return session.scalars(select(ClearingRun.root)).one()


@pytest.mark.parametrize("point", POINTS)
def test_killed_in_an_rq_worker_a_clearing_ends_as_if_undisturbed(
    point: str, postgres_app: Flask, undisturbed: dict[str, Any]
) -> None:
    redis_url = empty_redis()
    postgres_app.extensions[bell.EXTENSION] = queue_bell.QueueBell(redis_url)
    identity = started_market()

    def taken_back_or_done() -> bool:
        found = job(identity)
        return found.state is not JobState.RUNNING and found.attempt > 0

    with running(postgres_app, "jobs", "work", REDIS_URL=redis_url, GUFEI_KILL_AT=point):
        wait_until(taken_back_or_done, "the worker saw its process die")

    def rung_and_done() -> bool:
        schedule.ring_due(now())
        return is_done(identity)

    with running(postgres_app, "jobs", "work", REDIS_URL=redis_url):
        wait_until(rung_and_done, "the run is recorded")
    assert state_of_the_market() == undisturbed
