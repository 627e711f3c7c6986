"""What the fork server imports once, so that none of the processes forked from it has to."""

from __future__ import annotations

from app.factory import create_app
from app.features import modules

__all__ = ["create_app"]

for name in ("models", "setup", "jobs", "views", "cli"):
    modules(name)
