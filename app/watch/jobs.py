"""Periodic work: the watch looks at the open months once a day."""

from __future__ import annotations

from datetime import timedelta

from app.core.actor import SYSTEM
from app.core.clock import now
from app.core.jobs.context import JobContext
from app.core.jobs.registry import Handler
from app.core.jobs.rules import Periodic
from app.core.transactions import database
from app.watch.dossiers import dossier, open_months
from app.watch.operations import raise_flags
from app.watch.signs.rules import findings
from app.watch.watching import book

WATCH = "watch.look_daily"
SCHEDULE = (Periodic(WATCH, every=timedelta(days=1)),)


def _watch(context: JobContext) -> None:
    """One month in each transaction: what was flagged before an interruption stays flagged."""
    with database().reading() as session:
        months = open_months(session)
    for done, month in enumerate(months):
        context.progress(0, done, len(months))
        with database().reading() as session:
            known, terms = dossier(session, month), book(session).on(month)
        found = findings(known, terms)
        with context.step() as session:
            raise_flags(session, SYSTEM, found, now())


HANDLERS: dict[str, Handler] = {WATCH: _watch}
