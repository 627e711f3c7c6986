"""Firms hear once, some weeks before, that an edition moves a verdict of theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.clock import china_instant
from app.core.jobs import operations as core_jobs
from app.core.jobs.models import Job
from app.core.jobs.rules import JobState, job_id
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.notifications.models import Notification
from app.notifications.words import sentence
from app.passports import jobs, telling
from tests.accounts.factories import user_of
from tests.conftest import NOW
from tests.passports.editions import FROM, load_edition
from tests.passports.market import assayed_offer

DAY = timedelta(days=1)
NEAR = china_instant(FROM - telling.AHEAD, 9)


def run(now: datetime) -> JobState:
    (entry,) = jobs.SCHEDULE
    with database().writing() as session:
        core_jobs.enqueue_periodic(session, entry, now)
    identity = job_id(entry.kind, entry.key(now))
    run_job(identity)
    with database().reading() as session:
        return session.get_one(Job, identity).state


def told() -> list[tuple[str, str, str]]:
    with database().reading() as session:
        rows = session.scalars(select(Notification).order_by(Notification.id))
        return [(row.key, row.path, sentence(row.kind, row.values)) for row in rows]


@pytest.fixture
def number(any_app: Flask, tmp_path: Path) -> str:
    """An offer that the edition takes from grade I to grade II."""
    with database().writing() as session:
        offer = assayed_offer(session, {"loi": "4.6"})
        user_of(session, offer.company)
        load_edition(session, tmp_path, {("I", "loi"): "4.0"})
        return offer.number


def test_a_firm_is_told_once_thirty_days_before(
    number: str, freeze: Callable[[datetime], None]
) -> None:
    for days in (-1, 0, 1, 2):
        freeze(NEAR + days * DAY)
        assert run(NEAR + days * DAY) is JobState.DONE
        assert len(told()) == (days >= 0)
    assert told() == [
        (
            f"{FROM.isoformat()}:{number}",
            f"/passports/{number}",
            (
                f"{number}：2027-02-01 起执行新标准，粉煤灰的判定会变："
                "混凝土和砂浆掺合料 可用：I 级 → 可用：II 级。"
            ),
        )
    ]


def test_there_is_cause_for_the_job_only_while_a_day_is_near(number: str) -> None:
    for moment, due in ((NOW, False), (NEAR - DAY, False), (NEAR, True), (NEAR + 40 * DAY, False)):
        with database().reading() as session:
            assert telling.is_due(session, moment) is due, moment


def test_what_is_wrong_with_one_offer_does_not_stop_the_others(
    number: str, freeze: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with database().writing() as session:
        other = assayed_offer(session, {"loi": "4.6"})
        user_of(session, other.company)
        second = other.number
    tell = telling.tell

    def stumble(session: object, tiding: telling.Tiding, now: datetime) -> None:
        if tiding.number == number:
            raise RuntimeError("no")
        tell(session, tiding, now)  # type: ignore[arg-type]

    freeze(NEAR)
    monkeypatch.setattr(telling, "tell", stumble)
    assert run(NEAR) is not JobState.DONE
    assert [key for key, _path, _said in told()] == [f"{FROM.isoformat()}:{second}"]
