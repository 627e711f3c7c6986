"""Letters that are owed: which are due, who has taken them up, what became of them.

The deed itself marks a message as owed, in its own transaction. Whoever takes a letter up puts its
next try off first and removes the mark once the letter is handed over, so whatever dies in between
is tried again. A letter may go out twice then, and never not at all; both carry one Message-ID,
by which mail programs show it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, Select, select, update
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.notifications.models import Notification
from app.notifications.rules import MAIL_LIFE, MOST_MAILS, Kind, is_flooding, next_try


@dataclass(frozen=True, slots=True)
class Owed:
    """A letter to be sent; `at` is when its reader was told."""

    id: int
    to: str
    kind: Kind
    values: Mapping[str, str]
    path: str
    at: datetime


def is_due(session: Session, now: datetime) -> bool:
    """Whether there is a letter to be tried."""
    return session.scalar(select(Notification.id).where(*_due(now)).limit(1)) is not None


def take(session: Session, now: datetime, most: int = 1) -> list[Owed] | None:
    """Take up so many of the letters longest due; `None` if there are none.

    Nobody else gets them before they fall due again. A letter whose reader has left, or is told
    too often of one page, is owed no longer and not returned.
    """
    found = session.execute(_longest_due(now, most)).all()
    taken = []
    for message, user, tenth in found:
        if user.is_active and not is_flooding(message.at, tenth):
            taken.append(_taken(message, user.email, now))
        else:
            message.mail_due = None
    return taken if found else None


def sent(session: Session, notification_id: int, now: datetime) -> None:
    """Note that a letter was handed over."""
    own = Notification.id == notification_id
    session.execute(update(Notification).where(own).values(mail_due=None, mailed_at=now))


def give_up(session: Session, now: datetime) -> list[int]:
    """Owe no longer what nobody has taken for so long; returns the ids of the messages."""
    old = (Notification.mail_due.is_not(None), Notification.at <= now - MAIL_LIFE)
    lost = update(Notification).where(*old).values(mail_due=None).returning(Notification.id)
    return sorted(session.scalars(lost, execution_options={"synchronize_session": False}))


def _taken(message: Notification, to: str, now: datetime) -> Owed:
    message.mail_due = next_try(message.mail_tries, now)
    message.mail_tries += 1
    return Owed(message.id, to, message.kind, message.values, message.path, message.at)


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Notification.mail_due <= now, Notification.at > now - MAIL_LIFE


def _longest_due(now: datetime, most: int) -> Select[Notification, User, datetime | None]:
    """So many messages, locked; what somebody else is taking is passed over."""
    return (
        select(Notification, User, _tenth())
        .join(User, User.id == Notification.user_id)
        .where(*_due(now))
        .order_by(Notification.mail_due, Notification.id)
        .limit(most)
        .with_for_update(of=Notification, skip_locked=True)
    )


def _tenth() -> ScalarSelect[datetime]:
    """When the person was told of the same page, `MOST_MAILS` messages before this one."""
    earlier = aliased(Notification)
    same = (
        earlier.user_id == Notification.user_id,
        earlier.path == Notification.path,
        earlier.id < Notification.id,
    )
    latest = select(earlier.at).where(*same).order_by(earlier.at.desc())
    return latest.offset(MOST_MAILS - 1).limit(1).scalar_subquery()
