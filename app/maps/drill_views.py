"""The pages below the map: county, firm, waste, contract; the truck has its page already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from app.catalogue.queries import CountyRow, county_map, material_map
from app.core.actor import Actor
from app.core.clock import china_day, month_of, now
from app.core.current import current_actor
from app.core.i18n import exact_tonnes
from app.core.permissions import permits, signed_in
from app.core.sheets import with_sheets
from app.core.texts import is_one_line
from app.core.transactions import current_session
from app.maps import drill
from app.maps.areas import cities_of, own_city
from app.maps.counties import month_opened, months_offered, state
from app.maps.drill import Place
from app.maps.forms import QuestionForm
from app.maps.official_flows import Ends, county_flows, ends_of, flow_contracts, wider
from app.maps.policy import may_ask
from app.maps.questions import Question
from app.maps.rules import Measure, neighbours
from app.maps.words import signed_points, signed_tonnes
from app.statistics.rules import DEFINITIONS_VERSION
from app.trades.lookups import open_figures
from app.trades.policy import may_look_up
from app.trades.readers import figures_open_to, opened_to

blueprint = Blueprint("drill", __name__)
Answer = str | BaseResponse


@blueprint.get("/counties/<adcode>")
@permits(signed_in)
@with_sheets
def county(adcode: str) -> str:
    """The firms of a county, or its parks."""
    session, asked, today = current_session(), question(), china_day(now())
    found = drill.county_of(session, current_actor(), adcode)
    by_park = request.args.get("by") == "park"
    table = drill.parks_table if by_park else drill.firms_table
    return _page(
        "maps/county.html",
        asked,
        county=found,
        table=table(session, asked, adcode, today),
        by_park=by_park,
    )


@blueprint.get("/counties/<adcode>/firms/<int:company_id>")
@permits(signed_in)
@with_sheets
def firm(adcode: str, company_id: int) -> Answer:
    """The wastes of a firm's sites in a county."""
    session, asked = current_session(), question()
    place = drill.firm_of(session, current_actor(), adcode, company_id)
    if not _is_open(place):
        return _closed(asked, place)
    table = drill.wastes_table(session, asked, place, china_day(now()))
    return _page("maps/firm.html", asked, place=place, table=table)


@blueprint.post("/counties/<adcode>/firms/<int:company_id>")
@permits(may_look_up)
def open_firm(adcode: str, company_id: int) -> BaseResponse:
    """Open a firm's figures; the firm finds it among the look-ups."""
    session, actor = current_session(), current_actor()
    place = drill.firm_of(session, actor, adcode, company_id)
    open_figures(session, actor, place.company_id, now())
    back = request.form.get("to", "")
    there = question().address(".firm", adcode=adcode, company_id=company_id)
    return redirect(back if back.startswith("/map/") and is_one_line(back) else there, 303)


@blueprint.get("/sites/<int:site_id>/<code>")
@permits(signed_in)
@with_sheets
def waste(site_id: int, code: str) -> Answer:
    """What the use of one waste of a site is made of."""
    session, asked = current_session(), question()
    place = drill.site_of(session, current_actor(), site_id)
    if not _is_open(place):
        return _closed(asked, place)
    found = drill.waste_page(session, asked, place, code)
    return _page("maps/waste.html", asked, place=place, page=found)


@blueprint.get("/flows/<origin>/<destination>")
@permits(signed_in)
@with_sheets
def flow(origin: str, destination: str) -> str:
    """What a flow is made of: of a city its counties, between two counties its trades."""
    session, actor, asked = current_session(), current_actor(), question()
    ends = ends_of(session, actor, origin, destination)
    found: dict[str, Any] = {"ends": ends, "path": _path_to_flow(asked, ends)}
    if any(end.is_city for end in ends):
        return _page("maps/flow.html", asked, table=county_flows(session, asked, ends), **found)
    contracts = flow_contracts(session, asked, ends)
    knows = _knower(session, actor)
    return _page("maps/contracts.html", asked, contracts=contracts, knows=knows, **found)


@blueprint.get("/trades/<number>/loads")
@permits(signed_in)
@with_sheets
def loads(number: str) -> Answer:
    """The trucks of a trade; one from elsewhere is looked up on its own page first."""
    session, actor, asked = current_session(), current_actor(), question()
    found = drill.loads_page(session, actor, asked, number)
    if _knower(session, actor)(found.place.company_id, number):
        return _page("maps/loads.html", asked, place=found.place, page=found)
    if not found.is_own:
        return redirect(url_for("trades.show", number=number))
    return _closed(asked, found.place)


def question() -> Question:
    """What the address asks; what cannot be read asks for nothing."""
    form = QuestionForm.of(request.args)
    form.validate()
    return asked_by(form)


def asked_by(form: QuestionForm) -> Question:
    """What a form asks of this reader, who has a city of its own or none.

    A measure that is not for this reader asks for nothing, as an unknown one does.
    """
    session, actor = current_session(), current_actor()
    found = form.question(
        month_opened(session) or this_month(),
        material_map(session, this_month()),
        cities_of(session),
        own_city(actor),
    )
    return found if may_ask(actor, found.measure) else found.but(measure=Measure.UTILISATION)


def this_month() -> date:
    return month_of(china_day(now()))


def frame(asked: Question) -> dict[str, Any]:
    """What every official page tells of its question."""
    session = current_session()
    offered = months_offered(session, current_actor())
    return {
        "question": asked,
        "state": state(session, asked.period),
        "materials": material_map(session, asked.period.last),
        "months": neighbours(asked.month, (offered[0], offered[-1]) if offered else None),
        "counties": county_map(session),
        "crumbs": partial(crumbs, asked, cities_of(session)),
        "exact": exact_tonnes,
        "signed_points": signed_points,
        "signed_tonnes": signed_tonnes,
        "version": DEFINITIONS_VERSION,
    }


def crumbs(
    asked: Question, cities: Mapping[str, str], county: CountyRow
) -> list[tuple[str, str | None]]:
    """From the map down to a county, through its city where there are several."""
    whole = asked.address(city="") if cities else asked.address()
    found: list[tuple[str, str | None]] = [(str(_("地图")), whole)]
    if county.city_adcode in cities:
        found.append((cities[county.city_adcode], asked.address(city=county.city_adcode)))
    below = asked.address("maps.drill.county", adcode=county.adcode)
    return [*found, (county.name, below)]


def _path_to_flow(asked: Question, ends: Ends) -> list[tuple[str, str]]:
    found = [(str(_("地图")), asked.address())]
    above = wider(current_session(), current_actor(), asked, ends)
    if above is None:
        return found
    origin, destination = above
    name = _("%(origin)s → %(destination)s", origin=origin.name, destination=destination.name)
    there = asked.address("maps.drill.flow", origin=origin.code, destination=destination.code)
    return [*found, (str(name), there)]


def _page(template: str, asked: Question, **values: Any) -> str:
    here = {**(request.view_args or {}), **_switches()}
    return render_template(
        template,
        **frame(asked),
        **values,
        address=lambda **changes: asked.address(request.endpoint or "", **{**here, **changes}),
    )


def _switches() -> dict[str, str]:
    return {name: request.args[name] for name in ("by",) if name in request.args}


def _is_open(place: Place) -> bool:
    """The operator reads everything; a regulator what it has opened."""
    actor: Actor = current_actor()
    if actor.is_operator:
        return True
    return place.company_id in figures_open_to(current_session(), actor, now())


def _knower(session: Session, actor: Actor) -> Callable[[int, str], bool]:
    """Whether a trade is open to a reader: by its producer's figures, or looked up itself."""
    firms, trades = figures_open_to(session, actor, now()), opened_to(session, actor, now())
    return lambda giver_id, number: actor.is_operator or giver_id in firms or number in trades


def _closed(asked: Question, place: Place) -> str:
    """The page in place of a firm's figures until the reader opens them, on record."""
    here = request.full_path.removesuffix("?")
    path = crumbs(asked, cities_of(current_session()), place.county)
    return render_template("maps/closed.html", question=asked, place=place, path=path, here=here)
