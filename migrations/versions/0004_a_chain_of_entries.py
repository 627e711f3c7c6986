"""Entries are chained; what is only ever added is kept by triggers

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-23
"""

import json
from collections import defaultdict
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

from app.core.append_only import guard, unguard

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("lot", "entry", "posting", "ledger_seal", "yard_event")

# The head of the chain moves forward and nowhere else.
HEAD_GUARD = {
    "sqlite": [
        (
            "CREATE TRIGGER ledger_head_forward BEFORE UPDATE ON ledger_head "
            "WHEN NEW.position <= OLD.position "
            "BEGIN SELECT RAISE(ABORT, 'ledger_head only moves forward'); END"
        ),
        (
            "CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head "
            "BEGIN SELECT RAISE(ABORT, 'ledger_head only moves forward'); END"
        ),
    ],
    "postgresql": [
        (
            "CREATE FUNCTION refuse_ledger_head_back() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'ledger_head only moves forward'; END $$"
        ),
        (
            "CREATE TRIGGER ledger_head_forward BEFORE UPDATE ON ledger_head FOR EACH ROW "
            "WHEN (NEW.position <= OLD.position) EXECUTE FUNCTION refuse_ledger_head_back()"
        ),
        (
            "CREATE TRIGGER ledger_head_no_delete BEFORE DELETE OR TRUNCATE ON ledger_head "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_head_back()"
        ),
    ],
}
HEAD_UNGUARD = {
    "sqlite": ["DROP TRIGGER ledger_head_forward", "DROP TRIGGER ledger_head_no_delete"],
    "postgresql": [
        "DROP TRIGGER ledger_head_forward ON ledger_head",
        "DROP TRIGGER ledger_head_no_delete ON ledger_head",
        "DROP FUNCTION refuse_ledger_head_back()",
    ],
}


def upgrade() -> None:
    _seal_what_stands()
    dialect = op.get_bind().dialect.name
    for statement in [line for table in TABLES for line in guard(dialect, table)]:
        op.execute(statement)
    for statement in HEAD_GUARD[dialect]:
        op.execute(statement)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in [line for table in TABLES for line in unguard(dialect, table)]:
        op.execute(statement)
    for statement in HEAD_UNGUARD[dialect]:
        op.execute(statement)
    op.execute("DELETE FROM ledger_seal")
    op.execute("DELETE FROM ledger_head")


def _seal_what_stands() -> None:
    """Entries from before the chain are sealed in the order of their ids, as they stand now."""
    legs = _legs()
    position, digest = 0, "0" * 64
    for entry_id, facts in _entries():
        postings = sorted(legs[entry_id])
        text = json.dumps(
            {**facts, "previous": digest, "postings": postings},
            sort_keys=True,
            ensure_ascii=False,
            separators=(",", ":"),
        )
        position, digest = position + 1, sha256(text.encode()).hexdigest()
        op.execute(
            sa.text(
                "INSERT INTO ledger_seal (position, entry_id, digest) VALUES (:p, :e, :d)"
            ).bindparams(p=position, e=entry_id, d=digest)
        )
    op.execute(
        sa.text("INSERT INTO ledger_head (id, position, digest) VALUES (1, :p, :d)").bindparams(
            p=position, d=digest
        )
    )


def _entries() -> list[tuple[int, dict[str, str]]]:
    words = ("key", "verb", "reference", "document", "actor")
    entry = sa.table("entry", sa.column("id"), sa.column("at", sa.DateTime), *map(sa.column, words))
    found = op.get_bind().execute(sa.select(entry).order_by(entry.c.id)).mappings()
    return [
        (row["id"], {name: row[name] for name in words} | {"at": f"{row['at'].isoformat()}+00:00"})
        for row in found
    ]


def _legs() -> dict[int, list[list[str | int]]]:
    query = sa.text(
        "SELECT posting.entry_id, lot.listing_number, lot.month, posting.account, posting.kg "
        "FROM posting JOIN lot ON lot.id = posting.lot_id"
    )
    legs: dict[int, list[list[str | int]]] = defaultdict(list)
    for entry_id, number, month, account, kg in op.get_bind().execute(query):
        legs[entry_id].append([number, str(month), account, kg])
    return legs
