"""Files that were sent in, and what became of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.core.db import Base, UtcDateTime, word_enum
from app.imports.rules import ImportKind, ImportMode, ImportState


class Import(Base):
    """One file. `report` is the sender's own file with a column that says what is wrong per row.

    Files hold limit prices, so both are sealed; they are dropped when the import is a week old.
    """

    __tablename__ = "import_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[ImportKind] = mapped_column(word_enum(ImportKind))
    mode: Mapped[ImportMode] = mapped_column(word_enum(ImportMode))
    state: Mapped[ImportState] = mapped_column(word_enum(ImportState))
    file_name: Mapped[str] = mapped_column(String(120))
    file_box: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    report_box: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    row_count: Mapped[int] = mapped_column(default=0)
    good_count: Mapped[int] = mapped_column(default=0)
    bad_count: Mapped[int] = mapped_column(default=0)
    job_id: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
