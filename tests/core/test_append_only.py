"""What is only ever added is kept so by the database itself, whoever opens it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.core import audit
from app.core.actor import SYSTEM
from app.core.append_only import append_only_tables
from app.core.transactions import database
from app.features import modules
from tests.conftest import NOW
from tests.ledger.factories import issued

modules("models")

LEDGER = ("lot", "entry", "posting", "ledger_seal")
QUALITY = ("assay_value", "assay_offer", "site_fact")
STATISTICS = ("declaration", "activity", "month_close")
GUARDS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'",
}


def test_these_tables_are_append_only() -> None:
    assert append_only_tables() == sorted(
        [*LEDGER, *QUALITY, *STATISTICS, "audit_event", "flag_event", "yard_event"]
    )


def test_every_append_only_table_has_its_triggers(any_app: Flask) -> None:
    with database().reading() as session:
        dialect = session.get_bind().dialect.name
        found = set(session.scalars(text(GUARDS[dialect])))
    ends = ("guard",) if dialect == "postgresql" else ("no_update", "no_delete")
    assert {f"{table}_{end}" for table in append_only_tables() for end in ends} <= found


@pytest.mark.parametrize("table", [*LEDGER, "audit_event"])
def test_no_row_is_changed_or_deleted_or_replaced(any_app: Flask, table: str) -> None:
    with database().writing() as session:
        issued(session)
        audit.record(session, SYSTEM, "test.deed", ("thing", 1), NOW)
    column = "position" if table == "ledger_seal" else "id"
    statements = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    if "postgresql" in str(database().engine.url):
        statements.append(f"TRUNCATE {table} CASCADE")
    else:
        statements.append(f"REPLACE INTO {table} SELECT * FROM {table}")
    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"), database().writing() as session:
            session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_head SET position = 0",
        "UPDATE ledger_head SET digest = 'x'",
        "DELETE FROM ledger_head",
    ],
)
def test_the_head_of_the_chain_only_moves_forward(any_app: Flask, statement: str) -> None:
    with database().writing() as session:
        issued(session)
    with pytest.raises(DatabaseError, match="forward"), database().writing() as session:
        session.execute(text(statement))
