"""Who is told that work waits. A ring that is lost costs time, never a job."""

from __future__ import annotations

import threading
from typing import Protocol

from flask import current_app

from app.settings import Settings

EXTENSION = "gufei.bell"


class Bell(Protocol):
    def ring(self, identity: str, fence: int) -> None:
        """Tell a worker of this job; may raise whatever the way to it raises."""


class LocalBell:
    """Wakes the supervisor thread of this process; one in another process polls."""

    def __init__(self) -> None:
        self.rung = threading.Event()

    def ring(self, identity: str, fence: int) -> None:
        self.rung.set()


def make_bell(settings: Settings) -> Bell:
    if settings.redis_url is None:
        return LocalBell()
    from app.core.jobs.rq_worker import QueueBell  # costs 0.2 s that the embedded mode saves

    return QueueBell(settings.redis_url)


def ring(identity: str, fence: int) -> None:
    """Ring for one job; call it only after its transaction has committed.

    `fence` is the job's at this moment: the next claim raises it, so that a ring for a later
    attempt is not taken for a repeated one.
    """
    bell: Bell = current_app.extensions[EXTENSION]
    bell.ring(identity, fence)
