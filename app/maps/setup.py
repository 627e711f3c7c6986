"""What the maps hang on the application: the boundaries, read once."""

from __future__ import annotations

from flask import Flask

from app.maps.boundaries import EXTENSION, Boundaries
from app.settings import Settings


def init_app(app: Flask) -> None:
    """Read the files the settings name; raises `OSError` or `ValueError` if they cannot be."""
    settings: Settings = app.extensions["gufei.settings"]
    app.extensions[EXTENSION] = Boundaries.read(
        settings.boundaries_path, settings.city_boundaries_path, settings.region
    )
