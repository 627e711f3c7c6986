"""Who has not declared is asked: before the day, after it, and when a regulator asks again."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.models import Company
from app.core.actor import Actor, ActorKind, CompanyRole
from app.core.errors import Forbidden, NotFound, Refused
from app.core.jobs.operations import enqueue_periodic
from app.core.jobs.rules import JobState
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.declarations import operations
from app.declarations.chasing import chase, urge
from app.declarations.jobs import CHASE, SCHEDULE
from app.notifications.models import Notification
from app.notifications.rules import Kind
from app.notifications.words import sentence
from tests.accounts.factories import user_of
from tests.conftest import NOW
from tests.core.jobs.processes import enqueued, expire_lease, job, start
from tests.declarations.factories import NOVEMBER, Yard, declared, source_draft, yard_of

YARDS = 3


def at(day: int, month: int = 12) -> datetime:
    """Nine in the morning of a day in China."""
    return datetime(2026, month, day, 1, 0, tzinfo=UTC)


def county(region: str = "371503") -> Actor:
    return Actor(kind=ActorKind.REGULATOR, user_id=9, region=region)


@pytest.fixture
def yard(any_app: Flask) -> Yard:
    """A yard with two wastes, whose firm has a manager."""
    with database().writing() as session:
        yard = staffed(session)
        draft = source_draft(waste_name="炉渣", waste_code="441-001-S03")
        operations.add_source(session, yard.actor, yard.site_id, "bottom_ash", draft, NOW)
    return yard


def staffed(session: Session, registered: datetime = NOW) -> Yard:
    yard = yard_of(session, registered=registered)
    user_of(session, session.get_one(Company, yard.company_id), CompanyRole.MANAGER)
    return yard


def told() -> list[Notification]:
    with database().reading() as session:
        return list(session.scalars(select(Notification).order_by(Notification.id)))


def chased(yard: Yard, *days: datetime) -> list[tuple[Kind, str, str]]:
    for day in days:
        with database().writing() as session:
            chase(session, yard.company_id, day)
    return [(row.kind, row.key, row.values["count"]) for row in told()]


def test_a_firm_is_reminded_once_and_told_once_that_it_is_late(yard: Yard) -> None:
    key = f"{yard.site_id}:2026-11"
    assert chased(yard, at(1), at(6)) == []
    assert chased(yard, at(7), at(8), at(10)) == [(Kind.DECLARATION_DUE, key, "2")]
    assert chased(yard, at(11), at(12), at(31)) == [
        (Kind.DECLARATION_DUE, key, "2"),
        (Kind.DECLARATION_LATE, key, "2"),
    ]


def test_the_message_says_what_is_missing_and_leads_there(yard: Yard) -> None:
    chased(yard, at(11))
    (message,) = told()
    assert message.path == "/declarations/monthly?month=2026-11"
    written = sentence(message.kind, message.values)
    assert written == "一厂：2026 年 11 月有 2 种废物没有申报，2026-12-10 已到期，请尽快申报。"
    assert (message.values["month_en"], message.values["day_en"]) == ("Nov 2026", "10 Dec 2026")


def test_only_what_is_missing_is_chased(yard: Yard) -> None:
    with database().writing() as session:
        declared(session, yard)
    assert [count for _kind, _key, count in chased(yard, at(7))] == ["1"]
    with database().writing() as session:
        declared(session, yard, material="bottom_ash")
    assert len(chased(yard, at(11))) == 1


def test_an_old_month_is_not_chased_for_ever(yard: Yard) -> None:
    chased(yard, datetime(2027, 3, 5, tzinfo=UTC))
    assert [row.key for row in told()] == [f"{yard.site_id}:2027-01", f"{yard.site_id}:2026-12"]


def test_a_regulator_asks_again_once_a_day(yard: Yard) -> None:
    def ask(day: datetime) -> int:
        with database().writing() as session:
            return urge(session, county(), yard.site_id, NOVEMBER, day)

    assert ask(at(5)) == 2
    with pytest.raises(Refused, match="Refused"):
        ask(at(5) + timedelta(hours=3))
    assert ask(at(11)) == 2
    assert [(row.kind, row.key) for row in told()] == [
        (Kind.DECLARATION_DUE, f"{yard.site_id}:2026-11:2026-12-05"),
        (Kind.DECLARATION_LATE, f"{yard.site_id}:2026-11:2026-12-11"),
    ]
    assert len(chased(yard, at(11))) == 3


def test_nobody_is_asked_for_what_has_been_declared(yard: Yard) -> None:
    with database().writing() as session:
        declared(session, yard)
        declared(session, yard, material="bottom_ash")
        with pytest.raises(Refused):
            urge(session, county(), yard.site_id, NOVEMBER, at(11))
    assert told() == []


@pytest.mark.parametrize(
    ("region", "site", "month"),
    [
        ("371581", None, NOVEMBER),
        ("371503", 999_999, NOVEMBER),
        ("371503", None, date(2026, 12, 1)),
    ],
)
def test_a_regulator_asks_within_its_region_for_months_that_are_over(
    yard: Yard, region: str, site: int | None, month: date
) -> None:
    with database().writing() as session, pytest.raises(NotFound):
        urge(session, county(region), site or yard.site_id, month, at(11))


@pytest.mark.parametrize("kind", [ActorKind.OPERATOR, ActorKind.COMPANY])
def test_only_a_regulator_asks_again(yard: Yard, kind: ActorKind) -> None:
    actor = Actor(kind=kind, user_id=9, company_id=yard.company_id)
    with database().writing() as session, pytest.raises(Forbidden):
        urge(session, actor, yard.site_id, NOVEMBER, at(11))


def test_the_clock_comes_by_every_day(
    any_app: Flask, yard: Yard, freeze: Callable[[datetime], None]
) -> None:
    (daily,) = (one for one in SCHEDULE if one.kind == CHASE)
    for day in (at(7), at(8)):
        freeze(day)
        with database().writing() as session:
            identity = enqueue_periodic(session, daily, day).id
        run_job(identity)
        assert job(identity).state is JobState.DONE
    assert len(told()) == 1


@pytest.mark.parametrize(
    ("point", "before"), [("before_chase_commit", 0), ("after_chase_commit", 1)]
)
def test_killed_half_way_it_tells_every_firm_once(any_app: Flask, point: str, before: int) -> None:
    long_ago = datetime(2025, 1, 6, 8, 0, tzinfo=UTC)
    with database().writing() as session:
        for _ in range(YARDS):
            staffed(session, long_ago)
    identity = enqueued(CHASE)
    killed = start(any_app, "jobs", "run", identity, GUFEI_KILL_AT=point)
    assert killed.wait() == -signal.SIGKILL
    assert len({row.user_id for row in told()}) == before
    expire_lease(identity)
    assert start(any_app, "jobs", "run", identity).wait() == 0
    rows = [(row.user_id, row.kind, row.key) for row in told()]
    assert len(rows) == len(set(rows))
    assert len({user for user, _kind, _key in rows}) == YARDS
