"""Every change of a job: one guarded statement each, so that two processes never both succeed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core import audit
from app.core.actor import Actor
from app.core.errors import Conflict, NotFound
from app.core.jobs import bell, registry
from app.core.jobs.models import Job
from app.core.jobs.queries import claimable, row_of
from app.core.jobs.rules import (
    ENDED,
    LEASE,
    LOST,
    MAX_ATTEMPTS,
    OPEN,
    JobState,
    Periodic,
    after_failure,
    job_id,
)
from app.core.transactions import after_commit

KEEP_PERIODIC = timedelta(days=30)
CLAIM_COLUMNS = (Job.id, Job.kind, Job.key, Job.payload, Job.attempt, Job.fence)
INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class LeaseLost(Exception):
    """The job was claimed by another process or has ended: this one must write nothing more."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write one job, as long as nobody claims it after us."""

    id: str
    kind: str
    key: str
    payload: dict[str, Any]
    attempt: int
    fence: int


def enqueue(session: Session, kind: str, key: str, payload: dict[str, Any], now: datetime) -> Job:
    """Ask for work once: the same kind and key find the job that is there, whatever its state.

    The bell rings once the caller's transaction has committed.
    """
    identity = job_id(kind, key)
    if _add(session, identity, now, kind=kind, key=key, payload=payload):
        after_commit(session, lambda: bell.ring(identity, fence=0))
    return session.get_one(Job, identity, populate_existing=True)


def enqueue_periodic(session: Session, entry: Periodic, now: datetime) -> Job:
    """This period's job of recurring work; the ones that ended long ago are removed."""
    outdated = (Job.kind == entry.kind, Job.state.in_(ENDED), Job.finished_at < now - KEEP_PERIODIC)
    session.execute(delete(Job).where(*outdated))
    return enqueue(session, entry.kind, entry.key(now), {}, now)


def cancel(session: Session, actor: Actor, identity: str, now: datetime) -> JobState:
    """End a waiting job at once and ask a running one to stop; returns the state it is in now.

    Raises `NotFound`, or `Conflict` if the job has already ended.
    """
    waits = Job.state == JobState.WAITING
    state: JobState | None = session.scalar(
        update(Job)
        .where(Job.id == identity, Job.state.in_(OPEN))
        .values(
            cancel_wanted=True,
            state=case((waits, JobState.CANCELLED), else_=Job.state),
            finished_at=case((waits, now), else_=None),
        )
        .returning(Job.state)
    )
    if state is None:
        raise Conflict if session.get(Job, identity) else NotFound
    audit.record(session, actor, "job.cancel", ("job", identity), now)
    if state is JobState.CANCELLED:
        _call_ending(session, identity, now)
    return state


def claim(session: Session, identity: str, worker: str, now: datetime) -> Claim | None:
    """Take a job that waits, or whose holder let the lease run out; `None` if there is nothing
    to take. `worker` names the claiming process.
    """
    _end_hopeless(session, identity, now)
    taken = session.execute(
        update(Job)
        .where(Job.id == identity, claimable(now))
        .values(
            state=JobState.RUNNING,
            fence=Job.fence + 1,
            attempt=Job.attempt + 1,
            claimed_by=worker,
            lease_until=now + LEASE,
            started_at=func.coalesce(Job.started_at, now),
            error=None,
        )
        .returning(*CLAIM_COLUMNS)
    ).one_or_none()
    return None if taken is None else Claim(*taken)


def renew(session: Session, held: Claim, now: datetime) -> bool:
    """Prolong the lease; returns whether somebody wants the job to end. Raises `LeaseLost`."""
    write(session, held, lease_until=now + LEASE)
    return _cancel_wanted(session, held)


def finish(session: Session, held: Claim, now: datetime) -> None:
    """Record the job as done; raises `LeaseLost`."""
    write(session, held, state=JobState.DONE, finished_at=now, error=None)


def give_back(session: Session, held: Claim, now: datetime) -> None:
    """Put an interrupted job back at once; the attempt does not count. Raises `LeaseLost`."""
    if _cancel_wanted(session, held):
        end(session, held, JobState.CANCELLED, None, now)
    else:
        write(session, held, state=JobState.WAITING, not_before=now, attempt=held.attempt - 1)


def fail(session: Session, held: Claim, error: str, now: datetime) -> None:
    """Let the job try again later, or end it; raises `LeaseLost`."""
    wanted = _cancel_wanted(session, held)
    verdict = after_failure(held.id, held.attempt, error, cancel_wanted=wanted, now=now)
    if verdict.state.ended:
        end(session, held, verdict.state, verdict.error, now)
    else:
        write(session, held, state=verdict.state, error=error, not_before=verdict.not_before)


def end(session: Session, held: Claim, state: JobState, error: str | None, now: datetime) -> None:
    """Record the job as failed or cancelled, with what its feature does then.

    Raises `LeaseLost`.
    """
    write(session, held, state=state, error=error, finished_at=now)
    _call_ending(session, held.id, now)


def abandon(session: Session, identity: str, worker: str, now: datetime) -> None:
    """Take a job back from a process known to be dead, without waiting for its lease to end."""
    own = (Job.id == identity, Job.state == JobState.RUNNING, Job.claimed_by == worker)
    _fail_lost(session, own, now)


def write(session: Session, held: Claim, **values: object) -> None:
    """Change a running job under its fence; raises `LeaseLost`."""
    own = (Job.id == held.id, Job.fence == held.fence, Job.state == JobState.RUNNING)
    changed = session.execute(update(Job).where(*own).values(**values))
    if not cast("CursorResult[Any]", changed).rowcount:
        raise LeaseLost(held.id)


def _add(session: Session, identity: str, now: datetime, **values: object) -> bool:
    """Insert a waiting job unless the id is taken; returns whether it was added."""
    insert = INSERT[session.get_bind().dialect.name]
    row = insert(Job).values(id=identity, enqueued_at=now, not_before=now, **values)
    added = session.execute(row.on_conflict_do_nothing(index_elements=[Job.id]))
    return bool(cast("CursorResult[Any]", added).rowcount)


def _end_hopeless(session: Session, identity: str, now: datetime) -> None:
    """End a job whose holder is gone when it has no attempt left, or was to be cancelled."""
    last = or_(Job.attempt >= MAX_ATTEMPTS, Job.cancel_wanted)
    gone = (Job.id == identity, Job.state == JobState.RUNNING, Job.lease_until < now, last)
    _fail_lost(session, gone, now)


def _fail_lost(session: Session, which: tuple[ColumnElement[bool], ...], now: datetime) -> None:
    row = session.execute(select(*CLAIM_COLUMNS).where(*which)).one_or_none()
    if row is None:
        return
    with suppress(LeaseLost):  # somebody else was faster
        fail(session, Claim(*row), LOST, now)


def _cancel_wanted(session: Session, held: Claim) -> bool:
    return bool(session.scalar(select(Job.cancel_wanted).where(Job.id == held.id)))


def _call_ending(session: Session, identity: str, now: datetime) -> None:
    ended = session.get_one(Job, identity, populate_existing=True)
    ending = registry.ending(ended.kind)
    if ending is not None:
        ending(session, row_of(ended), now)
