"""Who is told that work waits. A ring that is lost costs time, never a job.

A ring names the job and the fence it had: the next claim raises the fence, so that the ring for a
retry is not taken for a repeated one.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from time import time
from typing import Protocol

from flask import current_app
from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError

from app.settings import Settings

EXTENSION = "gufei.bell"
QUEUE = "gufei"
RUN_JOB = "app.core.jobs.runner.run_job"
CONNECT_SECONDS = 2
RING_SECONDS = 60
"""A ring nobody answered is forgotten after this time, and only then repeated."""


class Bell(Protocol):
    def ring(self, identity: str, fence: int) -> None:
        """Tell a worker of this job; may raise whatever the way to it raises."""


class LocalBell:
    """Wakes the supervisor thread of this process; one in another process polls."""

    def __init__(self) -> None:
        self.rung = threading.Event()

    def ring(self, identity: str, fence: int) -> None:
        self.rung.set()


class QueueBell:
    """Puts the job's id on the RQ queue.

    RQ neither times out nor retries, for the table does both. The id of the RQ job is
    deterministic, so that rings between two claims fall together, and changes every
    `RING_SECONDS`, so that no left-over in Redis can silence a job.
    """

    def __init__(self, redis_url: str) -> None:
        connection = Redis.from_url(redis_url, socket_connect_timeout=CONNECT_SECONDS)
        self._queue = Queue(QUEUE, connection=connection)

    def ring(self, identity: str, fence: int) -> None:
        with suppress(DuplicateJobError):
            self._queue.enqueue_call(
                RUN_JOB,
                args=(identity,),
                job_id=f"{identity}-{fence}-{int(time()) // RING_SECONDS}",
                unique=True,
                timeout=-1,
                ttl=RING_SECONDS,
                result_ttl=0,
                failure_ttl=RING_SECONDS,
            )


def make_bell(settings: Settings) -> Bell:
    return LocalBell() if settings.redis_url is None else QueueBell(settings.redis_url)


def ring(identity: str, fence: int) -> None:
    """Ring for one job; call it only after its transaction has committed."""
    bell: Bell = current_app.extensions[EXTENSION]
    bell.ring(identity, fence)
