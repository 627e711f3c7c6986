"""Loads that left and were never weighed again: who hears of them, who ends them, and how."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.ledger.queries import BalanceRow, balance, check
from app.notifications.rules import Kind
from app.shipments import losses, notes
from app.shipments.losses import MissingRow
from app.shipments.rules import End, Next, ShipmentStatus
from app.trades import cases
from app.trades.models import Trade
from app.trades.rules import EndReason, Party, TradeStatus
from tests.listings.factories import DECEMBER
from tests.shipments.factories import (
    LATEST,
    NET,
    carrier,
    on_the_road,
    received,
    rejected,
    vehicle,
    weigh,
)
from tests.shipments.test_timekeeping import keep, people, told
from tests.trades.factories import consumer_of, contracted_trade, keep_time, producer_of

OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=9)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
MISSING = LATEST + 7 * DAY + SECOND
GIVEN_UP = LATEST + 12 * DAY + SECOND


def offer_lot(session: Session, trade: Trade) -> BalanceRow:
    return balance(session, trade.offer_number, DECEMBER)


def end_of(session: Session, trade: Trade) -> tuple[TradeStatus, EndReason | None, Party | None]:
    """Let the deadline and the operator's time pass."""
    keep_time(session, trade.deadline + SECOND)
    keep_time(session, trade.deadline + 5 * DAY + 2 * SECOND)
    return trade.status, trade.ended_reason, trade.at_fault


def test_a_truck_that_never_arrives_is_the_operators_and_then_ends_by_itself(
    any_session: Session,
) -> None:
    trade = contracted_trade(any_session, kg=NET)
    people(any_session, trade)
    number = on_the_road(any_session, trade).number
    assert losses.missing(any_session, MISSING - SECOND) == []
    assert losses.missing(any_session, MISSING) == [MissingRow(number, LATEST, NET)]
    keep(any_session, MISSING)
    assert told(any_session, Kind.ESCALATED).count("operator") == 2
    keep(any_session, GIVEN_UP - SECOND)
    assert offer_lot(any_session, trade).in_transit == NET
    keep(any_session, GIVEN_UP)
    assert offer_lot(any_session, trade) == BalanceRow(open=1_200_000 - NET, difference=NET)
    assert losses.missing(any_session, GIVEN_UP) == []
    assert told(any_session, Kind.DISCREPANCY) == ["consumer", "producer"]
    assert check(any_session) == []


def test_nobody_is_blamed_for_a_lost_load_before_there_was_time_to_say_who_answers(
    any_session: Session,
) -> None:
    trade = contracted_trade(any_session, kg=NET)
    on_the_road(any_session, trade)
    keep(any_session, GIVEN_UP)
    assert (trade.status, trade.escalated_at) == (TradeStatus.DELIVERING, None)
    assert trade.deadline > GIVEN_UP + 4 * DAY
    assert end_of(any_session, trade) == (
        TradeStatus.DEFAULTED,
        EndReason.NOT_DELIVERED,
        Party.PRODUCER,
    )


def test_who_fetches_with_its_own_truck_answers_for_the_road(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=NET)
    on_the_road(any_session, trade, truck=vehicle(any_session, trade.consumer))
    keep(any_session, GIVEN_UP)
    assert end_of(any_session, trade)[1:] == (EndReason.NOT_TAKEN, Party.CONSUMER)


def test_a_trade_that_lost_little_is_closed_short(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=600_000)
    for _ in range(19):
        received(any_session, trade)
    on_the_road(any_session, trade)
    keep(any_session, GIVEN_UP)
    assert (trade.status, trade.ended_reason) == (
        TradeStatus.COMPLETED,
        EndReason.DELIVERED_SHORT,
    )


def test_the_operator_ends_a_missing_load_in_one_step(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=NET)
    shipment = on_the_road(any_session, trade)

    def declare(words: str, now: datetime, actor: Actor = OPERATOR) -> None:
        losses.declare_missing(any_session, actor, shipment.number, words, now)

    with pytest.raises(Forbidden):
        declare("车翻了", MISSING, producer_of(trade))
    with pytest.raises(Refused) as early:
        declare("车翻了", MISSING - SECOND)
    assert "以后" in str(early.value.message)
    with pytest.raises(Refused) as wordless:
        declare("  ", MISSING)
    assert wordless.value.field == "words"
    declare("车翻了", MISSING)
    assert (shipment.status, shipment.received_at) == (ShipmentStatus.CLOSED, None)
    assert (shipment.is_lost, shipment.words) == (True, "车翻了")
    assert offer_lot(any_session, trade).difference == NET
    with pytest.raises(Conflict):
        declare("车翻了", MISSING)
    with pytest.raises(NotFound):
        losses.declare_missing(any_session, OPERATOR, "W-2612-99999", "车翻了", MISSING)
    cases.operator_cancel(any_session, OPERATOR, trade.number, "车辆事故", MISSING)
    assert trade.status is TradeStatus.CANCELLED


def test_a_truck_that_comes_after_it_was_given_up_is_told_so(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=NET)
    shipment = on_the_road(any_session, trade)
    keep(any_session, GIVEN_UP)
    with pytest.raises(Conflict) as refused:
        weigh(any_session, shipment, End.UNLOADING, at=GIVEN_UP + DAY)
    assert "未到货" in str(refused.value.message)
    assert "运营方" in str(refused.value.next_step)
    assert offer_lot(any_session, trade).difference == NET


def test_a_truck_at_the_gate_that_nobody_weighs_is_given_up_too(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=NET)
    shipment = on_the_road(any_session, trade)
    notes.arrive(any_session, consumer_of(trade), shipment.number, LATEST)
    keep(any_session, LATEST + 12 * DAY)
    assert shipment.status is ShipmentStatus.ARRIVED
    keep(any_session, LATEST + 12 * DAY + SECOND)
    assert shipment.is_lost


def test_a_rejected_load_that_never_came_home_counts_as_home_and_is_argued_about(
    any_session: Session,
) -> None:
    trade = contracted_trade(any_session, kg=NET)
    shipment = rejected(any_session, trade)
    keep(any_session, LATEST + 12 * DAY + SECOND)
    assert offer_lot(any_session, trade) == BalanceRow(open=1_200_000)
    case = shipment.discrepancy(End.RETURN)
    assert case is not None
    assert (case.sent_kg, case.weighed_kg) == (NET, 0)
    assert (shipment.is_lost, shipment.next) == (False, Next.SETTLEMENT)
    keep(any_session, case.deadline + SECOND)
    keep(any_session, case.deadline + 5 * DAY + 2 * SECOND)
    assert (trade.status, trade.ended_reason) == (TradeStatus.CANCELLED, EndReason.QUALITY)


def test_left_alone_every_truck_ends_and_so_does_its_trade(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=4 * NET)
    driver = carrier(any_session)
    on_the_road(any_session, trade, truck=vehicle(any_session, driver))
    rejected(any_session, trade, part=5_000)
    received(any_session, trade, arrived=NET - 2_000)
    for day in range(80):
        keep(any_session, LATEST + day * DAY)
        keep_time(any_session, LATEST + day * DAY)
    assert trade.status is TradeStatus.DEFAULTED
    assert losses.missing(any_session, LATEST + 80 * DAY) == []
    lot = offer_lot(any_session, trade)
    assert (lot.in_transit, lot.rejected, lot.contracted) == (0, 0, 0)
    assert check(any_session) == []


def test_a_lost_truck_may_carry_again(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    truck = vehicle(any_session, trade.producer)
    on_the_road(any_session, trade, truck=truck)
    keep(any_session, GIVEN_UP)
    again = on_the_road(any_session, trade, truck=truck)
    assert again.status is ShipmentStatus.IN_TRANSIT
