"""The public front page and the desk of a firm's people."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.catalogue import queries as catalogue
from app.clearing import queries as clearing
from app.clearing.words import STATE_WORDS
from app.core.actor import Actor
from app.core.clock import china_day, now
from app.core.current import current_actor
from app.core.permissions import anyone, permits, signed_in
from app.core.transactions import current_session
from app.listings.queries import own_listings
from app.listings.words import STATES
from app.trades.queries import TradeFilter, own_trades

RUNS_SHOWN = 5
blueprint = Blueprint("board", __name__)


@blueprint.get("/")
@permits(anyone)
def front() -> str:
    """What this is, with the figures of the month the next clearing is about."""
    session, today = current_session(), china_day(now())
    return render_template(
        "board/front.html",
        materials=catalogue.materials(session, today),
        runs=clearing.runs(session, RUNS_SHOWN),
        state_words=STATE_WORDS,
    )


@blueprint.get("/desk")
@permits(signed_in)
def desk() -> str | BaseResponse:
    """What waits for a firm's people; others go on to their own first page."""
    session, actor = current_session(), current_actor()
    if not actor.is_company:
        return redirect(first_page(actor))
    return render_template(
        "board/desk.html",
        trades=own_trades(session, actor, TradeFilter(), now()),
        listings=own_listings(session, actor, china_day(now())),
        listing_states=STATES,
    )


def first_page(actor: Actor) -> str:
    """Where somebody who belongs to no firm begins the day."""
    return url_for("backoffice.work" if actor.is_operator else "maps.show")
