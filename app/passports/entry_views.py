"""Pages of the firm itself: entering assays, confirming what was read, telling the origin."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("entry", __name__)
