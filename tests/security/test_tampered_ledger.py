"""Whoever owns the database writes nonsense into the books: the row is named, nothing breaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.transactions import database
from app.ledger.verification import verify
from tests.ledger.factories import DECEMBER, contracted
from tests.ledger.tampering import unguarded

LOT = ("S-2611-0001", DECEMBER)
ON_EACH = {
    "an account that is none": ("posting", "account = 'x' WHERE id = 3", "posting 3"),
    "a verb that is none": ("entry", "verb = 'x' WHERE id = 2", "entry 2"),
    "a balance of nothing": ("balance", "account = 'x' WHERE account = 'open'", "balance of lot 1"),
}
ON_SQLITE = {
    "a word for a mass": ("posting", "kg = 'x' WHERE id = 3", "posting 3"),
    "half a kilogram": ("posting", "kg = 1.5 WHERE id = 3", "posting 3"),
    "a word for a time": ("entry", "at = 'now' WHERE id = 2", "entry 2"),
    "a day that is none": ("entry", "at = '2026-02-31 00:00:00.000000' WHERE id = 2", "entry 2"),
    "bytes for a text": ("entry", "reference = x'ff00' WHERE id = 2", "entry 2"),
    "a word for a month": ("lot", "month = 'x'", "lot 1"),
    "a word for a balance": ("balance", "kg = 'x' WHERE account = 'open'", "balance of lot 1"),
    "bytes for a digest": ("ledger_seal", "digest = x'00' WHERE position = 2", "seal 2"),
}


@pytest.fixture
def books(any_app: Flask) -> Iterator[Session]:
    """Three sealed entries, and nobody's guard left."""
    with database().writing() as session:
        contracted(session, LOT, 400, "T-1")
    with database().writing() as session:
        assert verify(session) == []
        unguarded(session, "lot", "entry", "posting", "ledger_seal")
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("PRAGMA ignore_check_constraints=ON"))
        yield session
        session.rollback()
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("PRAGMA ignore_check_constraints=OFF"))


def named(books: Session, table: str, change: str) -> list[str]:
    """What the verification says of one change, which is then taken back."""
    savepoint = books.begin_nested()
    if books.get_bind().dialect.name == "postgresql":
        column = change.partition(" ")[0]
        books.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{column}"))
    books.execute(text(f"UPDATE {table} SET {change}"))
    found = verify(books)
    savepoint.rollback()
    return found


def test_what_no_column_can_mean_is_named(books: Session) -> None:
    is_sqlite = books.get_bind().dialect.name == "sqlite"
    for what, (table, change, name) in (ON_EACH | (ON_SQLITE if is_sqlite else {})).items():
        assert named(books, table, change) == [f"{name}: holds what cannot be read"], what


def test_a_head_that_is_gone_is_named(books: Session) -> None:
    if books.get_bind().dialect.name == "sqlite":
        named = text(
            "SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='ledger_head'"
        )
        for trigger in books.scalars(named).all():
            books.execute(text(f"DROP TRIGGER {trigger}"))
    books.execute(text("DELETE FROM ledger_head"))
    assert verify(books) == ["head: missing"]
