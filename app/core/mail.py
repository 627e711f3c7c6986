"""Mail, sent only after the commit: to an SMTP server, or into a Maildir where none is set."""

from __future__ import annotations

import mailbox
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy.orm import Session

from app.core.transactions import after_commit
from app.settings import Settings

SMTP_TIMEOUT_SECONDS = 10
MAILDIR = "mail"
"""Where in the data folder mail is kept without a server; any mail program opens it."""


def send(session: Session, settings: Settings, to: str, subject: str, body: str) -> None:
    """Queue one plain-text message behind this session's commit.

    It is composed there too: what a library refuses in an address must not undo the deed.
    """
    after_commit(session, lambda: deliver(settings, compose(settings, to, subject, body)))


def compose(settings: Settings, to: str, subject: str, body: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, to, subject
    message.set_content(body)
    return message


def deliver(settings: Settings, message: EmailMessage) -> None:
    """Hand the message over now; raises `OSError` or `smtplib.SMTPException`."""
    if settings.smtp_url is None:
        _keep(settings.data_dir / MAILDIR, message)
        return
    server = urlsplit(settings.smtp_url)
    host, port = server.hostname or "localhost", server.port or 587
    with smtplib.SMTP(host, port, timeout=SMTP_TIMEOUT_SECONDS) as smtp:
        if server.scheme == "smtps" or server.username:
            smtp.starttls(context=ssl.create_default_context())
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message)


def _keep(folder: Path, message: EmailMessage) -> None:
    """Add to a Maildir; its folders are made here, for several processes may be first."""
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    mailbox.Maildir(folder).add(message)
