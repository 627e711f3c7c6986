"""The recurring jobs, run as the workers run them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from app.bidding import jobs, queries
from app.bidding.models import Round
from app.core.actor import CompanyRole
from app.core.jobs import operations as core_jobs
from app.core.jobs.models import Job
from app.core.jobs.rules import JobState, job_id
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.notifications.models import Notification
from tests.accounts.factories import user_of
from tests.bidding.factories import announced_round
from tests.companies.factories import approved_company
from tests.conftest import NOW
from tests.installations import build_again
from tests.listings.factories import published_offer

HOUR = timedelta(hours=1)


def run(kind: str, now: datetime) -> JobState:
    (entry,) = [one for one in jobs.SCHEDULE if one.kind == kind]
    with database().writing() as session:
        core_jobs.enqueue_periodic(session, entry, now)
    identity = job_id(kind, entry.key(now))
    run_job(identity)
    with database().reading() as session:
        return session.get_one(Job, identity).state


def test_every_hour_the_next_round_is_announced_once(
    app: Flask, freeze: Callable[[datetime], None]
) -> None:
    for hours in range(3):
        freeze(NOW + hours * HOUR)
        assert run(jobs.SCHEDULE_KIND, NOW + hours * HOUR) is JobState.DONE
    with database().reading() as session:
        assert [one.number for one in session.scalars(select(Round))] == ["C-2611-01"]


def test_who_may_bid_hears_once_that_a_round_has_opened(
    app: Flask, freeze: Callable[[datetime], None]
) -> None:
    with database().writing() as session:
        offer = published_offer(session)
        user_of(session, offer.company)
        user_of(session, offer.company, CompanyRole.VIEWER)
        user_of(session, approved_company(session))
        announced_round(session, materials=("fly_ash",))
    for hours in range(2):
        freeze(NOW + hours * HOUR)
        run(jobs.SCHEDULE_KIND, NOW + hours * HOUR)
    with database().reading() as session:
        told = [row.path for row in session.scalars(select(Notification))]
    assert told.count("/bidding/rounds/C-2611-01") == 1


def test_where_nothing_clears_weekly_no_round_is_announced(
    app: Flask, freeze: Callable[[datetime], None]
) -> None:
    quiet = build_again(app, GUFEI_WEEKLY_CLEARING="0")
    freeze(NOW)
    with quiet.app_context():
        run(jobs.SCHEDULE_KIND, NOW)
        with database().reading() as session:
            assert queries.rounds(session, NOW) == []
