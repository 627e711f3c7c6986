"""Real processes of the product on the database of a test."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Flask
from redis import Redis
from sqlalchemy import update

from app.core.clock import now
from app.core.jobs import operations, queries
from app.core.jobs.models import Job
from app.core.jobs.queries import JobRow
from app.core.transactions import database
from app.settings import Settings
from tests.programs import Program

HANDLERS = "tests.core.jobs.handlers"
PATIENCE_SECONDS = 120.0


def environment(app: Flask, **changes: str) -> dict[str, str]:
    """The variables by which another process finds the installation of this test."""
    settings: Settings = app.extensions["gufei.settings"]
    return {
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "GUFEI_EXTRA_JOBS": HANDLERS,
        "GUFEI_LOG_LEVEL": "error",
        "GUFEI_WEEKLY_CLEARING": "0",
    } | changes


def start(app: Flask, *arguments: str, **changes: str) -> Program:
    """Start `flask …` and return at once."""
    return Program("flask", *arguments, env=os.environ | environment(app, **changes))


@contextmanager
def running(app: Flask, *arguments: str, **changes: str) -> Iterator[Program]:
    """`flask …` in the background; asked to end with the block, and waited for."""
    process = start(app, *arguments, **changes)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        finally:
            process.kill()


def empty_redis() -> str:
    """The URL of this test worker's own Redis database, emptied."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    server = os.environ["GUFEI_TEST_REDIS_URL"].rpartition("/")[0]
    url = f"{server}/{1 + int(worker) % 15}"
    with Redis.from_url(url) as connection:
        connection.flushdb()
    return url


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Poll; fails naming `what` did not happen."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.05)


def enqueued(kind: str, key: str = "1", **payload: object) -> str:
    """The id of a job that waits."""
    with database().writing() as session:
        return operations.enqueue(session, kind, key, payload, now()).id


def expire_lease(identity: str) -> None:
    """Let the time pass after which a silent process loses its job."""
    with database().writing() as session:
        past = now() - timedelta(seconds=1)
        session.execute(update(Job).where(Job.id == identity).values(lease_until=past))


def job(identity: str) -> JobRow:
    with database().reading() as session:
        found = queries.job(session, identity)
    assert found is not None
    return found
