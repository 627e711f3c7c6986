"""Pages of a person's messages: the list, one opened, and how to hear of what."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.clock import now
from app.core.current import current_actor
from app.core.permissions import permits
from app.core.transactions import current_session
from app.core.views import own_path
from app.notifications import operations, queries
from app.notifications.forms import WishForm
from app.notifications.policy import is_told, kinds_for
from app.notifications.words import GROUPS, TITLES, sentence

blueprint = Blueprint("notifications", __name__, url_prefix="/notifications")


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"TITLES": TITLES, "GROUPS": GROUPS, "sentence": sentence}


@blueprint.get("")
@permits(is_told)
def index() -> str:
    """What the person was told, the unread first."""
    page = request.args.get("page", 1, type=int)
    box = queries.inbox(current_session(), current_actor(), page)
    return render_template("notifications/index.html", box=box)


@blueprint.post("/<int:notification_id>/open")
@permits(is_told)
def open_one(notification_id: int) -> Response:
    """Take note of a message and go where it leads."""
    found = operations.read(current_session(), current_actor(), notification_id, now())
    return redirect(own_path(found.path), 303)


@blueprint.post("/<int:notification_id>/read")
@permits(is_told)
def read(notification_id: int) -> Response:
    operations.read(current_session(), current_actor(), notification_id, now())
    return redirect(url_for(".index"), 303)


@blueprint.post("/read")
@permits(is_told)
def read_all() -> Response:
    count = operations.read_all(current_session(), current_actor(), now())
    flash(_("%(count)s 条通知已标为已读。", count=count), "done")
    return redirect(url_for(".index"), 303)


@blueprint.route("/settings", methods=["GET", "POST"])
@permits(is_told)
def settings() -> Response | tuple[str, int]:
    """Which kinds are shown here, and which are mailed."""
    form, kinds = WishForm(), kinds_for(current_actor())
    if form.validate_on_submit():
        operations.wish(current_session(), current_actor(), form.wishes(kinds), now())
        flash(_("通知设置已保存。"), "done")
        return redirect(url_for(".settings"), 303)
    if not form.is_submitted():
        form.show(queries.wishes(current_session(), current_actor()))
    body = render_template("notifications/settings.html", form=form, kinds=kinds)
    return body, 422 if form.errors else 200
