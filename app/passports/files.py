"""A laboratory's file as the answer to a request: to be kept, never to be shown by the browser."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response

from app.assays.models import AssayReport
from app.core.errors import NotFound


def attached(report: AssayReport) -> Response:
    """The file under its own name; whatever is in it runs nowhere and stays in no cache."""
    if report.content is None:
        raise NotFound
    answer = Response(report.content, content_type=report.media_type)
    name = quote(report.name, safe="")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    return answer
