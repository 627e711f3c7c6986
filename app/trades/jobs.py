"""Recurring work: proposals nobody answered in time end, and their tonnes go back."""

from __future__ import annotations

from datetime import timedelta

from app.core.clock import now
from app.core.jobs.context import JobContext
from app.core.jobs.registry import Handler
from app.core.jobs.rules import Periodic
from app.trades.operations import expire_due

KIND = "trades.expire"


def expire(job: JobContext) -> None:
    with job.finish() as session:
        expire_due(session, now())


HANDLERS: dict[str, Handler] = {KIND: expire}
SCHEDULE = (Periodic(KIND, every=timedelta(minutes=5)),)
