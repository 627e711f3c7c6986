"""Handlers for tests, added to a process by `GUFEI_EXTRA_JOBS`. Their effects are audit events."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import audit
from app.core.actor import SYSTEM
from app.core.audit import AuditEvent
from app.core.clock import now
from app.core.jobs.context import JobContext, PermanentFailure
from app.core.jobs.queries import JobRow
from app.core.transactions import database


def work(context: JobContext) -> None:
    """A step and a finish, each with an effect; dies once at `payload["kill_at"]`."""
    if context.held.attempt == 1 and "kill_at" in context.payload:
        os.environ["GUFEI_KILL_AT"] = context.payload["kill_at"]
    context.progress(1)
    context.point("mid_work")
    with context.finish() as session:
        leave(session, "test.effect", context.held.id)


def fail(context: JobContext) -> None:
    raise ZeroDivisionError("limit 123.45")


def refuse(context: JobContext) -> None:
    raise PermanentFailure("not_today")


def sleep(context: JobContext) -> None:
    """Waits for a program that takes a minute, after leaving its process id."""
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(command) as program:
        try:
            with context.step() as session:
                leave(session, "test.program", str(program.pid))
            program.wait()
        finally:
            program.kill()


def ignore(context: JobContext) -> None:
    """Cannot be asked to end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with context.step() as session:
        leave(session, "test.deaf", context.held.id)
    time.sleep(60)


def note_ending(session: Session, job: JobRow, now: datetime) -> None:
    leave(session, f"test.ended.{job.state}", job.id)


def leave(session: Session, verb: str, identity: str) -> None:
    audit.record(session, SYSTEM, verb, ("job", identity), now())


def effects(verb: str, identity: str | None = None) -> int:
    """How often a trace was left."""
    query = select(func.count()).where(AuditEvent.verb == verb)
    if identity is not None:
        query = query.where(AuditEvent.object_id == identity)
    with database().reading() as session:
        return session.scalar(query) or 0


HANDLERS = {
    "test.work": work,
    "test.fail": fail,
    "test.refuse": refuse,
    "test.sleep": sleep,
    "test.ignore": ignore,
}
STAGES = {"test.work": (_l("第一步"), _l("第二步"))}
ENDINGS = dict.fromkeys(HANDLERS, note_ending)
