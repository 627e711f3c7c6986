"""Taking part in the application: sites need to know their county."""

from __future__ import annotations

from flask import Flask

from app.core import places


def init_app(app: Flask) -> None:
    places.init_app(app)
