"""Who is told that work waits. A ring that is lost costs time, never a job."""

from __future__ import annotations

import threading
from typing import Protocol

from flask import current_app

from app.settings import Settings

EXTENSION = "gufei.bell"


class NotRung(Exception):
    """The way to the workers is down; the clock will ring again."""


class Bell(Protocol):
    def ring(self, identity: str, fence: int) -> None:
        """Tell a worker of this job; raises `NotRung`."""


class LocalBell:
    """Wakes the supervisor thread of this process; one in another process polls."""

    def __init__(self) -> None:
        self.rung = threading.Event()

    def ring(self, identity: str, fence: int) -> None:
        self.rung.set()


def make_bell(settings: Settings) -> Bell:
    if settings.redis_url is None:
        return LocalBell()
    # Imported here: with RQ comes a client of Redis that nobody else needs.
    from app.core.jobs.queue_bell import QueueBell  # noqa: PLC0415

    return QueueBell(settings.redis_url)


def ring(identity: str, fence: int) -> None:
    """Ring for one job; call it only after its transaction has committed."""
    bell: Bell = current_app.extensions[EXTENSION]
    bell.ring(identity, fence)
