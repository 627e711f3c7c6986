"""Forms that count once: whoever sends one twice gets the answer of the first time.

A form carries a hidden random key. The first transaction that brings it enters it here; a second
one at the same instant waits for the first, and finds what that led to.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from hashlib import sha256

from flask_babel import lazy_gettext as _l
from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.actor import Actor
from app.core.db import Base, UtcDateTime
from app.core.errors import Refused
from app.core.series import INSERT

KEY_BYTES = 16
KEY = re.compile(rf"[0-9a-f]{{{2 * KEY_BYTES}}}")


class SentForm(Base):
    """A form that somebody has sent; `answer` is the number of what it made.

    `key` is made of the form's name and the key it carried.
    """

    __tablename__ = "sent_form"

    actor: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    answer: Mapped[str] = mapped_column(String(32), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def new_key() -> str:
    """A key for a form that is shown for the first time."""
    return secrets.token_hex(KEY_BYTES)


def sending(session: Session, actor: Actor, form: str, key: str, now: datetime) -> SentForm:
    """The form with this key of this person; without `answer` if it is here for the first time.

    `form` says which form it is: a key sent with another one is another. The caller writes the
    answer once the deed is done. Raises `Refused` for what is no key.
    """
    if not KEY.fullmatch(key):
        raise Refused(_l("表单不完整，没有提交。请刷新页面后重填。"))
    stored = sha256(f"{form} {key}".encode()).hexdigest()[: 2 * KEY_BYTES]
    insert = INSERT[session.get_bind().dialect.name]
    row = {"actor": actor.label, "key": stored, "answer": "", "at": now}
    session.execute(insert(SentForm).values(row).on_conflict_do_nothing())
    return session.get_one(SentForm, (actor.label, stored), populate_existing=True)
