"""The operator's work list."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.clearing.queries import last_recorded
from app.companies.queries import waiting_for_approval
from app.core.clock import now
from app.core.jobs.queries import queue_health
from app.core.permissions import operator, permits
from app.core.transactions import current_session

blueprint = Blueprint("backoffice", __name__)


@blueprint.get("/work")
@permits(operator)
def work() -> str:
    """What waits for the operator, most pressing first."""
    session = current_session()
    return render_template(
        "backoffice/work.html",
        firms=waiting_for_approval(session),
        last_run=last_recorded(session),
        queue=queue_health(session, now()),
    )
