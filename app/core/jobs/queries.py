"""Questions about jobs: one job, the health of the queue, what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.core.jobs.models import Job
from app.core.jobs.rules import OPEN, JobState


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as a page shows it."""

    id: str
    kind: str
    key: str
    payload: dict[str, Any]
    state: JobState
    attempt: int
    cancel_wanted: bool
    stage: int
    done: int
    total: int
    error: str | None
    enqueued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def ended(self) -> bool:
        return self.state.ended


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """Jobs that wait or run, and the age of the oldest that waits (0 if none does)."""

    depth: int
    oldest_seconds: int


@dataclass(frozen=True, slots=True)
class Due:
    """A job to ring for."""

    id: str
    fence: int


def job(session: Session, identity: str) -> JobRow | None:
    """The job of that id, or `None`."""
    found = session.get(Job, identity, populate_existing=True)
    return None if found is None else row_of(found)


def row_of(found: Job) -> JobRow:
    return JobRow(**{name: getattr(found, name) for name in JobRow.__slots__})


def queue_health(session: Session, now: datetime) -> QueueHealth:
    depth = session.scalar(select(func.count()).where(Job.state.in_(OPEN))) or 0
    oldest = session.scalar(select(func.min(Job.enqueued_at)).where(Job.state == JobState.WAITING))
    age = 0 if oldest is None else int((now - oldest).total_seconds())
    return QueueHealth(depth, max(0, age))


def jobs_by_state(session: Session) -> dict[JobState, int]:
    """How many jobs stand in each state; every state is there."""
    counted = session.execute(select(Job.state, func.count()).group_by(Job.state))
    return dict.fromkeys(JobState, 0) | {row[0]: row[1] for row in counted}


def due(session: Session, now: datetime, limit: int = 100) -> list[Due]:
    """The jobs somebody should claim now, the longest due first."""
    query = select(Job.id, Job.fence).where(claimable(now))
    rows = session.execute(query.order_by(Job.not_before, Job.id).limit(limit))
    return [Due(*row) for row in rows]


def standing(session: Session, identity: str, fence: int) -> tuple[bool, bool]:
    """Whether a claim with this fence still holds the job, and whether the job should end."""
    own = (Job.id == identity, Job.fence == fence, Job.state == JobState.RUNNING)
    wanted = session.scalar(select(Job.cancel_wanted).where(*own))
    return wanted is not None, bool(wanted)


def missing(session: Session, identities: list[str]) -> set[str]:
    """Which of these ids no job has yet."""
    return set(identities) - set(session.scalars(select(Job.id).where(Job.id.in_(identities))))


def cancel_wanted(session: Session, identities: list[str]) -> set[str]:
    """Which of these running jobs somebody wants to end."""
    wanted = select(Job.id).where(Job.id.in_(identities), Job.cancel_wanted)
    return set(session.scalars(wanted.where(Job.state == JobState.RUNNING)))


def claimable(now: datetime) -> ColumnElement[bool]:
    """Waiting and due, or held by a process that stopped renewing its lease."""
    return or_(
        and_(Job.state == JobState.WAITING, Job.not_before <= now),
        and_(Job.state == JobState.RUNNING, Job.lease_until < now),
    )
