"""The database: engine, declarative base and column types for SQLite and PostgreSQL alike."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from time import monotonic
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    SQLColumnExpression,
    and_,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from app.core.clock import month_instants

LOCK_WAIT_SECONDS = 60
TURN_MS = 20


class Base(DeclarativeBase):
    """Parent of every model; names its constraints so that migrations can."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC without its zone; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time cannot be stored: give it a zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def within_month(column: SQLColumnExpression[datetime], month: date) -> ColumnElement[bool]:
    """Whether an instant lies in a month in China."""
    begin, end = month_instants(month)
    return and_(column >= begin, column < end)


def word_enum(enum_class: type[Any], name: str | None = None) -> Enum:
    """A column type that stores a `StrEnum` by its word, as text with a check constraint.

    A table with two columns of one `StrEnum` gives each its own `name` for the constraint.
    """
    return Enum(
        enum_class,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name or enum_class.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


def make_engine(url: str) -> Engine:
    """An engine on which a transaction begins as its `write` execution option asks.

    Parameters are hidden from error texts, which end up in logs.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    return create_engine(
        url, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=20
    )


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": LOCK_WAIT_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late and takes no lock
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON")
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Writers lock at once (a late upgrade would fail); readers are kept from writing."""
    write = connection.get_execution_options().get("write", True)
    connection.exec_driver_sql(f"PRAGMA query_only={0 if write else 1}")
    if write:
        _await_turn(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _await_turn(connection: Connection) -> None:
    """Begin to write once the others let us; raises `OperationalError` when it takes too long.

    SQLite's own waiting asks more and more seldom, so that whoever came last goes first and one
    may wait for ever: asked in short turns, all have the same chance.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA busy_timeout={TURN_MS}")
    try:
        if not _begins(driver, monotonic() + LOCK_WAIT_SECONDS):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout={LOCK_WAIT_SECONDS * 1000}")


def _begins(driver: Any, end: float) -> bool:
    """Whether writing began before the end; not so either where another error forbids it."""
    while monotonic() < end:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                return False
        else:
            return True
    return False
