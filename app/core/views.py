"""Platform pages: the language switch, health for the load balancer, metrics for the monitor."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, current_app, jsonify, redirect, request, url_for
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as BaseResponse

from app.core import i18n, metrics
from app.core.clock import now
from app.core.errors import NotFound, Unavailable
from app.core.jobs.queries import jobs_by_state, queue_health
from app.core.permissions import anyone, permits
from app.core.transactions import current_session
from app.settings import Settings

blueprint = Blueprint("core", __name__)


@blueprint.get("/language/<language>")
@permits(anyone)
def switch_language(language: str) -> BaseResponse:
    """Remember the language and go back to the page the reader was on."""
    if language not in i18n.LOCALES:
        raise NotFound
    response = redirect(own_path(request.args.get("next")))
    response.set_cookie(
        i18n.COOKIE,
        language,
        max_age=i18n.COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return response


@blueprint.get("/healthz")
@permits(anyone)
def healthz() -> Response:
    """200 with the state of database and queue; an unreachable database answers 503."""
    try:
        queue = queue_health(current_session(), now())
    except SQLAlchemyError:
        raise Unavailable from None
    return jsonify(database="ok", queue_depth=queue.depth, oldest_job_seconds=queue.oldest_seconds)


@blueprint.get("/metrics")
@permits(anyone)
def show_metrics() -> Response:
    """Prometheus text for the holder of the token.

    Without a token for this machine only, and in production for nobody: behind a proxy everybody
    comes from this machine.
    """
    if not _may_scrape():
        raise NotFound
    session = current_session()
    metrics.read_queue(queue_health(session, now()), jobs_by_state(session))
    return Response(generate_latest(metrics.REGISTRY), content_type=CONTENT_TYPE_LATEST)


def own_path(target: str | None) -> str:
    """A path on this site from an untrusted `next`; anything else becomes the front page."""
    home = url_for("board.front")
    if not target or not target.isprintable():
        return home  # browsers drop tabs and line breaks, so "/<tab>/host" would leave the site
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else home


def _may_scrape() -> bool:
    settings: Settings = current_app.extensions["gufei.settings"]
    if settings.metrics_token is None:
        return not settings.is_production and request.remote_addr in ("127.0.0.1", "::1")
    expected = f"Bearer {settings.metrics_token}"
    given = request.headers.get("Authorization", "")
    return hmac.compare_digest(given.encode(), expected.encode())
