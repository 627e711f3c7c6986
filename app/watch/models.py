"""Flags: what the watch found, whose turn it is, and how it ended."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.companies.models import Company, Site
from app.core.append_only import append_only
from app.core.db import Base, UtcDateTime, word_enum
from app.watch.rules import Deed, FlagStatus, Outcome
from app.watch.signs.facts import Kind, Severity


class Flag(Base):
    """A finding under its number. `key` makes it one, however often it is found.

    Firm and county are those of the site when it was raised. `evidence` holds rows of name, value
    and measure, `loads` the numbers of consignment notes. `owner` is the person who took it; until
    then it is the county's. `asked_at` is when the firm was first asked: from then on it sees it.
    """

    __tablename__ = "flag"
    __table_args__ = (
        Index("ix_flag_adcode_status", "adcode", "status"),
        CheckConstraint("(status = 'closed') = (outcome IS NOT NULL)", name="ends_with_an_outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[Kind] = mapped_column(word_enum(Kind))
    severity: Mapped[Severity] = mapped_column(word_enum(Severity))
    month: Mapped[date] = mapped_column(index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    adcode: Mapped[str] = mapped_column(String(6))
    material: Mapped[str | None] = mapped_column(ForeignKey("material.code"))
    plate: Mapped[str] = mapped_column(String(12), default="")
    evidence: Mapped[list[list[Any]]] = mapped_column(JSON)
    loads: Mapped[list[str]] = mapped_column(JSON)
    explanation: Mapped[str] = mapped_column(String(300), default="")
    status: Mapped[FlagStatus] = mapped_column(word_enum(FlagStatus))
    due: Mapped[date | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    outcome: Mapped[Outcome | None] = mapped_column(word_enum(Outcome))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    site: Mapped[Site] = relationship()
    company: Mapped[Company] = relationship()
    owner: Mapped[User | None] = relationship()
    events: Mapped[list[FlagEvent]] = relationship(order_by="FlagEvent.id")


@append_only
class FlagEvent(Base):
    """One thing that was done about a flag, with what was said and by when the next is due."""

    __tablename__ = "flag_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("flag.id"), index=True)
    deed: Mapped[Deed] = mapped_column(word_enum(Deed))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(64))
    person: Mapped[str] = mapped_column(String(40), default="")
    words: Mapped[str] = mapped_column(String(500), default="")
    due: Mapped[date | None]
