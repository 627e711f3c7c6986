"""The public page of the reference data."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from app.catalogue import queries, words
from app.core.clock import china_day, now
from app.core.permissions import anyone, permits
from app.core.sheets import with_sheets
from app.core.transactions import current_session

blueprint = Blueprint("catalogue", __name__, url_prefix="/catalogue")


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "ANSWERS": words.ANSWERS,
        "SCOPES": words.SCOPES,
        "figure_text": words.figure_text,
        "stop_text": words.stop_text,
        "target_text": words.target_text,
        "term_text": words.term_text,
    }


@blueprint.get("/")
@permits(anyone)
@with_sheets
def show() -> str:
    """Materials, targets, figures, terms, stops and what is refused, each with its source."""
    session, today = current_session(), china_day(now())
    return render_template(
        "catalogue/show.html",
        today=today,
        materials=queries.materials(session, today),
        classes={row.code: row for row in queries.waste_classes(session, today)},
        targets=queries.targets(session, today),
        figures=queries.published_figures(session),
        terms=queries.terms(session, today),
        stops=queries.production_stops(session, today),
        blocked=queries.block_list(session, today),
    )
