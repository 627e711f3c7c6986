"""The clock: adds the jobs that recur, and rings again for whatever is due.

Any number of clocks may run: an occurrence has one id, and a ring for a job that is taken finds
nothing to do.
"""

from __future__ import annotations

from datetime import datetime

from app.core.jobs import bell, operations, queries, registry
from app.core.jobs.rules import job_id
from app.core.transactions import database

TICK_SECONDS = 1.0


def add_recurring(now: datetime) -> None:
    """Enqueue this period's job of everything on the schedule that has cause to be done, where it
    is not there yet.
    """
    entries = {job_id(entry.kind, entry.key(now)): entry for entry in registry.schedule()}
    with database().reading() as session:
        missing = sorted(queries.missing(session, list(entries)))
        wanted = [
            entries[identity]
            for identity in missing
            if registry.has_occasion(session, entries[identity].kind, now)
        ]
    if wanted:
        with database().writing() as session:
            for entry in wanted:
                operations.enqueue_periodic(session, entry, now)


def ring_due(now: datetime) -> None:
    """Ring for every job that waits and is due, or whose holder's lease ran out."""
    with database().reading() as session:
        found = queries.due(session, now)
    for job in found:
        bell.ring(job.id, job.fence)
