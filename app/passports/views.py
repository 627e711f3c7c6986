"""The passport of an offer."""

from __future__ import annotations

from flask import Blueprint

from app.passports import entry_views

blueprint = Blueprint("passports", __name__, url_prefix="/passports")
blueprint.register_blueprint(entry_views.blueprint)
