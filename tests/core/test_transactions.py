"""The gate: good answers of unsafe requests commit, everything else rolls back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, Response
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError

from app.core import audit
from app.core.actor import SYSTEM
from app.core.audit import AuditEvent
from app.core.errors import Conflict
from app.core.permissions import anyone, permits
from app.core.transactions import after_commit, current_session, database
from tests.conftest import NOW
from tests.installations import build_again, dispose

RANG: list[str] = []


def deed(status: int) -> Response:
    """Write a row, wait to ring, and answer with the status."""
    audit.record(current_session(), SYSTEM, "test.deed", ("thing", status), NOW)
    after_commit(current_session(), lambda: RANG.append(str(status)))
    if status == 409:
        raise Conflict
    return Response("done", status)


@pytest.fixture
def gate(any_app: Flask) -> Iterator[Flask]:
    RANG.clear()
    view = permits(anyone)(deed)
    app = build_again(any_app)
    app.add_url_rule("/deed/<int:status>", view_func=view, methods=["GET", "POST"])
    yield app
    dispose(app)


def rows() -> int:
    with database().reading() as session:
        query = select(func.count()).select_from(AuditEvent).where(AuditEvent.verb == "test.deed")
        return session.scalar(query) or 0


@pytest.mark.parametrize(
    ("status", "kept"), [(200, 1), (303, 1), (400, 0), (409, 0), (422, 0), (500, 0)]
)
def test_an_unsafe_request_commits_only_with_a_good_answer(
    gate: Flask, status: int, kept: int
) -> None:
    gate.test_client().post(f"/deed/{status}")
    assert (rows(), len(RANG)) == (kept, kept)


def test_a_safe_request_cannot_write(gate: Flask) -> None:
    assert gate.test_client().get("/deed/200").status_code == 200
    assert (rows(), RANG) == (0, [])


def test_a_reading_transaction_refuses_to_write(any_app: Flask) -> None:
    with database().reading() as session:
        audit.record(session, SYSTEM, "test.deed", ("thing", 1), NOW)
        with pytest.raises(DatabaseError):
            session.flush()


def test_what_fails_after_the_commit_does_not_undo_it(any_app: Flask) -> None:
    def fail() -> None:
        raise OSError("the mail server is away")

    with database().writing() as session:
        audit.record(session, SYSTEM, "test.deed", ("thing", 1), NOW)
        after_commit(session, fail)
    assert rows() == 1


def test_only_the_gate_commits() -> None:
    from app.settings import ROOT

    owners = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "app").rglob("*.py")
        if ".commit()" in path.read_text(encoding="utf-8")
    }
    assert owners == {"app/core/transactions.py"}
