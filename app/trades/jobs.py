"""Recurring work: the clock of every trade is kept, case by case."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from app.core.clock import now
from app.core.jobs.context import Cancelled, Interrupted, JobContext
from app.core.jobs.operations import LeaseLost
from app.core.jobs.registry import Handler
from app.core.jobs.rules import Periodic
from app.trades import keeping

log = structlog.get_logger()
KIND = "trades.keep_time"


class CasesFailed(Exception):
    """Some cases could not be kept; all others were. The job tries those again."""


def keep_time(job: JobContext) -> None:
    """Remind, escalate and end what is due, each case in a transaction of its own."""
    at, last, failed = now(), 0, 0
    while batch := _due(job, at, last):
        failed += sum(not _is_kept(job, trade_id, at) for trade_id in batch)
        last = batch[-1]
    if failed:
        raise CasesFailed(f"{failed} cases")


def _due(job: JobContext, at: datetime, after: int) -> list[int]:
    with job.step() as session:
        return keeping.due(session, at, after)


def _is_kept(job: JobContext, trade_id: int, at: datetime) -> bool:
    """Whether a case went well; what is wrong with one must not stop the others."""
    try:
        with job.step() as session:
            keeping.keep(session, trade_id, at)
            job.point("before_case_commit")
        job.point("after_case_commit")
    except (Cancelled, Interrupted, LeaseLost):
        raise
    except Exception:
        log.exception("case_not_kept", trade_id=trade_id)
        return False
    return True


HANDLERS: dict[str, Handler] = {KIND: keep_time}
SCHEDULE = (Periodic(KIND, every=timedelta(minutes=5)),)
