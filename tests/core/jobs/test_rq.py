from __future__ import annotations

import pytest
from flask import Flask
from redis import Redis
from rq import Queue

from app.core.actor import SYSTEM
from app.core.clock import now
from app.core.jobs import bell, operations, queue_bell, schedule
from app.core.jobs.rules import JobState, job_id
from app.core.transactions import database
from tests.core.jobs.handlers import effects
from tests.core.jobs.processes import empty_redis, enqueued, job, running, wait_until

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def redis_url(app: Flask, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty Redis that this application rings; its clock stands, lest a minute pass."""
    monkeypatch.setattr("app.core.jobs.queue_bell.time", lambda: 1_800_000_000.0)
    url = empty_redis()
    app.extensions[bell.EXTENSION] = queue_bell.QueueBell(url)
    return url


def rung(url: str) -> list[str]:
    """The ids on the queue, first first."""
    with Redis.from_url(url) as connection:
        return [found.args[0] for found in Queue(queue_bell.QUEUE, connection=connection).jobs]


def test_the_queue_carries_the_id_alone(redis_url: str) -> None:
    identity = enqueued("test.work", secret="limit")
    with Redis.from_url(redis_url) as connection:
        [found] = Queue(queue_bell.QUEUE, connection=connection).jobs
    assert (found.args, found.kwargs) == ((identity,), {})
    assert found.timeout == -1
    assert found.id.startswith(identity)


def test_a_ring_is_not_repeated_while_it_is_heard(redis_url: str) -> None:
    identity = enqueued("test.work")
    schedule.ring_due(now())
    schedule.ring_due(now())
    assert rung(redis_url) == [identity]


def test_a_later_attempt_is_rung_for_anew(redis_url: str) -> None:
    identity = enqueued("test.work")
    with database().writing() as session:
        held = operations.claim(session, identity, "us:1", now())
        assert held is not None
        operations.give_back(session, held, now())
    schedule.ring_due(now())
    assert rung(redis_url) == [identity, identity]


def test_a_lost_ring_costs_no_job(app: Flask, redis_url: str) -> None:
    app.extensions[bell.EXTENSION] = queue_bell.QueueBell(NOBODY_LISTENS)
    identity = enqueued("test.work")
    assert rung(redis_url) == []
    recurring = {"REDIS_URL": redis_url, "GUFEI_EXTRA_JOBS": "tests.core.jobs.recurring"}
    with running(app, "jobs", "clock", **recurring):
        wait_until(lambda: identity in rung(redis_url), "the clock has rung")


def test_a_job_running_in_a_worker_is_cancelled(app: Flask, redis_url: str) -> None:
    identity = enqueued("test.sleep")
    with running(app, "jobs", "work", REDIS_URL=redis_url):
        wait_until(lambda: effects("test.program") == 1, "the program runs")
        with database().writing() as session:
            operations.cancel(session, SYSTEM, identity, now())
        wait_until(lambda: job(identity).ended, "the job has ended")
    assert job(identity).state is JobState.CANCELLED
    assert job_id("test.sleep", "1") == identity
