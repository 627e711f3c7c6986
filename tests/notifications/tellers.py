"""What processes of their own do in the tests of telling and of mail."""

from __future__ import annotations

import os
import signal
import tempfile
from datetime import datetime
from pathlib import Path
from threading import Barrier
from unittest.mock import patch

from app.core.transactions import database
from app.notifications.operations import tell_company
from app.notifications.rules import Kind
from tests.installations import build
from tests.notifications.factories import MATCH, PATH, send_mail, tell_match


def tell(database_url: str, company_id: int, keys: list[str], now: datetime, start: Barrier) -> int:
    """Tell the firm each of the keys at the same time as the other processes, then send what is
    owed while they do so too; returns how many mails this one has sent.
    """
    with tempfile.TemporaryDirectory() as folder:
        app = build(Path(folder), DATABASE_URL=database_url)
        with app.app_context():
            for key in keys:
                start.wait(timeout=60)
                with database().writing() as session:
                    tell_company(session, company_id, Kind.NEW_MATCH, key, PATH, now, **MATCH)
            start.wait(timeout=60)
            with patch("app.core.clock.read_clock", lambda: now):
                send_mail()
        return len(list((Path(folder) / "mail" / "new").glob("*")))


def tell_and_die(database_url: str, company_id: int, at: datetime) -> None:
    """Tell the firm something and be gone once that is committed."""
    with tempfile.TemporaryDirectory() as folder:
        with build(Path(folder), DATABASE_URL=database_url).app_context():
            tell_match(company_id, at)
        os.kill(os.getpid(), signal.SIGKILL)
