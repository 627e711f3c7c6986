"""Reference rows that a session reads again and again: read once, until a load changes them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from sqlalchemy.orm import Session

Found = TypeVar("Found")
KEPT = "catalogue"
"""Under which name a session keeps what it has read."""


def remembered(session: Session, key: Hashable, read: Callable[[], Found]) -> Found:
    """What `read` gave under this key; it must depend on nothing but the tables and the key."""
    kept: dict[Hashable, object] = session.info.setdefault(KEPT, {})
    if key not in kept:
        kept[key] = read()
    return cast(Found, kept[key])


def forget(session: Session) -> None:
    """Read the tables anew from now on."""
    session.info.pop(KEPT, None)
