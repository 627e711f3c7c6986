"""The test kit: applications on both databases, a client that checks its HTML, a frozen clock."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path

import hypothesis
import pytest
from alembic import command
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.orm import Session

from app.accounts import passwords
from app.catalogue.operations import load_reference_data
from app.core.actor import SYSTEM
from app.core.cli import alembic_config
from app.core.transactions import database
from app.settings import ROOT
from tests.html import CheckedClient
from tests.installations import build, dispose, empty, lent, settings_of

pytest_plugins = ("tests.services", "tests.chromium")
# Importing the product takes longer than most deeds of the processes that race.
get_context("forkserver").set_forkserver_preload(["tests.preloaded"])
# How long an example takes says more of the machine than of the product.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

NOW = datetime(2026, 11, 22, 8, 42, tzinfo=UTC)
"""The present of every test that freezes the clock: 2026-11-22 16:42 in China."""
TODAY = date(2026, 11, 22)

PRODUCT_HASHER = passwords.HASHER
LIGHT_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what was imported and collected, for all of it stays."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _light_passwords() -> Iterator[None]:
    """Hash as the product does, in its format, but without the work that is slow on purpose."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", LIGHT_HASHER)
        yield


@pytest.fixture
def product_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords with all the work that the product does."""
    monkeypatch.setattr(passwords, "HASHER", PRODUCT_HASHER)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with the catalogue in it, to be copied for each test."""
    folder = tmp_path_factory.mktemp("sqlite-template")
    _prepare(build(folder))
    return folder / "gufei.db"


@pytest.fixture(scope="session")
def sqlite_installation(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return build(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
def sqlite_app(sqlite_installation: Flask, sqlite_template: Path) -> Iterator[Flask]:
    folder = settings_of(sqlite_installation).data_dir
    empty(folder)
    shutil.copy(sqlite_template, folder / "gufei.db")
    with lent(sqlite_installation):
        yield sqlite_installation


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Connection]:
    """A connection of the superuser, outside any transaction."""
    engine = create_engine(os.environ["GUFEI_TEST_POSTGRES_URL"], isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(
    postgres_server: Connection, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a migrated PostgreSQL database with the catalogue in it, one per worker."""
    name = f"gufei_template_{os.getpid()}"
    postgres_server.execute(text(f'CREATE DATABASE "{name}"'))
    folder = tmp_path_factory.mktemp("postgres-template")
    _prepare(build(folder, DATABASE_URL=_url_of(name)))
    yield name
    _drop(postgres_server, name)


@pytest.fixture(scope="session")
def postgres_installation(
    postgres_server: Connection, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    name = f"gufei_{os.getpid()}"
    yield build(tmp_path_factory.mktemp("postgres"), DATABASE_URL=_url_of(name))
    _drop(postgres_server, name)


@pytest.fixture
def postgres_app(
    postgres_installation: Flask, postgres_template: str, postgres_server: Connection
) -> Iterator[Flask]:
    settings = settings_of(postgres_installation)
    empty(settings.data_dir)
    name = make_url(settings.database_url).database
    _drop(postgres_server, str(name))
    # Files are copied faster than a write-ahead log is written.
    copy = f'CREATE DATABASE "{name}" TEMPLATE "{postgres_template}" STRATEGY file_copy'
    postgres_server.execute(text(copy))
    with lent(postgres_installation):
        yield postgres_installation


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
def data_dir(request: pytest.FixtureRequest) -> Path:
    """The data folder of the test's installation; on SQLite its database is in there."""
    name = "any_app" if "any_app" in request.fixturenames else "app"
    return settings_of(request.getfixturevalue(name)).data_dir


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
        command.upgrade(alembic_config(settings_of(app).database_url), "head")
        with database().writing() as session:
            load_reference_data(session, SYSTEM, ROOT / "data", NOW)
    dispose(app)


def _url_of(name: str) -> str:
    server = make_url(os.environ["GUFEI_TEST_POSTGRES_URL"])
    return server.set(database=name).render_as_string(hide_password=False)


def _drop(server: Connection, name: str) -> None:
    server.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
