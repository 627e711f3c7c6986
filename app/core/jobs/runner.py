"""`run_job`: one attempt at one job, the same in a child process and in an RQ worker."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

import structlog
from flask import current_app
from structlog.contextvars import bound_contextvars

from app.core.clock import now
from app.core.jobs import operations, registry
from app.core.jobs.context import (
    Cancelled,
    Interrupted,
    JobContext,
    PermanentFailure,
    working,
)
from app.core.jobs.operations import Claim, LeaseLost
from app.core.jobs.points import reached
from app.core.jobs.rules import JobState
from app.core.transactions import database

log = structlog.get_logger()


class UnknownKind(Exception):
    """No feature of this version handles the job; a newer one may, so it is tried again."""


def run_job(identity: str) -> None:
    """Claim the job, do it, and record how it ended; returns at once if it is not to be had.

    Needs an application context and the main thread. Raises only if the database is away: the
    lease then runs out and the job is taken up again.
    """
    with current_app.app_context(), bound_contextvars(job_id=identity):
        with database().writing() as session:
            held = operations.claim(session, identity, worker_name(os.getpid()), now())
        if held is None:
            log.info("job_not_to_be_had")
            return
        reached("after_claim")
        log.info("job_started", kind=held.kind, attempt=held.attempt)
        _attempt(held)
        reached("before_acknowledgement")


def worker_name(pid: int) -> str:
    """How the table names a process, so that whoever sees it die can take its job back."""
    return f"{socket.gethostname()}:{pid}"


def _attempt(held: Claim) -> None:
    try:
        with working(held) as context:
            _handle(context)
        log.info("job_done")
    except LeaseLost:
        log.warning("job_lease_lost")
    except Exception as error:
        with suppress(LeaseLost):
            _settle(held, error)


def _handle(context: JobContext) -> None:
    handler = registry.handler(context.held.kind)
    if handler is None:
        raise UnknownKind(context.held.kind)
    handler(context)
    if not context.finished:
        with context.finish():
            log.debug("job_without_effect_of_its_own")


def _settle(held: Claim, error: Exception) -> None:
    """Record an attempt that ended badly. Only the name of an unforeseen error is stored."""
    log.warning("job_attempt_ended", reason=type(error).__name__, exc_info=_unforeseen(error))
    with database().writing() as session:
        match error:
            case Cancelled():
                operations.end(session, held, JobState.CANCELLED, None, now())
            case Interrupted():
                operations.give_back(session, held, now())
            case PermanentFailure(reason=reason):
                operations.end(session, held, JobState.FAILED, reason, now())
            case _:
                operations.fail(session, held, type(error).__name__, now())


def _unforeseen(error: Exception) -> Exception | None:
    foreseen = isinstance(error, (Cancelled, Interrupted, PermanentFailure))
    return None if foreseen else error
