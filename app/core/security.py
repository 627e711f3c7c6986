"""Headers that keep a browser honest (own origin only, nothing inline), and input no one sends."""

from __future__ import annotations

from itertools import chain

from flask import Flask, Response, abort, request
from werkzeug.routing import IntegerConverter, Map

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


LARGEST_ROW_ID = 2**31 - 1


class RowId(IntegerConverter):
    """The id of a row in an address; a number no row can have finds no page."""

    def __init__(self, addresses: Map) -> None:
        super().__init__(addresses, max=LARGEST_ROW_ID)


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = RowId
    app.before_request(_refuse_nul)
    app.after_request(_add_headers)


def _refuse_nul() -> None:
    """Answer 400 to a NUL: no keyboard types it, and PostgreSQL raises an error at each."""
    typed = chain.from_iterable(values for _, values in request.values.lists())
    if any("\0" in text for text in (request.path, *typed)):
        abort(400)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
