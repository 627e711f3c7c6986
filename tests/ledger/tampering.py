"""What somebody does who owns the database and wants to change its past."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.append_only import unguard


def unguarded(session: Session, *tables: str) -> None:
    """Take the triggers off some tables, and let references dangle, in this transaction."""
    dialect = session.get_bind().dialect.name
    statements = [line for table in tables for line in unguard(dialect, table)]
    if dialect == "postgresql":
        statements.append("SET LOCAL session_replication_role = replica")
    else:
        statements.append("PRAGMA defer_foreign_keys=ON")
    for statement in statements:
        session.execute(text(statement))


def tamper(session: Session, table: str, statement: str) -> None:
    """Change rows of one guarded table past its triggers."""
    session.flush()
    unguarded(session, table)
    session.execute(text(statement))
