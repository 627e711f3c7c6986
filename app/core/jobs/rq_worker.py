"""The production mode: RQ brings the ids, the job table decides."""

from __future__ import annotations

from typing import Any

from redis import Redis
from rq import Queue, Worker
from rq.job import Job as RqJob

from app.core.clock import now
from app.core.jobs import operations
from app.core.jobs.queue_bell import QUEUE
from app.core.jobs.runner import worker_name
from app.core.transactions import database


def work(redis_url: str) -> None:
    """Work the queue until a signal; the first lets the running job end, the second does not."""
    connection = Redis.from_url(redis_url)
    worker = Worker(
        [Queue(QUEUE, connection=connection)],
        connection=connection,
        work_horse_killed_handler=take_back,
    )
    worker.work(logging_level="WARNING", log_format="%(message)s")


def take_back(rung: RqJob, pid: int, _status: int, _usage: Any) -> None:
    """The process at work died: put its job back without waiting for the lease to run out."""
    with database().writing() as session:
        operations.abandon(session, rung.args[0], worker_name(pid), now())
    database().engine.dispose()  # the next process is a fork and must inherit no connection
