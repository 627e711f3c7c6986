"""The page of the gap: the waterfall, the price of the last tonne, work-list and compass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.wrappers import Response

from app.catalogue.queries import county_map, investment_costs, material_map, plan_target
from app.catalogue.rules import Means
from app.catalogue.words import target_text, whole_region
from app.clearing.queries import last_covering, last_recorded
from app.clearing.words import REASON_WORDS
from app.core.clock import china_day, month_of, now
from app.core.current import current_actor
from app.core.permissions import permits
from app.core.sheets import with_sheets
from app.core.transactions import current_session
from app.eligibility.queries import parameter_map
from app.maps.counties import month_opened
from app.maps.rules import month_shown, neighbours
from app.oversight import words
from app.oversight.forms import GapForm
from app.oversight.gap.compass import Finding
from app.oversight.gap.edits import AddLine, AddSilo, Edit, OpenMonth, OpenRoute
from app.oversight.gap.waterfall import Scope, waterfall
from app.oversight.gap.worklist import tasks
from app.oversight.policy import may_oversee, may_see_site
from app.oversight.queries import GapRow, gap_of, sites
from app.statistics.closing import last_close
from app.statistics.queries import first_and_last_month

blueprint = Blueprint("gap", __name__, url_prefix="/gap")
TASKS_SHOWN = 12
FINDINGS_OF_A_MEANS = 4


@blueprint.get("")
@permits(may_oversee)
@with_sheets
def show() -> tuple[str, int]:
    """What stands between a month and the target."""
    form = GapForm.of(request.args)
    readable = form.validate()
    page = _page(_scope(form))
    return render_template("oversight/gap.html", form=form, **page), 200 if readable else 422


@blueprint.get("/curve.json")
@permits(may_oversee)
def curve() -> Response:
    """The bands of a run as the drawing beside their table takes them: tonnes and CNY/t."""
    found = _gap(_scope(GapForm.of(request.args)).month)
    bands = found.bands if found else ()
    return jsonify([{"tonnes": band.kg / 1_000, "yuan": band.rate / 100} for band in bands])


def _scope(form: GapForm) -> Scope:
    session, actor = current_session(), current_actor()
    form.validate()
    this_month = month_of(china_day(now()))
    seen = [code for code in county_map(session) if may_see_site(actor, code)]
    return Scope(
        month=form.month.data or _month_opened(this_month),
        material=form.chosen(form.material, material_map(session, this_month)),
        adcode=form.chosen(form.county, dict.fromkeys(seen)),
    )


def _month_opened(this_month: date) -> date:
    """The month last cleared or the next; before there is a run, the last with official figures."""
    session = current_session()
    cleared = last_recorded(session)
    if cleared is None:
        return month_opened(session) or month_shown(this_month, None)
    return month_shown(this_month, cleared.month)


def _page(scope: Scope) -> dict[str, Any]:
    session, actor, today = current_session(), current_actor(), china_day(now())
    materials, counties = material_map(session, scope.month), county_map(session)
    target = plan_target(session, today)
    counted = {code for code, row in materials.items() if row.in_target}
    names = words.Names(
        {key: row.name for key, row in sites(session, actor).items()},
        {code: row.name for code, row in materials.items()},
        {code: row.name for code, row in counties.items()},
        whole_region(session),
    )
    found = tasks(session, actor, scope, counted)
    return {
        "scope": scope,
        "fall": waterfall(session, actor, scope, target.milli),
        "target": target_text(target, today),
        "tasks": found if "all" in request.args else found[:TASKS_SHOWN],
        "tasks_kg": sum(task.kg for task in found),
        "tasks_count": len(found),
        "gap": _gap(scope.month),
        "best_of_each": _best_of_each,
        "most_of_a_means": FINDINGS_OF_A_MEANS,
        "costs": investment_costs(session, today),
        "materials": materials,
        "counties": {code: row for code, row in counties.items() if may_see_site(actor, code)},
        "beside": _months(scope),
        "address": lambda **changes: _address(scope, **changes),
        "sentence": lambda edit: words.sentence(edit, names),
        "try_url": _try_url,
        "parameters": parameter_map(session),
        "REASONS": REASON_WORDS,
        "has_run": last_recorded(session) is not None,
        "is_published": last_close(session, scope.month) is not None,
        "words": words,
    }


def _best_of_each(findings: Iterable[Finding]) -> list[Finding]:
    """The best of each means, all in their order: alike ones would crowd the others out."""
    shown: Counter[Means] = Counter()
    found = []
    for each in findings:
        shown[each.means] += 1
        if shown[each.means] <= FINDINGS_OF_A_MEANS:
            found.append(each)
    return found


def _gap(month: date) -> GapRow | None:
    """The gap of the run that cleared a month last."""
    session = current_session()
    run = last_covering(session, month)
    return None if run is None else gap_of(session, current_actor(), run.number)


def _months(scope: Scope) -> tuple[str | None, str | None]:
    earlier, later = neighbours(scope.month, first_and_last_month(current_session()))
    return (
        _address(scope, month=earlier) if earlier else None,
        _address(scope, month=later) if later else None,
    )


def _address(scope: Scope, endpoint: str = ".show", **changes: Any) -> str:
    """The address of a scope with something changed."""
    return url_for(
        endpoint,
        month=f"{changes.get('month', scope.month):%Y-%m}",
        material=changes.get("material", scope.material) or None,
        county=changes.get("adcode", scope.adcode) or None,
        all="1" if changes.get("all") else None,
        _anchor=changes.get("_anchor"),
    )


def _try_url(edit: Edit) -> str:
    """The sandbox with an edit filled in."""
    return url_for("oversight.scenarios.new", **_fields(edit))


def _fields(edit: Edit) -> dict[str, Any]:
    """The fields of the sandbox's form that make an edit of the compass."""
    match edit:
        case AddSilo(site, material, kg):
            return {"silo_site": site, "silo_material": material, "silo_kg": kg // 1_000}
        case AddLine(site, material, kg, _, _):
            return {"line_site": site, "line_material": material, "line_kg": kg // 1_000}
        case OpenMonth(product, month, _):
            return {"open_month": f"{product}/{month:%Y-%m}"}
        case OpenRoute(giver, taker, material):
            return {"route_from": giver, "route_to": taker, "route_material": material}
        case _:
            return {}
