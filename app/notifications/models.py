"""Notifications and what each person wishes of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import Base, UtcDateTime, word_enum
from app.notifications.rules import Kind


class Notification(Base):
    """One thing one person was told. `key` makes it happen once; `values` fill the kind's sentence.

    `path` is where on this site to go on. `values` never hold a limit price. While a letter is
    owed, `mail_due` is when it is to be tried next; `mailed_at` is when it was handed over.
    """

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("user_id", "kind", "key"),
        Index(
            "ix_notification_mail_due",
            "mail_due",
            sqlite_where=text("mail_due IS NOT NULL"),
            postgresql_where=text("mail_due IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[Kind] = mapped_column(word_enum(Kind))
    key: Mapped[str] = mapped_column(String(96))
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    path: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mail_due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mail_tries: Mapped[int] = mapped_column(default=0, server_default="0")
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()


class Preference(Base):
    """What a person changed for one kind; without a row both channels are on."""

    __tablename__ = "notification_preference"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(word_enum(Kind), primary_key=True)
    on_site: Mapped[bool] = mapped_column(default=True)
    by_mail: Mapped[bool] = mapped_column(default=True)
