"""Periodic work: messages read long ago are deleted, a bounded number in each transaction."""

from __future__ import annotations

from datetime import timedelta

from app.core.clock import now
from app.core.jobs.context import JobContext
from app.core.jobs.registry import Handler
from app.core.jobs.rules import Periodic
from app.notifications.operations import forget

TIDY = "notifications.tidy"
BATCH = 1_000
SCHEDULE = (Periodic(TIDY, every=timedelta(days=1)),)


def _tidy(context: JobContext) -> None:
    gone = BATCH
    while gone == BATCH:
        with context.step() as session:
            gone = forget(session, now(), BATCH)


HANDLERS: dict[str, Handler] = {TIDY: _tidy}
