"""The job behind an import: count the rows → try them all → enter them.

A table that counts wholly or not at all is tried first, slice by slice, each taken back again, so
that nobody waits for a lock longer than one slice takes. Only if every row would be taken are the
rows entered, up to `WHOLE` in one transaction; a larger table takes several, and a row that fails
there after all, because somebody else was faster, stops the import. The rows of the other tables
are entered at once, each for itself.

A process may die anywhere: the next attempt tries again from the first row, or goes on behind the
last that was written, for the rows and the place reached are committed together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer
from sqlalchemy.sql.base import ExecutableOption

from app.accounts.models import User
from app.accounts.queries import actor_of
from app.core.actor import PUBLIC, Actor
from app.core.clock import now
from app.core.errors import GufeiError, Refused
from app.core.i18n import speaking
from app.core.jobs.context import JobContext
from app.core.office.tables import SentRow, SentTable, open_table
from app.core.transactions import savepoint
from app.core.vault import own_vault
from app.imports import operations
from app.imports.cells import RowRefused
from app.imports.columns import find_columns, headings
from app.imports.kinds import Rows, rows_of
from app.imports.models import ImportFile
from app.imports.operations import refused_rows
from app.imports.policy import may_import
from app.imports.rules import (
    MOST_ROWS,
    SLICE,
    WHOLE,
    Head,
    ImportKind,
    ImportMode,
    ImportState,
    Outcome,
    Remark,
    Result,
    file_context,
)

READ, CHECK, WRITE = range(3)


class _TakenBack(Exception):
    """Rolls a slice back that was only tried, or of which not every row was taken."""


@dataclass(frozen=True, slots=True)
class Work:
    """One import as an attempt begins it."""

    number: str
    kind: ImportKind
    mode: ImportMode
    state: ImportState
    language: str
    last_row: int
    actor: Actor
    table: SentTable
    head: Head

    def slices(self, size: int, after: int = 0) -> Iterator[list[SentRow]]:
        """The rows behind a row, so many at a time."""
        rows = (row for row in self.table.rows() if row.number > after)
        while part := list(islice(rows, size)):
            yield part


def run_import(context: JobContext) -> None:
    """Work one import off. `context.payload["number"]` names it."""
    number: str = context.payload["number"]
    context.progress(READ)
    with context.step() as session:
        work = _opened(session, number)
    with speaking(work.language):
        try:
            total = _counted(work)
        except Refused as refusal:
            _end(context, work, str(refusal.message))
            return
        if _is_wanted(context, work, total):
            _write(context, work, total)
        _end(context, work)


def _end(context: JobContext, work: Work, problem: str = "") -> None:
    with context.finish() as session:
        operations.end(session, work.actor, _found(session, work.number), now(), problem)


def _is_wanted(context: JobContext, work: Work, total: int) -> bool:
    """Whether any row is to be entered; a table that counts wholly must have been tried."""
    if work.state is ImportState.CHECKING:
        with context.step() as session:
            operations.begin_checking(session, _found(session, work.number), total)
        if work.mode is ImportMode.ALL and not _is_faultless(context, work, total):
            return False
        with context.step() as session:
            operations.begin_writing(_found(session, work.number))
    context.point("before_writing")
    return True


def _is_faultless(context: JobContext, work: Work, total: int) -> bool:
    """Try every row and take all back; what speaks against one is kept."""
    with context.step() as session:
        rows = rows_of(session, work.actor, work.kind, now())
    done, is_faultless = 0, True
    for part in work.slices(SLICE):
        context.progress(CHECK, done, total)
        with context.step() as session:
            faulty = refused_rows(_tried(session, work, rows, part))
            operations.keep(session, own_vault(), _found(session, work.number), faulty)
        done, is_faultless = done + len(part), is_faultless and not faulty
    return is_faultless


def _write(context: JobContext, work: Work, total: int) -> None:
    """Enter the rows behind the last that was written."""
    is_whole = work.mode is ImportMode.ALL
    with context.step() as session:
        rows = rows_of(session, work.actor, work.kind, now())
        found = _found(session, work.number)
        done, is_stopped = found.entered + found.known + found.refused, is_whole and found.refused
    if is_stopped:
        return
    for part in work.slices(WHOLE if is_whole else SLICE, after=work.last_row):
        context.progress(WRITE, done, total)
        with context.step() as session:
            results = _written(session, work, rows, part)
            found = _found(session, work.number)
            operations.keep(session, own_vault(), found, results)
            found.last_row = part[-1].number
        context.point("after_slice")
        if is_whole and refused_rows(results):
            return
        done += len(part)


def _tried(session: Session, work: Work, rows: Rows, part: list[SentRow]) -> dict[int, Result]:
    results: dict[int, Result] = {}
    try:
        with savepoint(session):
            results = _entered(session, work, rows, part)
            raise _TakenBack
    except _TakenBack:
        rows.take_back()
    return results


def _written(session: Session, work: Work, rows: Rows, part: list[SentRow]) -> dict[int, Result]:
    """Enter a slice; of one that must be whole and is not, nothing stays but what is wrong."""
    results: dict[int, Result] = {}
    try:
        with savepoint(session):
            results = _entered(session, work, rows, part)
            if work.mode is ImportMode.ALL and refused_rows(results):
                raise _TakenBack
    except _TakenBack:
        return refused_rows(results)
    return results


def _entered(session: Session, work: Work, rows: Rows, part: list[SentRow]) -> dict[int, Result]:
    picked = {row.number: work.head.picked(row.cells) for row in part}
    rows.hold(session, work.actor, list(picked.values()))
    return {number: _result(session, work, rows, cells) for number, cells in picked.items()}


def _result(session: Session, work: Work, rows: Rows, cells: Mapping[str, str]) -> Result:
    """What becomes of one row, which stands or falls alone."""
    try:
        with savepoint(session):
            return rows.enter(session, work.actor, cells, now())
    except RowRefused as refusal:
        return Result(Outcome.REFUSED, remarks=refusal.remarks)
    except GufeiError as error:
        name = error.field if isinstance(error, Refused) else None
        column = headings(work.kind).get(name or "", "")
        return Result(Outcome.REFUSED, remarks=(Remark(column, str(error.message)),))


def _opened(session: Session, number: str) -> Work:
    found = _found(session, number, undefer(ImportFile.file_box))
    assert found.file_box is not None
    table = open_table(own_vault().open(found.file_box, file_context(number)))
    return Work(
        number=number,
        kind=found.kind,
        mode=found.mode,
        state=found.state,
        language=found.language,
        last_row=found.last_row,
        actor=_sender(session, found),
        table=table,
        head=find_columns(found.kind, table.head.cells),
    )


def _sender(session: Session, found: ImportFile) -> Actor:
    """Who sent the file, by what that person may do now."""
    user = session.get_one(User, found.user_id)
    is_member = user.is_active and user.company_id == found.company_id
    return actor_of(user) if is_member else PUBLIC


def _found(session: Session, number: str, *options: ExecutableOption) -> ImportFile:
    return session.scalars(
        select(ImportFile).where(ImportFile.number == number).options(*options)
    ).one()


def _counted(work: Work) -> int:
    """How many rows there are; raises `Refused` for none, too many, or what cannot be read."""
    if not may_import(work.actor):
        raise Refused(_("上传人已不再为本企业办理业务，没有导入任何内容。"))
    total, most = sum(1 for _row in work.table.rows()), MOST_ROWS[work.kind]
    if not total:
        raise Refused(_("表头下面没有数据，没有导入任何内容。"))
    if total > most:
        raise Refused(
            _(
                "这份表有 %(rows)s 行，一次最多 %(most)s 行：请分成几份上传。",
                rows=f"{total:,}",
                most=f"{most:,}",
            )
        )
    return total
