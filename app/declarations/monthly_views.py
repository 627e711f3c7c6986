"""Pages of monthly declarations: what a firm has to declare, the form, the statement, its loads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.companies.models import Site
from app.core import once
from app.core.clock import add_months, china_day, now
from app.core.current import current_actor
from app.core.errors import NotFound
from app.core.permissions import permits
from app.core.transactions import current_session
from app.declarations import checking, declared, duties
from app.declarations.balance import MassBalance
from app.declarations.chasing import urge
from app.declarations.checking import Known
from app.declarations.declaring import declare, declare_activity
from app.declarations.declaring_forms import DeclarationForm
from app.declarations.duties import Duty
from app.declarations.evidence import evidence, loads
from app.declarations.models import Declaration
from app.declarations.monthly import activities, last_month, read_month
from app.declarations.overview import progress
from app.declarations.policy import (
    chases_declarations,
    keeps_records,
    overseen_sites,
    reads_declarations,
    sees_records,
)
from app.declarations.prefill import Evidence, prefilled, sources
from app.declarations.rules import ActivityKind
from app.declarations.words import spoken

Page = tuple[str, int]
blueprint = Blueprint("monthly", __name__, url_prefix="/monthly")


@dataclass(frozen=True, slots=True)
class Trial:
    """How typed masses stand: the sentences of what is open, and values that would answer them."""

    balance: MassBalance
    open: list[str]
    proposed: MassBalance | None

    @classmethod
    def of(cls, balance: MassBalance, known: Known) -> Trial:
        asked = checking.questions(balance, known)
        texts = [str(spoken(question)) for question in asked]
        return cls(balance, texts, checking.proposal(balance, known))


@blueprint.get("")
@permits(sees_records)
def index() -> str:
    """What a firm has to declare of a month, and what has become of it."""
    month, company_id = chosen_month(), current_actor().company_id or 0
    rows = duties.duties_of(current_session(), company_id, month, today())
    return render_template(
        "declarations/monthly.html",
        month=month,
        earlier=earlier(month),
        later=later(month),
        rows=rows,
        progress=progress(rows),
        first_open=next((row for row in rows if row.is_open), None),
    )


@blueprint.get("/<int:site_id>/<waste>/<month>")
@permits(reads_declarations)
def show(site_id: int, waste: str, month: str) -> str:
    """The statement that is in force, and every version before it."""
    row = _duty(site_id, waste, month)
    session = current_session()
    return render_template(
        "declarations/statement.html",
        duty=row,
        versions=declared.versions(session, site_id, waste, row.month),
        made=declared.activities(session, site_id, row.month),
        found=_evidence(row),
    )


@blueprint.get("/<int:site_id>/<waste>/<month>/loads")
@permits(reads_declarations)
def show_loads(site_id: int, waste: str, month: str) -> str:
    """The tickets behind what was used by others."""
    row = _duty(site_id, waste, month)
    found = loads(current_session(), _site(row), waste, row.month)
    return render_template("declarations/loads.html", duty=row, loads=found)


@blueprint.route("/<int:site_id>/<waste>/<month>/declare", methods=["GET", "POST"])
@permits(keeps_records)
def fill_in(site_id: int, waste: str, month: str) -> Response | Page:
    """Declare or correct; try the sums and take proposals over without declaring anything."""
    row, form = _duty(site_id, waste, month), DeclarationForm()
    found, deed = _evidence(row), request.form.get("deed", "declare")
    if not form.is_submitted():
        made = declared.activities(current_session(), site_id, row.month)
        form.begin(row, found, made, once.new_key())
    elif deed == "adopt":
        form.adopt(found.known)
    elif form.validate() and deed == "declare" and (done := _declared(form, row)):
        flash(_("已申报：%(number)s。", number=done.number), "done")
        return redirect(_url(row), 303)
    return _form_page(form, row, found)


@blueprint.post("/<int:site_id>/<month>/urge")
@permits(chases_declarations)
def ask_again(site_id: int, month: str) -> Response:
    """A regulator asks a firm again for what is missing of a site's month."""
    wanted = read_month(month)
    if wanted is None:
        raise NotFound
    count = urge(current_session(), current_actor(), site_id, wanted, now())
    flash(_("已催报：%(count)s 种废物，企业会收到通知。", count=count), "done")
    site = current_session().get_one(Site, site_id)
    return redirect(url_for("declarations.overview.index", month=month, county=site.adcode), 303)


def chosen_month() -> date:
    """The month of the address; without one that can be declared, the last that is over."""
    last = last_month(today())
    return min(read_month(request.args.get("month", "")) or last, last)


def earlier(month: date) -> date | None:
    """The month before, if anything of it was due."""
    actor = current_actor()
    where = Site.company_id == actor.company_id if actor.is_company else overseen_sites(actor)
    first = duties.first_month(current_session(), where, today())
    return add_months(month, -1) if month > first else None


def later(month: date) -> date | None:
    return add_months(month, 1) if month < last_month(today()) else None


def today() -> date:
    return china_day(now())


def _duty(site_id: int, waste: str, month: str) -> Duty:
    wanted = read_month(month)
    if wanted is None:
        raise NotFound
    session, actor = current_session(), current_actor()
    return duties.duty(session, actor, site_id, waste, wanted, today())


def _site(row: Duty) -> Site:
    return current_session().get_one(Site, row.site_id)


def _evidence(row: Duty) -> Evidence:
    return evidence(current_session(), _site(row), row.material.code, row.month)


def _kinds(row: Duty) -> tuple[ActivityKind, ...]:
    return activities(row.material.code, _site(row).company.industry_code)


def _declared(form: DeclarationForm, row: Duty) -> Declaration | None:
    """Declare the waste and what the site made; both or nothing."""
    session, actor = current_session(), current_actor()

    def deed() -> Declaration:
        key = form.form_key.data or " "
        for kind, quantity in form.made(_kinds(row)).items():
            declare_activity(session, actor, row.site_id, row.month, kind, quantity, now())
        return declare(session, actor, form.statement(row), now(), key=key)

    return form.attempt(deed)


def _form_page(form: DeclarationForm, row: Duty, found: Evidence) -> Page:
    balance = form.balance
    page = render_template(
        "declarations/declare.html",
        form=form,
        duty=row,
        found=found,
        ready=prefilled(found),
        sources=sources(found),
        kinds=_kinds(row),
        trial=Trial.of(balance, found.known) if balance else None,
    )
    return page, 422 if form.errors else 200


def _url(row: Duty) -> str:
    month = f"{row.month:%Y-%m}"
    return url_for(".show", site_id=row.site_id, waste=row.material.code, month=month)
