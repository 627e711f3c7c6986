"""The pages of the regulator's desk."""

from __future__ import annotations

from flask import Blueprint

from app.oversight.briefing import views as briefing_views

blueprint = Blueprint("oversight", __name__, url_prefix="/oversight")
blueprint.register_blueprint(briefing_views.blueprint)
