"""The transaction gate: the only code that commits.

One transaction per request, job step or command. A request commits when its method is unsafe
and its answer is no error; everything else rolls back. What must leave the process (mail, job
rings) is handed to `after_commit` and runs only once the data is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from flask import Flask, Response, current_app, g, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.db import make_engine

log = structlog.get_logger()
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
AFTER_COMMIT = "after_commit"


class Database:
    """An engine and the two ways to use it: reading and writing."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = make_engine(url)
        self._writer = self.engine.execution_options(write=True)
        self._reader = self.engine.execution_options(write=False, **_reader_options(self.engine))

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent, read-only view of the data; always rolled back."""
        with Session(self._reader) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that commits when its block ends well."""
        with self._unit() as unit:
            yield unit.session
            unit.commit()

    @contextmanager
    def _unit(self) -> Iterator[Unit]:
        with Session(self._writer) as session:
            unit = Unit(session)
            yield unit
        unit.release()

    def only_reads(self, session: Session) -> None:
        """Take back what a session has written and free its locks; from here on it reads."""
        session.rollback()
        session.info[AFTER_COMMIT].clear()
        session.bind = self._reader

    @contextmanager
    def request_unit(self) -> Iterator[Unit]:
        """The unit of one request; its caller decides whether it commits."""
        if request.method in SAFE_METHODS:
            with self.reading() as session:
                yield Unit(session)
        else:
            with self._unit() as unit:
                yield unit


class Unit:
    """A session and what waits for its commit."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._waiting: list[Callable[[], None]] = []
        self._committed = False
        session.info[AFTER_COMMIT] = self._waiting

    def commit(self) -> None:
        self.session.commit()
        self._committed = True

    def release(self) -> None:
        """Run what waited. The data is safe by now, so a failure is logged and not raised."""
        if not self._committed:
            return
        for call in self._waiting:
            try:
                call()
            except Exception:
                log.exception("after_commit_failed")


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """A part of a transaction that an exception takes back, with what it left for the commit."""
    waiting = session.info[AFTER_COMMIT]
    before = len(waiting)
    try:
        with session.begin_nested():
            yield
    except BaseException:
        del waiting[before:]
        raise


def after_commit(session: Session, call: Callable[[], None]) -> None:
    """Run `call` once this session's transaction has committed, and never otherwise."""
    session.info[AFTER_COMMIT].append(call)


class TransactionalFlask(Flask):
    """A Flask application whose views run inside the request's transaction."""

    def dispatch_request(self) -> Response:
        with database().request_unit() as unit:
            g.session = unit.session
            try:
                response: Response = self.make_response(super().dispatch_request())
            finally:
                g.session = None  # an error page must not reopen a transaction that has ended
            if request.method not in SAFE_METHODS and response.status_code < 400:
                unit.commit()
            return response


def database() -> Database:
    """The application's database."""
    found: Database = current_app.extensions["gufei.database"]
    return found


def current_session() -> Session:
    """The session of this request."""
    session: Session | None = g.get("session")
    if session is None:
        raise RuntimeError("no transaction is open here")
    return session


def _reader_options(engine: Engine) -> dict[str, object]:
    if engine.dialect.name == "postgresql":
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return {}
