"""The regulator's page: how far the declarations of a month have come."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from app.catalogue.queries import county_map
from app.core.current import current_actor
from app.core.permissions import permits
from app.core.sheets import rows_of_a_page, with_sheets
from app.core.transactions import current_session
from app.declarations import overview
from app.declarations.duties import duties_overseen, terms
from app.declarations.monthly import State
from app.declarations.monthly_views import chosen_month, earlier, later, today
from app.declarations.policy import chases_declarations, oversees_declarations

blueprint = Blueprint("overview", __name__, url_prefix="/overview")


@blueprint.get("")
@permits(oversees_declarations)
@with_sheets
def index() -> str:
    """County by county, then the wastes of one county or of all, the most urgent first."""
    session, month = current_session(), chosen_month()
    counties = county_map(session)
    found = duties_overseen(session, current_actor(), month, today())
    county, state = request.args.get("county", ""), request.args.get("state", type=State)
    chosen = [row for row in found if county in ("", row.place.adcode)]
    return render_template(
        "declarations/overview.html",
        month=month,
        earlier=earlier(month),
        later=later(month),
        due_on=terms(session, month).due_on(month),
        total=overview.progress(found),
        counties=overview.by_county(found, counties),
        county=counties.get(county),
        state=state,
        progress=overview.progress(chosen),
        found=overview.page_of(
            chosen,
            state,
            request.args.get("page", 1, int),
            rows_of_a_page(overview.PAGE_SIZE),
        ),
        may_urge=chases_declarations(current_actor()),
    )
