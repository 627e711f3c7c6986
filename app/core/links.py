"""Links for mail: on the public address of the settings, never on a host the request names."""

from __future__ import annotations

from flask import current_app

from app.settings import Settings


def public_link(endpoint: str, **values: object) -> str:
    """The absolute address of a page; works without a request."""
    settings: Settings = current_app.extensions["gufei.settings"]
    path = current_app.url_map.bind("localhost").build(endpoint, values)
    return settings.public_url + path
