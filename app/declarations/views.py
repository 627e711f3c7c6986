"""Pages of a producer's own records: the month, the log, the quick form, wastes and facilities."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.catalogue.queries import material_map
from app.companies.queries import sites_of
from app.core import once
from app.core.clock import add_months, china_day, month_of, now
from app.core.current import current_actor
from app.core.errors import NotFound
from app.core.forms import MONTH
from app.core.i18n import tonnes
from app.core.permissions import permits
from app.core.quantities import percent_text
from app.core.transactions import current_session
from app.declarations import monthly_views, operations, overview_views, queries
from app.declarations.forms import EventForm, FacilityChangeForm, FacilityForm, SourceForm
from app.declarations.messages import offer_path
from app.declarations.monthly import State
from app.declarations.operations import Recorded
from app.declarations.policy import keeps_records, sees_records
from app.declarations.prefill import Origin
from app.declarations.rules import (
    LEAST_DAYS,
    WINDOW_DAYS,
    ActivityKind,
    EventKind,
    is_event_number,
)
from app.declarations.silos import silos
from app.declarations.words import (
    ACTIVITIES,
    CLASSES,
    EVENTS,
    FACILITIES,
    FORMS,
    MASS_WORDS,
    STATES,
)

Page = tuple[str, int]
blueprint = Blueprint("declarations", __name__, url_prefix="/declarations")
blueprint.register_blueprint(monthly_views.blueprint)
blueprint.register_blueprint(overview_views.blueprint)


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "ACTIVITIES": ACTIVITIES,
        "CLASSES": CLASSES,
        "EVENTS": EVENTS,
        "FACILITIES": FACILITIES,
        "FORMS": FORMS,
        "MASS_WORDS": MASS_WORDS,
        "STATES": STATES,
        "ActivityKind": ActivityKind,
        "EventKind": EventKind,
        "Origin": Origin,
        "State": State,
        "LEAST_DAYS": LEAST_DAYS,
        "WINDOW_DAYS": WINDOW_DAYS,
        "offer_path": offer_path,
        "percent": percent_text,
    }


@blueprint.url_value_preprocessor
def _refuse_what_is_no_number(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """What cannot be a number is not there; PostgreSQL would choke on some of it."""
    if values and "number" in values and not is_event_number(values["number"]):
        raise NotFound


@blueprint.get("")
@permits(sees_records)
def index() -> str:
    """What a month brought of each waste, what became of it, and how long the stores last."""
    session, month = current_session(), _month()
    return render_template(
        "declarations/index.html",
        month=month,
        earlier=_earlier(month),
        later=_later(month),
        rows=queries.month_sums(session, _company(), month),
        silos=silos(session, _company(), now()),
    )


@blueprint.get("/silos")
@permits(sees_records)
def show_silos() -> str:
    """The card of days left, for a desk to fetch."""
    rows = silos(current_session(), _company(), now())
    return render_template("declarations/silos.html", silos=rows)


@blueprint.get("/log")
@permits(sees_records)
def log() -> str:
    """Every event of a month, reversals with what they undo."""
    month, page = _month(), request.args.get("page", 1, int)
    found = queries.log(current_session(), current_actor(), month, page, _today())
    return render_template(
        "declarations/log.html",
        month=month,
        earlier=_earlier(month),
        later=_later(month),
        log=found,
    )


@blueprint.post("/log/<number>/reverse")
@permits(keeps_records)
def reverse(number: str) -> Response:
    """Undo an event by one with its figures negative."""
    undone = operations.reverse(current_session(), current_actor(), number, now()).event
    flash(_("%(old)s 已由 %(new)s 冲销。", old=number, new=undone.number), "done")
    return redirect(url_for(".log", month=_written_month(china_day(undone.happened_at))), 303)


@blueprint.route("/record", methods=["GET", "POST"])
@permits(keeps_records)
def record() -> Response | Page:
    """Enter one happening; then the same form again, for there is often a next one."""
    form, known = EventForm(), queries.sources(current_session(), _company(), _today())
    places = queries.facilities(current_session(), _company(), _today())
    form.offer_choices(known, places)
    if form.validate_on_submit() and (recorded := _recorded(form)):
        _tell(recorded)
        return redirect(url_for(".record"), 303)
    if not form.is_submitted():
        form.begin(current_actor().person_name, now(), once.new_key())
    return _form_page("declarations/record.html", form, sources=known, facilities=places)


@blueprint.get("/setup")
@permits(sees_records)
def setup() -> str:
    """The wastes and facilities that events name."""
    session = current_session()
    return render_template(
        "declarations/setup.html",
        sources=queries.sources(session, _company(), _today()),
        facilities=queries.facilities(session, _company(), _today()),
    )


@blueprint.route("/sources/new", methods=["GET", "POST"])
@permits(keeps_records)
def new_source() -> Response | Page:
    form = SourceForm()
    form.offer_choices(_sites(), _materials())
    if form.validate_on_submit() and _source_added(form):
        flash(_("已登记：%(name)s。", name=form.waste_name.data), "done")
        return redirect(url_for(".setup"), 303)
    return _form_page("declarations/source.html", form, source=None)


@blueprint.route("/sources/<int:source_id>", methods=["GET", "POST"])
@permits(keeps_records)
def change_source(source_id: int) -> Response | Page:
    source = queries.source(current_session(), _company(), source_id, _today())
    form = SourceForm()
    form.keep(source)
    if form.validate_on_submit() and _source_changed(form, source_id):
        flash(_("已保存：%(name)s。", name=form.waste_name.data), "done")
        return redirect(url_for(".setup"), 303)
    if not form.is_submitted():
        form.show(source)
    return _form_page("declarations/source.html", form, source=source)


@blueprint.route("/facilities/new", methods=["GET", "POST"])
@permits(keeps_records)
def new_facility() -> Response | Page:
    form = FacilityForm()
    form.offer_choices(_sites(), _materials())
    if form.validate_on_submit() and _facility_added(form):
        flash(_("已登记：%(name)s。", name=form.name.data), "done")
        return redirect(url_for(".setup"), 303)
    return _form_page("declarations/facility.html", form, facility=None)


@blueprint.route("/facilities/<int:facility_id>", methods=["GET", "POST"])
@permits(keeps_records)
def change_facility(facility_id: int) -> Response | Page:
    facility = queries.facility(current_session(), _company(), facility_id, _today())
    form = FacilityChangeForm()
    if form.validate_on_submit() and _facility_changed(form, facility_id):
        flash(_("已保存：%(name)s。", name=form.name.data), "done")
        return redirect(url_for(".setup"), 303)
    if not form.is_submitted():
        form.show(facility)
    return _form_page("declarations/facility.html", form, facility=facility)


def _form_page(template: str, form: FlaskForm, **values: object) -> Page:
    """A form as a page; 422 when it comes back with faults."""
    return render_template(template, form=form, **values), 422 if form.errors else 200


def _recorded(form: EventForm) -> Recorded | None:
    session, actor, what = current_session(), current_actor(), form.happening()
    place, key = form.wanted_facility, form.form_key.data
    return form.attempt(
        lambda: operations.record(
            session, actor, form.source_id.data, place, what, now(), key=key or " "
        )
    )


def _tell(recorded: Recorded) -> None:
    """Say what was entered, and whether it is more than the store was built for."""
    values = {"number": recorded.event.number, "over": tonnes(recorded.over_kg)}
    flash(_("已记录 %(number)s。", number=recorded.event.number), "done")
    if recorded.over_kg:
        flash(
            _("%(number)s 之后，这处设施超出容量 %(over)s 吨，请尽快外运或核对。", **values),
            "waiting",
        )


def _source_added(form: SourceForm) -> bool:
    session, actor, draft = current_session(), current_actor(), form.draft()
    site_id, material = int(form.site_id.data), form.material.data
    deed = form.attempt(
        lambda: operations.add_source(session, actor, site_id, material, draft, now())
    )
    return deed is not None


def _source_changed(form: SourceForm, source_id: int) -> bool:
    session, actor, draft = current_session(), current_actor(), form.draft()
    deed = form.attempt(lambda: operations.change_source(session, actor, source_id, draft, now()))
    return deed is not None


def _facility_added(form: FacilityForm) -> bool:
    session, actor, draft = current_session(), current_actor(), form.draft()
    site_id = int(form.site_id.data)
    deed = form.attempt(lambda: operations.add_facility(session, actor, site_id, draft, now()))
    return deed is not None


def _facility_changed(form: FacilityChangeForm, facility_id: int) -> bool:
    session, actor = current_session(), current_actor()
    name, capacity = form.name.data, form.capacity.data
    deed = form.attempt(
        lambda: operations.change_facility(session, actor, facility_id, name, capacity, now())
    )
    return deed is not None


def _company() -> int:
    return current_actor().company_id or 0


def _today() -> date:
    return china_day(now())


def _month() -> date:
    """The month of the address, this one without; nothing lies in the future."""
    found = MONTH.fullmatch(request.args.get("month", ""))
    this = month_of(_today())
    if not found or not 1 <= int(found[2]) <= 12 or int(found[1]) < 2000:
        return this
    return min(this, date(int(found[1]), int(found[2]), 1))


def _earlier(month: date) -> date | None:
    """The month before, if anything had been recorded by then."""
    first = queries.first_month(current_session(), _company(), now())
    return add_months(month, -1) if month > first else None


def _later(month: date) -> date | None:
    return add_months(month, 1) if month < month_of(_today()) else None


def _written_month(day: date) -> str:
    return f"{day:%Y-%m}"


def _sites() -> dict[int, str]:
    return {site.id: site.display_name for site in sites_of(current_session(), _company())}


def _materials() -> dict[str, str]:
    return {row.code: row.name for row in material_map(current_session(), _today()).values()}
