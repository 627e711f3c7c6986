"""Background work of imports: entering the rows of a file, and dropping old files."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.jobs.context import JobContext
from app.core.jobs.queries import JobRow
from app.core.jobs.registry import Ending, Handler
from app.core.jobs.rules import JobState, Periodic
from app.imports.operations import JOB_KIND, forget_files, give_up
from app.imports.rules import ImportState
from app.imports.running import run_import

FORGET_KIND = "imports.forget_files"
STAGES = {JOB_KIND: (_l("读取文件"), _l("核对每一行"), _l("写入"))}


def forget(context: JobContext) -> None:
    """Drop the files whose time is over."""
    with context.finish() as session:
        forget_files(session, now())


def ended_otherwise(session: Session, job: JobRow, at: datetime) -> None:
    """The import of a job that failed or was cancelled has ended too."""
    is_cancelled = job.state is JobState.CANCELLED
    give_up(session, job.key, ImportState.CANCELLED if is_cancelled else ImportState.FAILED, at)


HANDLERS: dict[str, Handler] = {JOB_KIND: run_import, FORGET_KIND: forget}
ENDINGS: dict[str, Ending] = {JOB_KIND: ended_otherwise}
SCHEDULE = (Periodic(FORGET_KIND, every=timedelta(days=1)),)
