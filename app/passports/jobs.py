"""Recurring work: firms hear of the editions that will move verdicts of theirs."""

from __future__ import annotations

from datetime import timedelta

import structlog

from app.core.clock import now
from app.core.jobs.context import Cancelled, Interrupted, JobContext
from app.core.jobs.operations import LeaseLost
from app.core.jobs.registry import Handler, Occasion
from app.core.jobs.rules import Periodic
from app.core.transactions import database
from app.passports import telling
from app.passports.telling import Tiding

log = structlog.get_logger()
KIND = "passports.tell_changes"


class FirmsNotTold(Exception):
    """Some firms could not be told; all others were. The job tries those again."""


def tell_changes(job: JobContext) -> None:
    """Tell of every offer in a transaction of its own; who was told before hears nothing."""
    with database().reading() as session:
        found = telling.tidings(session, now())
    failed = [tiding.number for tiding in found if not _is_told(job, tiding)]
    if failed:
        raise FirmsNotTold(", ".join(failed))


def _is_told(job: JobContext, tiding: Tiding) -> bool:
    """Whether it went well; what is wrong with one must not stop the others."""
    try:
        with job.step() as session:
            telling.tell(session, tiding, now())
    except (Cancelled, Interrupted, LeaseLost):
        raise
    except Exception:
        log.exception("firm_not_told", listing_number=tiding.number)
        return False
    return True


HANDLERS: dict[str, Handler] = {KIND: tell_changes}
OCCASIONS: dict[str, Occasion] = {KIND: telling.is_due}
SCHEDULE = (Periodic(KIND, every=timedelta(days=1)),)
