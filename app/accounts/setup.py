"""Who acts in a request: the person behind the session token in the browser's signed cookie."""

from __future__ import annotations

from flask import Flask, g, request, session
from flask_login import (
    AnonymousUserMixin,
    LoginManager,
    UserMixin,
    current_user,
    login_user,
    logout_user,
)

from app.accounts import operations, queries, rules
from app.core.actor import PUBLIC, Actor
from app.core.clock import now
from app.core.transactions import database


class Visitor(AnonymousUserMixin):
    """Somebody who has not signed in."""

    actor = PUBLIC


class SignedIn(UserMixin):
    """Somebody who has; flask-login keeps the token in the cookie and hands it back."""

    def __init__(self, token: str, actor: Actor) -> None:
        self.token = token
        self.actor = actor

    def get_id(self) -> str:
        return self.token


def init_app(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None  # a fingerprint of the browser adds nothing to the token
    manager.anonymous_user = Visitor
    manager.user_loader(_load)
    manager.init_app(app, add_context_processor=False)
    app.before_request(_load_actor)


def enter(token: str, actor: Actor = PUBLIC) -> None:
    """Put a new session's token into the cookie; what the cookie held before is gone."""
    session.clear()
    login_user(SignedIn(token, actor))


def leave() -> str | None:
    """Empty the cookie; returns the token that was in it."""
    token = current_user.get_id()
    logout_user()
    session.clear()
    return token if token is None else str(token)


def _load_actor() -> None:
    if request.endpoint == "static":
        return
    g.pop("_login_user", None)  # an application context may outlive a request, its reader may not
    g.actor = current_user.actor


def _load(token: str) -> SignedIn | None:
    """The person behind a token, read in a transaction that ends before the request's begins."""
    with database().reading() as reading:
        found = queries.live_session(reading, token, now())
    if found is None:
        return None
    if rules.needs_touch(found.touched_at, now()):
        with database().writing() as writing:
            operations.touch(writing, token, now())
    return SignedIn(token, found.actor)
