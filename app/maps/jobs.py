"""Periodic work: those who publish are told of months that firms have corrected since."""

from __future__ import annotations

from datetime import timedelta

from app.core.clock import now
from app.core.jobs.context import JobContext
from app.core.jobs.registry import Handler
from app.core.jobs.rules import Periodic
from app.core.transactions import database
from app.maps.telling import tell_of_corrections
from app.statistics.corrections import corrected_since

TELL = "maps.tell_of_corrections"
SCHEDULE = (Periodic(TELL, every=timedelta(days=1)),)


def _tell(context: JobContext) -> None:
    """One month in each transaction: a message that was sent is not sent again by a second try."""
    with database().reading() as session:
        months = [found.month for found in corrected_since(session, now())]
    for month in months:
        with context.step() as session:
            tell_of_corrections(session, month, now())
            context.point("before_corrections_commit")
        context.point("after_corrections_commit")


HANDLERS: dict[str, Handler] = {TELL: _tell}
