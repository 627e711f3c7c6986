"""How long a store lasts, and who is told when it is soon full."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.models import Company
from app.core.actor import CompanyRole
from app.core.jobs.operations import enqueue_periodic
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.declarations import operations, rules
from app.declarations.jobs import SCHEDULE
from app.declarations.rules import EventKind, Flow
from app.declarations.silos import SiloRow, silos
from app.notifications.models import Notification
from tests.accounts.factories import user_of
from tests.companies.mailbox import letters
from tests.conftest import NOW
from tests.declarations.factories import (
    TONNE,
    Yard,
    happening,
    recorded,
    source_draft,
    store_draft,
    yard_of,
)
from tests.notifications.factories import send_mail


@pytest.mark.parametrize(
    ("room", "flow", "days"),
    [
        (100, Flow(28, generated=28), 100),
        (100, Flow(28, generated=28, used=10, disposed=4), 200),
        (100, Flow(28, generated=28, shipped=27), 2800),
        (99, Flow(7, generated=700), 0),
        (199, Flow(7, generated=700), 1),
        (100, Flow(6, generated=700), None),
        (100, Flow(28, generated=28, shipped=28), None),
        (100, Flow(28, generated=28, shipped=30), None),
        (0, Flow(28), 0),
        (-5, Flow(0), 0),
    ],
)
def test_the_days_left_are_the_room_over_what_a_day_adds(
    room: int, flow: Flow, days: int | None
) -> None:
    assert rules.days_until_full(room, flow) == days


@pytest.mark.parametrize(
    ("ago", "days"),
    [
        (timedelta(days=90), 28),
        (timedelta(days=28), 28),
        (timedelta(days=10, hours=5), 10),
        (timedelta(hours=5), 0),
    ],
)
def test_a_forecast_looks_back_four_weeks_at_most(ago: timedelta, days: int) -> None:
    assert rules.window_days(NOW - ago, NOW) == days


def test_without_a_record_there_is_nothing_to_look_back_on() -> None:
    assert rules.window_days(None, NOW) == 0


@pytest.mark.parametrize(
    ("flow", "tonnes"),
    [(Flow(28, generated=2_800_000), 3_000), (Flow(28, shipped=1), 0), (Flow(0), 0)],
)
def test_what_to_offer_is_a_month_in_whole_tonnes(flow: Flow, tonnes: int) -> None:
    assert rules.monthly_surplus(flow) == tonnes * TONNE


def test_the_week_of_china_parts_the_messages() -> None:
    sunday_night = datetime.fromisoformat("2026-11-22T15:59:00+00:00")
    assert rules.bucket(sunday_night) == "2026-W47"
    assert rules.bucket(sunday_night + timedelta(minutes=1)) == "2026-W48"


@pytest.fixture
def yard(any_app: Flask, frozen: datetime) -> Yard:
    """100 t a day for 28 days, of which 600 t lie in the store of 1,000 t."""
    with database().writing() as session:
        yard = yard_of(session)
        for day in range(28):
            recorded(session, yard, EventKind.GENERATED, 100, days_ago=day + 0.1)
        recorded(session, yard, EventKind.GENERATED, 1, days_ago=40)
        recorded(session, yard, EventKind.STORED, 600, days_ago=1)
        return yard


def only(session: Session, yard: Yard) -> SiloRow:
    (row,) = silos(session, yard.company_id, NOW)
    return row


def test_a_store_is_full_when_its_room_is_taken(yard: Yard) -> None:
    with database().reading() as session:
        row = only(session, yard)
    assert (row.stock_kg, row.capacity_kg, row.room_kg) == (600 * TONNE, 1000 * TONNE, 400 * TONNE)
    assert (row.days_left, row.warns) == (4, True)
    assert row.monthly_kg == 3_000 * TONNE


def test_what_is_used_disposed_of_or_reversed_does_not_fill_it(yard: Yard) -> None:
    with database().writing() as session:
        recorded(session, yard, EventKind.SELF_USED, 1_000, days_ago=3)
        recorded(session, yard, EventKind.SELF_DISPOSED, 300, days_ago=3)
        recorded(session, yard, EventKind.ENTRUSTED_DISPOSED, 100, days_ago=3)
        wrong = recorded(session, yard, EventKind.GENERATED, 5_000, days_ago=3).event.number
        operations.reverse(session, yard.actor, wrong, NOW)
        row = only(session, yard)
    assert row.flow == Flow(28, generated=2_800 * TONNE, used=1_000 * TONNE, disposed=400 * TONNE)
    assert (row.days_left, row.warns) == (8, False)


def test_what_another_material_takes_of_a_shared_store_is_no_room(yard: Yard) -> None:
    with database().writing() as session:
        draft = store_draft("TS009", material=None, capacity_kg=500 * TONNE)
        shared = operations.add_facility(session, yard.actor, yard.site_id, draft, NOW)
        draft_of_gypsum = source_draft(waste_name="脱硫石膏")
        own = (session, yard.actor, yard.site_id, "fgd_gypsum")
        gypsum = operations.add_source(*own, draft_of_gypsum, NOW)
        session.flush()
        stored = happening(EventKind.STORED, 450)
        operations.record(session, yard.actor, gypsum.id, shared.id, stored, NOW)
        ash = silos(session, yard.company_id, NOW)[0]
    assert (ash.source.material.code, ash.room_kg) == ("fly_ash", 450 * TONNE)


def test_a_firm_without_a_store_has_no_forecast(any_app: Flask, frozen: datetime) -> None:
    with database().writing() as session:
        assert silos(session, 99, NOW) == []


def run_watch(now: datetime) -> None:
    with database().writing() as session:
        job_id = enqueue_periodic(session, SCHEDULE[0], now).id
    run_job(job_id)


def told() -> list[Notification]:
    with database().reading() as session:
        return list(session.scalars(select(Notification).order_by(Notification.id)))


def test_the_firm_is_told_once_a_week_with_an_offer_made_ready(
    any_app: Flask, yard: Yard, freeze: Callable[[datetime], None]
) -> None:
    with database().writing() as session:
        user_of(session, session.get_one(Company, yard.company_id), CompanyRole.MANAGER)
    for days in (0, 1, 2):  # Sunday, Monday and Tuesday in China
        freeze(NOW + timedelta(days=days))
        run_watch(NOW + timedelta(days=days))
        send_mail()
    messages = told()
    assert [message.key for message in messages] == [
        f"{yard.site_id}:fly_ash:2026-W47",
        f"{yard.site_id}:fly_ash:2026-W48",
    ]
    assert messages[0].values["days"] == "4"
    expected = f"/listings/offers/new?material=fly_ash&site={yard.site_id}&tonnes=3000"
    assert messages[0].path == expected
    assert len(letters(any_app)) == 2
