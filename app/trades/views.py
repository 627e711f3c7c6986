"""Pages of trades: the list, one case and what is done to it, a firm's record, a deal entered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from app.catalogue.queries import materials
from app.companies.queries import sites_of
from app.companies.standing import OnlyDrives
from app.core.actor import Actor
from app.core.clock import add_months, china_day, month_of, now
from app.core.current import current_actor
from app.core.errors import NotFound, Refused
from app.core.forms import Form
from app.core.permissions import anyone, operator, permits, signed_in
from app.core.transactions import current_session
from app.core.vault import own_vault
from app.passports.files import attached
from app.trades import (
    cases,
    elsewhere,
    log,
    lookups,
    operations,
    queries,
    records,
    reports,
    story,
    words,
)
from app.trades.choices import Choice, first_of
from app.trades.forms import (
    CancelForm,
    DealForm,
    DecisionForm,
    DeclineForm,
    LookupForm,
    SignForm,
)
from app.trades.models import Trade
from app.trades.policy import belongs_to_a_firm, may_answer, may_look_up
from app.trades.queries import TradeFilter, TradeView
from app.trades.record_lines import RecordLine, lines
from app.trades.rules import IDENTITY_OPEN, UNDER_DELIVERY, Party, TradeStatus, is_late

Answer = str | BaseResponse
Deed = Callable[[Session, Actor], object]
blueprint = Blueprint("trades", __name__, url_prefix="/trades")

FORMS: dict[str, type[Form]] = {
    "decline": DeclineForm,
    "cancel": CancelForm,
    "sign": SignForm,
    "decide": DecisionForm,
    "look_up": LookupForm,
}
"""The forms a case's page can hold, by the name its template knows them by."""


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "words": words,
        "story": story,
        "label": words.label,
        "left": words.left,
        "now": now(),
        "Choice": Choice,
        "Party": Party,
        "TradeStatus": TradeStatus,
    }


@blueprint.get("/")
@permits(signed_in)
def index() -> str:
    """The reader's trades: what waits for the reader first."""
    wanted = TradeFilter(
        status=request.args.get("status", type=TradeStatus),
        page=request.args.get("page", default=1, type=int),
        only_waiting="waiting" in request.args,
    )
    found = queries.own_trades(current_session(), current_actor(), wanted, now())
    return render_template("trades/index.html", found=found, wanted=wanted)


@blueprint.get("/<number>")
@permits(signed_in)
def show(number: str) -> str:
    return _page(number)


@blueprint.get("/<number>/reports/<int:report_id>")
@permits(signed_in)
def report(number: str, report_id: int) -> Response:
    """A laboratory's file behind the goods, for the two sides once both have confirmed."""
    session = current_session()
    view = queries.show(session, current_actor(), number, now())
    return attached(reports.report_file(session, view, report_id))


@blueprint.post("/<number>/confirm")
@permits(may_answer)
def confirm(number: str) -> BaseResponse:
    trade = operations.confirm(current_session(), current_actor(), number, now())
    if trade.confirmed_at is not None:
        flash(_("双方都已确认，吨数已锁定。对方的名称和电话在下面。"), "done")
    elif _is_said(trade, trade.confirmed_by):
        flash(_("您已确认。对方确认后，这里会打开对方的名称和电话。"), "done")
    else:
        flash(_("已记下您的同意，还要本企业另一位同事同意，才算确认。"), "waiting")
    return _back_to(number)


@blueprint.post("/<number>/decline")
@permits(may_answer)
def decline(number: str) -> BaseResponse:
    form = DeclineForm()
    return _with_form(
        "decline",
        number,
        form,
        lambda session, actor: operations.decline(
            session, actor, number, form.reason.data, now(), form.words.data
        ),
        _("已拒绝，吨数已退回双方的挂牌。"),
    )


@blueprint.post("/<number>/sign")
@permits(may_answer)
def sign(number: str) -> BaseResponse:
    form = SignForm()
    return _with_form(
        "sign",
        number,
        form,
        lambda session, actor: cases.sign(session, actor, number, form.contract_number.data, now()),
        _("已记下签约。双方都签后就可以安排车辆。"),
    )


@blueprint.post("/<number>/complete")
@permits(may_answer)
def complete(number: str) -> BaseResponse:
    cases.complete(current_session(), current_actor(), number, now())
    flash(_("已办结。没有交的吨数退回双方的挂牌。"), "done")
    return _back_to(number)


@blueprint.post("/<number>/cancel")
@permits(may_answer)
def ask_to_cancel(number: str) -> BaseResponse:
    form = CancelForm()
    return _with_form(
        "cancel",
        number,
        form,
        lambda session, actor: cases.ask_to_cancel(
            session, actor, number, form.reason.data, now(), form.words.data
        ),
        _("已请求取消。对方同意前，交易照常进行。"),
    )


@blueprint.post("/<number>/cancel/agree")
@permits(may_answer)
def agree_to_cancel(number: str) -> BaseResponse:
    cases.agree_to_cancel(current_session(), current_actor(), number, now())
    flash(_("已同意取消，没有交的吨数退回双方的挂牌。"), "done")
    return _back_to(number)


@blueprint.post("/<number>/cancel/take-back")
@permits(may_answer)
def keep_after_all(number: str) -> BaseResponse:
    cases.keep_after_all(current_session(), current_actor(), number, now())
    flash(_("已收回取消请求，交易照常进行。"), "done")
    return _back_to(number)


@blueprint.post("/<number>/decision")
@permits(operator)
def decide(number: str) -> BaseResponse:
    """End a case for the market: cancelled, or the default of a side."""
    form = DecisionForm()
    return _with_form(
        "decide", number, form, _decision(number, form), _("已结束，双方会收到通知。")
    )


@blueprint.post("/<number>/lookup")
@permits(may_look_up)
def look_up(number: str) -> BaseResponse:
    """Open the names of a trade to a regulator, on record."""
    form = LookupForm()
    return _with_form(
        "look_up",
        number,
        form,
        lambda session, actor: lookups.look_up(session, actor, number, form.reason.data, now()),
        _("名称已打开。查看已登记，双方企业会收到通知。"),
    )


@blueprint.get("/lookups")
@permits(belongs_to_a_firm)
def looked_up() -> str:
    """Who has looked up the names of one's own firm."""
    company_id = current_actor().company_id
    assert company_id is not None  # the policy has looked
    rows = lookups.lookups_of(current_session(), company_id)
    return render_template("trades/lookups.html", rows=rows)


@blueprint.get("/firms/<int:company_id>")
@permits(signed_in)
def firm(company_id: int) -> str:
    """A firm's delivery record, for those who may know its name."""
    view = records.firm(current_session(), current_actor(), company_id, now())
    written = lines(view.record, named=True)
    return render_template("trades/firm.html", firm=view, lines=written, months=records.MONTHS)


@blueprint.post("/firms/<int:company_id>/release")
@permits(operator)
def release(company_id: int) -> BaseResponse:
    """Let a barred firm trade again."""
    cases.release_defaults(current_session(), current_actor(), company_id, now())
    flash(_("已解除限制，这家企业可以继续交易。"), "done")
    return redirect(url_for(".firm", company_id=company_id), 303)


@blueprint.get("/records/<number>")
@permits(anyone)
def record_of_listing(number: str) -> str:
    """The record of the firm behind a listing, without its name: a piece of the listing's page."""
    record = records.record_of_listing(current_session(), current_actor(), number, now())
    written = lines(record, named=False)
    return render_template("trades/listing_record.html", lines=written, months=records.MONTHS)


@blueprint.get("/elsewhere")
@permits(may_answer)
def new_deal() -> str:
    """The form for a deal made elsewhere."""
    form = _deal_form()
    form.month.data = add_months(month_of(china_day(now())), 1)
    return _deal_page(form)


@blueprint.post("/elsewhere")
@permits(may_answer)
def record_deal() -> Answer:
    form = _deal_form()
    trade = _recorded(form)
    if trade is None:
        return make_response(_deal_page(form), 422)
    flash(_("已登记，等对方在期限内确认。"), "done")
    return _back_to(trade.number)


@blueprint.get("/elsewhere/partners")
@permits(may_answer)
def partners() -> str:
    """What a search for the other firm finds, as choices for the form around it."""
    side = request.args.get("my_side", Party.PRODUCER, type=Party)
    return render_template("trades/_partners.html", **_found(side, request.args.get("partner", "")))


def _with_form(name: str, number: str, form: Form, deed: Deed, done: str) -> BaseResponse:
    """Do what a form asks; what it or the operation refuses is shown on the case's page."""
    if form.validate() and _accepted(form, deed):
        flash(done, "done")
        return _back_to(number)
    return make_response(_page(number, **{name: form}), 422)


def _accepted(form: Form, deed: Deed) -> bool:
    try:
        deed(current_session(), current_actor())
    except Refused as refusal:
        form.refuse(refusal)
        return False
    return True


def _decision(number: str, form: DecisionForm) -> Deed:
    at_fault = form.decision.data.at_fault if form.decision.data else None
    if at_fault is None:
        return lambda session, actor: cases.operator_cancel(
            session, actor, number, form.words.data, now()
        )
    return lambda session, actor: cases.find_default(
        session, actor, number, at_fault, form.words.data, now()
    )


def _is_said(trade: Trade, given: frozenset[Party]) -> bool:
    """Whether the word of the reader's firm stands, not only that of a first person."""
    company_id = current_actor().company_id
    firms = {
        Party.PRODUCER: trade.producer_company_id,
        Party.CONSUMER: trade.consumer_company_id,
    }
    return all(side in given for side, firm_id in firms.items() if firm_id == company_id)


def _back_to(number: str) -> BaseResponse:
    return redirect(url_for(".show", number=number), 303)


def _page(number: str, **sent: Form) -> str:
    """The page of a case; `sent` is the form that came back with faults, by its name."""
    session, actor = current_session(), current_actor()
    view = queries.show(session, actor, number, now())
    forms = {name: form() for name, form in FORMS.items() if name not in sent} | sent
    if view.status not in UNDER_DELIVERY:
        forms["decide"].without_default()
    return render_template(
        "trades/show.html",
        trade=view,
        forms=forms,
        first=first_of(view.choices),
        limits=queries.own_limits(session, own_vault(), actor, view),
        log=[(row.at, log.sentence(row)) for row in log.log_of(session, number)],
        other_records=_records(session, view),
        tested=reports.reports_of(session, view),
        months=records.MONTHS,
        is_late=view.is_running and not view.dispute and is_late(view.deadline, now()),
        links=_links(view),
    )


def _records(session: Session, view: TradeView) -> dict[Party, list[RecordLine]]:
    """The delivery records of the sides that are not the reader's."""
    today = china_day(now())
    return {
        party: lines(records.record_of_side(session, view.number, party, today), view.is_open)
        for party in Party
        if party not in view.my_sides
    }


def _links(view: TradeView) -> dict[str, str]:
    """Pages of higher features that a case leads to, where they are there."""
    papers = {"pdf": "documents.contract_pdf", "docx": "documents.contract_docx"}
    trucks = {"trucks": "shipments.of_trade", "plan": "shipments.plan"}
    has_paper = view.status in IDENTITY_OPEN and (view.my_sides or current_actor().is_operator)
    wanted = {**(papers if has_paper else {}), **(trucks if view.contracted_at else {})}
    return {
        name: url_for(endpoint, number=view.number)
        for name, endpoint in wanted.items()
        if endpoint in current_app.view_functions
    }


def _deal_form() -> DealForm:
    session, actor, form = current_session(), current_actor(), DealForm()
    if actor.company_id is None:
        raise NotFound
    if actor.only_drives:
        raise OnlyDrives
    form.fill(
        sites={str(one.id): one.display_name for one in sites_of(session, actor.company_id)},
        materials={row.code: row.name for row in materials(session, china_day(now()))},
    )
    return form


def _deal_page(form: DealForm) -> str:
    side = form.my_side.data or Party.PRODUCER
    found = _found(side, form.partner.data or "", form.other_site_id.data or "")
    return render_template("trades/elsewhere.html", form=form, **found)


def _found(my_side: Party, text: str, chosen: str = "") -> dict[str, Any]:
    rows = elsewhere.partners(current_session(), current_actor(), my_side.other, text)
    return {"partners": rows, "text": text.strip(), "chosen": chosen}


def _recorded(form: DealForm) -> Trade | None:
    """The trade the form became; `None` if its fields now say, all at once, what is wrong."""
    session, actor = current_session(), current_actor()
    is_read, draft = form.validate(), form.draft(china_day(now()))
    form.told(elsewhere.problems(session, actor, draft, now()))
    if not is_read or form.errors:
        return None
    try:
        return elsewhere.record_deal(session, actor, draft, form.key.data, now())
    except Refused as refusal:
        form.refuse(refusal)
    return None
