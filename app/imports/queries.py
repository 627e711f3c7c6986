"""What a firm is told of the tables it has sent in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.jobs import queries as jobs
from app.core.jobs.queries import JobRow
from app.core.office.remarks import annotated
from app.core.office.tables import open_table
from app.core.vault import Vault
from app.imports.columns import REMARKS
from app.imports.models import ImportFile, ImportRow
from app.imports.policy import visible_to
from app.imports.rules import (
    ImportKind,
    ImportMode,
    ImportState,
    Outcome,
    Remark,
    file_context,
    may_cancel,
    row_context,
)

MOST_LISTED = 50
MOST_REMARKS = 100
BATCH = 500


@dataclass(frozen=True, slots=True)
class FileRow:
    """A table that was sent in, and how many of its rows came to what."""

    number: str
    kind: ImportKind
    mode: ImportMode
    state: ImportState
    file_name: str
    person: str
    sent_at: datetime
    ended_at: datetime | None
    rows: int
    entered: int
    known: int
    refused: int


@dataclass(frozen=True, slots=True)
class RemarkRow:
    """What speaks against one row; `column` may be blank."""

    row: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import in full; `more_rows` are faulty rows beyond those in `remarks`."""

    file: FileRow
    problem: str
    remarks: list[RemarkRow]
    more_rows: int
    has_file: bool
    may_cancel: bool
    job: JobRow | None


def own(session: Session, actor: Actor) -> list[FileRow]:
    """The last tables of the reader's firm, the newest first."""
    newest = _readable(actor).order_by(ImportFile.id.desc()).limit(MOST_LISTED)
    return [_file_row(found) for found in session.scalars(newest)]


def show(session: Session, vault: Vault, actor: Actor, number: str) -> ImportView:
    """One import of the reader's firm; raises `NotFound`."""
    found = _one(session, actor, number)
    faulty = list(session.scalars(_faulty(found).limit(MOST_REMARKS)))
    has_file = ImportFile.file_box.is_not(None)
    return ImportView(
        file=_file_row(found),
        problem=found.problem,
        remarks=[
            RemarkRow(row.row, remark.column, remark.sentence)
            for row in faulty
            for remark in _remarks(vault, number, row)
        ],
        more_rows=found.refused - len(faulty),
        has_file=bool(session.scalar(select(has_file).where(ImportFile.id == found.id))),
        may_cancel=may_cancel(found.state, found.mode),
        job=jobs.job(session, found.job_id),
    )


def remarked_file(session: Session, vault: Vault, actor: Actor, number: str) -> tuple[str, bytes]:
    """The sender's own file with what speaks against its rows, and its name; raises `NotFound`.

    Where the other rows were entered it holds the faulty ones alone: mended, it can be sent again
    without doubling anything.
    """
    found = _one(session, actor, number)
    if found.file_box is None or not found.refused:
        raise NotFound
    table = open_table(vault.open(found.file_box, file_context(number)))
    content = annotated(
        table,
        str(REMARKS),
        _sentences(session, vault, found),
        only=found.mode is ImportMode.VALID,
    )
    name = PurePath(found.file_name).stem or number
    return f"{name}-{_('原因')}{table.suffix}", content


def _one(session: Session, actor: Actor, number: str) -> ImportFile:
    found = session.scalar(_readable(actor).where(ImportFile.number == number))
    if found is None:
        raise NotFound
    return found


def _readable(actor: Actor) -> Select[ImportFile]:
    return select(ImportFile).where(visible_to(actor)).options(joinedload(ImportFile.user))


def _faulty(found: ImportFile) -> Select[ImportRow]:
    of_file = (ImportRow.import_id == found.id, ImportRow.outcome == Outcome.REFUSED)
    return select(ImportRow).where(*of_file).order_by(ImportRow.row)


def _sentences(session: Session, vault: Vault, found: ImportFile) -> Iterator[tuple[int, str]]:
    """For every faulty row, in order, all that speaks against it in one text."""
    for row in session.scalars(_faulty(found).execution_options(yield_per=BATCH)):
        told = (_told(remark) for remark in _remarks(vault, found.number, row))
        yield row.row, " ".join(told)


def _told(remark: Remark) -> str:
    if not remark.column:
        return remark.sentence
    return str(_("%(column)s：%(sentence)s", column=remark.column, sentence=remark.sentence))


def _remarks(vault: Vault, number: str, row: ImportRow) -> list[Remark]:
    if row.remarks_box is None:
        return []
    kept = json.loads(vault.open(row.remarks_box, row_context(number, row.row)))
    return [Remark(**one) for one in kept]


def _file_row(found: ImportFile) -> FileRow:
    return FileRow(
        number=found.number,
        kind=found.kind,
        mode=found.mode,
        state=found.state,
        file_name=found.file_name,
        person=found.user.name,
        sent_at=found.sent_at,
        ended_at=found.ended_at,
        rows=found.rows,
        entered=found.entered,
        known=found.known,
        refused=found.refused,
    )
