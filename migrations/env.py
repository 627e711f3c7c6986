"""Alembic's entrance: the models of every feature against the database of the configuration."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from app.core.db import Base, make_engine
from app.features import modules

modules("models")


def render_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write the product's own column types as the plain types they are stored as."""
    if kind == "type" and type(item).__name__ == "UtcDateTime":
        return "sa.DateTime()"
    return False


def run() -> None:
    """Migrate, and leave no idle connection: it would keep SQLite's log apart from its file."""
    url = context.config.get_main_option("sqlalchemy.url")
    assert url is not None
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                let_tables_be_rebuilt(connection)
            migrate(connection)
    finally:
        engine.dispose()


def let_tables_be_rebuilt(connection: Connection) -> None:
    """SQLite changes a constraint by a copy of the table; what refers to it must bear the swap.

    Only outside a transaction may the keys be let go, hence past SQLAlchemy.
    """
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys=OFF")


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_type,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            assert not dangling, f"the migration left dangling references: {dangling}"
    connection.commit()


run()
