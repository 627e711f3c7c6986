"""The map page, its figures, and the shapes of the counties."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.catalogue.queries import counties, county_map, material_map, plan_target
from app.catalogue.words import target_text
from app.clearing.queries import last_recorded
from app.core.actor import Actor
from app.core.clock import china_day, month_of, now
from app.core.current import current_actor
from app.core.errors import NotFound
from app.core.i18n import language
from app.core.permissions import anyone, permits
from app.core.sheets import with_sheets
from app.core.transactions import current_session
from app.maps import close_views, drill_views, figures, official_views
from app.maps.boundaries import COUNTIES, current_boundaries
from app.maps.forms import MapForm, QuestionForm
from app.maps.rules import Measure, View, month_shown, neighbours
from app.maps.words import MEASURES, groups_for
from app.statistics.flows import flows
from app.statistics.queries import county_figures, detail, first_and_last_month
from app.statistics.rules import DEFINITIONS_VERSION

blueprint = Blueprint("maps", __name__, url_prefix="/map")
blueprint.register_blueprint(drill_views.blueprint)
blueprint.register_blueprint(close_views.blueprint)
BOUNDARIES_SECONDS = 3600


@blueprint.get("")
@permits(anyone)
@with_sheets
def show() -> tuple[str, int]:
    """Map and table of a month; what the address asks for in vain is said, and 422."""
    if official_views.is_official(request.args, current_actor()):
        return official_views.show(QuestionForm.of(request.args))
    form = MapForm.of(request.args)
    readable = form.validate()
    body = render_template("maps/show.html", form=form, **_page(_view(form)))
    return body, 200 if readable else 422


@blueprint.get("/data.json")
@permits(anyone)
def data() -> Response:
    """What the map of the page with the same address draws."""
    if official_views.is_official(request.args, current_actor()):
        return jsonify(official_views.data(QuestionForm.of(request.args)))
    form = MapForm.of(request.args)
    form.validate()
    view, session = _view(form), current_session()
    scope: dict[str, Any] = {"with_red_mud": view.with_red_mud}
    if view.measure is Measure.FLOWS:
        moved = flows(session, current_actor(), view.month, **scope)
        materials = material_map(session, view.month)
        return jsonify(
            figures.flow_map(moved.rows, view, counties(session), materials, _link(view))
        )
    table = county_figures(session, current_actor(), view.month, **scope)
    rows = figures.in_order(table.rows, view.measure)
    return jsonify(figures.county_map(rows, view, _link(view)))


@blueprint.get("/boundaries.geojson")
@permits(anyone)
def boundaries() -> BaseResponse:
    """Shapes of counties or cities; they change only with the installation, so they may be kept."""
    known, wanted = current_boundaries().shapes, request.args.get("of", COUNTIES)
    shapes = known.get((wanted, language()))
    if shapes is None:
        raise NotFound
    answer = Response(shapes.text, content_type="application/geo+json")
    answer.set_etag(shapes.etag)
    answer.headers["Cache-Control"] = f"public, max-age={BOUNDARIES_SECONDS}"
    answer.vary.update(("Cookie", "Accept-Language"))
    return answer.make_conditional(request)


def _view(form: MapForm) -> View:
    session, this_month = current_session(), month_of(china_day(now()))
    cleared = last_recorded(session)
    return form.view(
        month=month_shown(this_month, cleared.month if cleared else None),
        counties=list(county_map(session)),
        own_county=_own_county(current_actor()),
    )


def _own_county(actor: Actor) -> str:
    """A county's regulator starts in the own county; a city's code is no county's."""
    return actor.region or ""


def _page(view: View) -> dict[str, Any]:
    session, actor = current_session(), current_actor()
    today = china_day(now())
    scope: dict[str, Any] = {"with_red_mud": view.with_red_mud}
    table = county_figures(session, actor, view.month, **scope)
    earlier, later = neighbours(view.month, first_and_last_month(session))
    return {
        "view": view,
        "table": table,
        "rows": figures.in_order(table.rows, view.measure),
        "flows": flows(session, actor, view.month, **scope) if _is_flows(view) else None,
        "detail": detail(session, actor, view.month, view.adcode or None),
        "materials": material_map(session, view.month),
        "counties": county_map(session),
        "target": plan_target(session, today),
        "target_text": target_text(plan_target(session, today), today),
        "months": (_month_url(view, earlier), _month_url(view, later)),
        "map_source_note": current_app.extensions["gufei.settings"].map_source_note,
        "version": DEFINITIONS_VERSION,
        "GROUPS": groups_for(actor),
        "MEASURES": MEASURES,
        "address": lambda **changes: _address(view, **changes),
        "data_url": _address(view, "maps.data"),
    }


def _is_flows(view: View) -> bool:
    return view.measure is Measure.FLOWS


def _month_url(view: View, month: date | None) -> str | None:
    return None if month is None else _address(view, month=month)


def _link(view: View) -> figures.Link:
    return lambda adcode: _address(view, adcode=adcode, _anchor="county")


def _address(view: View, endpoint: str = "maps.show", **changes: Any) -> str:
    """The address of the view with something changed; every choice is written out."""
    return url_for(
        endpoint,
        month=f"{changes.get('month', view.month):%Y-%m}",
        measure=changes.get("measure", view.measure),
        red_mud="1" if changes.get("with_red_mud", view.with_red_mud) else None,
        county=changes.get("adcode", view.adcode),
        _anchor=changes.get("_anchor"),
    )
