"""Pages of settlement: the statements of a month, and each as a file."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, render_template, request

from app.companies.policy import is_member
from app.core.clock import china_day, month_of, now
from app.core.current import current_actor
from app.core.forms import month_in_address
from app.core.i18n import in_chinese
from app.core.office.download import download
from app.core.office.render import pdf_of
from app.core.permissions import permits
from app.core.transactions import current_session
from app.settlement import exports, queries, words
from app.settlement.queries import Statement

blueprint = Blueprint("settlement", __name__, url_prefix="/settlement")


@blueprint.get("")
@permits(is_member)
def index() -> str:
    """The statements of one month, by default the last one in which something came."""
    session, actor = current_session(), current_actor()
    months = queries.months_with_loads(session, actor)
    month = _chosen_month(months)
    return render_template(
        "settlement/index.html",
        months=months,
        month=month,
        statements=queries.statements(session, actor, month),
        words=words,
    )


@blueprint.get("/<month>/<int:producer_id>-<int:consumer_id>.pdf")
@permits(is_member)
def as_pdf(month: str, producer_id: int, consumer_id: int) -> Response:
    with in_chinese():
        found = _statement(month, producer_id, consumer_id)
        paper = exports.paper_of(found)
    return download(pdf_of(paper), f"{found.number}.pdf")


@blueprint.get("/<month>/<int:producer_id>-<int:consumer_id>.xlsx")
@permits(is_member)
def as_xlsx(month: str, producer_id: int, consumer_id: int) -> Response:
    with in_chinese():
        found = _statement(month, producer_id, consumer_id)
        content = exports.workbook_of(found)
    return download(content, f"{found.number}.xlsx")


def _chosen_month(months: list[date]) -> date:
    """The month of the address if it is one with loads, else the newest, else this month."""
    asked = request.args.get("month", "")
    offered = {f"{month:%Y-%m}": month for month in months}
    newest = months[0] if months else month_of(china_day(now()))
    return offered.get(asked, newest)


def _statement(text: str, producer_id: int, consumer_id: int) -> Statement:
    month = month_in_address(text)
    return queries.statement(current_session(), current_actor(), month, producer_id, consumer_id)
