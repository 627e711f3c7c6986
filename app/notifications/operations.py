"""Telling people, and what a person does with what they were told.

Nothing here binds a firm, so nothing of it enters the audit trail.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, cast

from flask_babel import LazyString, force_locale
from sqlalchemy import (
    JSON,
    ColumnElement,
    CursorResult,
    String,
    and_,
    case,
    delete,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.catalogue.models import Material
from app.core.actor import Actor, ActorKind, CompanyRole
from app.core.db import UtcDateTime
from app.core.errors import NotFound
from app.core.series import INSERT
from app.notifications.models import Notification, Preference
from app.notifications.rules import (
    KEPT,
    LONGEST_KEY,
    Kind,
    Wish,
    is_own_path,
    missing,
    plain_line,
)
from app.notifications.words import EN

TRADERS = (CompanyRole.MANAGER, CompanyRole.TRADER)
WASTES = "notification_wastes"
"""Under which name a session keeps what the wastes it told of are called."""

Value: TypeAlias = "str | LazyString"


@dataclass(frozen=True, slots=True)
class Message:
    """What several people are told at once; see the model `Notification`."""

    kind: Kind
    key: str
    path: str
    at: datetime
    values: Mapping[str, str]


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
    """Tell a firm's people of these roles, once per person, kind and key; a job sends the mail.

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


def tell_officials(
    session: Session,
    regions: Collection[str],
    kind: Kind,
    key: str,
    path: str,
    now: datetime,
    **values: Value,
) -> None:
    """Tell the officials of these regions; see `tell_company`."""
    whom = and_(User.kind == ActorKind.REGULATOR, User.region.in_(regions))
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
    """Tell those who had not been told before; the database decides who comes first.

    Who wants nothing on the site has it there as read: the row still keeps the mail from going
    out twice. By id is the order in which the rows are locked.
    """
    own = and_(Preference.user_id == User.id, Preference.kind == message.kind)
    row = _row(message)
    readers = select(*row.values()).select_from(User).outerjoin(Preference, own)
    told = readers.where(whom, User.is_active).order_by(User.id)
    rows = INSERT[session.get_bind().dialect.name](Notification).from_select([*row], told)
    session.execute(rows.on_conflict_do_nothing(index_elements=["user_id", "kind", "key"]))


def _row(message: Message) -> dict[str, ColumnElement[Any]]:
    """A reader's row by its columns; without a preference both channels are on."""
    at, never = literal(message.at, UtcDateTime), literal(None, UtcDateTime)
    return {
        "user_id": User.id.expression,
        "kind": literal(message.kind, Notification.kind.type),
        "key": literal(message.key, String),
        "path": literal(message.path, String),
        "at": at,
        "values": literal(dict(message.values), JSON),
        "read_at": case((Preference.on_site.is_(False), at), else_=never),
        "mail_due": case((Preference.by_mail.is_(False), never), else_=at),
    }


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
    if "material" in stored:
        stored |= _names(session, stored["material"])
    return stored


def _names(session: Session, code: str) -> Mapping[str, str]:
    """What a waste of the catalogue is called; nothing, if it has no such waste. A deed tells
    several firms of one, so the session keeps the answer.
    """
    known: dict[str, Mapping[str, str]] = session.info.setdefault(WASTES, {})
    if code not in known:
        found = session.get(Material, code)
        known[code] = {"material": found.name_zh, "material" + EN: found.name_en} if found else {}
    return known[code]
