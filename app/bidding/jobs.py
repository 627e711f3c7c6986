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

SCHEDULE_KIND, EXPIRE_KIND = "bidding.schedule_rounds", "bidding.expire_offers"


def schedule_rounds(job: JobContext) -> None:
    """Announce the next weekly round, where the settings want the market cleared weekly."""
    settings: Settings = current_app.extensions["gufei.settings"]
    with job.finish() as session:
        if settings.clears_weekly:
            operations.schedule_round(session, now())


def expire_offers(job: JobContext) -> None:
    with job.finish() as session:
        negotiating.expire_due(session, now())


HANDLERS: dict[str, Handler] = {SCHEDULE_KIND: schedule_rounds, EXPIRE_KIND: expire_offers}
SCHEDULE = (
    Periodic(SCHEDULE_KIND, every=timedelta(hours=1)),
    Periodic(EXPIRE_KIND, every=timedelta(minutes=5)),
)
