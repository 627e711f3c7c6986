"""Recurring work: the clock of every truck is kept, note by note."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from app.core.clock import now
from app.core.jobs.context import Cancelled, Interrupted, JobContext
from app.core.jobs.operations import LeaseLost
from app.core.jobs.registry import Handler
from app.core.jobs.rules import Periodic
from app.shipments import timekeeping

log = structlog.get_logger()
KIND = "shipments.keep_time"


class NotesFailed(Exception):
    """Some notes could not be kept; all others were. The job tries those again."""


def keep_time(job: JobContext) -> None:
    """Remind, escalate and close what is due, each note in a transaction of its own."""
    at, last, failed = now(), 0, 0
    while batch := _open_notes(job, last):
        failed += sum(not _is_kept(job, one, at) for one in _asking(job, batch, at))
        last = batch[-1]
    if failed:
        raise NotesFailed(f"{failed} notes")


def _open_notes(job: JobContext, after: int) -> list[int]:
    with job.step() as session:
        return timekeeping.open_notes(session, after)


def _asking(job: JobContext, batch: list[int], at: datetime) -> list[int]:
    with job.step() as session:
        return timekeeping.asks(session, batch, at)


def _is_kept(job: JobContext, shipment_id: int, at: datetime) -> bool:
    """Whether a note went well; what is wrong with one must not stop the others."""
    try:
        with job.step() as session:
            timekeeping.keep(session, shipment_id, at)
    except (Cancelled, Interrupted, LeaseLost):
        raise
    except Exception:
        log.exception("note_not_kept", shipment_id=shipment_id)
        return False
    return True


HANDLERS: dict[str, Handler] = {KIND: keep_time}
SCHEDULE = (Periodic(KIND, every=timedelta(minutes=5)),)
