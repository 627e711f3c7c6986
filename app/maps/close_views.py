"""The published versions of a month; the city closes it and states it anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from app.core.actor import Actor
from app.core.clock import add_months, china_day, month_of, now
from app.core.current import current_actor
from app.core.errors import Conflict, NotFound, Refused
from app.core.forms import Form, month_in_address
from app.core.permissions import permits, signed_in
from app.core.sheets import with_sheets
from app.core.transactions import current_session, savepoint
from app.maps import closes
from app.maps.forms import CloseForm, RestateForm
from app.statistics import closing
from app.statistics.corrections import corrected_since
from app.statistics.policy import closes as may_close

blueprint = Blueprint("closes", __name__, url_prefix="/closes")
Answer = BaseResponse | tuple[str, int]
Deed = Callable[[Session, Actor, date, datetime], object]


@blueprint.get("/<month>")
@permits(signed_in)
@with_sheets
def month(month: str) -> Answer:
    """Every version of a month, for officials."""
    actor = current_actor()
    if not (actor.is_operator or actor.is_regulator):
        raise NotFound
    return _page(month_in_address(month), CloseForm(), RestateForm())


@blueprint.post("/<month>")
@permits(may_close)
def close(month: str) -> Answer:
    form = CloseForm()
    return _done(month_in_address(month), form, RestateForm(formdata=None), form, closing.close)


@blueprint.post("/<month>/restate")
@permits(may_close)
def restate(month: str) -> Answer:
    """Publish a closed month anew with what was entered since."""
    form = RestateForm()
    reason = form.reason.data or ""
    return _done(
        month_in_address(month),
        CloseForm(formdata=None),
        form,
        form,
        lambda session, actor, day, at: closing.restate(session, actor, day, reason, at),
    )


def _done(
    month: date, close_form: CloseForm, restate_form: RestateForm, sent: Form, deed: Deed
) -> Answer:
    """Publish and go back to the list, or say there why not."""
    session = current_session()
    if sent.validate():
        try:
            with savepoint(session):
                deed(session, current_actor(), month, now())
            flash(_("已公布。数字和指纹列在下面。"), "done")
            return redirect(url_for(".month", month=f"{month:%Y-%m}"), 303)
        except Refused as refusal:
            sent.refuse(refusal)
        except Conflict as conflict:
            sent.add_error(None, f"{conflict.message} {conflict.next_step}")
    return _page(month, close_form, restate_form)


def _page(month: date, close_form: CloseForm, restate_form: RestateForm) -> tuple[str, int]:
    session, actor = current_session(), current_actor()
    may_publish = closing.publishes(session, actor)
    faults = [close_form.errors, restate_form.errors]
    body = render_template(
        "maps/closes.html",
        month=month,
        months=(add_months(month, -1), _later(month)),
        rows=closes.versions(session, month),
        missing=closes.missing(session, actor, month),
        corrected=corrected_since(session, now(), month) if may_publish else [],
        may_close=may_publish,
        close_form=close_form,
        restate_form=restate_form,
    )
    return body, 422 if any(faults) else 200


def _later(month: date) -> date | None:
    """The month after, as far as it has begun."""
    later = add_months(month, 1)
    return later if later <= month_of(china_day(now())) else None
