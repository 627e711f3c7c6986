"""The audit trail: who did what to which object, when. Rows are added and never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import has_request_context
from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.actor import Actor
from app.core.append_only import append_only
from app.core.db import Base, UtcDateTime
from app.core.logs import request_id


@append_only
class AuditEvent(Base):
    """One deed. `detail` never holds a limit price, a password or a token."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor: Mapped[str] = mapped_column(String(64))
    verb: Mapped[str] = mapped_column(String(64))
    object_kind: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(String(64), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    request_id: Mapped[str] = mapped_column(String(32), default="")


def record(
    session: Session,
    actor: Actor,
    verb: str,
    subject: tuple[str, object],
    now: datetime,
    **detail: object,
) -> None:
    """Add one event; `subject` is the object's kind and id, such as `("offer", 12)`."""
    kind, identity = subject
    session.add(
        AuditEvent(
            at=now,
            actor=actor.label,
            verb=verb,
            object_kind=kind,
            object_id=str(identity),
            detail=detail,
            request_id=request_id() if has_request_context() else "",
        )
    )
