from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.jobs import schedule
from app.core.jobs.models import Job
from app.core.jobs.rules import Periodic
from app.core.transactions import database
from tests.conftest import NOW
from tests.core.jobs import handlers

HOURLY = Periodic("test.work", every=timedelta(hours=1))


@pytest.fixture(autouse=True)
def _hourly_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.jobs.registry.schedule", lambda: (HOURLY,))


def jobs() -> int:
    with database().reading() as session:
        return session.scalar(select(func.count()).select_from(Job)) or 0


def test_two_clocks_add_one_job_per_period(any_app: Flask) -> None:
    def tick(_clock: int) -> None:
        with any_app.app_context():
            schedule.add_recurring(NOW)

    with ThreadPoolExecutor(2) as clocks:
        list(clocks.map(tick, range(8)))
    assert jobs() == 1
    schedule.add_recurring(NOW + HOURLY.every)
    assert jobs() == 2


def test_a_clock_that_slept_adds_the_present_period_alone(app: Flask) -> None:
    schedule.add_recurring(NOW)
    schedule.add_recurring(NOW + 5 * HOURLY.every)
    assert jobs() == 2


def test_work_that_names_its_occasion_is_added_only_then(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = NOW + timedelta(minutes=5)
    occasions = {HOURLY.kind: lambda _session, now: now >= since}
    monkeypatch.setattr(handlers, "OCCASIONS", occasions, raising=False)
    schedule.add_recurring(NOW)
    assert jobs() == 0
    schedule.add_recurring(since)
    assert jobs() == 1
