"""What a process of its own does in the tests of concurrent telling."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from threading import Barrier

from app.core.transactions import database
from app.notifications.operations import tell_company
from app.notifications.rules import Kind
from tests.installations import build
from tests.notifications.factories import MATCH, PATH


def tell(database_url: str, company_id: int, keys: list[str], now: datetime, start: Barrier) -> int:
    """Tell the firm each of the keys at the same time as the other processes; the mails sent."""
    with tempfile.TemporaryDirectory() as folder:
        app = build(Path(folder), DATABASE_URL=database_url)
        with app.app_context():
            for key in keys:
                start.wait(timeout=60)
                with database().writing() as session:
                    tell_company(session, company_id, Kind.NEW_MATCH, key, PATH, now, **MATCH)
        return len(list((Path(folder) / "mail" / "new").glob("*")))
