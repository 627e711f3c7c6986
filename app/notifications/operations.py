"""Telling people, and what a person does with what they were told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from flask_babel import LazyString, force_locale
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.catalogue.models import Material
from app.core.actor import ActorKind, CompanyRole
from app.notifications import letters
from app.notifications.models import Notification, Preference
from app.notifications.rules import LONGEST_KEY, Kind, is_own_path, missing, plain_line
from app.notifications.words import EN

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
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
    on_site: bool
    by_mail: bool


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
    in tonnes, a lazy text is kept in both languages; never a limit price. `path` is a page of this
    site. Raises `ValueError` if a value is missing or the path leads elsewhere.
    """
    whom = and_(User.company_id == company_id, User.company_role.in_(roles))
    _tell(session, whom, _message(session, kind, key, path, now, values))


def tell_operators(
    session: Session, kind: Kind, key: str, path: str, now: datetime, **values: Value
) -> None:
    """Tell everybody who runs the market; see `tell_company`."""
    whom = User.kind == ActorKind.OPERATOR
    _tell(session, whom, _message(session, kind, key, path, now, values))


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
    for user_id in _added(session, message, readers):
        reader = readers[user_id]
        if reader.by_mail:
            letters.send(session, reader.email, message.kind, message.values, message.path)


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
        Reader(user_id, email, on_site is not False, by_mail is not False)
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
            "read_at": None if reader.on_site else message.at,
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
