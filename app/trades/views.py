"""Pages of trades: the list, one trade, confirming and declining it."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core.clock import now
from app.core.current import current_actor
from app.core.errors import Refused
from app.core.permissions import permits, signed_in
from app.core.transactions import current_session
from app.core.vault import Vault
from app.trades import operations, queries, words
from app.trades.forms import DeclineForm
from app.trades.policy import may_answer
from app.trades.queries import TradeFilter
from app.trades.rules import TradeStatus, is_late

blueprint = Blueprint("trades", __name__, url_prefix="/trades")


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "words": words,
        "label": words.label,
        "left": words.left,
        "now": now(),
        "TradeStatus": TradeStatus,
    }


@blueprint.get("/")
@permits(signed_in)
def index() -> str:
    """The reader's trades: what waits for the reader first."""
    wanted = TradeFilter(
        status=request.args.get("status", type=TradeStatus),
        page=request.args.get("page", default=1, type=int),
    )
    found = queries.own_trades(current_session(), current_actor(), wanted, now())
    waiting = queries.waiting_for(current_session(), current_actor())
    return render_template("trades/index.html", found=found, wanted=wanted, waiting=waiting)


@blueprint.get("/<number>")
@permits(signed_in)
def show(number: str) -> str:
    return _page(number, DeclineForm())


@blueprint.post("/<number>/confirm")
@permits(may_answer)
def confirm(number: str) -> BaseResponse:
    trade = operations.confirm(current_session(), current_actor(), number, now())
    if trade.status is TradeStatus.CONFIRMED:
        flash(_("双方都已确认，吨数已锁定。对方的名称和电话在下面。"), "done")
    else:
        flash(_("您已确认。对方确认后，这里会打开对方的名称和电话。"), "done")
    return redirect(url_for("trades.show", number=number), 303)


@blueprint.post("/<number>/decline")
@permits(may_answer)
def decline(number: str) -> BaseResponse:
    form = DeclineForm()
    if form.validate() and _declined(number, form):
        flash(_("已拒绝，吨数已退回双方的挂牌。"), "done")
        return redirect(url_for("trades.show", number=number), 303)
    return make_response(_page(number, form), 422)


def _declined(number: str, form: DeclineForm) -> bool:
    """Whether the operation took the form; a refusal is shown at its field."""
    session, actor = current_session(), current_actor()
    try:
        operations.decline(session, actor, number, form.reason.data, now(), form.words.data)
    except Refused as refusal:
        form.refuse(refusal)
        return False
    return True


def _page(number: str, form: DeclineForm) -> str:
    session, actor, vault = current_session(), current_actor(), _vault()
    view = queries.show(session, actor, number, now())
    return render_template(
        "trades/show.html",
        trade=view,
        form=form,
        limits=queries.own_limits(session, vault, actor, view),
        log=queries.log_of(session, number),
        is_late=view.status is TradeStatus.PROPOSED and is_late(view.deadline, now()),
    )


def _vault() -> Vault:
    found: Vault = current_app.extensions["gufei.vault"]
    return found
