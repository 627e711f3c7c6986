"""Structured logs: one JSON object a line on stderr, with the request's or the job's id."""

from __future__ import annotations

import logging
import sys
import time
import uuid

import structlog
from flask import Flask, Response, g, request

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
log = structlog.get_logger()


def configure(level: str) -> None:
    """Set the process's logging up; idempotent."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=LEVELS[level], stream=sys.stderr, format="%(message)s")
    # It lists each of its parts at every start, which no reader needs.
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)


def request_id() -> str:
    """The id of this request, shown on error pages and written on every log line."""
    found: str = g.get("request_id", "")
    return found


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.request_id = uuid.uuid4().hex[:12]
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = request_id()
    log.info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=round((time.perf_counter() - g.began) * 1000) if "began" in g else None,
    )
    return response
