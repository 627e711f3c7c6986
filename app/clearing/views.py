"""Pages of the runs: the list, one run, its progress while it works, and its flows as data."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.catalogue.queries import counties, county_map, freight_terms, material_map
from app.clearing import operations, queries
from app.clearing.forms import RunForm
from app.clearing.models import ClearingRun
from app.clearing.policy import may_run, may_see_matches
from app.clearing.words import REASON_WORDS, STATE_WORDS
from app.core.clock import add_months, china_day, month_of, now
from app.core.current import current_actor
from app.core.errors import NotFound, Refused
from app.core.jobs import queries as job_queries
from app.core.jobs.pages import ProgressPanel, fragment, panel
from app.core.permissions import anyone, permits
from app.core.transactions import current_session
from app.trades.words import STATUS_CHIPS, STATUS_WORDS

blueprint = Blueprint("clearing", __name__, url_prefix="/clearing")
MATCHES_SHOWN = 12


@blueprint.get("")
@permits(anyone)
def index() -> str:
    form = RunForm(month=add_months(month_of(china_day(now())), 1))
    return _index(form)


@blueprint.post("")
@permits(may_run)
def start() -> BaseResponse | tuple[str, int]:
    form = RunForm()
    if not form.validate_on_submit() or form.month.data is None:
        return _index(form), 422
    try:
        run = operations.start_run(current_session(), current_actor(), form.month.data, now())
    except Refused as refusal:
        form.refuse(refusal)
        return _index(form), 422
    return redirect(url_for(".show", number=run.number), 303)


@blueprint.get("/<number>")
@permits(anyone)
def show(number: str) -> str:
    session, actor = current_session(), current_actor()
    row = queries.run_row(session, number)
    materials = material_map(session, china_day(now()))
    totals = queries.material_totals(session, number, materials)
    stored = queries.run_of(session, number)
    return render_template(
        "clearing/show.html",
        run=row,
        progress=_progress(stored) if row.state.is_open else None,
        materials=materials,
        legend=[(total.material, materials[total.material].name) for total in totals],
        counties=county_map(session),
        totals=totals,
        total=queries.sum_of(totals),
        reasons=queries.reason_totals(session, number),
        orders=queries.orders_seen_by(session, actor, number),
        matches=queries.matches_seen_by(session, actor, number, MATCHES_SHOWN),
        terms=freight_terms(session, china_day(row.started_at)),
        may_run=may_run(actor),
        may_see_matches=may_see_matches(actor),
        trade_words=STATUS_WORDS,
        trade_chips=STATUS_CHIPS,
        **_words(),
    )


@blueprint.post("/<number>/cancel")
@permits(may_run)
def cancel(number: str) -> BaseResponse:
    operations.cancel_run(current_session(), current_actor(), number, now())
    flash(_("已要求取消；正在求解的一步停下后生效。"), "waiting")
    return redirect(url_for(".show", number=number), 303)


@blueprint.get("/<number>/progress")
@permits(anyone)
def progress(number: str) -> BaseResponse:
    return fragment(_progress(queries.run_of(current_session(), number)))


@blueprint.get("/<number>/flows.json")
@permits(may_see_matches)
def flows(number: str) -> Response:
    """Site to site, for those who see the matches; the public map flows county to county."""
    session = current_session()
    matches = queries.matches_seen_by(session, current_actor(), number, limit=None)
    names = material_map(session, china_day(now()))
    return jsonify(queries.flow_map(matches, counties(session), names))


def _progress(run: ClearingRun) -> ProgressPanel:
    job = job_queries.job(current_session(), run.job_id)
    if job is None:
        raise NotFound
    return panel(
        job,
        title=_("撮合进行中"),
        poll_url=url_for(".progress", number=run.number),
        cancel_url=url_for(".cancel", number=run.number) if may_run(current_actor()) else "",
    )


def _index(form: RunForm) -> str:
    return render_template(
        "clearing/index.html",
        form=form,
        runs=queries.runs(current_session()),
        may_run=may_run(current_actor()),
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {"state_words": STATE_WORDS, "reason_words": REASON_WORDS}
