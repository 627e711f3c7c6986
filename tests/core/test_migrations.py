"""The migrations lead to the very schema that the models describe, there and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DatabaseError

from app.core import audit
from app.core.actor import SYSTEM
from app.core.cli import alembic_config
from app.core.clock import now
from app.core.db import Base
from app.core.transactions import database
from app.declarations.models import WasteSource
from app.declarations.operations import change_source
from app.features import modules
from app.ledger.chain import head
from app.ledger.verification import verify
from app.settings import Settings
from app.trades.models import Trade
from tests.conftest import NOW
from tests.declarations.factories import source_draft, yard_of
from tests.ledger.factories import DECEMBER, contracted
from tests.trades.factories import confirmed_trade

modules("models")


def test_the_migrated_schema_is_the_one_of_the_models(any_app: Flask) -> None:
    engine = any_app.extensions["gufei.database"].engine
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_first_schema_can_be_taken_back(any_app: Flask) -> None:
    settings: Settings = any_app.extensions["gufei.settings"]
    any_app.extensions["gufei.database"].engine.dispose()
    command.downgrade(alembic_config(settings.database_url), "base")
    names = inspect(any_app.extensions["gufei.database"].engine).get_table_names()
    assert names == ["alembic_version"]


def test_entries_from_before_the_chain_are_sealed_as_the_product_would(any_app: Flask) -> None:
    with database().writing() as session:
        contracted(session, ("S-2611-0001", DECEMBER), 400, "T-2611-0001")
    with database().reading() as session:
        end = head(session)
    settings: Settings = any_app.extensions["gufei.settings"]
    any_app.extensions["gufei.database"].engine.dispose()
    command.downgrade(alembic_config(settings.database_url), "0003")
    command.upgrade(alembic_config(settings.database_url), "head")
    with database().reading() as session:
        assert head(session) == end
        assert verify(session) == []


def test_what_was_confirmed_before_cases_had_clocks_gets_time_to_sign(any_app: Flask) -> None:
    with database().writing() as session:
        number = confirmed_trade(session, now=datetime(2025, 1, 6, tzinfo=UTC)).number
    settings: Settings = any_app.extensions["gufei.settings"]
    any_app.extensions["gufei.database"].engine.dispose()
    command.downgrade(alembic_config(settings.database_url), "0002")
    command.upgrade(alembic_config(settings.database_url), "head")
    with database().reading() as session:
        deadline = session.scalars(select(Trade.deadline).where(Trade.number == number)).one()
    assert timedelta(days=6, hours=23) < deadline - now() <= timedelta(days=7)


def test_wastes_are_registered_since_the_trail_says_so(any_app: Flask) -> None:
    with database().writing() as session:
        yard = yard_of(session)
        change_source(session, yard.actor, yard.source_id, source_draft(), NOW + timedelta(days=9))
    settings: Settings = any_app.extensions["gufei.settings"]
    any_app.extensions["gufei.database"].engine.dispose()
    command.downgrade(alembic_config(settings.database_url), "0010")
    command.upgrade(alembic_config(settings.database_url), "head")
    with database().reading() as session:
        source = session.get_one(WasteSource, yard.source_id)
        assert (source.registered_at, source.changed_at) == (NOW, NOW + timedelta(days=9))


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_event SET verb = 'x'", "DELETE FROM audit_event"]
)
def test_the_database_itself_keeps_the_audit_trail_as_it_is(any_app: Flask, statement: str) -> None:
    with database().writing() as session:
        audit.record(session, SYSTEM, "test.deed", ("thing", 1), NOW)
    with pytest.raises(DatabaseError, match="append-only"), database().writing() as session:
        session.execute(text(statement))


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_no_column_holds_mass_or_money_as_a_float(table: str) -> None:
    kinds = {column.name: str(column.type) for column in Base.metadata.tables[table].columns}
    assert not {name for name, kind in kinds.items() if kind in ("FLOAT", "DOUBLE", "REAL")}
