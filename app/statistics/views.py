"""The definitions of the indicators, and the open data of a month."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from app.catalogue import queries as catalogue
from app.catalogue import words as catalogue_words
from app.companies.queries import has_synthetic
from app.core.clock import china_day, now
from app.core.current import current_actor
from app.core.errors import NotFound, Refused
from app.core.forms import month_in_address
from app.core.permissions import anyone, permits
from app.core.sheets import with_sheets
from app.core.transactions import current_session
from app.ledger.chain import head
from app.statistics import closing, examples, exports, queries
from app.statistics.book import thresholds
from app.statistics.forms import MonthForm
from app.statistics.indicators import INDICATORS as FORMULAS
from app.statistics.policy import closes
from app.statistics.rules import DEFINITIONS_FROM, DEFINITIONS_VERSION
from app.statistics.words import INDICATORS, OFFICIAL

blueprint = Blueprint("statistics", __name__, url_prefix="/statistics")


@blueprint.get("/definitions")
@permits(anyone)
@with_sheets
def definitions() -> str:
    """统计口径: what each figure means, what is withheld, and the official indicator beside it."""
    session, today = current_session(), china_day(now())
    return render_template(
        "statistics/definitions.html",
        indicators=INDICATORS,
        official=[(row, OFFICIAL[code]) for code, row in FORMULAS.items()],
        example=examples.EXAMPLE,
        example_values=examples.example_values(),
        year_summed=examples.YEAR_SUMMED,
        year=examples.example_year(),
        version=DEFINITIONS_VERSION,
        valid_from=DEFINITIONS_FROM,
        today=today,
        materials=catalogue.materials(session, today),
        targets=catalogue.targets(session, today),
        figures=catalogue.published_figures(session),
        SCOPES=catalogue_words.SCOPES,
        target_text=catalogue_words.target_text,
        figure_text=catalogue_words.figure_text,
        chain=head(session),
        thresholds=thresholds(session, today),
    )


@blueprint.get("/figures/<month>/v<int:version>.json")
@permits(closes)
def figures(month: str, version: int) -> Response:
    """The figures file of a published version, computed again; it holds every firm."""
    session = current_session()
    if not closing.publishes(session, current_actor()):
        raise NotFound
    found = [
        close
        for close in closing.closes_of(session, month_in_address(month))
        if close.version == version
    ]
    if not found:
        raise NotFound
    answer = Response(closing.figures(session, found[0]), content_type="application/json")
    name = f"gufei-{month}-v{version}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.get("/figures.csv")
@permits(anyone)
def download() -> Response:
    """County by material; what the reader may not see is withheld here, too."""
    form, session = MonthForm(formdata=request.args), current_session()
    if not form.validate() or form.month.data is None:
        raise Refused(form.month.errors[0], field="month")
    found = queries.open_data(session, current_actor(), form.month.data)
    body = exports.figures_csv(found, catalogue_words.whole_region(session), has_synthetic(session))
    answer = Response(body, content_type="text/csv; charset=utf-8")
    name = f"gufei-{found.month:%Y-%m}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
