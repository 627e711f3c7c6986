"""Read-only questions about a person's messages."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.notifications.models import Notification


def unread(session: Session, actor: Actor) -> int:
    """How many messages the person has not read."""
    waiting = (Notification.user_id == actor.user_id, Notification.read_at.is_(None))
    return session.scalar(select(func.count()).select_from(Notification).where(*waiting)) or 0
