"""Tables whose rows are added and never changed, held to it twice: here and by their triggers.

Whoever holds a database shell meets the triggers; `statements` writes them for a migration.
SQLite drops them with a table, so a migration that rebuilds such a table writes them anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import event

from app.core.db import Base

MARK = "append_only"
Model = TypeVar("Model", bound=type[Base])


class AppendOnly(Exception):
    """Something tried to change or delete a row that stands for good."""


def append_only(model: Model) -> Model:
    """Refuse any change of this model's rows before it reaches the database."""
    model.metadata.tables[model.__tablename__].info[MARK] = True
    event.listen(model, "before_update", _refuse)
    event.listen(model, "before_delete", _refuse)
    return model


def append_only_tables() -> list[str]:
    """The names of the tables of all such models that are loaded."""
    return sorted(table.name for table in Base.metadata.tables.values() if MARK in table.info)


def guard(dialect: str, table: str) -> list[str]:
    """The statements after which the database itself keeps a table's rows."""
    return _GUARDS[dialect](table)


def unguard(dialect: str, table: str) -> list[str]:
    """The statements that take `guard` back."""
    return _UNGUARDS[dialect](table)


def _guard_sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{deed} BEFORE {deed.upper()} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for deed in ("update", "delete")
    ]


def _unguard_sqlite(table: str) -> list[str]:
    return [f"DROP TRIGGER {table}_no_{deed}" for deed in ("update", "delete")]


def _guard_postgresql(table: str) -> list[str]:
    return [
        (
            f"CREATE FUNCTION refuse_{table}_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
        ),
        (
            f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_{table}_change()"
        ),
    ]


def _unguard_postgresql(table: str) -> list[str]:
    return [f"DROP TRIGGER {table}_guard ON {table}", f"DROP FUNCTION refuse_{table}_change()"]


_Statements = dict[str, Callable[[str], list[str]]]
_GUARDS: _Statements = {"sqlite": _guard_sqlite, "postgresql": _guard_postgresql}
_UNGUARDS: _Statements = {"sqlite": _unguard_sqlite, "postgresql": _unguard_postgresql}


def _refuse(_mapper: object, _connection: object, target: object) -> None:
    raise AppendOnly(type(target).__name__)
