"""Every literal of the htmx protocol, in one place."""

from __future__ import annotations

from flask import Flask, Response, request


def wants_fragment() -> bool:
    """Whether htmx asks for a piece of the page; a history restore needs it whole."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in headers


def refresh(response: Response) -> Response:
    """Ask the browser to load the whole page again, once the fragment's work has ended."""
    response.headers["HX-Refresh"] = "true"
    return response


def init_app(app: Flask) -> None:
    app.after_request(_vary)


def _vary(response: Response) -> Response:
    response.vary.add("HX-Request")
    return response
