"""The public front page and the desk of a firm's people."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.assays.words import EVIDENCE
from app.board import producers as board_producers
from app.board import queries, words
from app.board.forms import ProducersForm
from app.board.open_data import LICENCE, LICENCE_URL, Published, datasets
from app.catalogue import queries as catalogue
from app.catalogue.words import amount, figure_text, target_text
from app.clearing.words import REASON_WORDS
from app.companies.queries import has_synthetic
from app.core.actor import Actor, ActorKind
from app.core.clock import add_months, china_day, now
from app.core.current import current_actor
from app.core.errors import NotFound
from app.core.forms import month_in_address
from app.core.permissions import anyone, permits, signed_in
from app.core.sheets import with_sheets
from app.core.transactions import current_session
from app.listings.words import PRODUCTS, STATES
from app.passports.words import fit_text
from app.statistics.closing import last_close, last_closed_month
from app.trades.words import label, left

ROWS_SHOWN = 8
COUNTIES_SHOWN = 12
"""On the front page; a city has no more of them, a province has more than a hundred."""
OFFICES = {ActorKind.OPERATOR: "backoffice.work", ActorKind.AUDITOR: "clearing.index"}
REASONS_SHOWN = 3
blueprint = Blueprint("board", __name__)


@blueprint.get("/")
@permits(anyone)
@with_sheets
def front() -> str:
    """What this is: the last published month, then the market the next clearing is about."""
    session, actor, today = current_session(), current_actor(), china_day(now())
    return render_template(
        "board/front.html",
        front=queries.front(session, actor, today),
        today=today,
        words=words,
        amount=amount,
        figure_text=figure_text,
        products=PRODUCTS,
        target_text=target_text,
        map_source_note=current_app.extensions["gufei.settings"].map_source_note,
        COUNTIES_SHOWN=COUNTIES_SHOWN,
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


@blueprint.get("/producers")
@permits(anyone)
@with_sheets
def producers() -> str:
    """物料公示: who makes a material, how much, of what quality and what for, by name."""
    form, session, today = ProducersForm(formdata=request.args), current_session(), china_day(now())
    materials = catalogue.material_map(session, today)
    month = _published_month(form)
    code = form.material.data if form.material.data in materials else next(iter(materials))
    return render_template(
        "board/producers.html",
        page=board_producers.material_page(session, code, month, today) if month else None,
        code=code,
        materials=materials,
        month=month,
        months=(_older(month), _newer(month)) if month else (None, None),
        EVIDENCE=EVIDENCE,
        products=PRODUCTS,
        fit_text=fit_text,
    )


@blueprint.get("/open-data")
@permits(anyone)
@with_sheets
def open_data() -> str:
    """开放数据: the files of the last published month, with licence and checksums."""
    month = last_closed_month(current_session())
    return render_template(
        "board/open_data.html",
        month=month,
        files=datasets(_published(month)) if month else [],
        about=words.FILES,
        LICENCE=LICENCE,
        LICENCE_URL=LICENCE_URL,
    )


@blueprint.get("/open-data/<month>/<name>")
@permits(anyone)
def open_file(month: str, name: str) -> BaseResponse:
    """One file of a published month, under an address that stays."""
    wanted = month_in_address(month)
    if last_close(current_session(), wanted) is None:
        raise NotFound
    files = {found.name: found for found in datasets(_published(wanted))}
    if name not in files:
        raise NotFound
    answer = Response(files[name].body, content_type=files[name].media_type)
    answer.set_etag(files[name].checksum)
    answer.headers["Content-Disposition"] = f'attachment; filename="gufei-{month}-{name}"'
    return answer.make_conditional(request)


def _published(month: date) -> Published:
    session = current_session()
    return Published(
        pages=board_producers.material_pages(session, month, china_day(now())),
        counties=catalogue.county_map(session),
        is_synthetic=has_synthetic(session),
    )


def _published_month(form: ProducersForm) -> date | None:
    """The month asked for, if it is published; else the last one that is."""
    form.validate()
    asked: date | None = form.month.data
    if asked and last_close(current_session(), asked):
        return asked
    return last_closed_month(current_session())


def _older(month: date) -> date | None:
    return _if_published(add_months(month, -1))


def _newer(month: date) -> date | None:
    return _if_published(add_months(month, 1))


def _if_published(month: date) -> date | None:
    return month if last_close(current_session(), month) else None
