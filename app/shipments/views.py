"""Pages of trucks: the list, one consignment note, planning, weights to settle, vehicles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import segno
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from app.core.clock import now
from app.core.current import current_actor
from app.core.errors import NotFound, Refused
from app.core.forms import Form
from app.core.permissions import operator, permits, signed_in
from app.core.transactions import current_session
from app.shipments import (
    choices,
    gate_book,
    gate_views,
    losses,
    operations,
    queries,
    sheet,
    vehicles,
    words,
)
from app.shipments.choices import TradeChoice
from app.shipments.forms import HaulageForm, LossForm, PlanForm, VehicleForm, WeightForm
from app.shipments.gate_book import VehicleRow
from app.shipments.models import Shipment
from app.shipments.policy import may_handle, may_plan, reads_a_shipment, reads_shipments
from app.shipments.queries import ShipmentFilter
from app.shipments.rows import ShipmentView
from app.shipments.rules import End, ShipmentStatus, Step
from app.shipments.script_words import for_script

blueprint = Blueprint("shipments", __name__, url_prefix="/shipments")
blueprint.register_blueprint(gate_views.blueprint)
Answer = BaseResponse | tuple[str, int]
Done = TypeVar("Done")
SLOT_FIELDS = {End.LOADING: "load_slot", End.UNLOADING: "unload_slot"}


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "words": words,
        "sheet": sheet,
        "for_script": for_script,
        "now": now(),
        "End": End,
        "Step": Step,
    }


@blueprint.get("/")
@permits(reads_shipments)
def index() -> str:
    """The reader's trucks, the open ones first."""
    session, actor = current_session(), current_actor()
    wanted = ShipmentFilter(
        status=request.args.get("status", type=ShipmentStatus),
        plate=request.args.get("q", "").strip()[:12],
        page=request.args.get("page", default=1, type=int),
    )
    found = queries.own(session, actor, wanted, now())
    waiting = queries.waiting_for(session, actor, now())
    return render_template(
        "shipments/index.html",
        found=found,
        wanted=wanted,
        waiting=waiting,
        handles=may_handle(actor),
    )


@blueprint.get("/of/<number>")
@permits(signed_in)
def of_trade(number: str) -> str:
    """The trucks of one trade, a piece of its page; officials find the sums alone."""
    session, actor = current_session(), current_actor()
    loads = queries.of_trade(session, actor, number, now())
    return render_template("shipments/of_trade.html", number=number, loads=loads)


@blueprint.get("/<number>")
@permits(reads_a_shipment)
def show(number: str) -> Answer:
    return _note_page(number, WeightForm())


@blueprint.get("/<number>/tickets/<end>/photo")
@permits(reads_a_shipment)
def photo(number: str, end: str) -> Response:
    """The picture of a ticket, for those who see its load; no shared cache may keep it."""
    if end not in list(End):
        raise NotFound
    found = queries.photo(current_session(), current_actor(), number, End(end), now())
    return Response(found.content, content_type=found.media_type)


@blueprint.route("/plan/<number>", methods=["GET", "POST"])
@permits(may_plan)
def plan(number: str) -> Answer:
    """Send a truck for a trade."""
    form = PlanForm()
    trade = choices.trade_choice(current_session(), current_actor(), number, now())
    form.offer_slots(trade.loading.free, trade.unloading.free)
    if form.validate_on_submit():
        shipment = _attempt(form, lambda: _planned(number, form))
        if shipment is not None:
            flash(_("已派车。对方或承运企业确认后，就能装车过磅。"), "done")
            return redirect(url_for(".show", number=shipment.number), 303)
    return _plan_page(trade, form)


@blueprint.route("/<number>/change", methods=["GET", "POST"])
@permits(may_plan)
def change(number: str) -> Answer:
    """Another truck, another driver or other appointments, before the truck is loaded."""
    view, form = _view(number), HaulageForm()
    trade = choices.load_choice(current_session(), current_actor(), number, now())
    if not form.is_submitted():
        form.show(view)
    form.offer_slots(trade.loading.free, trade.unloading.free, view)
    if form.validate_on_submit() and _attempt(form, lambda: _changed(view, form)) is not None:
        flash(_("运单已更改。"), "done")
        return redirect(url_for(".show", number=number), 303)
    return _plan_page(trade, form, view)


@blueprint.post("/<number>/confirm")
@permits(may_plan)
def confirm(number: str) -> BaseResponse:
    operations.confirm(current_session(), current_actor(), number, now())
    return _done(number, _l("运单已确认，可以装车过磅。"))


@blueprint.post("/<number>/void")
@permits(may_plan)
def void(number: str) -> BaseResponse:
    words_given = request.form.get("words", "").strip()[:200]
    operations.void(current_session(), current_actor(), number, words_given, now())
    return _done(number, _l("运单已作废，吨数仍留在交易里。"))


@blueprint.post("/<number>/arrive")
@permits(may_handle)
def arrive(number: str) -> BaseResponse:
    """The truck queues at the consumer's gate."""
    operations.arrive(current_session(), current_actor(), number, now())
    return _done(number, _l("已登记到厂。"), ".gate.weighing")


@blueprint.post("/<number>/close")
@permits(may_handle)
def close(number: str) -> BaseResponse:
    operations.close(current_session(), current_actor(), number, now())
    return _done(number, _l("运单已关闭。"))


@blueprint.post("/<number>/weight/propose")
@permits(may_handle)
def propose_weight(number: str) -> Answer:
    """Put a weight on the table."""
    return _with_weight(number, operations.propose, _l("已提出。对方同意后按它结算。"))


@blueprint.post("/<number>/weight/settle")
@permits(operator)
def settle_weight(number: str) -> Answer:
    """The operator's word, once the sides had their time."""
    return _with_weight(number, operations.settle, _l("已裁定，双方会收到通知。"))


@blueprint.post("/<number>/missing")
@permits(operator)
def declare_missing(number: str) -> Answer:
    """The operator's word that a load is not coming any more."""
    form, session, actor = LossForm(), current_session(), current_actor()
    if form.validate():
        said = form.words.data or ""
        deed = operations.declare_missing
        if _attempt(form, lambda: deed(session, actor, number, said, now())) is not None:
            return _done(number, _l("已按未到货结案，双方会收到通知。"))
    return _note_page(number, WeightForm(), form)


@blueprint.post("/<number>/weight/agree")
@permits(may_handle)
def agree_weight(number: str) -> Answer:
    """Agree to the weight of the other side, as the reader saw it."""
    form = WeightForm()
    if not form.validate():
        return _note_page(number, form)
    session, actor, end = current_session(), current_actor(), form.wanted_end()
    operations.agree(session, actor, number, form.kg.data, now(), end)
    return _done(number, _l("已商定，按这个净重结算。"))


@blueprint.route("/vehicles", endpoint="vehicles", methods=["GET", "POST"])
@permits(may_handle)
def vehicle_list() -> Answer:
    """The trucks of one's own firm, and the form that enters one more."""
    form = VehicleForm()
    if form.validate_on_submit():
        session, actor, draft = current_session(), current_actor(), form.draft()
        if _attempt(form, lambda: vehicles.register(session, actor, draft, now())):
            flash(_("车辆已登记，派车时可以选它。"), "done")
            return redirect(url_for(".vehicles"), 303)
    return _vehicle_page(form)


@blueprint.route("/vehicles/<int:vehicle_id>", methods=["GET", "POST"])
@permits(may_plan)
def change_vehicle(vehicle_id: int) -> Answer:
    """Correct a truck of one's own firm."""
    session, actor = current_session(), current_actor()
    editing, form = gate_book.vehicle(session, actor, vehicle_id), VehicleForm()
    if form.validate_on_submit():
        draft = form.draft()
        if _attempt(form, lambda: vehicles.change(session, actor, vehicle_id, draft, now())):
            flash(_("车辆已更改。"), "done")
            return redirect(url_for(".vehicles"), 303)
    if not form.is_submitted():
        form.show(editing)
    return _vehicle_page(form, editing)


@blueprint.post("/vehicles/<int:vehicle_id>/retire")
@permits(may_plan)
def retire_vehicle(vehicle_id: int) -> BaseResponse:
    vehicles.retire(current_session(), current_actor(), vehicle_id, now())
    flash(_("车辆已停用，不再派新车。"), "done")
    return redirect(url_for(".vehicles"), 303)


@blueprint.post("/vehicles/<int:vehicle_id>/restore")
@permits(may_plan)
def restore_vehicle(vehicle_id: int) -> BaseResponse:
    vehicles.restore(current_session(), current_actor(), vehicle_id, now())
    flash(_("车辆已恢复使用。"), "done")
    return redirect(url_for(".vehicles"), 303)


def _view(number: str) -> ShipmentView:
    return queries.show(current_session(), current_actor(), number, now())


def _done(number: str, sentence: LazyString, endpoint: str = ".show") -> BaseResponse:
    flash(str(sentence), "done")
    return redirect(url_for(endpoint, number=number), 303)


def _attempt(form: Form, deed: Callable[[], Done]) -> Done | None:
    """What the deed made; nothing if a rule says no, and the form says which."""
    try:
        return deed()
    except Refused as refusal:
        form.refuse(refusal)
        return None


def _planned(number: str, form: PlanForm) -> Shipment:
    session, actor = current_session(), current_actor()
    shipment = operations.plan(session, actor, number, form.draft(), now())
    _book(shipment.number, form)
    return shipment


def _changed(view: ShipmentView, form: HaulageForm) -> Shipment:
    session, actor = current_session(), current_actor()
    shipment = operations.change_vehicle(session, actor, view.number, form.haulage(), now())
    _book(view.number, form)
    return shipment


def _book(number: str, form: HaulageForm) -> None:
    """Make the appointments asked for; a refusal belongs to the field of its end."""
    session, actor = current_session(), current_actor()
    for end, at in form.slots().items():
        try:
            operations.book_slot(session, actor, number, end, at, now())
        except Refused as refusal:
            raise Refused(refusal.message, field=SLOT_FIELDS[end]) from refusal


def _with_weight(number: str, deed: Callable[..., object], sentence: LazyString) -> Answer:
    """Name a weight for a dispute; `deed` is who names it."""
    form = WeightForm()
    session, actor, end = current_session(), current_actor(), form.wanted_end()
    if form.validate():
        said = (form.kg.data, form.words.data or "")
        if _attempt(form, lambda: deed(session, actor, number, *said, now(), end)) is not None:
            return _done(number, sentence)
    return _note_page(number, form)


def _note_page(number: str, form: WeightForm, loss: LossForm | None = None) -> Answer:
    view, loss = _view(number), loss or LossForm()
    page = render_template(
        "shipments/show.html",
        shipment=view,
        waste=choices.waste_of(current_session(), number, view.material),
        code=_code_of(number),
        weighs_here=gate_views.end_for(view),
        form=form,
        loss=loss,
        given_up_at=losses.given_up_at(current_session(), number, now()),
    )
    return page, 422 if form.errors or loss.errors else 200


def _code_of(number: str) -> str:
    """The QR code of the page where this truck is weighed, as SVG for the page."""
    link = url_for(".gate.weighing", number=number, _external=True)
    drawn = segno.make(link, error="m", micro=False)
    return drawn.svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)


def _plan_page(trade: TradeChoice, form: HaulageForm, view: ShipmentView | None = None) -> Answer:
    found = choices.vehicles(current_session(), current_actor())
    page = render_template(
        "shipments/plan.html", trade=trade, shipment=view, form=form, vehicles=found
    )
    return page, 422 if form.errors else 200


def _vehicle_page(form: VehicleForm, editing: VehicleRow | None = None) -> Answer:
    actor = current_actor()
    found = gate_book.vehicles_of(current_session(), actor, actor.company_id or 0)
    page = render_template(
        "shipments/vehicles.html",
        vehicles=found,
        form=form,
        editing=editing,
        may_plan=may_plan(actor),
    )
    return page, 422 if form.errors else 200
