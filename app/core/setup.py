"""What the platform itself hangs on the application beside its settings and its database."""

from __future__ import annotations

from flask import Flask

from app.core.jobs import bell


def init_app(app: Flask) -> None:
    app.extensions[bell.EXTENSION] = bell.make_bell(app.extensions["gufei.settings"])
