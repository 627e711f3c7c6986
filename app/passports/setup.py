"""Taking part in the application: pages about standards stand under an address of their own."""

from __future__ import annotations

from flask import Flask

from app.passports import regrade_views


def init_app(app: Flask) -> None:
    app.register_blueprint(regrade_views.blueprint)
