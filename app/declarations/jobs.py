"""Periodic work: producers are told which of their stores will soon be full."""

from __future__ import annotations

from datetime import timedelta

from app.core.clock import now
from app.core.jobs.context import JobContext
from app.core.jobs.registry import Handler
from app.core.jobs.rules import Periodic
from app.core.transactions import database
from app.declarations.messages import tell_of_full_silos
from app.declarations.silos import keepers

WATCH = "declarations.watch_silos"
SCHEDULE = (Periodic(WATCH, every=timedelta(days=1)),)


def _watch(context: JobContext) -> None:
    """One firm in each transaction: a message that was sent is not sent again by a second try."""
    with database().reading() as session:
        firms = keepers(session)
    for company_id in firms:
        with context.step() as session:
            tell_of_full_silos(session, company_id, now())


HANDLERS: dict[str, Handler] = {WATCH: _watch}
