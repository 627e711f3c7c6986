"""Telling people, and what a person does with what they were told.

Nothing here binds a firm, so nothing of it enters the audit trail.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, cast

from flask_babel import LazyString, force_locale
from sqlalchemy import ColumnElement, CursorResult, and_, delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.catalogue.models import Material
from app.core.actor import Actor, ActorKind, CompanyRole
from app.core.errors import NotFound
from app.core.series import INSERT
from app.notifications import letters
from app.notifications.models import Notification, Preference
from app.notifications.rules import (
    KEPT,
    LONGEST_KEY,
    MAIL_WINDOW,
    MOST_MAILS,
    Kind,
    Wish,
    is_own_path,
    missing,
    plain_line,
)
from app.notifications.words import EN

TRADERS = (CompanyRole.MANAGER, CompanyRole.TRADER)
Value: TypeAlias = "str | LazyString"


@dataclass(frozen=True, slots=True)
class Message:
    """What several people are told at once; see the model `Notification`."""

    kind: Kind
    key: str
    path: str
    at: datetime
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody to be told, and what the person wishes of this kind."""

    user_id: int
    email: str
    wish: Wish


def tell_company(
    session: Session,
    company_id: int,
    kind: Kind,
    key: str,
    path: str,
    now: datetime,
    *,
    roles: Collection[CompanyRole] = TRADERS,
    **values: Value,
) -> None:
    """Tell a firm's people of these roles, once per person, kind and key; mail follows the commit.

    `values` are those of `rules.VALUES`: `material` is a code of the catalogue, masses are written
    in tonnes, a lazy text is kept in both languages (as is any `x` with an `x_en`); never a limit
    price. `path` is a page of this site. Raises `ValueError` if a value is missing or the path
    leads elsewhere.
    """
    whom = and_(User.company_id == company_id, User.company_role.in_(roles))
    _tell(session, whom, _message(session, kind, key, path, now, values))


def tell_operators(
    session: Session, kind: Kind, key: str, path: str, now: datetime, **values: Value
) -> None:
    """Tell everybody who runs the market; see `tell_company`."""
    whom = User.kind == ActorKind.OPERATOR
    _tell(session, whom, _message(session, kind, key, path, now, values))


def read(session: Session, actor: Actor, notification_id: int, now: datetime) -> Notification:
    """Take note of one's own message; raises `NotFound` for everybody else's."""
    found = session.get(Notification, notification_id)
    if found is None or found.user_id != actor.user_id:
        raise NotFound
    found.read_at = found.read_at or now
    return found


def read_all(session: Session, actor: Actor, now: datetime) -> int:
    """Take note of all one's messages; returns how many were unread."""
    return _read(session, now, Notification.user_id == actor.user_id)


def wish(session: Session, actor: Actor, wishes: Mapping[Kind, Wish], now: datetime) -> None:
    """Keep how the person wishes to hear of these kinds; what is not to be shown counts as read."""
    for kind, wanted in wishes.items():
        row = Preference(user_id=actor.user_id, kind=kind)
        row.on_site, row.by_mail = wanted.on_site, wanted.by_mail
        session.merge(row)
    hidden = [kind for kind, wanted in wishes.items() if not wanted.on_site]
    _read(session, now, Notification.user_id == actor.user_id, Notification.kind.in_(hidden))


def forget(session: Session, now: datetime, most: int) -> int:
    """Delete at most so many messages that were read long ago; returns how many there were."""
    old = select(Notification.id).where(Notification.read_at < now - KEPT).limit(most)
    gone = session.execute(delete(Notification).where(Notification.id.in_(old)))
    return cast("CursorResult[Any]", gone).rowcount


def _read(session: Session, now: datetime, *which: ColumnElement[bool]) -> int:
    unread = (*which, Notification.read_at.is_(None))
    changed = session.execute(update(Notification).where(*unread).values(read_at=now))
    return cast("CursorResult[Any]", changed).rowcount


def _message(
    session: Session,
    kind: Kind,
    key: str,
    path: str,
    now: datetime,
    values: Mapping[str, Value],
) -> Message:
    lacking = missing(kind, values)
    if lacking:
        raise ValueError(f"{kind} needs {', '.join(sorted(lacking))}")
    if not is_own_path(path):
        raise ValueError(f"{path!r} is no page of this site")
    if len(key) > LONGEST_KEY:
        raise ValueError(f"{key!r} is too long")
    return Message(kind, key, path, now, _stored(session, values))


def _tell(session: Session, whom: ColumnElement[bool], message: Message) -> None:
    readers = {reader.user_id: reader for reader in _readers(session, whom, message.kind)}
    added = _added(session, message, readers)
    flooded = _flooded(session, added, message)
    for user_id in added:
        reader = readers[user_id]
        if reader.wish.by_mail and user_id not in flooded:
            letters.send(session, reader.email, message.kind, message.values, message.path)


def _flooded(session: Session, user_ids: Collection[int], message: Message) -> frozenset[int]:
    """Who was told so often of one page lately that it no longer goes out by mail."""
    lately = (
        Notification.user_id.in_(user_ids),
        Notification.path == message.path,
        Notification.at > message.at - MAIL_WINDOW,
    )
    often = func.count() > MOST_MAILS
    query = select(Notification.user_id).where(*lately).group_by(Notification.user_id).having(often)
    return frozenset(session.scalars(query))


def _readers(session: Session, whom: ColumnElement[bool], kind: Kind) -> list[Reader]:
    """Those who are told, by id: the order in which their rows are locked."""
    own = and_(Preference.user_id == User.id, Preference.kind == kind)
    query = (
        select(User.id, User.email, Preference.on_site, Preference.by_mail)
        .outerjoin(Preference, own)
        .where(whom, User.is_active)
        .order_by(User.id)
    )
    return [
        Reader(user_id, email, Wish(on_site is not False, by_mail is not False))
        for user_id, email, on_site, by_mail in session.execute(query)
    ]


def _added(session: Session, message: Message, readers: Mapping[int, Reader]) -> list[int]:
    """The ids of those who had not been told before; the database decides who comes first.

    Who wants nothing on the site has it there as read: the row still keeps the mail from going
    out twice.
    """
    if not readers:
        return []
    rows = [
        {
            "user_id": reader.user_id,
            "kind": message.kind,
            "key": message.key,
            "path": message.path,
            "at": message.at,
            "values": dict(message.values),
            "read_at": None if reader.wish.on_site else message.at,
        }
        for reader in readers.values()
    ]
    insert = INSERT[session.get_bind().dialect.name](Notification).values(rows)
    once = insert.on_conflict_do_nothing(index_elements=["user_id", "kind", "key"])
    return list(session.scalars(once.returning(Notification.user_id)))


def _stored(session: Session, values: Mapping[str, Value]) -> dict[str, str]:
    """The values as they are kept: one harmless line each, in both languages where they differ."""
    stored: dict[str, str] = {}
    for name, value in values.items():
        stored[name] = plain_line(str(value))
        if isinstance(value, LazyString):
            with force_locale("zh"):
                stored[name] = plain_line(str(value))
            with force_locale("en"):
                stored[name + EN] = plain_line(str(value))
    material = session.get(Material, stored.get("material", ""))
    if material is not None:
        stored |= {"material": material.name_zh, "material" + EN: material.name_en}
    return stored
