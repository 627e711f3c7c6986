"""The story leaves a market in which every kind of case stands, told by the product's own rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bidding.jobs import EXPIRE_KIND as OFFERS_CLOCK
from app.bidding.models import Negotiation
from app.bidding.queries import rounds
from app.bidding.rules import NegotiationStatus, RoundState
from app.clearing.models import PriceIndex
from app.companies.models import Company
from app.companies.rules import CompanyStatus
from app.core.audit import AuditEvent
from app.core.jobs import operations as jobs
from app.core.jobs.models import Job
from app.core.jobs.rules import JobState
from app.core.jobs.runner import run_job
from app.core.mail import MAILDIR
from app.core.transactions import database
from app.declarations.jobs import WATCH as SILO_WATCH
from app.declarations.silos import silos
from app.ledger.models import Entry, Seal
from app.ledger.queries import check
from app.ledger.verification import verify
from app.notifications.models import Notification, Preference
from app.notifications.rules import Kind
from app.shipments.jobs import KIND as SHIPMENTS_CLOCK
from app.shipments.models import Discrepancy, Shipment
from app.shipments.rules import DiscrepancyStatus, ShipmentStatus
from app.statistics.closing import DECIDE
from app.trades.jobs import KIND as TRADES_CLOCK
from app.trades.models import Trade
from app.trades.rules import EndReason, TradeSource, TradeStatus
from tests.conftest import NOW
from tests.demo.conftest import told_at
from tests.installations import settings_of

SILENT = {
    Kind.APPROVAL_WANTED,
    Kind.CANCEL_ASKED,
    Kind.IMPORT_DONE,
    Kind.HAZARD_FOUND,
    Kind.GRADE_MOVES,
    Kind.DECLARATION_DUE,
    Kind.DECLARATION_LATE,
    Kind.MONTH_CORRECTED,
}
"""What nobody in the story has reason to be told, and what a job tells on its first day."""


@pytest.fixture
def reading(told: Flask) -> Iterator[Session]:
    with database().reading() as session:
        yield session


def test_every_living_state_of_a_trade_is_there(reading: Session) -> None:
    found = Counter(reading.scalars(select(Trade.status)))
    missing = set(TradeStatus) - {TradeStatus.CANCELLED, TradeStatus.DEFAULTED} - set(found)
    assert not missing
    told = select(Trade.status).where(Trade.source != TradeSource.ELSEWHERE)
    assert Counter(reading.scalars(told))[TradeStatus.COMPLETED] == 2
    ended = set(reading.scalars(select(Trade.ended_reason)))
    assert {EndReason.DELIVERED, EndReason.QUANTITY, EndReason.NO_ANSWER} <= ended


def test_trucks_stand_in_every_place(reading: Session) -> None:
    found = set(reading.scalars(select(Shipment.status)))
    assert found == set(ShipmentStatus) - {
        ShipmentStatus.ARRIVED,
        ShipmentStatus.PART_REJECTED,
        ShipmentStatus.VOID,
    }
    partly = select(Shipment).where(Shipment.rejected_kg > 0, Shipment.received_kg > 0)
    assert [load.status for load in reading.scalars(partly)] == [ShipmentStatus.CLOSED]


def test_one_weight_is_open_and_one_is_settled(reading: Session) -> None:
    found = list(reading.scalars(select(Discrepancy.status)))
    assert sorted(found) == [DiscrepancyStatus.OPEN, DiscrepancyStatus.SETTLED]


def test_one_round_is_cleared_with_an_index_and_one_takes_bids(reading: Session) -> None:
    states = [row.state for row in rounds(reading, NOW)]
    assert states == [RoundState.OPEN, RoundState.CLEARED]
    assert reading.scalar(select(func.count(PriceIndex.material))) == 1


def test_direct_offers_wait_on_both_sides(reading: Session) -> None:
    found = Counter(reading.scalars(select(Negotiation.status)))
    assert found == {NegotiationStatus.OPEN: 3, NegotiationStatus.ACCEPTED: 2}


def test_a_store_of_the_producer_is_nearly_full(reading: Session) -> None:
    company = select(Company.id).where(Company.name == "示例电厂 01")
    first = silos(reading, reading.scalars(company).one(), NOW)[0]
    assert (first.days_left, first.warns) == (5, True)


def test_a_haulier_waits_for_approval(reading: Session) -> None:
    waiting = select(Company.name).where(Company.status == CompanyStatus.APPLIED)
    assert reading.scalars(waiting).all() == ["示例运输 02"]


def test_the_ledger_is_sound_and_its_chain_in_the_order_of_time(reading: Session) -> None:
    assert check(reading) == []
    assert verify(reading) == []
    sealed = select(Entry.at).join(Seal, Seal.entry_id == Entry.id).order_by(Seal.position)
    assert_in_order(list(reading.scalars(sealed)))


def test_the_trail_of_audit_runs_forward_and_stops_at_the_present(reading: Session) -> None:
    of_the_market = select(AuditEvent.at).where(AuditEvent.verb.not_like("catalogue.%"))
    assert_in_order(list(reading.scalars(of_the_market.order_by(AuditEvent.id))))


def assert_in_order(moments: list[datetime]) -> None:
    assert moments
    assert moments == sorted(moments)
    assert moments[-1] <= NOW


def test_nothing_is_told_twice_and_nearly_every_kind_is_told(reading: Session) -> None:
    told = list(reading.scalars(select(Notification)))
    said = Counter((one.user_id, one.kind, one.path, one.at, str(one.values)) for one in told)
    assert [key for key, count in said.items() if count > 1] == []
    assert {one.kind for one in told} == set(Kind) - SILENT
    assert any(one.read_at is None for one in told)
    assert any(one.read_at for one in told)


def test_the_past_sends_no_mail_and_the_present_may(told: Flask, reading: Session) -> None:
    assert not (settings_of(told).data_dir / MAILDIR).exists()
    assert set(reading.scalars(select(Preference.by_mail))) == {True}


def test_the_product_finds_nothing_left_to_tell_at_that_instant(
    own_copy: Flask, frozen: datetime
) -> None:
    before = facts()
    for kind in (TRADES_CLOCK, SHIPMENTS_CLOCK, SILO_WATCH, OFFERS_CLOCK):
        with database().writing() as session:
            identity = jobs.enqueue(session, kind, "now", {}, frozen).id
        run_job(identity)
    assert facts() == before


def test_lazy_users_can_be_simulated_on_top_of_it(own_copy: Flask, frozen: datetime) -> None:
    arguments = ["trades", "simulate", "--matches", "4", "--seed", "1"]
    result = own_copy.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 0, result.output
    with database().reading() as session:
        assert verify(session) == []


def test_the_same_story_is_told_on_each_database(told: Flask, any_app: Flask) -> None:
    with told.app_context():
        expected = facts()
    told_at(NOW)
    assert facts() == expected
    with database().reading() as session:
        assert check(session) == []
        assert verify(session) == []
        left = set(session.scalars(select(Job.kind).where(Job.state != JobState.DONE)))
        assert left == {DECIDE}


def facts() -> list[list[str]]:
    """What was done and told, without the ids of rows."""
    questions = (
        select(Trade.number, Trade.status, Trade.kg, Trade.price_producer, Trade.deadline),
        select(Shipment.number, Shipment.status, Shipment.plate, Shipment.load_slot_at),
        select(Entry.key, Entry.verb, Entry.reference, Entry.document, Entry.at),
        select(Notification.kind, Notification.key, Notification.path, Notification.at),
        select(AuditEvent.verb, AuditEvent.object_kind, AuditEvent.at),
    )
    with database().reading() as session:
        return [sorted(map(repr, session.execute(question))) for question in questions]
