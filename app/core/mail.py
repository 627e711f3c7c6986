"""Mail, sent only after the commit: to an SMTP server, or into a Maildir where none is set.

All letters of one transaction leave together, over one connection.
"""

from __future__ import annotations

import mailbox
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import structlog
from sqlalchemy.orm import Session

from app.core.transactions import after_commit
from app.settings import Settings

log = structlog.get_logger()
SMTP_TIMEOUT_SECONDS = 10
MAILDIR = "mail"
"""Where in the data folder mail is kept without a server; any mail program opens it."""
OUTBOX = "mail_outbox"
"""Under which name a session keeps the letters that wait for its commit."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One plain-text message."""

    to: str
    subject: str
    body: str


class Post(Protocol):
    """Something that takes messages: a connection to a server, or a folder."""

    def send_message(self, msg: EmailMessage) -> object: ...


def send(session: Session, settings: Settings, to: str, subject: str, body: str) -> None:
    """Queue one plain-text message behind this session's commit."""
    letters: list[Letter] = session.info.setdefault(OUTBOX, [])
    if not letters:
        after_commit(session, lambda: deliver(settings, letters))
    letters.append(Letter(to, subject, body))


def deliver(settings: Settings, letters: list[Letter]) -> None:
    """Hand the letters over now; raises `OSError` if there is nobody to take them.

    A letter that is refused is logged and stops no other: what a library or a server finds wrong
    with one address must not cost somebody else a message.
    """
    with _post(settings) as post:
        for letter in letters:
            try:
                post.send_message(_composed(settings, letter))
            except smtplib.SMTPServerDisconnected:
                raise
            except Exception:
                log.exception("letter_not_sent")


def _composed(settings: Settings, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = settings.mail_from, letter.to
    message["Subject"] = letter.subject
    message.set_content(letter.body)
    return message


@contextmanager
def _post(settings: Settings) -> Iterator[Post]:
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
