"""Writing many rows at once, past the mapper: only what has been checked comes this way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from app.core.db import Base


def add_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns; none at all is nothing."""
    if rows:
        session.execute(insert(_table(model)), rows)


def add_with_ids(
    session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]
) -> list[int]:
    """The same for a table with an `id`; returns the ids, rising, in the order of the rows."""
    ids = _free_ids(session, _table(model), len(rows))
    add_rows(session, model, [{**row, "id": one} for row, one in zip(rows, ids, strict=True)])
    return ids


def _free_ids(session: Session, table: Table, count: int) -> list[int]:
    """Ids that nobody else is given: a writer of SQLite is alone, PostgreSQL counts them out."""
    if session.get_bind().dialect.name == "postgresql":
        serials = func.generate_series(1, count).table_valued("serial")
        number = func.nextval(func.pg_get_serial_sequence(table.name, "id"))
        return sorted(session.scalars(select(number).select_from(serials)))
    last = session.scalar(select(func.max(table.c.id))) or 0
    return list(range(last + 1, last + 1 + count))


def _table(model: type[Base]) -> Table:
    return model.metadata.tables[model.__tablename__]
