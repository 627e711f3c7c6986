"""The pages of the regulator's desk."""

from __future__ import annotations

from flask import Blueprint

from app.oversight import gap_views, scenario_views
from app.oversight.briefing import views as briefing_views

blueprint = Blueprint("oversight", __name__, url_prefix="/oversight")
blueprint.register_blueprint(gap_views.blueprint)
blueprint.register_blueprint(scenario_views.blueprint)
blueprint.register_blueprint(briefing_views.blueprint)
