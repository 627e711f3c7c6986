"""How much one request may bring: little in general, more where a view says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

View = TypeVar("View", bound=Callable[..., Any])
MIB = 1024 * 1024
USUAL = 4 * MIB
ATTRIBUTE = "gufei_largest_request"


def takes_up_to(most: int) -> Callable[[View], View]:
    """Declare that a view takes requests of up to `most` bytes."""

    def declare(view: View) -> View:
        setattr(view, ATTRIBUTE, most)
        return view

    return declare


def init_app(app: Flask) -> None:
    """Before whatever reads forms, since a form is measured when it is first read."""
    app.config["MAX_CONTENT_LENGTH"] = USUAL
    app.before_request(_widen)


def _widen() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    most = getattr(view, ATTRIBUTE, None)
    if most is not None:
        request.max_content_length = most
