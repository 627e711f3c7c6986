"""The gate: the day's trucks of a site, one truck on the scale, the site's hours.

A ticket is sent by the page's script as JSON, and by a browser without script as a form; both take
the same way through the same operation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from uuid import uuid4

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as BaseResponse

from app.companies.policy import is_manager
from app.core.clock import china_day, now
from app.core.current import current_actor
from app.core.errors import GufeiError, NotFound, Refused
from app.core.i18n import kg
from app.core.permissions import permits
from app.core.transactions import current_session
from app.shipments import gate_book, operations, queries, sheet, yard
from app.shipments.forms import GateForm, TicketForm
from app.shipments.gate_book import GateRow
from app.shipments.models import Ticket
from app.shipments.policy import may_handle
from app.shipments.rows import ShipmentRow, ShipmentView
from app.shipments.rules import End
from app.shipments.words import END_WORDS

blueprint = Blueprint("gate", __name__)
NUMBER = re.compile(r"W-\d{4}-\d{5}", re.ASCII | re.IGNORECASE)
LONGEST_SEARCH = 40
Answer = BaseResponse | tuple[str, int]


def _answers_script(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """Tell the page's script of an error in a form it can keep beside the ticket."""

    @wraps(view)
    def answer(*args: object, **kwargs: object) -> Answer:
        try:
            return view(*args, **kwargs)
        except GufeiError as error:
            if not _asked_by_script():
                raise
            return _as_json({}, str(error.message), error.status)

    return answer


@blueprint.get("/gate")
@permits(may_handle)
def day() -> Answer | str:
    """The day's trucks of one of the reader's sites, or those that a plate or a number finds."""
    sites = gate_book.gates(current_session(), current_actor())
    site, text = _chosen(sites), request.args.get("q", "").strip()[:LONGEST_SEARCH]
    trucks = _found(text) if text else _of_today(site)
    if text and len(trucks) == 1:
        return redirect(url_for("shipments.gate.weighing", number=trucks[0].number))
    groups = yard.groups(trucks)
    return render_template(
        "shipments/gate.html", sites=sites, site=site, groups=groups, text=text, yard=yard
    )


@blueprint.get("/gate/pass")
@permits(may_handle)
def ticket_pass() -> Response:
    """What the script needs to send a ticket that waited: a fresh form token, and who is here."""
    return jsonify(token=generate_csrf(), person=current_actor().user_id)


@blueprint.get("/<number>/gate")
@permits(may_handle)
def weighing(number: str) -> Answer:
    """One truck on the scale: where the QR code of its note leads."""
    view = queries.show(current_session(), current_actor(), number, now())
    end = yard.end_of(view)
    form = TicketForm(client_key=uuid4().hex, weighed_at=now(), end=end)
    return _weighing_page(view, end, form)


@blueprint.post("/<number>/gate")
@permits(may_handle)
@_answers_script
def weigh(number: str) -> Answer:
    """Record a ticket; sent twice with one key it is recorded once."""
    form = TicketForm()
    ticket = _recorded(number, form) if form.validate() else None
    if ticket is None:
        return _not_recorded(number, form)
    sentence = _("%(end)s已记录：净重 %(kg)s kg。", end=END_WORDS[ticket.end], kg=kg(ticket.net_kg))
    flash(sentence, "done")
    target = url_for("shipments.gate.day", site_id=ticket.site_id)
    return jsonify(next=target) if _asked_by_script() else redirect(target, 303)


@blueprint.route("/gate/<int:site_id>/settings", methods=["GET", "POST"])
@permits(is_manager)
def settings(site_id: int) -> Answer:
    """When a site loads and unloads, and which trucks it lets in."""
    gate = _own_gate(site_id)
    form = GateForm()
    if form.validate_on_submit() and _gate_set(site_id, form):
        flash(_("门岗设置已保存。"), "done")
        return redirect(url_for("shipments.gate.day", site_id=site_id), 303)
    if not form.is_submitted():
        form.show(gate)
    page = render_template("shipments/gate_settings.html", gate=gate, form=form)
    return page, 422 if form.errors else 200


def end_for(view: ShipmentView) -> End | None:
    """The ticket that this reader makes next, if it is the turn of its firm and the reader may."""
    return yard.end_of(view) if may_handle(current_actor()) else None


def _asked_by_script() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _as_json(fields: dict[str, str], message: str, status: int) -> BaseResponse:
    response = jsonify(message=message, fields=fields)
    response.status_code = status
    return response


def _chosen(sites: list[GateRow]) -> GateRow | None:
    """The site asked for, else the firm's first; another firm's is not there."""
    wanted = request.args.get("site_id", type=int)
    if wanted is None:
        return sites[0] if sites else None
    return _among(sites, wanted)


def _own_gate(site_id: int) -> GateRow:
    return _among(gate_book.gates(current_session(), current_actor()), site_id)


def _among(sites: list[GateRow], site_id: int) -> GateRow:
    for site in sites:
        if site.site_id == site_id:
            return site
    raise NotFound


def _of_today(site: GateRow | None) -> list[ShipmentRow]:
    if site is None:
        return []
    session, actor, moment = current_session(), current_actor(), now()
    found = gate_book.gate_day(session, actor, site.site_id, china_day(moment), moment)
    return yard.trucks_of(found)


def _found(text: str) -> list[ShipmentRow]:
    """Loads by the number of their note, or by a piece of the plate."""
    session, actor = current_session(), current_actor()
    if not NUMBER.fullmatch(text):
        return queries.by_plate(session, actor, text, now())
    note = queries.found(session, actor, text.upper())
    return queries.rows_of(session, actor, [note], now())


def _recorded(number: str, form: TicketForm) -> Ticket | None:
    """The ticket; nothing if a rule says no, and the form says which."""
    session, actor = current_session(), current_actor()
    try:
        return operations.weigh(session, actor, number, form.draft(), now())
    except Refused as refusal:
        form.refuse(refusal)
        return None


def _not_recorded(number: str, form: TicketForm) -> Answer:
    if _asked_by_script():
        fields = {field.name: " ".join(map(str, field.errors)) for field in form if field.errors}
        return _as_json(fields, " ".join(map(str, form.form_errors)), 422)
    view = queries.show(current_session(), current_actor(), number, now())
    return _weighing_page(view, form.wanted_end(), form)


def _weighing_page(view: ShipmentView, end: End | None, form: TicketForm) -> Answer:
    page = render_template(
        "shipments/weigh.html",
        shipment=view,
        end=end,
        weighing=sheet.weighing(view, end) if end else None,
        why=sheet.why_not_now(view),
        site_id=sheet.gate_site(view),
        form=form,
    )
    return page, 422 if form.errors else 200


def _gate_set(site_id: int, form: GateForm) -> bool:
    session, actor = current_session(), current_actor()
    try:
        operations.set_gate(session, actor, site_id, form.draft(), now())
    except Refused as refusal:
        form.refuse(refusal)
        return False
    return True
