"""What a handler holds while it works on a job, and the heartbeat that keeps the job its own."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.jobs import operations, queries
from app.core.jobs.operations import Claim, LeaseLost
from app.core.jobs.points import reached
from app.core.transactions import database

log = structlog.get_logger()
BEAT_SECONDS = 2.0
"""How often the lease is renewed; also the longest it takes until a cancellation is noticed."""


class Cancelled(Exception):
    """Somebody asked for the job to end."""


class Interrupted(Exception):
    """The process was asked to end; the job goes back and is done elsewhere or later."""


class PermanentFailure(Exception):
    """Trying again would not help. `reason` is a short code that the feature can put in words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class JobContext:
    """One attempt at one job.

    Every method that touches the job raises `LeaseLost` when another process has taken it over
    and `Cancelled` when it should end. Outside of transactions both may also be raised anywhere,
    as may `Interrupted`: clean up in `finally` and let them pass.
    """

    def __init__(self, held: Claim) -> None:
        self.held = held
        self.finished = False
        self._sheltered = False
        self._interruption: Exception | None = None

    @property
    def payload(self) -> dict[str, Any]:
        return self.held.payload

    @contextmanager
    def step(self) -> Iterator[Session]:
        """A transaction that commits only while the job is still ours."""
        with self._transaction() as session:
            yield session

    @contextmanager
    def finish(self) -> Iterator[Session]:
        """The last transaction: its effect and the job's end are recorded together."""
        with self._transaction() as session:
            yield session
            operations.finish(session, self.held, now())
            reached("before_record_commit")
            self.finished = True  # from here on the commit decides, no interruption
        reached("after_record_commit")

    def progress(self, stage: int, done: int = 0, total: int = 0) -> None:
        """Show the reader the stage (its place in `STAGES`) and `done` of `total` within it."""
        with self._transaction() as session:
            operations.write(session, self.held, stage=stage, done=done, total=total)

    def check(self) -> None:
        """Return while the job is ours and wanted; costs one small query."""
        with self._shelter(), database().reading() as session:
            claim_stands, cancel_wanted = queries.standing(session, self.held.id, self.held.fence)
        if not claim_stands:
            raise LeaseLost(self.held.id)
        if cancel_wanted:
            raise Cancelled(self.held.id)

    def point(self, name: str) -> None:
        """A place where a test may kill the process."""
        reached(name)

    def interrupt(self, reason: Exception) -> None:
        """From the heartbeat's thread: have the working thread raise `reason` where it stands."""
        self._interruption = reason
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGTERM)

    def on_terminate(self, _signal: int, _frame: object) -> None:
        """The handler of SIGTERM: raise at once, unless a transaction must come to its end."""
        reason = self._interruption = self._interruption or Interrupted(self.held.id)
        if not (self._sheltered or self.finished):
            self._sheltered = True  # once: whoever cleans up is not disturbed again
            raise reason

    def close(self) -> None:
        """From here on no signal raises any more."""
        self._sheltered = True

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with self._shelter(), database().writing() as session:
            if operations.renew(session, self.held, now()):
                raise Cancelled(self.held.id)
            yield session

    @contextmanager
    def _shelter(self) -> Iterator[None]:
        """Hold an interruption back while the database is in use, and raise it then."""
        self._raise_interruption()
        if self._sheltered:
            raise RuntimeError("steps of a job cannot be nested")
        self._sheltered = True
        try:
            yield
        finally:
            self._sheltered = False
        self._raise_interruption()

    def _raise_interruption(self) -> None:
        if self._interruption is not None and not self.finished:
            raise self._interruption


class Heartbeat(threading.Thread):
    """Renews the lease while the handler works, and tells it to stop when it should."""

    def __init__(self, app: Flask, context: JobContext) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._app = app
        self._context = context
        self._stopped = threading.Event()

    def run(self) -> None:
        with self._app.app_context():
            while not self._stopped.wait(BEAT_SECONDS):
                reason = self._beat()
                if reason is not None and not self._stopped.is_set():
                    self._context.interrupt(reason)
                    return

    def stop(self) -> None:
        self._stopped.set()
        self.join()

    def _beat(self) -> Exception | None:
        """Why the handler should stop, if it should; a database that is away is waited for."""
        held = self._context.held
        try:
            with database().writing() as session:
                return Cancelled(held.id) if operations.renew(session, held, now()) else None
        except LeaseLost as lost:
            return lost
        except SQLAlchemyError:
            log.warning("heartbeat_failed", exc_info=True)
            return None


@contextmanager
def working(held: Claim) -> Iterator[JobContext]:
    """A context whose lease is kept alive and which SIGTERM interrupts; main thread only."""
    context = JobContext(held)
    heartbeat = Heartbeat(_application(), context)
    before = signal.signal(signal.SIGTERM, context.on_terminate)
    heartbeat.start()
    try:
        yield context
    finally:
        context.close()
        heartbeat.stop()
        signal.signal(signal.SIGTERM, before)


def _application() -> Flask:
    """The application itself, for a thread that has no context of its own."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app
