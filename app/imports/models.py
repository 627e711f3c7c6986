"""The tables of imports: the file that was sent, and what became of its rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.companies.models import Company
from app.core.db import Base, UtcDateTime, word_enum
from app.imports.rules import ImportKind, ImportMode, ImportState, Outcome


class ImportFile(Base):
    """A table that somebody sent in.

    `file_box` is the file itself, sealed, since it may hold limit prices; it is dropped when its
    time is over. `rows` are all there are once they have been counted, `last_row` is the row up to
    which everything is written, and `problem` says why the whole file could not be taken.
    """

    __tablename__ = "import_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[ImportKind] = mapped_column(word_enum(ImportKind))
    mode: Mapped[ImportMode] = mapped_column(word_enum(ImportMode))
    state: Mapped[ImportState] = mapped_column(word_enum(ImportState))
    language: Mapped[str] = mapped_column(String(2))
    file_name: Mapped[str] = mapped_column(String(120))
    file_bytes: Mapped[int]
    file_box: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    job_id: Mapped[str] = mapped_column(String(32))
    rows: Mapped[int] = mapped_column(default=0)
    last_row: Mapped[int] = mapped_column(default=0)
    entered: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(300), default="")
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    company: Mapped[Company] = relationship()
    user: Mapped[User] = relationship()


class ImportRow(Base):
    """What became of a row: `made` is the number it led to, `remarks_box` what speaks against it.

    `row` is counted as the sender's own program does. Remarks quote what was typed, in whatever
    column somebody typed a limit price, so they are sealed too.
    """

    __tablename__ = "import_row"

    import_id: Mapped[int] = mapped_column(ForeignKey("import_file.id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    outcome: Mapped[Outcome] = mapped_column(word_enum(Outcome))
    made: Mapped[str] = mapped_column(String(20), default="")
    remarks_box: Mapped[bytes | None] = mapped_column(LargeBinary)
