"""The demo market with its story, told once for each worker that asks for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from app.core.transactions import database
from app.demo.cli import FOLDER
from app.demo.operations import load
from app.demo.story import tell
from tests.conftest import NOW
from tests.installations import build, lent, settings_of


def told_at(now: datetime) -> None:
    """Load the market and tell its story, in the application that is current."""
    with database().writing() as session:
        market = load(session, FOLDER, now)
    tell(market, FOLDER, now)


@pytest.fixture(scope="session")
def told_installation(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Flask:
    """An installation on SQLite to which the story of `NOW` has been told."""
    folder = tmp_path_factory.mktemp("told")
    shutil.copy(sqlite_template, folder / "gufei.db")
    app = build(folder)
    with lent(app):
        told_at(NOW)
    return app


@pytest.fixture(scope="module")
def told(told_installation: Flask) -> Iterator[Flask]:
    """The told market at `NOW`, for tests that only read."""
    with pytest.MonkeyPatch.context() as patch, lent(told_installation):
        patch.setattr("app.core.clock.read_clock", lambda: NOW)
        yield told_installation


@pytest.fixture
def own_copy(app: Flask, told_installation: Flask) -> Flask:
    """The told market, to be changed by one test."""
    told_folder, folder = (settings_of(one).data_dir for one in (told_installation, app))
    shutil.copy(told_folder / "gufei.db", folder / "gufei.db")
    return app
