"""How far a run's market is from its plan, and the scenarios that somebody keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.clearing.models import ClearingRun
from app.core.db import Base, UtcDateTime


class GapReport(Base):
    """The gap of a monthly run. `box` is the exact curve and its trades: sealed, it holds limits.

    `shown` is what officials read of it, rounded so that it follows no single firm.
    """

    __tablename__ = "gap_report"

    run_id: Mapped[int] = mapped_column(ForeignKey("clearing_run.id"), primary_key=True)
    measured_at: Mapped[datetime] = mapped_column(UtcDateTime)
    box: Mapped[bytes] = mapped_column(LargeBinary)
    shown: Mapped[dict[str, Any]] = mapped_column(JSON)

    run: Mapped[ClearingRun] = relationship()


class Scenario(Base):
    """Named edits of a run's frozen book. `region` is its owner's, blank for the operator's.

    `box` holds the edited book and both outcomes, sealed as a run's are; `shown` is what officials
    read of them.
    """

    __tablename__ = "scenario"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    run_id: Mapped[int] = mapped_column(ForeignKey("clearing_run.id"))
    region: Mapped[str] = mapped_column(String(6), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    edits: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    job_id: Mapped[str] = mapped_column(String(64))
    solved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    box: Mapped[bytes | None] = mapped_column(LargeBinary)
    shown: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    run: Mapped[ClearingRun] = relationship()
    owner: Mapped[User] = relationship()

    @property
    def context(self) -> str:
        """What its sealed box is bound to."""
        return f"scenario:{self.number}"
