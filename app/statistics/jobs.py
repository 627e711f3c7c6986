"""Periodic work: the facts of months in which something was declared or weighed are made anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.jobs.context import JobContext
from app.core.jobs.registry import Handler, Occasion
from app.core.jobs.rules import Periodic
from app.core.transactions import database
from app.statistics.facts import SETTLING, keep_up, prepare, to_prepare

PREPARE = "statistics.prepare_facts"
SCHEDULE = (Periodic(PREPARE, every=timedelta(minutes=10)),)


def _prepare(context: JobContext) -> None:
    """One month in each transaction: what was prepared before an interruption stays."""
    as_of = now() - SETTLING
    with database().reading() as session:
        months = to_prepare(session)
    for month in months:
        with context.step() as session:
            prepare(session, month, as_of)
    with context.finish() as session:
        keep_up(session, as_of)


def _has_changes(session: Session, _now: datetime) -> bool:
    return bool(to_prepare(session))


HANDLERS: dict[str, Handler] = {PREPARE: _prepare}
OCCASIONS: dict[str, Occasion] = {PREPARE: _has_changes}
