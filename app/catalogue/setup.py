"""What the catalogue hangs on the application: words of the region, for every page."""

from __future__ import annotations

from flask import Flask

from app.catalogue.words import target_caveat, whole_of


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(target_caveat=target_caveat, whole_of=whole_of)
