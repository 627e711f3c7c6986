"""The operator's work list."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.backoffice import queries, words
from app.clearing.words import STATE_WORDS
from app.core.clock import now
from app.core.permissions import operator, permits
from app.core.transactions import current_session

blueprint = Blueprint("backoffice", __name__)


@blueprint.get("/work")
@permits(operator)
def work() -> str:
    """What waits for the operator, most pressing first."""
    return render_template(
        "backoffice/work.html",
        work=queries.work(current_session(), now()),
        now=now(),
        words=words,
        state_words=STATE_WORDS,
    )
