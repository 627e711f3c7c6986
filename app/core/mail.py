"""Mail: to an SMTP server, or into a Maildir where none is set.

`send` hands a letter over right after the commit; it is written down nowhere, for it may carry a
link that sets a password. What must not get lost is owed by a table and sent by a job: see
`app/notifications/mailing.py`.
"""

from __future__ import annotations

import mailbox
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.transactions import after_commit
from app.settings import Settings

SMTP_TIMEOUT_SECONDS = 10
MAILDIR = "mail"
"""Where in the data folder mail is kept without a server; any mail program opens it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One plain-text message.

    A letter that might be sent twice has a `name` and a time `at`: it is the same message then.
    """

    to: str
    subject: str
    body: str
    name: str = ""
    at: datetime | None = None


class Post(Protocol):
    """Something that takes messages: a connection to a server, or a folder."""

    def send_message(self, msg: EmailMessage) -> object: ...


def send(session: Session, settings: Settings, to: str, subject: str, body: str) -> None:
    """Send one plain-text message behind this session's commit."""
    letter = Letter(to, subject, body)
    after_commit(session, lambda: _deliver(settings, letter))


def _deliver(settings: Settings, letter: Letter) -> None:
    with connected(settings) as post:
        post.send_message(composed(settings, letter))


def composed(settings: Settings, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = settings.mail_from, letter.to
    message["Subject"] = letter.subject
    message["Date"] = letter.at or now()
    if letter.name:
        host = parseaddr(settings.mail_from)[1].partition("@")[2] or "localhost"
        message["Message-ID"] = f"<{letter.name}@{host}>"
    message.set_content(letter.body)
    return message


@contextmanager
def connected(settings: Settings) -> Iterator[Post]:
    """Somebody who takes letters; raises `OSError` if there is nobody."""
    if settings.smtp_url is None:
        yield _Folder(settings.data_dir / MAILDIR)
        return
    server = urlsplit(settings.smtp_url)
    host, port = server.hostname or "localhost", server.port or 587
    with smtplib.SMTP(host, port, timeout=SMTP_TIMEOUT_SECONDS) as smtp:
        if server.scheme == "smtps" or server.username:
            smtp.starttls(context=ssl.create_default_context())
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        yield smtp


class _Folder:
    """A Maildir; its parts are made here, for several processes may be first."""

    def __init__(self, folder: Path) -> None:
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        self._box = mailbox.Maildir(folder)

    def send_message(self, msg: EmailMessage) -> object:
        return self._box.add(msg)
