"""The passport of an offer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from app.assays.words import BASES, EVIDENCE
from app.core.clock import china_day, now
from app.core.current import current_actor
from app.core.errors import NotFound
from app.core.permissions import anyone, permits
from app.core.transactions import current_session
from app.eligibility import words as eligibility_words
from app.eligibility.rules import address_of
from app.listings.rules import is_public_number
from app.listings.words import DEAL_MODES, PRODUCTS, STATES
from app.passports import entry_views, queries, words

blueprint = Blueprint("passports", __name__, url_prefix="/passports")
blueprint.register_blueprint(entry_views.blueprint)


@blueprint.url_value_preprocessor
def _refuse_what_is_no_number(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """What cannot be a number is not there; PostgreSQL would choke on some of it."""
    if values and "number" in values and not is_public_number(values["number"]):
        raise NotFound


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "BASES": BASES,
        "DEAL_MODES": DEAL_MODES,
        "EVIDENCE": EVIDENCE,
        "PRODUCTS": PRODUCTS,
        "STATES": STATES,
        "address_of": address_of,
        "passport_words": words,
        "words": eligibility_words,
    }


@blueprint.get("/<number>")
@permits(anyone)
def show(number: str) -> str:
    """What is known of a lot, where it may go, and what is missing; fit to be printed."""
    session = current_session()
    found = queries.passport(session, current_actor(), number, china_day(now()))
    wanted = request.args.get("parameter", "")
    return render_template(
        "passports/passport.html",
        passport=found,
        chart=found.chart(wanted),
        chart_wanted=bool(wanted),
    )
