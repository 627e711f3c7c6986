"""Taking a table in, calling it off, and what the job records of it. Rows enter in `running`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.core import audit
from app.core.actor import Actor
from app.core.clock import china_day
from app.core.errors import Conflict, NotFound, Refused
from app.core.jobs import operations as jobs
from app.core.office.tables import open_table
from app.core.permissions import require
from app.core.series import next_number
from app.core.vault import Vault
from app.imports.columns import find_columns, headings
from app.imports.models import ImportFile, ImportRow
from app.imports.policy import may_import, visible_to
from app.imports.rules import (
    KEPT,
    UNDER_WAY,
    Head,
    ImportKind,
    ImportMode,
    ImportState,
    Outcome,
    Result,
    Tally,
    file_context,
    last_state,
    may_cancel,
    row_context,
)
from app.notifications.operations import tell_company
from app.notifications.rules import Kind

JOB_KIND = "imports.run"
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class SentFile:
    """A table as it was sent."""

    kind: ImportKind
    mode: ImportMode
    name: str
    content: bytes = field(repr=False)


def receive(
    session: Session, vault: Vault, actor: Actor, sent: SentFile, language: str, now: datetime
) -> ImportFile:
    """Keep a table and have its rows entered by a job that speaks `language`.

    Raises `Refused` at the field `file` for what cannot be read, lacks a column or was entered
    before, and `Forbidden`.
    """
    require(may_import, actor)
    assert actor.company_id is not None
    assert actor.user_id is not None
    _require_head(sent.kind, find_columns(sent.kind, open_table(sent.content).head.cells))
    _require_new(session, vault, actor, sent)
    number = next_number(session, f"I-{china_day(now):%y%m}")
    job = jobs.enqueue(session, JOB_KIND, number, {"number": number}, now)
    found = ImportFile(
        number=number,
        company_id=actor.company_id,
        user_id=actor.user_id,
        kind=sent.kind,
        mode=sent.mode,
        state=ImportState.CHECKING,
        language=language,
        file_name=sent.name[-LONGEST_NAME:],
        file_bytes=len(sent.content),
        file_box=vault.seal(sent.content, file_context(number)),
        job_id=job.id,
        sent_at=now,
    )
    session.add(found)
    detail = {"kind": sent.kind, "mode": sent.mode, "bytes": len(sent.content)}
    audit.record(session, actor, "import.receive", ("import", number), now, **detail)
    return found


def cancel(session: Session, actor: Actor, number: str, now: datetime) -> None:
    """Call an import off while that leaves nothing half; raises `NotFound` or `Conflict`."""
    require(may_import, actor)
    found = session.scalar(
        select(ImportFile).where(ImportFile.number == number, visible_to(actor)).with_for_update()
    )
    if found is None:
        raise NotFound
    if not may_cancel(found.state, found.mode):
        raise Conflict(_l("这次导入已经开始写入或已经结束，不能取消。"))
    jobs.cancel(session, actor, found.job_id, now)
    audit.record(session, actor, "import.cancel", ("import", number), now)


def begin_checking(session: Session, found: ImportFile, rows: int) -> None:
    """Start from the first row; what an attempt before this one remarked is forgotten."""
    session.execute(delete(ImportRow).where(ImportRow.import_id == found.id))
    found.rows = rows
    found.entered = found.known = found.refused = 0


def begin_writing(found: ImportFile) -> None:
    found.state = ImportState.WRITING


def keep(session: Session, vault: Vault, found: ImportFile, results: Mapping[int, Result]) -> None:
    """Record what became of these rows."""
    tally = Tally(found.entered, found.known, found.refused)
    tally.add(results.values())
    found.entered, found.known, found.refused = tally.entered, tally.known, tally.refused
    kept = [
        {
            "import_id": found.id,
            "row": row,
            "outcome": result.outcome,
            "made": result.made,
            "remarks_box": _sealed(vault, found.number, row, result),
        }
        for row, result in results.items()
    ]
    if kept:
        session.execute(insert(ImportRow), kept)


def end(
    session: Session, actor: Actor, found: ImportFile, now: datetime, problem: str = ""
) -> None:
    """Record how an import came out, and tell the firm of a table that was entered."""
    tally = Tally(found.entered, found.known, found.refused)
    found.state = ImportState.REFUSED if problem else last_state(found.mode, tally)
    found.problem, found.ended_at = problem, now
    detail = {"state": found.state, **asdict(tally)}
    audit.record(session, actor, "import.end", ("import", found.number), now, **detail)
    if found.state is ImportState.DONE:
        tell_company(
            session,
            found.company_id,
            Kind.IMPORT_DONE,
            found.number,
            f"/imports/{found.number}",
            now,
            name=found.file_name,
            count=str(found.entered),
        )


def give_up(session: Session, number: str, state: ImportState, now: datetime) -> None:
    """Record that an import's job ended without it."""
    session.execute(
        update(ImportFile)
        .where(ImportFile.number == number, ImportFile.state.in_(UNDER_WAY))
        .values(state=state, ended_at=now)
    )


def forget_files(session: Session, now: datetime) -> int:
    """Drop the files whose time is over; what became of their rows stays."""
    old = (ImportFile.file_box.is_not(None), ImportFile.ended_at < now - KEPT)
    gone = session.scalars(
        update(ImportFile).where(*old).values(file_box=None).returning(ImportFile.id)
    )
    return len(gone.all())


def _sealed(vault: Vault, number: str, row: int, result: Result) -> bytes | None:
    if not result.remarks:
        return None
    text = json.dumps([asdict(remark) for remark in result.remarks], ensure_ascii=False)
    return vault.seal(text.encode(), row_context(number, row))


def _require_head(kind: ImportKind, head: Head) -> None:
    """The table has every column it needs, none of them twice, and none that would be lost."""
    names = headings(kind)
    told = (
        (
            [names[name] for name in head.missing],
            _l("表头缺少：%(columns)s。请用模板，表头一个字也不要改。"),
        ),
        (head.doubled, _l("表头重复：%(columns)s。每一列只留一个。")),
        (
            head.unknown,
            _l("表头里有不认识的列：%(columns)s。请照模板改正；自用的列，请在表头前加 #。"),
        ),
    )
    for columns, sentence in told:
        if columns:
            raise Refused(sentence % {"columns": _listed(columns)}, field="file")


def _listed(names: Iterable[str]) -> str:
    return str(_l("、")).join(f"“{name}”" for name in names)


def _require_new(session: Session, vault: Vault, actor: Actor, sent: SentFile) -> None:
    """The very same table of listings does not enter twice: it would double every tonne.

    Sealed boxes are opened for it: a plain hash would let whoever holds a dump try limit prices.
    Tickets need no such guard, since a ticket that is there already is recognised.
    """
    if sent.kind is ImportKind.TICKETS:
        return
    alike = select(ImportFile).where(
        visible_to(actor),
        ImportFile.kind == sent.kind,
        ImportFile.file_bytes == len(sent.content),
        ImportFile.entered > 0,
        ImportFile.file_box.is_not(None),
    )
    for before in session.scalars(alike):
        assert before.file_box is not None
        if vault.open(before.file_box, file_context(before.number)) == sent.content:
            raise Refused(
                _l(
                    "这份文件已经导入过（%(number)s），再导一次数量会翻倍。要新发布，请改好再上传。",
                    number=before.number,
                ),
                field="file",
            )


def refused_rows(results: Mapping[int, Result]) -> dict[int, Result]:
    """Those of the rows that were not taken."""
    return {row: one for row, one in results.items() if one.outcome is Outcome.REFUSED}
