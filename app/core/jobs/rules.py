"""Decisions about jobs on plain values: identity, states, back-off, periods."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

LEASE = timedelta(seconds=60)
"""How long a job stays with a process that no longer says it is alive."""

MAX_ATTEMPTS = 5
FIRST_DELAY = timedelta(seconds=2)
LONGEST_DELAY = timedelta(minutes=5)
ID_CHARACTERS = 32

LOST = "lost"
"""The reason of a job whose process died at every attempt."""


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in ENDED


OPEN = frozenset({JobState.WAITING, JobState.RUNNING})
ENDED = frozenset(JobState) - OPEN


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that recurs: one job per period of length `every`, counted from 1970 in UTC."""

    kind: str
    every: timedelta

    def key(self, now: datetime) -> str:
        """The period that `now` lies in; every clock names it alike."""
        return str((now - datetime(1970, 1, 1, tzinfo=UTC)) // self.every)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a job whose attempt ended badly."""

    state: JobState
    not_before: datetime
    error: str | None


def job_id(kind: str, key: str) -> str:
    """The same text for the same piece of work, wherever and whenever it is asked for."""
    return hashlib.sha256(f"{kind}\0{key}".encode()).hexdigest()[:ID_CHARACTERS]


def back_off(identity: str, attempt: int) -> timedelta:
    """Doubling per attempt, spread by ±25 % so that jobs failing together return apart.

    The spread comes from the job's id: the same job waits the same time in every replay.
    """
    delay = min(FIRST_DELAY * (1 << (attempt - 1)), LONGEST_DELAY)
    draw = hashlib.sha256(f"{identity}\0{attempt}".encode()).digest()[0]
    return delay * (192 + draw // 2) / 256


def after_failure(
    identity: str, attempt: int, error: str, *, cancel_wanted: bool, now: datetime
) -> Verdict:
    """Cancelled if somebody asked for it, else again after a while, else failed."""
    if cancel_wanted:
        return Verdict(JobState.CANCELLED, now, None)
    if attempt >= MAX_ATTEMPTS:
        return Verdict(JobState.FAILED, now, error)
    return Verdict(JobState.WAITING, now + back_off(identity, attempt), error)
