"""Periodic work: what has ended is deleted."""

from __future__ import annotations

from datetime import timedelta

from app.accounts.operations import tidy
from app.core.clock import now
from app.core.jobs.context import JobContext
from app.core.jobs.registry import Handler
from app.core.jobs.rules import Periodic

TIDY = "accounts.tidy"
SCHEDULE = (Periodic(TIDY, every=timedelta(hours=1)),)


def _tidy(context: JobContext) -> None:
    with context.finish() as session:
        tidy(session, now())


HANDLERS: dict[str, Handler] = {TIDY: _tidy}
