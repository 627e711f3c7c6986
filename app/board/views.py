"""The public front page and the desk of a firm's people."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.board import queries, words
from app.catalogue import queries as catalogue
from app.catalogue.words import amount, figure_text
from app.clearing.words import REASON_WORDS
from app.core.actor import Actor, ActorKind
from app.core.clock import china_day, now
from app.core.current import current_actor
from app.core.permissions import anyone, permits, signed_in
from app.core.transactions import current_session
from app.listings.words import PRODUCTS, STATES
from app.trades.words import label, left

ROWS_SHOWN = 8
OFFICES = {ActorKind.OPERATOR: "backoffice.work", ActorKind.AUDITOR: "clearing.index"}
REASONS_SHOWN = 3
blueprint = Blueprint("board", __name__)


@blueprint.get("/")
@permits(anyone)
def front() -> str:
    """What this is, with the live figures of the month the next clearing is about."""
    session, actor, today = current_session(), current_actor(), china_day(now())
    return render_template(
        "board/front.html",
        front=queries.front(session, actor, today),
        today=today,
        words=words,
        amount=amount,
        figure_text=figure_text,
        products=PRODUCTS,
        map_source_note=current_app.extensions["gufei.settings"].map_source_note,
    )


@blueprint.get("/desk")
@permits(signed_in)
def desk() -> str | BaseResponse:
    """What waits for a firm's person; officials go on to their own first page."""
    session, actor = current_session(), current_actor()
    if not actor.is_company:
        return redirect(first_page(actor))
    return render_template(
        "board/desk.html",
        desk=queries.desk(session, actor, now()),
        materials=catalogue.material_map(session, china_day(now())),
        now=now(),
        **_desk_words(),
    )


def first_page(actor: Actor) -> str:
    """Where somebody who belongs to no firm begins the day."""
    return url_for(OFFICES.get(actor.kind, "maps.show"))


def _desk_words() -> dict[str, Any]:
    return {
        "steps": words.STEPS,
        "sides": words.SIDES,
        "listing_states": STATES,
        "reason_words": REASON_WORDS,
        "label": label,
        "left": left,
        "ROWS_SHOWN": ROWS_SHOWN,
        "REASONS_SHOWN": REASONS_SHOWN,
    }
