"""Periodic work: producers are told of full stores, and asked for what they have not declared."""

from __future__ import annotations

from datetime import timedelta

from app.core.clock import now
from app.core.jobs.context import JobContext
from app.core.jobs.registry import Handler
from app.core.jobs.rules import Periodic
from app.core.transactions import database
from app.declarations.chasing import chase
from app.declarations.duties import firms
from app.declarations.messages import tell_of_full_silos
from app.declarations.silos import keepers

WATCH = "declarations.watch_silos"
CHASE = "declarations.chase"
SCHEDULE = (Periodic(WATCH, every=timedelta(days=1)), Periodic(CHASE, every=timedelta(days=1)))


def _watch(context: JobContext) -> None:
    """One firm in each transaction: a message that was sent is not sent again by a second try."""
    with database().reading() as session:
        producers = keepers(session)
    for company_id in producers:
        with context.step() as session:
            tell_of_full_silos(session, company_id, now())


def _chase(context: JobContext) -> None:
    """One firm in each transaction, like the stores."""
    with database().reading() as session:
        producers = firms(session)
    for company_id in producers:
        with context.step() as session:
            chase(session, company_id, now())
            context.point("before_chase_commit")
        context.point("after_chase_commit")


HANDLERS: dict[str, Handler] = {WATCH: _watch, CHASE: _chase}
