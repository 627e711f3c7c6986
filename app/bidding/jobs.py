"""Recurring work: the weekly round is announced, and offers nobody answered in time end."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from app.bidding import negotiating, operations
from app.core.clock import now
from app.core.jobs.context import JobContext
from app.core.jobs.registry import Handler
from app.core.jobs.rules import Periodic
from app.settings import Settings

HOUR = timedelta(hours=1)
SCHEDULE_KIND, EXPIRE_KIND = "bidding.schedule_rounds", "bidding.expire_offers"


def schedule_rounds(job: JobContext) -> None:
    """Announce the next weekly round, where the settings want the market cleared weekly, and tell
    who may bid of what has opened since the last time.
    """
    settings: Settings = current_app.extensions["gufei.settings"]
    with job.finish() as session:
        if settings.clears_weekly:
            operations.schedule_round(session, now())
        operations.tell_of_rounds(session, now(), within=2 * HOUR)


def expire_offers(job: JobContext) -> None:
    with job.finish() as session:
        negotiating.expire_due(session, now())


HANDLERS: dict[str, Handler] = {SCHEDULE_KIND: schedule_rounds, EXPIRE_KIND: expire_offers}
SCHEDULE = (
    Periodic(SCHEDULE_KIND, every=HOUR),
    Periodic(EXPIRE_KIND, every=timedelta(minutes=5)),
)
