"""The briefing of a month as a file."""

from __future__ import annotations

from flask import Blueprint, Response

from app.catalogue.queries import county_map
from app.companies.queries import has_synthetic
from app.core.actor import Actor
from app.core.clock import china_day, now
from app.core.current import current_actor
from app.core.forms import month_in_address
from app.core.i18n import in_chinese
from app.core.office.download import download
from app.core.office.render import pdf_of
from app.core.permissions import permits
from app.core.transactions import current_session
from app.oversight.briefing.figures import briefing
from app.oversight.briefing.paper import paper_of
from app.oversight.policy import may_oversee

blueprint = Blueprint("briefing", __name__)


@blueprint.get("/briefings/<month>.pdf")
@permits(may_oversee)
def show(month: str) -> Response:
    """The figures of a published month, for the reader's own region."""
    session, actor, wanted = current_session(), current_actor(), month_in_address(month)
    found = briefing(session, actor, wanted)
    with in_chinese():
        region = _region(actor)
        paper = paper_of(found, region, china_day(now()), is_synthetic=has_synthetic(session))
        name = f"{region}-固废综合利用简报-{month}.pdf"
    return download(pdf_of(paper), name)


def _region(actor: Actor) -> str:
    """What the reader's region is called: the county, or the city of all counties."""
    counties = county_map(current_session())
    own = counties.get(actor.region or "")
    return own.name if own else next(iter(counties.values())).city
