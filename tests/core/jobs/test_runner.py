from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from app.core.actor import SYSTEM
from app.core.clock import now
from app.core.jobs import operations
from app.core.jobs.context import Cancelled, JobContext
from app.core.jobs.models import Job
from app.core.jobs.operations import LeaseLost
from app.core.jobs.points import reached
from app.core.jobs.rules import MAX_ATTEMPTS, JobState
from app.core.jobs.runner import run_job
from app.core.transactions import database
from tests.conftest import NOW
from tests.core.jobs import handlers
from tests.core.jobs.processes import enqueued, job

pytestmark = pytest.mark.usefixtures("app")
Freeze = Callable[[datetime], None]
Handle = Callable[[Callable[[JobContext], None]], str]


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Handle:
    """Let a function be the handler of a new job; returns the job's id."""

    def register(handler: Callable[[JobContext], None]) -> str:
        monkeypatch.setitem(handlers.HANDLERS, "test.special", handler)
        return enqueued("test.special")

    return register


@pytest.fixture
def quick_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.jobs.context.BEAT_SECONDS", 0.05)


def cancel(identity: str) -> None:
    with database().writing() as session:
        operations.cancel(session, SYSTEM, identity, now())


def hand_over(identity: str) -> None:
    """Give the job to another process, as after a long pause of this one."""
    with database().writing() as session:
        session.execute(
            update(Job)
            .where(Job.id == identity)
            .values(fence=Job.fence + 1, lease_until=now() + timedelta(minutes=1))
        )


def test_a_job_is_done_with_its_effect() -> None:
    identity = enqueued("test.work")
    run_job(identity)
    done = job(identity)
    assert (done.state, done.stage, done.attempt) == (JobState.DONE, 1, 1)
    assert handlers.effects("test.effect", identity) == 1


def test_a_job_that_is_done_has_no_second_effect() -> None:
    identity = enqueued("test.work")
    run_job(identity)
    run_job(identity)
    assert handlers.effects("test.effect", identity) == 1


def test_a_handler_that_leaves_the_end_open_is_done(
    handle: Handle,
) -> None:
    identity = handle(lambda context: context.check())
    run_job(identity)
    assert job(identity).state is JobState.DONE


def test_a_failing_job_is_tried_again_and_then_fails(freeze: Freeze) -> None:
    freeze(NOW)
    identity = enqueued("test.fail")
    for attempt in range(1, MAX_ATTEMPTS + 1):
        freeze(NOW + timedelta(minutes=10 * attempt))
        run_job(identity)
        assert job(identity).attempt == attempt
    assert job(identity).state is JobState.FAILED
    assert handlers.effects("test.ended.failed", identity) == 1


def test_the_table_names_an_error_without_its_text() -> None:
    identity = enqueued("test.fail")
    run_job(identity)
    assert job(identity).error == "ZeroDivisionError"


def test_a_permanent_failure_is_not_tried_again() -> None:
    identity = enqueued("test.refuse")
    run_job(identity)
    refused = job(identity)
    assert (refused.state, refused.error, refused.attempt) == (JobState.FAILED, "not_today", 1)


def test_a_kind_that_only_a_newer_version_knows_is_tried_again() -> None:
    identity = enqueued("test.from_the_future")
    run_job(identity)
    assert (job(identity).state, job(identity).error) == (JobState.WAITING, "UnknownKind")


def test_an_effect_is_undone_when_another_process_took_over(
    handle: Handle,
) -> None:
    def stale(context: JobContext) -> None:
        hand_over(context.held.id)
        with context.finish() as session:
            handlers.leave(session, "test.effect", context.held.id)

    identity = handle(stale)
    run_job(identity)
    assert job(identity).state is JobState.RUNNING
    assert handlers.effects("test.effect", identity) == 0


@pytest.mark.usefixtures("quick_heartbeat")
@pytest.mark.parametrize("disturb", [cancel, hand_over])
def test_the_heartbeat_interrupts_long_work(handle: Handle, disturb: Callable[[str], None]) -> None:
    seen: list[type[Exception]] = []

    def long_work(context: JobContext) -> None:
        disturb(context.held.id)
        try:
            time.sleep(30)
        except (Cancelled, LeaseLost) as reason:
            seen.append(type(reason))
            raise

    began = time.monotonic()
    identity = handle(long_work)
    run_job(identity)
    assert time.monotonic() - began < 10
    assert seen == [Cancelled if disturb is cancel else LeaseLost]
    assert job(identity).cancel_wanted is (disturb is cancel)


@pytest.mark.usefixtures("quick_heartbeat")
def test_the_heartbeat_keeps_the_lease(
    handle: Handle,
) -> None:
    def long_work(context: JobContext) -> None:
        with database().writing() as session:
            session.execute(update(Job).values(lease_until=now() - timedelta(seconds=1)))
        time.sleep(0.5)
        with database().writing() as session:
            assert operations.claim(session, context.held.id, "them:2", now()) is None

    identity = handle(long_work)
    run_job(identity)
    assert job(identity).state is JobState.DONE


def test_a_cancelled_job_notices_at_its_next_check(
    handle: Handle,
) -> None:
    def patient(context: JobContext) -> None:
        cancel(context.held.id)
        context.check()

    identity = handle(patient)
    run_job(identity)
    assert job(identity).state is JobState.CANCELLED


def test_sigterm_gives_the_job_back(
    handle: Handle,
) -> None:
    def interrupted(context: JobContext) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(30)

    identity = handle(interrupted)
    run_job(identity)
    assert (job(identity).state, job(identity).attempt) == (JobState.WAITING, 0)


def test_sigterm_lets_a_transaction_end_first(
    handle: Handle,
) -> None:
    reached_after: list[bool] = []

    def interrupted(context: JobContext) -> None:
        with context.step() as session:
            os.kill(os.getpid(), signal.SIGTERM)
            handlers.leave(session, "test.step", context.held.id)
        reached_after.append(True)

    identity = handle(interrupted)
    run_job(identity)
    assert handlers.effects("test.step", identity) == 1
    assert not reached_after
    assert job(identity).state is JobState.WAITING


def test_sigterm_during_the_last_transaction_changes_nothing(
    handle: Handle,
) -> None:
    def interrupted(context: JobContext) -> None:
        with context.finish():
            os.kill(os.getpid(), signal.SIGTERM)

    identity = handle(interrupted)
    run_job(identity)
    assert job(identity).state is JobState.DONE


def test_steps_cannot_be_nested(handle: Handle) -> None:
    def nested(context: JobContext) -> None:
        with context.step():
            context.progress(1)

    identity = handle(nested)
    run_job(identity)
    assert job(identity).error == "RuntimeError"


def test_nothing_of_a_run_is_left_behind() -> None:
    before = (signal.getsignal(signal.SIGTERM), threading.active_count())
    run_job(enqueued("test.work"))
    assert (signal.getsignal(signal.SIGTERM), threading.active_count()) == before


def test_production_knows_no_kill_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUFEI_ENV", "production")
    monkeypatch.setenv("GUFEI_KILL_AT", "here")
    reached("here")


def test_production_knows_no_extra_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.core.jobs import registry

    assert registry.handler("test.work") is handlers.work
    monkeypatch.setenv("GUFEI_ENV", "production")
    assert registry.handler("test.work") is None
