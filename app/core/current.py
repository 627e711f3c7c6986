"""Who acts in the request that is being answered."""

from __future__ import annotations

from flask import g

from app.core.actor import PUBLIC, Actor


def current_actor() -> Actor:
    """The actor of this request; `PUBLIC` until somebody has signed in."""
    actor: Actor = g.get("actor", PUBLIC)
    return actor
