from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, make_url, select
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.core.audit import AuditEvent
from app.core.errors import Conflict, NotFound
from app.core.jobs import operations, queries
from app.core.jobs.models import Job
from app.core.jobs.operations import Claim, LeaseLost
from app.core.jobs.rules import LEASE, LOST, MAX_ATTEMPTS, JobState, Periodic
from app.core.transactions import Database
from tests.conftest import NOW

AFTER_LEASE = NOW + LEASE + timedelta(seconds=1)


class RolledBack(Exception):
    """Ends every test's transaction, so that all of them can share the two templates."""


@pytest.fixture(scope="module", params=["sqlite_template", "postgres_template"])
def template(request: pytest.FixtureRequest) -> Iterator[Database]:
    name = request.getfixturevalue(request.param)
    server = make_url(os.environ["GUFEI_TEST_POSTGRES_URL"])
    on_server = server.set(database=str(name)).render_as_string(hide_password=False)
    found = Database(f"sqlite:///{name}" if request.param == "sqlite_template" else on_server)
    yield found
    found.engine.dispose()


@pytest.fixture
def any_session(template: Database) -> Iterator[Session]:
    with suppress(RolledBack), template.writing() as session:
        yield session
        raise RolledBack


def enqueue(session: Session, key: str = "1") -> str:
    return operations.enqueue(session, "test.work", key, {"n": 1}, NOW).id


def claim(session: Session, identity: str, now: datetime = NOW, worker: str = "us:1") -> Claim:
    taken = operations.claim(session, identity, worker, now)
    assert taken is not None
    return taken


def row(session: Session, identity: str) -> queries.JobRow:
    found = queries.job(session, identity)
    assert found is not None
    return found


def endings(session: Session, state: JobState) -> int:
    verb = AuditEvent.verb == f"test.ended.{state}"
    return session.scalar(select(func.count()).where(verb)) or 0


def test_asking_twice_enqueues_once(any_session: Session) -> None:
    first = operations.enqueue(any_session, "test.work", "1", {"n": 1}, NOW)
    again = operations.enqueue(any_session, "test.work", "1", {"n": 2}, NOW)
    assert again.id == first.id
    assert again.payload == {"n": 1}


def test_work_that_ended_is_not_done_again(any_session: Session) -> None:
    identity = enqueue(any_session)
    operations.finish(any_session, claim(any_session, identity), NOW)
    enqueue(any_session)
    assert row(any_session, identity).state is JobState.DONE


def test_a_job_is_claimed_once(any_session: Session) -> None:
    identity = enqueue(any_session)
    taken = claim(any_session, identity)
    assert (taken.attempt, taken.fence, taken.payload) == (1, 1, {"n": 1})
    assert operations.claim(any_session, identity, "them:2", NOW) is None


def test_a_job_that_is_not_there_cannot_be_claimed(any_session: Session) -> None:
    assert operations.claim(any_session, "x", "us:1", NOW) is None


def test_a_job_whose_lease_ran_out_is_claimed_anew(any_session: Session) -> None:
    identity = enqueue(any_session)
    claim(any_session, identity)
    again = claim(any_session, identity, AFTER_LEASE)
    assert (again.attempt, again.fence) == (2, 2)


def test_a_renewed_lease_keeps_the_job(any_session: Session) -> None:
    identity = enqueue(any_session)
    operations.renew(any_session, claim(any_session, identity), NOW + LEASE)
    assert operations.claim(any_session, identity, "them:2", AFTER_LEASE) is None


def test_who_lost_the_lease_can_write_nothing_more(any_session: Session) -> None:
    identity = enqueue(any_session)
    stale = claim(any_session, identity)
    holder = claim(any_session, identity, AFTER_LEASE)
    for attempt in (
        lambda: operations.renew(any_session, stale, AFTER_LEASE),
        lambda: operations.write(any_session, stale, stage=3),
        lambda: operations.finish(any_session, stale, AFTER_LEASE),
        lambda: operations.fail(any_session, stale, "Boom", AFTER_LEASE),
        lambda: operations.give_back(any_session, stale, AFTER_LEASE),
    ):
        with pytest.raises(LeaseLost):
            attempt()
    operations.finish(any_session, holder, AFTER_LEASE)
    assert row(any_session, identity).state is JobState.DONE


def test_a_finished_job_cannot_be_written_by_its_own_holder(any_session: Session) -> None:
    taken = claim(any_session, enqueue(any_session))
    operations.finish(any_session, taken, NOW)
    with pytest.raises(LeaseLost):
        operations.write(any_session, taken, stage=1)


def test_a_failed_attempt_waits_before_the_next(any_session: Session) -> None:
    identity = enqueue(any_session)
    operations.fail(any_session, claim(any_session, identity), "Boom", NOW)
    assert row(any_session, identity).state is JobState.WAITING
    assert operations.claim(any_session, identity, "us:1", NOW) is None
    assert claim(any_session, identity, NOW + timedelta(seconds=3)).attempt == 2


def test_the_last_failed_attempt_fails_the_job(any_session: Session) -> None:
    identity, moment = enqueue(any_session), NOW
    for _ in range(MAX_ATTEMPTS):
        moment += timedelta(minutes=10)
        operations.fail(any_session, claim(any_session, identity, moment), "Boom", moment)
    failed = row(any_session, identity)
    assert (failed.state, failed.error, failed.finished_at) == (JobState.FAILED, "Boom", moment)
    assert endings(any_session, JobState.FAILED) == 1


def test_a_job_that_kills_every_process_ends_as_lost(any_session: Session) -> None:
    identity, moment = enqueue(any_session), NOW
    for _ in range(MAX_ATTEMPTS):
        claim(any_session, identity, moment)
        moment += LEASE + timedelta(seconds=1)
    assert operations.claim(any_session, identity, "us:1", moment) is None
    lost = row(any_session, identity)
    assert (lost.state, lost.error) == (JobState.FAILED, LOST)
    assert endings(any_session, JobState.FAILED) == 1


def test_an_interrupted_attempt_does_not_count(any_session: Session) -> None:
    identity = enqueue(any_session)
    operations.give_back(any_session, claim(any_session, identity), NOW)
    again = claim(any_session, identity)
    assert (again.attempt, again.fence) == (1, 2)


def test_a_waiting_job_is_cancelled_at_once(any_session: Session) -> None:
    identity = enqueue(any_session)
    assert operations.cancel(any_session, SYSTEM, identity, NOW) is JobState.CANCELLED
    assert operations.claim(any_session, identity, "us:1", NOW) is None
    assert endings(any_session, JobState.CANCELLED) == 1


def test_a_running_job_is_asked_to_stop(any_session: Session) -> None:
    taken = claim(any_session, enqueue(any_session))
    assert operations.cancel(any_session, SYSTEM, taken.id, NOW) is JobState.RUNNING
    assert operations.renew(any_session, taken, NOW)
    assert queries.cancel_wanted(any_session, [taken.id, "x"]) == {taken.id}


def test_a_job_to_be_cancelled_is_not_tried_again(any_session: Session) -> None:
    taken = claim(any_session, enqueue(any_session))
    operations.cancel(any_session, SYSTEM, taken.id, NOW)
    operations.fail(any_session, taken, "Boom", NOW)
    assert row(any_session, taken.id).state is JobState.CANCELLED


def test_a_job_to_be_cancelled_whose_holder_died_is_cancelled(any_session: Session) -> None:
    taken = claim(any_session, enqueue(any_session))
    operations.cancel(any_session, SYSTEM, taken.id, NOW)
    assert operations.claim(any_session, taken.id, "us:1", AFTER_LEASE) is None
    assert row(any_session, taken.id).state is JobState.CANCELLED


def test_a_job_that_ended_cannot_be_cancelled(any_session: Session) -> None:
    taken = claim(any_session, enqueue(any_session))
    operations.finish(any_session, taken, NOW)
    with pytest.raises(Conflict):
        operations.cancel(any_session, SYSTEM, taken.id, NOW)


def test_a_job_that_is_not_there_cannot_be_cancelled(any_session: Session) -> None:
    with pytest.raises(NotFound):
        operations.cancel(any_session, SYSTEM, "x", NOW)


def test_a_dead_process_has_its_job_taken_back(any_session: Session) -> None:
    identity = enqueue(any_session)
    claim(any_session, identity, worker="us:7")
    operations.abandon(any_session, identity, "us:7", NOW)
    assert claim(any_session, identity, NOW + timedelta(seconds=3)).fence == 2


def test_only_the_process_that_died_has_its_job_taken_back(any_session: Session) -> None:
    identity = enqueue(any_session)
    claim(any_session, identity, worker="us:7")
    operations.abandon(any_session, identity, "us:8", NOW)
    assert row(any_session, identity).state is JobState.RUNNING


def test_recurring_work_is_there_once_per_period(any_session: Session) -> None:
    hourly = Periodic("test.work", every=timedelta(hours=1))
    moments = (NOW, NOW + timedelta(minutes=1), NOW + timedelta(hours=1))
    ids = [operations.enqueue_periodic(any_session, hourly, moment).id for moment in moments]
    assert ids[0] == ids[1] != ids[2]


def test_recurring_work_that_ended_long_ago_is_removed(any_session: Session) -> None:
    daily = Periodic("test.work", every=timedelta(days=1))
    old = operations.enqueue_periodic(any_session, daily, NOW).id
    operations.finish(any_session, claim(any_session, old), NOW)
    operations.enqueue_periodic(any_session, daily, NOW + timedelta(days=31))
    assert queries.job(any_session, old) is None
    assert any_session.scalar(select(func.count()).select_from(Job)) == 1


def test_the_queue_counts_what_is_open_and_the_oldest_wait(any_session: Session) -> None:
    claim(any_session, enqueue(any_session, "1"))
    enqueue(any_session, "2")
    operations.finish(any_session, claim(any_session, enqueue(any_session, "3")), NOW)
    health = queries.queue_health(any_session, NOW + timedelta(seconds=90))
    assert (health.depth, health.oldest_seconds) == (2, 90)
    assert queries.jobs_by_state(any_session) == {
        JobState.WAITING: 1,
        JobState.RUNNING: 1,
        JobState.DONE: 1,
        JobState.FAILED: 0,
        JobState.CANCELLED: 0,
    }


def test_what_is_due_is_what_can_be_claimed(any_session: Session) -> None:
    waiting, running, later = (enqueue(any_session, key) for key in "123")
    claim(any_session, running)
    operations.fail(any_session, claim(any_session, later), "Boom", NOW)
    assert [job.id for job in queries.due(any_session, NOW)] == [waiting]
    assert len(queries.due(any_session, AFTER_LEASE)) == 3
