"""Writers of one SQLite file wait for each other, and all have the same chance."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.core import db
from app.core.transactions import Database


@pytest.fixture
def held(tmp_path: Path) -> sqlite3.Connection:
    """A file that another writer holds."""
    other = sqlite3.connect(tmp_path / "some.db", isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("CREATE TABLE sign (id INTEGER)")
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_writer_begins_soon_after_the_one_before_has_ended(
    tmp_path: Path, held: sqlite3.Connection
) -> None:
    ended: list[float] = []

    def end() -> None:
        sleep(0.3)
        held.execute("COMMIT")
        ended.append(monotonic())

    Thread(target=end).start()
    with Database(f"sqlite:///{tmp_path}/some.db").writing() as session:
        session.execute(text("INSERT INTO sign VALUES (1)"))
        assert ended


def test_a_writer_that_waits_too_long_is_told_by_the_usual_error(
    tmp_path: Path, held: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "LOCK_WAIT_SECONDS", 0)
    with (
        pytest.raises(OperationalError, match="locked"),
        Database(f"sqlite:///{tmp_path}/some.db").writing() as session,
    ):
        session.execute(text("INSERT INTO sign VALUES (1)"))
    held.close()
