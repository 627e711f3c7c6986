"""The bell of the production mode: RQ carries the ids of jobs to the workers.

A ring names the job and the fence it had: the next claim raises the fence, so that the ring for a
retry is not taken for a repeated one.
"""

from __future__ import annotations

from time import time

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError

from app.core.jobs.bell import NotRung

QUEUE = "gufei"
RUN_JOB = "app.core.jobs.runner.run_job"
CONNECT_SECONDS = 2
RING_SECONDS = 60
"""A ring nobody answered is forgotten after this time, and only then repeated."""


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
        try:
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
        except DuplicateJobError:
            return  # it was rung for already
        except RedisError as fault:
            raise NotRung from fault
