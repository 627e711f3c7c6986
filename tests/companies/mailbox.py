"""The mail that an application has sent where no server is set: a Maildir in its data folder."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

from flask import Flask

from app.core.mail import MAILDIR
from app.settings import Settings


def letters(app: Flask) -> list[EmailMessage]:
    """Every message, oldest first."""
    settings: Settings = app.extensions["gufei.settings"]
    paths = (settings.data_dir / MAILDIR / "new").glob("*")
    found = sorted(paths, key=lambda path: path.stat().st_mtime_ns)
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]


def link_in(letter: EmailMessage) -> str:
    """The path and query of the first link in a message."""
    found = re.search(r"https?://[^/\s]+(/\S+)", letter.get_content())
    assert found, letter.get_content()
    return found[1]
