"""The hourly tidying runs as a job."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from app.accounts.jobs import SCHEDULE, TIDY
from app.accounts.models import SignInAttempt
from app.core.clock import now
from app.core.jobs.operations import enqueue
from app.core.jobs.queries import job
from app.core.jobs.rules import JobState
from app.core.jobs.runner import run_job
from app.core.transactions import database


def test_old_attempts_are_forgotten_by_the_hour(any_app: Flask) -> None:
    old = now() - timedelta(hours=1)
    with database().writing() as session:
        session.add(SignInAttempt(key_sha256="old", tries=5, first_at=old))
        job_id = enqueue(session, TIDY, SCHEDULE[0].key(now()), {}, now()).id
    run_job(job_id)
    with database().reading() as session:
        row = job(session, job_id)
        assert row is not None
        assert row.state is JobState.DONE
        assert session.scalars(select(SignInAttempt)).all() == []
