"""The sandbox: naming a scenario, and reading what came of it beside the live plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.catalogue.queries import county_map, freight_terms, material_map
from app.catalogue.words import whole_region
from app.clearing.models import ClearingRun
from app.clearing.queries import last_recorded, months_of, run_of
from app.core.clock import china_day, now
from app.core.current import current_actor
from app.core.errors import NotFound, Refused
from app.core.i18n import month, whole_tonnes
from app.core.jobs import queries as job_queries
from app.core.jobs.pages import ProgressPanel, fragment, panel
from app.core.permissions import permits
from app.core.sheets import with_sheets
from app.core.transactions import current_session
from app.core.vault import own_vault
from app.listings.rules import Product
from app.listings.words import PRODUCTS
from app.oversight import operations, queries, words
from app.oversight.forms import ScenarioForm
from app.oversight.policy import may_oversee, may_see_site

blueprint = Blueprint("scenarios", __name__, url_prefix="/scenarios")


@blueprint.get("")
@permits(may_oversee)
@with_sheets
def index() -> str:
    """The scenarios that are kept, the newest first."""
    session = current_session()
    return render_template(
        "oversight/scenarios.html",
        rows=queries.scenarios(session, current_actor()),
        sentence=_sentence(),
        change=_change,
        run=last_recorded(session),
    )


@blueprint.get("/new")
@permits(may_oversee)
def new() -> str:
    """An empty scenario, or one that the compass filled in."""
    form = ScenarioForm(formdata=request.args or None)
    _offer(form)
    return _form_page(form)


@blueprint.post("/new")
@permits(may_oversee)
def name() -> BaseResponse | tuple[str, int]:
    """Keep a scenario and have it solved."""
    form = ScenarioForm()
    run = _offer(form)
    valid = form.validate_on_submit()
    edits = form.edits()
    if not valid or form.errors:
        return _form_page(form), 422
    try:
        found = operations.name_scenario(
            current_session(), own_vault(), current_actor(), run, form.name.data, edits, now()
        )
    except Refused as refusal:
        form.refuse(refusal)
        return _form_page(form), 422
    flash(_("已保存“%(name)s”，正在求解。", name=found.name), "done")
    return redirect(url_for(".show", number=found.number), 303)


@blueprint.get("/<number>")
@permits(may_oversee)
@with_sheets
def show(number: str) -> str:
    """A scenario beside the live plan."""
    session = current_session()
    row = queries.scenario(session, current_actor(), number)
    return render_template(
        "oversight/scenario.html",
        row=row,
        run=run_of(session, row.run),
        progress=_progress(number) if row.is_open else None,
        materials=material_map(session, china_day(now())),
        sentence=_sentence(),
        total=_total(row.shown["rows"]) if row.shown else None,
    )


@blueprint.get("/<number>/progress")
@permits(may_oversee)
def progress(number: str) -> BaseResponse:
    """How far its job is; the page asks for it every two seconds."""
    queries.scenario(current_session(), current_actor(), number)
    return fragment(_progress(number))


def _form_page(form: ScenarioForm) -> str:
    return render_template(
        "oversight/scenario_form.html",
        form=form,
        run=last_recorded(current_session()),
        terms=freight_terms(current_session(), china_day(now())),
    )


def _offer(form: ScenarioForm) -> ClearingRun:
    """Give a form its choices; the run that is edited is the last with a result."""
    session = current_session()
    run = _last_run()
    materials = material_map(session, china_day(now()))
    counties = county_map(session)
    form.offer(
        sites={key: row.name for key, row in queries.sites(session, current_actor()).items()},
        materials={code: row.name for code, row in materials.items()},
        months=[(each, month(each)) for each in months_of(run)],
        stops=list(_stops(run)),
        counties={c: row.name for c, row in counties.items() if may_see_site(current_actor(), c)},
    )
    return run


def _last_run() -> ClearingRun:
    row = last_recorded(current_session())
    if row is None:
        raise NotFound
    return run_of(current_session(), row.number)


def _stops(run: ClearingRun) -> Iterator[tuple[str, str]]:
    """Months in which works stand still, each a key and a name."""
    for text, products in sorted(run.settings.get("idle", {}).items()):
        for product in sorted(products):
            name = PRODUCTS[Product(product)]
            yield f"{product}/{text}", f"{name} · {text}"


def _progress(number: str) -> ProgressPanel:
    found = queries.scenario_of(current_session(), number)
    job = job_queries.job(current_session(), found.job_id)
    if job is None:
        raise NotFound
    return panel(job, title=_("求解中"), poll_url=url_for(".progress", number=number))


def _sentence() -> Any:
    session = current_session()
    names = words.Names(
        {key: row.name for key, row in queries.sites(session, current_actor()).items()},
        {code: row.name for code, row in material_map(session, china_day(now())).items()},
        {code: row.name for code, row in county_map(session).items()},
        whole_region(session),
    )
    return lambda edit: words.sentence(edit, names)


def _change(rows: list[dict[str, Any]]) -> str:
    """What the plan places more or less, in tonnes."""
    total = _total(rows)
    more = total["plan_after_kg"] - total["plan_before_kg"]
    sign = "+" if more > 0 else "−" if more < 0 else ""
    return sign + whole_tonnes(abs(more))


def _total(rows: list[dict[str, Any]]) -> dict[str, int]:
    """The masses of what the target counts; what is not told of one material has no total."""
    masses = ("offered_kg", "plan_before_kg", "plan_after_kg", "market_before_kg")
    materials = material_map(current_session(), china_day(now()))
    counted = [row for row in rows if materials[row["material"]].in_target]
    return {name: sum(row[name] for row in counted) for name in masses}
