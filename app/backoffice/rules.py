"""What goes on the operator's work list, and in which order."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from app.core.jobs.rules import JobState

EXPIRY_NOTICE = timedelta(hours=24)
"""How long before its deadline a proposal is worth a telephone call."""

STUCK_AFTER = timedelta(minutes=10)
"""By then a waiting job should have been taken, and a lost one taken over."""


class Task(StrEnum):
    """Kinds of work, the most pressing first."""

    JOBS = "jobs"
    ESCALATED = "escalated"
    DISCREPANCIES = "discrepancies"
    MISSING = "missing"
    EXPIRING = "expiring"
    BARRED = "barred"
    FIRMS = "firms"
    CLEARING = "clearing"


class JobTrouble(StrEnum):
    """What is wrong with a job."""

    FAILED = "failed"
    NOT_TAKEN = "not_taken"
    LOST = "lost"


def trouble(state: JobState) -> JobTrouble:
    """What is wrong with a job that was found to need somebody, by the state it stands in."""
    if state is JobState.FAILED:
        return JobTrouble.FAILED
    return JobTrouble.NOT_TAKEN if state is JobState.WAITING else JobTrouble.LOST
