"""Pages of the runs: the list, one run, its progress, its flows, one order's result, its audit."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.catalogue.queries import counties, county_map, freight_terms, material_map
from app.clearing import audits, operations, orders, queries, tried
from app.clearing.forms import AuditorForm, RunForm
from app.clearing.freezing import frozen_problem
from app.clearing.leaves import Proof, proofs_of
from app.clearing.models import ClearingRun
from app.clearing.policy import may_prove, may_run, may_see_matches, may_see_orders
from app.clearing.words import (
    AUDIT_WORDS,
    PRICE_RULES,
    REASON_WORDS,
    REMEDIES,
    STATE_WORDS,
    shut_out_text,
    use_title,
    value_text,
)
from app.core import htmx
from app.core.clock import add_months, china_day, month_of, now
from app.core.current import current_actor
from app.core.errors import NotFound, Refused
from app.core.jobs import queries as job_queries
from app.core.jobs.pages import ProgressPanel, fragment, panel
from app.core.permissions import anyone, permits, signed_in
from app.core.transactions import current_session
from app.core.vault import own_vault
from app.eligibility.queries import parameter_map
from app.eligibility.words import headline
from app.listings.words import PRODUCTS
from app.settings import Settings
from app.trades.words import STATUS_CHIPS, STATUS_WORDS, at_gate

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
        run = operations.start_run(
            current_session(), current_actor(), form.month.data, now(), months=_months_ahead()
        )
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
        month_rows=queries.totals_by_month(session, number, materials),
        reasons=queries.reason_totals(session, number),
        index=queries.index_of(session, number),
        orders=orders.orders_seen_by(session, actor, number),
        matches=orders.matches_seen_by(session, actor, number, MATCHES_SHOWN, now()),
        audit=audits.audit_of(session, number) if may_run(actor) else None,
        auditor_form=_auditor_form(number) if may_run(actor) else None,
        digests=_digests(stored),
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


@blueprint.post("/<number>/resume")
@permits(may_run)
def resume(number: str) -> BaseResponse:
    operations.resume(current_session(), current_actor(), number, now())
    flash(_("已重新开始；报单还是截止时的那一份。"), "done")
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
    matches = orders.matches_seen_by(session, current_actor(), number, None, now())
    names = material_map(session, china_day(now()))
    return jsonify(orders.flow_map(matches, counties(session), names))


@blueprint.get("/prices")
@permits(anyone)
def prices() -> str:
    """The price index of every run in which enough firms traded a material."""
    session = current_session()
    return render_template(
        "clearing/prices.html",
        index=queries.index_of(session),
        materials=material_map(session, china_day(now())),
    )


@blueprint.get("/of-round/<number>")
@permits(anyone)
def of_round(number: str) -> str | Response:
    """What came of a call round, as a panel of the round's page; no content before its run."""
    session, actor = current_session(), current_actor()
    run = queries.run_of_round(session, number)
    if run is None:
        return Response(status=204, mimetype="text/plain")
    materials = material_map(session, china_day(now()))
    totals = queries.material_totals(session, run.number, materials)
    return render_template(
        "clearing/_of_round.html",
        run=queries.run_row(session, run.number),
        materials=materials,
        totals=totals,
        total=queries.sum_of(totals),
        index=queries.index_of(session, run.number),
        orders=orders.orders_seen_by(session, actor, run.number) if actor.is_company else [],
        **_words(),
    )


@blueprint.get("/orders/<number>")
@permits(may_see_orders)
def order(number: str) -> str:
    """What a run, by default the last, made of one listing: for its firm and the officials."""
    session, asked = current_session(), request.args.get("run")
    result = orders.result_of(session, current_actor(), number, asked)
    is_fragment = htmx.wants_fragment()
    return render_template(
        "clearing/_order.html" if is_fragment else "clearing/order.html",
        number=number,
        result=result,
        proofs=[] if is_fragment or result is None else _proofs(number, result.run),
        materials=material_map(session, china_day(now())),
        parameters=parameter_map(session),
        use_title=use_title,
        shut_out_text=shut_out_text,
        at_gate=at_gate,
        trade_words=STATUS_WORDS,
        **_words(),
    )


@blueprint.get("/orders/<number>/tests")
@permits(signed_in)
def tests(number: str) -> str:
    """What single tests would have opened for an offer in its last monthly run; for its firm."""
    session, today = current_session(), china_day(now())
    asked = request.args.get("run")
    return render_template(
        "clearing/_tests.html" if htmx.wants_fragment() else "clearing/tests.html",
        number=number,
        own=tried.own_trials(session, current_actor(), number, today, asked),
        parameters=parameter_map(session),
        headline=headline,
        value_text=value_text,
        use_title=use_title,
        shut_out_text=shut_out_text,
        **_words(),
    )


@blueprint.get("/orders/<number>/proof")
@permits(may_prove)
def proof(number: str) -> Response:
    """The proofs of one listing in a run as a file, for its firm: it holds the limit prices."""
    run = orders.own_run(current_session(), current_actor(), number, request.args.get("run"))
    document = {
        "run": run.number,
        "root": run.root,
        "orders": [each.document() for each in _proofs(number, run.number)],
    }
    answer = jsonify(document)
    name = f"{run.number}-{number}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.post("/<number>/auditors")
@permits(may_run)
def name_auditor(number: str) -> BaseResponse:
    form = _auditor_form(number)
    session = current_session()
    chosen = form.chosen(audits.auditors(session)) if form.validate_on_submit() else None
    try:
        operations.name_auditor(session, current_actor(), number, chosen, now())
        flash(_("已指定审计员。对方登录后，在本页下载报单与凭证。"), "done")
    except Refused as refusal:
        flash(str(refusal.message), "wrong")
    return redirect(url_for(".show", number=number, _anchor="audit"), 303)


@blueprint.post("/<number>/auditors/<int:user_id>/withdraw")
@permits(may_run)
def withdraw_auditor(number: str, user_id: int) -> BaseResponse:
    operations.withdraw_auditor(current_session(), current_actor(), number, user_id, now())
    flash(_("已撤销，对方不能再下载。"), "done")
    return redirect(url_for(".show", number=number, _anchor="audit"), 303)


@blueprint.post("/<number>/documents")
@permits(signed_in)
def documents(number: str) -> Response:
    """Problem, outcomes and certificates, for the run's auditor; not there for anybody else.

    A download is a deed that is written down, hence no GET.
    """
    vault = own_vault()
    archive = operations.hand_documents(current_session(), vault, current_actor(), number, now())
    answer = Response(archive, content_type="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}.zip"'
    return answer


def _proofs(number: str, run_number: str) -> list[Proof]:
    """The proofs of a listing for its own firm; nothing for others and of runs without a tree."""
    session = current_session()
    try:
        run = orders.own_run(session, current_actor(), number, run_number)
    except NotFound:
        return []
    vault = own_vault()
    return proofs_of(session, vault, run, frozen_problem(vault, run), number)


def _digests(run: ClearingRun) -> dict[str, str]:
    """The digests of a run's documents for its auditor, nothing for all others."""
    is_auditor = audits.may_audit(current_session(), current_actor(), run.number)
    return audits.digests_of(run) if is_auditor else {}


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
        round_runs=queries.round_runs(current_session()),
        may_run=may_run(current_actor()),
        months_ahead=_months_ahead(),
        **_words(),
    )


def _auditor_form(number: str) -> AuditorForm:
    """Those with an auditor's account who are not named for this run yet."""
    session = current_session()
    named = audits.audit_of(session, number).named
    form = AuditorForm()
    form.offer({key: who for key, who in audits.auditors(session).items() if key not in named})
    return form


def _months_ahead() -> int:
    settings: Settings = current_app.extensions["gufei.settings"]
    return settings.clearing_months


def _words() -> dict[str, Any]:
    return {
        "state_words": STATE_WORDS,
        "reason_words": REASON_WORDS,
        "audit_words": AUDIT_WORDS,
        "PRICE_RULES": PRICE_RULES,
        "REMEDIES": REMEDIES,
        "PRODUCTS": PRODUCTS,
    }
