"""Read-only questions about a person's messages and wishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.clock import china_day
from app.notifications.models import Notification, Preference
from app.notifications.rules import Kind, Wish

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message; `values` fill the kind's sentence, `path` is where to go on."""

    id: int
    kind: Kind
    values: Mapping[str, str]
    path: str
    at: datetime
    is_read: bool

    @property
    def group(self) -> tuple[bool, date]:
        return self.is_read, china_day(self.at)


@dataclass(frozen=True, slots=True)
class Day:
    """The messages of one day in China that are all read or all unread, the newest first."""

    is_read: bool
    day: date
    rows: list[MessageRow]


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of a person's messages, the unread ones first; pages count from 1."""

    days: list[Day]
    page: int
    total: int
    unread: int

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return min(self.page * PAGE_SIZE, self.total)


def unread(session: Session, actor: Actor) -> int:
    """How many messages the person has not read."""
    waiting = (Notification.user_id == actor.user_id, Notification.read_at.is_(None))
    return session.scalar(select(func.count()).select_from(Notification).where(*waiting)) or 0


def inbox(session: Session, actor: Actor, page: int = 1) -> Inbox:
    """A page of what the person was told and wishes to see."""
    shown = _shown(actor)
    total = session.scalar(select(func.count()).select_from(shown.subquery())) or 0
    page = max(1, min(page, -(-total // PAGE_SIZE)))
    query = (
        shown.order_by(
            Notification.read_at.is_not(None), Notification.at.desc(), Notification.id.desc()
        )
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    rows = [_row(message) for message in session.scalars(query)]
    groups = groupby(rows, key=lambda row: row.group)
    days = [Day(is_read, day, list(members)) for (is_read, day), members in groups]
    return Inbox(days, page, total, unread(session, actor))


def wishes(session: Session, actor: Actor) -> dict[Kind, Wish]:
    """What the person wishes of every kind."""
    changed = session.scalars(select(Preference).where(Preference.user_id == actor.user_id))
    return dict.fromkeys(Kind, Wish()) | {
        row.kind: Wish(on_site=row.on_site, by_mail=row.by_mail) for row in changed
    }


def _shown(actor: Actor) -> Select[Notification]:
    own = and_(Preference.user_id == Notification.user_id, Preference.kind == Notification.kind)
    return (
        select(Notification)
        .outerjoin(Preference, own)
        .where(Notification.user_id == actor.user_id)
        .where(or_(Preference.on_site.is_(None), Preference.on_site))
    )


def _row(found: Notification) -> MessageRow:
    return MessageRow(
        id=found.id,
        kind=found.kind,
        values=found.values,
        path=found.path,
        at=found.at,
        is_read=found.read_at is not None,
    )
