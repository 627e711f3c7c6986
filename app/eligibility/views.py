"""Public pages: the standards with their limits, the uses of each kind of waste, values to try."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from app.catalogue import quality
from app.core.clock import china_day, now
from app.core.errors import NotFound
from app.core.permissions import anyone, permits
from app.core.transactions import current_session
from app.eligibility import queries, words
from app.eligibility.forms import DayForm, TrialForm, UsesForm
from app.eligibility.matrix import matrices
from app.eligibility.queries import Chapter
from app.eligibility.rules import GATES, address_of

blueprint = Blueprint("eligibility", __name__)


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"words": words, "address_of": address_of}


@blueprint.get("/standards")
@permits(anyone)
def standards() -> str:
    """The standards in force on a day, with how sure each is and how many limits it sets."""
    session, form, today = current_session(), DayForm.of(request.args), china_day(now())
    day = form.day(today)
    return render_template(
        "eligibility/standards.html",
        form=form,
        day=day,
        rows=quality.standards(session, day),
        counts=queries.limit_counts(session, day),
        known={row.code for row in quality.editions(session)},
    )


@blueprint.get("/standards/<address>")
@permits(anyone)
def standard(address: str) -> str:
    """One standard: its limits by kind and use, its grades side by side, and what informs."""
    session = current_session()
    found = queries.edition(session, address, china_day(now()))
    return render_template(
        "eligibility/standard.html",
        edition=found,
        matrices=matrices(found.limits),
        parameters=queries.parameter_map(session),
        kinds={row.code: row for row in quality.kinds(session)},
        uses={(row.kind, row.code): row for row in quality.uses(session, found.day)},
        today=china_day(now()),
    )


@blueprint.get("/uses")
@permits(anyone)
def uses() -> str:
    """What each kind of waste may be used for, of one kind or of all."""
    session, form = current_session(), UsesForm.of(request.args)
    kinds, day = quality.kinds(session), form.day(china_day(now()))
    form.fill(kinds)
    return render_template(
        "eligibility/uses.html",
        form=form,
        day=day,
        kinds=[row for row in kinds if form.kind.data in ("", None, row.code)],
        uses=quality.uses(session, day, form.kind.data or None),
        unread=queries.unread(session),
    )


@blueprint.get("/uses/<waste>/<code>")
@permits(anyone)
def use(waste: str, code: str) -> str:
    """One use with its limits, and the verdict on values somebody tries; nothing is stored."""
    session, form, chapter = current_session(), *_tried(waste, code)
    found = chapter.use
    day = form.day(china_day(now()))
    return render_template(
        "eligibility/use.html",
        use=found,
        form=form,
        day=day,
        kind=next(row for row in quality.kinds(session) if row.code == waste),
        matrices=matrices(queries.limits_on(session, found, day)),
        notes=queries.notes_on(session, found, day),
        parameters=queries.parameter_map(session),
        unread=queries.unread(session),
        verdict=chapter.grade(form.lot) if form.is_answered else None,
        gates=GATES,
    )


def _tried(waste: str, code: str) -> tuple[TrialForm, Chapter]:
    """The form of a use as of the day asked for; of today where it was not known then."""
    session, today = current_session(), china_day(now())
    then = queries.chapter(session, waste, code, DayForm.of(request.args).day(today))
    found = then or queries.chapter(session, waste, code, today)
    if found is None:
        raise NotFound
    parameters = queries.parameter_map(session)
    asked = queries.questions(found, parameters.values())
    form = TrialForm.asking(asked, parameters, request.args)
    if then is None:
        form.refuse_day(_("这一天没有这一用途的规定，下面按今天的规定。"))
    return form, found
