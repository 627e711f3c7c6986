"""Writing many rows at once, past the mapper: only what has been checked comes this way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from app.core.db import Base


def add_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns; none at all is nothing."""
    if rows:
        session.execute(insert(_table(model)), rows)


def add_with_ids(
    session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]
) -> list[int]:
    """The same for a table with an `id`; returns the ids in the order of the rows."""
    if not rows:
        return []
    written = insert(_table(model)).returning(_table(model).c.id, sort_by_parameter_order=True)
    return list(session.scalars(written, rows))


def _table(model: type[Base]) -> Table:
    return model.metadata.tables[model.__tablename__]
