"""Readers of first pages, and how many questions these put to the database."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.transactions import database
from tests.accounts.factories import sign_in


def enter(client: FlaskClient, user: int) -> None:
    """Sign in as the person of that id, who must have been committed."""
    with database().reading() as session:
        sign_in(client, session.get_one(User, user))


def statements_of(ask: Callable[[Session], object]) -> int:
    """The number of SELECT statements `ask` sends in a reading transaction of its own."""
    sent: list[str] = []
    engine = database().engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        with database().reading() as session:
            ask(session)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return sum(statement.startswith("SELECT") for statement in sent)


def statements_of_page(client: FlaskClient, path: str) -> int:
    """The same of a page."""

    def ask(_session: Session) -> None:
        client.get(path)

    return statements_of(ask)
