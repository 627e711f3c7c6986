"""The test kit: applications on both databases, a client that checks its HTML, a frozen clock."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session

from app.catalogue.operations import load_reference_data
from app.core.actor import SYSTEM
from app.core.cli import alembic_config
from app.core.transactions import database
from app.factory import create_app
from app.settings import ROOT, Settings
from tests.html import CheckedClient

pytest_plugins = ("tests.services", "tests.chromium")

NOW = datetime(2026, 11, 22, 8, 42, tzinfo=UTC)
"""The present of every test that freezes the clock: 2026-11-22 16:42 in China."""


def test_settings(data_dir: Path, **changes: str) -> Settings:
    """Settings for one throw-away installation; `changes` are environment variables."""
    env = {"DATA_DIR": str(data_dir), "GUFEI_EMBEDDED_JOBS": "0", "GUFEI_LOG_LEVEL": "warning"}
    return Settings.from_env(env | changes)


def build(data_dir: Path, **changes: str) -> Flask:
    app = create_app(test_settings(data_dir, **changes))
    app.test_client_class = CheckedClient
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with the catalogue in it, to be copied for each test."""
    folder = tmp_path_factory.mktemp("sqlite-template")
    _prepare(build(folder))
    return folder / "gufei.db"


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The name of a migrated PostgreSQL database with the catalogue in it, one per worker."""
    name = f"gufei_template_{os.getpid()}"
    server = make_url(os.environ["GUFEI_TEST_POSTGRES_URL"])
    _on_server(f'CREATE DATABASE "{name}"')
    url = server.set(database=name).render_as_string(hide_password=False)
    scratch = Path(tempfile.mkdtemp())
    app = build(scratch, DATABASE_URL=url)
    _prepare(app)
    _dispose(app)
    yield name
    _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')
    shutil.rmtree(scratch, ignore_errors=True)


@pytest.fixture
def sqlite_app(tmp_path: Path, sqlite_template: Path) -> Iterator[Flask]:
    shutil.copy(sqlite_template, tmp_path / "gufei.db")
    app = build(tmp_path)
    with app.app_context():
        yield app
    _dispose(app)


@pytest.fixture
def postgres_app(tmp_path: Path, postgres_template: str) -> Iterator[Flask]:
    name = f"gufei_{uuid.uuid4().hex}"
    _on_server(f'CREATE DATABASE "{name}" TEMPLATE "{postgres_template}"')
    server = make_url(os.environ["GUFEI_TEST_POSTGRES_URL"])
    url = server.set(database=name).render_as_string(hide_password=False)
    app = build(tmp_path, DATABASE_URL=url)
    with app.app_context():
        yield app
    _dispose(app)
    _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def app(sqlite_app: Flask) -> Flask:
    """An empty market on SQLite."""
    return sqlite_app


@pytest.fixture(params=["sqlite_app", "postgres_app"])
def any_app(request: pytest.FixtureRequest) -> Flask:
    """An empty market, once on each database."""
    found: Flask = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def client(app: Flask) -> CheckedClient:
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    return client


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A writing session on SQLite, committed at the end of the test."""
    with database().writing() as session:
        yield session


@pytest.fixture
def any_session(any_app: Flask) -> Iterator[Session]:
    """A writing session, once on each database."""
    with database().writing() as session:
        yield session


@pytest.fixture
def freeze(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Make the product's clock stand at an instant."""

    def stand_at(moment: datetime) -> None:
        monkeypatch.setattr("app.core.clock.read_clock", lambda: moment)

    return stand_at


@pytest.fixture
def frozen(freeze: Callable[[datetime], None]) -> datetime:
    """The clock stands at `NOW`."""
    freeze(NOW)
    return NOW


def _prepare(app: Flask) -> None:
    """Migrate and load the catalogue, through the product's own code."""
    with app.app_context():
        settings: Settings = app.extensions["gufei.settings"]
        command.upgrade(alembic_config(settings.database_url), "head")
        with database().writing() as session:
            load_reference_data(session, SYSTEM, ROOT / "data", NOW)
    _dispose(app)


def _dispose(app: Flask) -> None:
    app.extensions["gufei.database"].engine.dispose()


def _on_server(statement: str) -> None:
    engine = create_engine(os.environ["GUFEI_TEST_POSTGRES_URL"], isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
