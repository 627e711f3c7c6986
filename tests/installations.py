"""Installations of the product that a test process builds once and lends to its tests.

Building an application compiles its routes, and its first requests compile their templates and
statements: together more work than most tests do. So an application stays, and each test finds
everything it can remember as new: the database, the data folder, the configuration.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from app.core import logs
from app.core.jobs import bell
from app.factory import create_app
from app.settings import Settings
from app.statistics import prepared
from tests.html import CheckedClient

SECRETS = "development-secrets.json"


def settings_for(data_dir: Path, **changes: str) -> Settings:
    """Settings for one throw-away installation; `changes` are environment variables."""
    env = {"DATA_DIR": str(data_dir), "GUFEI_EMBEDDED_JOBS": "0", "GUFEI_LOG_LEVEL": "warning"}
    return Settings.from_env(env | changes)


def build(data_dir: Path, **changes: str) -> Flask:
    app = create_app(settings_for(data_dir, **changes))
    app.test_client_class = CheckedClient
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def build_again(app: Flask, **changes: str) -> Flask:
    """A second application of the same installation, for a test that changes its parts."""
    settings = settings_of(app)
    return build(settings.data_dir, **{"DATABASE_URL": settings.database_url} | changes)


def settings_of(app: Flask) -> Settings:
    found: Settings = app.extensions["gufei.settings"]
    return found


def dispose(app: Flask) -> None:
    """Close the application's connections."""
    app.extensions["gufei.database"].engine.dispose()


def empty(data_dir: Path) -> None:
    """Remove what a test left in the folder; the secrets stay, for the application knows them."""
    for path in data_dir.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != SECRETS:
            path.unlink()


@contextmanager
def lent(app: Flask) -> Iterator[Flask]:
    """The application inside its context; what a test changes about it is taken back."""
    settings = settings_of(app)
    logs.configure(settings.log_level)
    app.extensions[bell.EXTENSION] = bell.make_bell(settings)
    prepared.init_app(app)
    config, extensions = dict(app.config), dict(app.extensions)
    try:
        with app.app_context():
            yield app
    finally:
        for changed, kept in ((app.config, config), (app.extensions, extensions)):
            changed.clear()
            changed.update(kept)
        dispose(app)
