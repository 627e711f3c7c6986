"""Who may use a route. Every view declares a policy; a view without one stops the start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from app.core.actor import Actor
from app.core.current import current_actor
from app.core.errors import Forbidden, SignInNeeded

Policy = Callable[[Actor], bool]
View = TypeVar("View", bound=Callable[..., Any])
ATTRIBUTE = "gufei_policy"


class UndeclaredRoute(Exception):
    """A view was registered without `@permits`."""


def anyone(actor: Actor) -> bool:
    """The policy of public pages."""
    return True


def signed_in(actor: Actor) -> bool:
    return actor.signed_in


def operator(actor: Actor) -> bool:
    return actor.is_operator


def permits(policy: Policy) -> Callable[[View], View]:
    """Declare who may use a view."""

    def declare(view: View) -> View:
        setattr(view, ATTRIBUTE, policy)
        return view

    return declare


def require(policy: Policy, actor: Actor) -> None:
    """Raise `SignInNeeded` or `Forbidden` unless the policy admits the actor."""
    if policy(actor):
        return
    raise Forbidden() if actor.signed_in else SignInNeeded()


def init_app(app: Flask) -> None:
    app.before_request(_check)


def verify_routes(app: Flask) -> None:
    """Raise `UndeclaredRoute` naming every view that declares no policy."""
    bare = [name for name, view in app.view_functions.items() if not hasattr(view, ATTRIBUTE)]
    if bare:
        raise UndeclaredRoute(", ".join(sorted(bare)))


def _check() -> None:
    if request.endpoint is None:
        return  # no route: the 404 that follows needs no permission
    view = current_app.view_functions[request.endpoint]
    require(getattr(view, ATTRIBUTE), current_actor())
