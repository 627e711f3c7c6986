"""Pages of the watch: flags, one flag and what is done about it, what a firm was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.core.actor import Actor
from app.core.clock import now
from app.core.current import current_actor
from app.core.errors import NotFound, Refused
from app.core.forms import Form
from app.core.permissions import permits
from app.core.sheets import rows_of_a_page, with_sheets
from app.core.transactions import current_session
from app.shipments.policy import reads_shipments
from app.watch import operations, queries, words
from app.watch.forms import AnswerForm, AskForm, CloseForm
from app.watch.policy import answers, is_asked, watches
from app.watch.queries import FlagFilter
from app.watch.rules import Deed, FlagStatus, Owner, is_flag_number
from app.watch.signs.facts import Kind

Step = Callable[[Session, Actor], object]
blueprint = Blueprint("watch", __name__, url_prefix="/oversight")
FORMS: dict[str, type[Form]] = {"ask": AskForm, "answer": AnswerForm, "close": CloseForm}
"""The forms a flag's page can hold, by the name its template knows them by."""


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "words": words,
        "Deed": Deed,
        "FlagStatus": FlagStatus,
        "Owner": Owner,
        "reads_shipments": reads_shipments,
    }


@blueprint.url_value_preprocessor
def _refuse_what_is_no_number(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """What cannot be a number is not there."""
    if values and "number" in values and not is_flag_number(values["number"]):
        raise NotFound


@blueprint.get("/watch")
@permits(watches)
@with_sheets
def watch() -> str:
    """What was found and is not closed, what is due first on top."""
    return _list("watch/watch.html")


@blueprint.get("/watch/<number>")
@permits(watches)
@with_sheets
def show(number: str) -> str:
    return _page(number)


@blueprint.post("/watch/<number>/take")
@permits(watches)
def take(number: str) -> Response:
    operations.take(current_session(), current_actor(), number, now())
    flash(_("已认领，接下来由您核查。"), "done")
    return _back_to(number)


@blueprint.post("/watch/<number>/ask")
@permits(watches)
def ask(number: str) -> Response:
    form = AskForm()
    return _with_form(
        "ask",
        number,
        form,
        lambda session, actor: operations.ask(session, actor, number, form.question.data, now()),
        _("已请企业说明，企业会收到通知。"),
    )


@blueprint.post("/watch/<number>/close")
@permits(watches)
def close(number: str) -> Response:
    form = CloseForm()
    return _with_form(
        "close",
        number,
        form,
        lambda session, actor: operations.close(
            session, actor, number, form.outcome.data, form.grounds.data, now()
        ),
        _("已办结，结论和依据已记录。"),
    )


@blueprint.get("/asked")
@permits(is_asked)
@with_sheets
def asked() -> str:
    """What the firm was asked to explain."""
    return _list("watch/asked.html")


@blueprint.get("/asked/<number>")
@permits(is_asked)
@with_sheets
def asked_about(number: str) -> str:
    return _page(number)


@blueprint.post("/asked/<number>/answer")
@permits(answers)
def answer(number: str) -> Response:
    form = AnswerForm()
    return _with_form(
        "answer",
        number,
        form,
        lambda session, actor: operations.answer(session, actor, number, form.account.data, now()),
        _("说明已提交，监管部门会看到。"),
    )


def _list(template: str) -> str:
    wanted = FlagFilter(
        kind=request.args.get("kind", type=Kind),
        adcode=request.args.get("county", ""),
        status=request.args.get("state", type=FlagStatus),
        page=request.args.get("page", default=1, type=int),
        size=rows_of_a_page(queries.PAGE_SIZE),
    )
    found = queries.flags(current_session(), current_actor(), wanted, now())
    return render_template(template, found=found, wanted=wanted)


def _page(number: str, **sent: Form) -> str:
    """The page of a flag; `sent` is the form that came back with faults, by its name."""
    most = rows_of_a_page(queries.MOST_LOADS)
    view = queries.flag(current_session(), current_actor(), number, now(), most)
    forms = {name: sent.get(name) or form(formdata=None) for name, form in FORMS.items()}
    return render_template("watch/flag.html", view=view, flag=view.flag, forms=forms)


def _with_form(name: str, number: str, form: Form, step: Step, done: str) -> Response:
    """Do what a form asks; what it or the operation refuses is shown on the flag's page."""
    if form.validate() and _accepted(form, step):
        flash(done, "done")
        return _back_to(number)
    return make_response(_page(number, **{name: form}), 422)


def _accepted(form: Form, step: Step) -> bool:
    try:
        step(current_session(), current_actor())
    except Refused as refusal:
        form.refuse(refusal)
        return False
    return True


def _back_to(number: str) -> Response:
    page = ".show" if watches(current_actor()) else ".asked_about"
    return redirect(url_for(page, number=number), 303)
