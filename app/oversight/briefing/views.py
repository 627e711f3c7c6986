"""The briefing of a month as a file."""

from __future__ import annotations

from flask import Blueprint, Response

from app.companies.queries import has_synthetic
from app.core.current import current_actor
from app.core.forms import month_in_address
from app.core.i18n import in_chinese
from app.core.office.download import download
from app.core.office.render import pdf_of
from app.core.permissions import permits
from app.core.transactions import current_session
from app.oversight.briefing.figures import briefing, region_of
from app.oversight.briefing.paper import paper_of
from app.oversight.policy import may_oversee

blueprint = Blueprint("briefing", __name__)


@blueprint.get("/briefings/<month>.pdf")
@permits(may_oversee)
def show(month: str) -> Response:
    """The figures of a published month, for the reader's own region."""
    session, actor, wanted = current_session(), current_actor(), month_in_address(month)
    with in_chinese():
        found = briefing(session, actor, wanted)
        paper = paper_of(found, is_synthetic=has_synthetic(session))
        name = f"{region_of(found.counties)}-固废综合利用简报-{month}.pdf"
        return download(pdf_of(paper), name)
