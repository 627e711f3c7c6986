"""What the map page says where it shows official figures."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.catalogue.queries import (
    FigureRow,
    county_map,
    material_map,
    plan_target,
    published_figures,
)
from app.catalogue.rules import Measure as Published
from app.catalogue.rules import Scope
from app.catalogue.words import figure_text, target_text
from app.core.actor import Actor
from app.core.clock import china_day, now
from app.core.current import current_actor
from app.core.transactions import current_session
from app.maps.areas import Ground, ground
from app.maps.counties import area_table, below, month_opened, months_offered
from app.maps.drill_views import asked_by, frame
from app.maps.forms import QuestionForm
from app.maps.official_figures import MOST_DRAWN, official_flow_map, official_map
from app.maps.official_flows import region_flows
from app.maps.questions import Question
from app.maps.rules import Measure
from app.maps.words import MEASURES, groups_for
from app.statistics import policy
from app.statistics.closing import last_close, last_closed_month, publishes
from app.statistics.corrections import corrected_since


def is_official(asked: MultiDict[str, str], actor: Actor) -> bool:
    """Whether the address asks for official figures.

    Where it says nothing officials do, and everybody once a month is published.
    """
    if "measure" in asked:
        return asked["measure"] in [measure for measure in Measure if measure.is_official]
    if actor.is_regulator:
        return month_opened(current_session()) is not None
    return "month" not in asked and last_closed_month(current_session()) is not None


def show(form: QuestionForm) -> tuple[str, int]:
    """Map and table of the official figures; what is asked for in vain is said, and 422."""
    readable = form.validate()
    asked = asked_by(form)
    body = render_template("maps/official.html", form=form, **frame(asked), **_page(asked))
    return body, 200 if readable else 422


def data(form: QuestionForm) -> dict[str, Any]:
    """What the map of that page draws."""
    form.validate()
    session, asked = current_session(), asked_by(form)
    actor, shown = current_actor(), ground(session, asked.city)
    if _is_flows(asked):
        return _drawn_flows(session, actor, asked, shown)
    table = area_table(session, actor, asked, shown, china_day(now()))
    return official_map(table, asked.measure, of_cities=shown.is_of_cities)


def _drawn_flows(session: Session, actor: Actor, asked: Question, shown: Ground) -> dict[str, Any]:
    found = region_flows(session, actor, asked, shown)
    return official_flow_map(
        found.lines,
        {area: below(area, asked, actor) for area in shown.areas},
        county_map(session),
        material_map(session, asked.period.last),
    )


def _page(asked: Question) -> dict[str, Any]:
    session, actor, today = current_session(), current_actor(), china_day(now())
    target, shown = plan_target(session, today), ground(session, asked.city)
    return {
        "ground": shown,
        "table": area_table(session, actor, asked, shown, today),
        "flows": region_flows(session, actor, asked, shown) if _is_flows(asked) else None,
        "MOST_DRAWN": MOST_DRAWN,
        "target_text": target_text(target, today),
        "is_past": target.is_past(today),
        "reached": _reached(target.due_on.year),
        "figure_text": figure_text,
        "known_months": months_offered(session, actor)[::-1],
        "is_published": last_close(session, asked.month) is not None,
        "corrected": corrected_since(session, now()) if publishes(session, actor) else [],
        "is_official": policy.is_official(actor),
        "map_source_note": current_app.extensions["gufei.settings"].map_source_note,
        "GROUPS": groups_for(actor),
        "MEASURES": MEASURES,
        "address": asked.address,
    }


def _is_flows(asked: Question) -> bool:
    return asked.measure is Measure.OFFICIAL_FLOWS


def _reached(year: int) -> list[FigureRow]:
    """What was reported for the year of the target's term, in the words of its source."""
    return [
        figure
        for figure in published_figures(current_session())
        if figure.scope is Scope.LIAOCHENG
        and figure.measure is Published.UTILISATION_RATE
        and figure.period == str(year)
    ]
