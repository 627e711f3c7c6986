from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.actor import ActorKind, CompanyRole
from app.core.jobs.operations import enqueue_periodic
from app.core.jobs.registry import schedule
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.notifications.models import Notification
from app.notifications.rules import Kind
from app.shipments import gates, idleness, notes, timekeeping
from app.shipments.gates import GateDraft
from app.shipments.jobs import KIND
from app.shipments.models import Shipment
from app.shipments.rules import (
    DiscrepancyStatus,
    EmissionClass,
    End,
    GateHours,
    ShipmentStatus,
)
from app.trades import cases
from app.trades.models import Trade
from app.trades.rules import DeclineReason, Party
from tests.conftest import NOW
from tests.listings.factories import trader
from tests.shipments.factories import (
    LATEST,
    NET,
    confirmed,
    on_the_road,
    planned,
    received,
    rejected,
    vehicle,
    weigh,
)
from tests.trades.factories import consumer_of, contracted_trade, producer_of

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def keep(session: Session, now: datetime) -> None:
    for one in timekeeping.asks(session, timekeeping.open_notes(session), now):
        timekeeping.keep(session, one, now)


def user(session: Session, name: str, company_id: int | None) -> User:
    """Somebody to be told: of a firm, or the operator."""
    person = User(
        email=f"{name}@example.com",
        name=name,
        kind=ActorKind.COMPANY if company_id else ActorKind.OPERATOR,
        company_id=company_id,
        company_role=CompanyRole.TRADER if company_id else None,
        created_at=NOW,
    )
    session.add(person)
    session.flush()
    return person


def people(session: Session, trade: Trade) -> None:
    user(session, "producer", trade.producer_company_id)
    user(session, "consumer", trade.consumer_company_id)
    user(session, "operator", None)


def told(session: Session, kind: Kind) -> list[str]:
    query = select(User.name).join(Notification, Notification.user_id == User.id)
    return sorted(session.scalars(query.where(Notification.kind == kind)))


def test_a_load_late_on_the_road_reaches_everybody_once(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    people(any_session, trade)
    shipment = on_the_road(any_session, trade)
    keep(any_session, LATEST + 12 * HOUR)
    assert told(any_session, Kind.ESCALATED) == []
    for hours in (20, 30):
        keep(any_session, LATEST + hours * HOUR)
    assert told(any_session, Kind.ESCALATED) == ["consumer", "operator", "producer"]
    assert shipment.status is ShipmentStatus.IN_TRANSIT


def test_a_refused_load_that_is_not_home_reaches_everybody(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    people(any_session, trade)
    shipment = rejected(any_session, trade)
    assert told(any_session, Kind.REJECTION) == ["consumer", "producer"]
    keep(any_session, LATEST + 3 * DAY)
    assert told(any_session, Kind.ESCALATED) == ["consumer", "operator", "producer"]
    assert shipment.status is ShipmentStatus.REJECTED


def test_a_weight_nobody_settled_goes_to_the_operator(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    people(any_session, trade)
    shipment = received(any_session, trade, arrived=NET - 2_000)
    assert told(any_session, Kind.DISCREPANCY) == ["consumer", "producer"]
    keep(any_session, LATEST + 3 * DAY)
    (case,) = shipment.discrepancies
    assert [case.status] == [DiscrepancyStatus.OPEN]
    keep(any_session, LATEST + 3 * DAY + HOUR)
    assert case.status is DiscrepancyStatus.ESCALATED
    assert told(any_session, Kind.ESCALATED) == ["consumer", "operator", "producer"]


def test_finished_notes_close_and_open_ones_stay(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    done, waits = received(any_session, trade), rejected(any_session, trade)
    home = rejected(any_session, trade)
    weigh(any_session, home, End.RETURN)
    keep(any_session, LATEST + 6 * DAY)
    found = [load.status for load in (done, home, waits)]
    assert found == [ShipmentStatus.CLOSED, ShipmentStatus.CLOSED, ShipmentStatus.REJECTED]
    assert done.closed_at == LATEST + 6 * DAY


def test_planned_trucks_of_a_trade_that_is_over_become_void(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    shipment = planned(any_session, trade)
    keep(any_session, LATEST)
    assert shipment.status is ShipmentStatus.DRAFT
    cases.ask_to_cancel(any_session, producer_of(trade), trade.number, DeclineReason.PRICE, LATEST)
    cases.agree_to_cancel(any_session, consumer_of(trade), trade.number, LATEST)
    keep(any_session, LATEST)
    assert (shipment.status, shipment.voided_at) == (ShipmentStatus.VOID, LATEST)


def test_the_gate_is_reminded_of_an_appointment_a_day_before(session: Session) -> None:
    trade = contracted_trade(session)
    people(session, trade)
    at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    draft = GateDraft(GateHours(8, 18, 30, 2), EmissionClass.CHINA_5)
    manager = trader(trade.producer, CompanyRole.MANAGER)
    gates.set_gate(session, manager, trade.producer_site_id, draft, NOW)
    shipment = confirmed(session, trade)
    gates.book_slot(session, producer_of(trade), shipment.number, End.LOADING, at, NOW)
    keep(session, at - 25 * HOUR)
    assert told(session, Kind.SHIPMENT_DUE) == []
    for hours in (24, 2):
        keep(session, at - hours * HOUR)
    assert told(session, Kind.SHIPMENT_DUE) == ["producer"]


@pytest.mark.parametrize("confirms", [False, True])
@pytest.mark.parametrize("fetches", [False, True])
def test_the_last_planned_truck_tells_who_left_the_other_waiting(
    session: Session, confirms: bool, fetches: bool
) -> None:
    trade = contracted_trade(session)
    assert idleness.idle_side(session, trade.number) is None
    truck = vehicle(session, trade.consumer if fetches else trade.producer)
    shipment = planned(session, trade, truck)
    if confirms:
        notes.confirm(session, consumer_of(trade), shipment.number, NOW)
    expected = Party.CONSUMER if fetches or not confirms else Party.PRODUCER
    assert idleness.idle_side(session, trade.number) is expected


def test_the_periodic_job_keeps_every_note(app: Flask, freeze: Callable[[datetime], None]) -> None:
    after = LATEST + 6 * DAY
    with database().writing() as session:
        received(session, contracted_trade(session))
    freeze(after)
    entry = next(entry for entry in schedule() if entry.kind == KIND)
    with database().writing() as session:
        job_id = enqueue_periodic(session, entry, after).id
    run_job(job_id)
    with database().reading() as session:
        assert session.scalars(select(Shipment.status)).all() == [ShipmentStatus.CLOSED]
