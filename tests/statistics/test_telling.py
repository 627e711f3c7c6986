"""Who publishes is told of published months that firms have corrected: once for each version."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from app.core.clock import add_months, china_instant
from app.core.jobs.operations import enqueue_periodic
from app.core.jobs.rules import JobState
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.notifications.rules import Kind
from app.notifications.words import sentence
from app.statistics.closing import close, restate
from app.statistics.jobs import TELL, TELL_DAILY
from app.statistics.telling import tell_of_corrections
from tests.accounts.factories import operator_user, regulator, sign_in, user_of
from tests.companies.mailbox import letters
from tests.core.jobs.processes import enqueued, expire_lease, job, start
from tests.html import CheckedClient
from tests.notifications.factories import send_mail, told
from tests.statistics.factories import CITY
from tests.statistics.months import CLOSING, NOVEMBER, declared, producer

DAY = timedelta(days=1)
LONG_AGO = (date(2026, 1, 1), date(2026, 2, 1))
"""Months that are over by the clock of this machine as well, which other processes go by."""


def corrected(month: date = NOVEMBER, count: int = 1) -> None:
    """Close a month a week after its end; so many firms correct it the day after."""
    closing = china_instant(add_months(month, 1)) + 7 * DAY
    later = closing + DAY
    with database().writing() as session:
        sites = [producer(session) for _ in range(count)]
        for site in sites:
            declared(session, site, month, generated=1_000, self_used=1_000)
        close(session, CITY, month, closing)
        for site in sites:
            declared(session, site, month, version=2, at=later, generated=900, self_used=900)


def tell(at: datetime) -> None:
    with database().writing() as session:
        tell_of_corrections(session, NOVEMBER, at)


def official(region: str = "371500") -> int:
    with database().writing() as session:
        person = regulator(session, region)
        session.flush()
        return person.id


def keys() -> list[str]:
    return [message.key for message in told()]


@pytest.mark.usefixtures("any_app")
def test_only_officials_of_every_county_are_told() -> None:
    publishing = {official("371500"), official("370000")}
    for region in ("371503", "371581"):
        official(region)
    with database().writing() as session:
        operator_user(session)
        user_of(session, producer(session).company)
    corrected()
    tell(CLOSING + 2 * DAY)
    assert {message.user_id for message in told()} == publishing
    assert {message.kind for message in told()} == {Kind.MONTH_CORRECTED}


@pytest.mark.usefixtures("any_app")
def test_each_version_is_told_of_once_however_much_comes_in() -> None:
    official()
    corrected(count=3)
    tell(CLOSING + 2 * DAY)
    with database().writing() as session:
        declared(session, producer(session), generated=5, self_used=5, at=CLOSING + 2 * DAY)
    tell(CLOSING + 3 * DAY)
    assert [(message.key, message.values["count"]) for message in told()] == [("2026-11:v1", "3")]
    with database().writing() as session:
        restate(session, CITY, NOVEMBER, "企业更正申报", CLOSING + 4 * DAY)
    tell(CLOSING + 5 * DAY)
    assert keys() == ["2026-11:v1"]
    with database().writing() as session:
        declared(session, producer(session), generated=5, self_used=5, at=CLOSING + 5 * DAY)
    tell(CLOSING + 6 * DAY)
    assert keys() == ["2026-11:v1", "2026-11:v2"]


def test_the_message_is_mailed_and_leads_to_where_the_month_is_stated_again(
    app: Flask, client: CheckedClient, freeze: Callable[[datetime], None]
) -> None:
    with database().writing() as session:
        person = regulator(session)
    corrected(count=3)
    freeze(CLOSING + 2 * DAY)
    tell(CLOSING + 2 * DAY)
    (message,) = told()
    written = sentence(message.kind, message.values)
    assert written == "2026 年 11 月的数字公布以后，企业又申报或更正了 3 份，可以更正公布。"
    sign_in(client, person)
    assert written in client.get("/notifications").get_data(as_text=True)
    opened = client.post(f"/notifications/{message.id}/open")
    assert opened.location == "/map/closes/2026-11"
    assert 'name="reason"' in client.get(opened.location).get_data(as_text=True)
    send_mail()
    (letter,) = letters(app)
    assert written in letter.get_content()


@pytest.mark.usefixtures("any_app")
def test_the_clock_comes_by_every_day(freeze: Callable[[datetime], None]) -> None:
    official()
    corrected()
    for at in (CLOSING + 2 * DAY, CLOSING + 3 * DAY):
        freeze(at)
        with database().writing() as session:
            identity = enqueue_periodic(session, TELL_DAILY, at).id
        run_job(identity)
        assert job(identity).state is JobState.DONE
    assert keys() == ["2026-11:v1"]


@pytest.mark.parametrize(
    ("point", "before"), [("before_corrections_commit", 0), ("after_corrections_commit", 1)]
)
def test_killed_half_way_it_tells_of_every_month_once(
    any_app: Flask, point: str, before: int
) -> None:
    official()
    for month in LONG_AGO:
        corrected(month)
    identity = enqueued(TELL)
    killed = start(any_app, "jobs", "run", identity, GUFEI_KILL_AT=point)
    assert killed.wait() == -signal.SIGKILL
    assert len(told()) == before
    expire_lease(identity)
    assert start(any_app, "jobs", "run", identity).wait() == 0
    assert sorted(keys()) == [f"{month:%Y-%m}:v1" for month in LONG_AGO]
