"""SIGKILL at every point of the platform: nothing is lost and nothing is done twice."""

from __future__ import annotations

import signal
from collections.abc import Callable

from flask import Flask

from app.core.clock import now
from app.core.jobs import bell, queue_bell, schedule
from app.core.jobs.rules import LOST, JobState
from tests.core.jobs.handlers import effects
from tests.core.jobs.processes import (
    empty_redis,
    enqueued,
    expire_lease,
    job,
    running,
    start,
    wait_until,
)

WITHIN = ("mid_work", "before_record_commit", "after_record_commit", "before_acknowledgement")
"""Points a handler can arm for its own first attempt."""


def enqueue_fatal() -> dict[str, str]:
    """One job per point, that kills the process at it the first time: point → id."""
    return {point: enqueued("test.work", point, kill_at=point) for point in WITHIN}


def all_done(jobs: dict[str, str]) -> bool:
    return all(job(identity).state is JobState.DONE for identity in jobs.values())


def assert_each_effect_once(jobs: dict[str, str]) -> None:
    counted = {point: effects("test.effect", identity) for point, identity in jobs.items()}
    assert counted == dict.fromkeys(jobs, 1)
    attempts = {point: job(identity).attempt for point, identity in jobs.items()}
    recorded = ("after_record_commit", "before_acknowledgement")
    assert attempts == {point: 1 if point in recorded else 2 for point in jobs}


def test_killed_under_the_supervisor_each_effect_happens_once(
    app: Flask, supervise: Callable[[Flask], None]
) -> None:
    claimed = enqueued("test.work", "after_claim")
    killed = start(app, "jobs", "run", claimed, GUFEI_KILL_AT="after_claim")
    assert killed.wait() == -signal.SIGKILL
    assert job(claimed).state is JobState.RUNNING
    expire_lease(claimed)
    jobs = {"after_claim": claimed} | enqueue_fatal()
    supervise(app)
    wait_until(lambda: all_done(jobs), "every job is done")
    assert_each_effect_once(jobs)


def test_killed_in_an_rq_worker_each_effect_happens_once(postgres_app: Flask) -> None:
    redis_url = empty_redis()
    postgres_app.extensions[bell.EXTENSION] = queue_bell.QueueBell(redis_url)
    claimed = enqueued("test.work", "after_claim")
    killing = {"REDIS_URL": redis_url, "GUFEI_KILL_AT": "after_claim"}
    with running(postgres_app, "jobs", "work", **killing):
        wait_until(lambda: job(claimed).error == LOST, "the dead process's job is taken back")
    jobs = {"after_claim": claimed} | enqueue_fatal()

    def rung_and_done() -> bool:
        schedule.ring_due(now())
        return all_done(jobs)

    with running(postgres_app, "jobs", "work", REDIS_URL=redis_url):
        wait_until(rung_and_done, "every job is done")
    assert_each_effect_once(jobs)
