"""What trucks do to the tonnes of a trade, on both of its listings alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.core.errors import Conflict, NotFound, Refused
from app.ledger.queries import BalanceRow, balance, check
from app.listings.operations import withdraw
from app.trades import delivery
from app.trades.models import Trade
from app.trades.rules import EndReason, TradeStatus
from tests.conftest import NOW
from tests.listings.factories import DECEMBER
from tests.trades.factories import (
    confirmed_trade,
    consumer_of,
    contracted_trade,
    deliver,
    keep_time,
    producer_of,
)

JANUARY, FEBRUARY = date(2027, 1, 1), date(2027, 2, 1)
LATER = NOW + timedelta(hours=1)
FIRST, SECOND = "W-2612-00001", "W-2612-00002"


def offer_lot(session: Session, trade: Trade, month: date = DECEMBER) -> BalanceRow:
    return balance(session, trade.offer_number, month)


def taker_lot(session: Session, trade: Trade, month: date = DECEMBER) -> BalanceRow:
    return balance(session, trade.requirement_number, month)


def test_the_first_truck_starts_the_delivery(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    delivery.dispatch(any_session, producer_of(trade), trade.number, 30_000, FIRST, NOW)
    assert (trade.status, trade.delivering_at) == (TradeStatus.DELIVERING, NOW)
    delivery.dispatch(any_session, producer_of(trade), trade.number, 31_460, SECOND, LATER)
    assert trade.delivering_at == NOW
    for row in (offer_lot(any_session, trade), taker_lot(any_session, trade)):
        assert (row.contracted, row.in_transit) == (538_540, 61_460)
    assert check(any_session) == []


def test_no_truck_leaves_without_a_contract(any_session: Session) -> None:
    trade = confirmed_trade(any_session)
    with pytest.raises(Conflict):
        delivery.dispatch(any_session, producer_of(trade), trade.number, 1, FIRST, NOW)
    with pytest.raises(NotFound):
        delivery.dispatch(any_session, producer_of(trade), "T-9999-0001", 1, FIRST, NOW)


def test_no_more_leaves_than_is_contracted_and_both_masses_are_named(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    delivery.dispatch(any_session, producer_of(trade), trade.number, 580_000, FIRST, NOW)
    with pytest.raises(Refused) as refused:
        delivery.dispatch(any_session, producer_of(trade), trade.number, 20_001, SECOND, NOW)
    message = str(refused.value.message)
    assert "20 吨" in message
    assert "20.001 吨" in message
    assert offer_lot(any_session, trade).in_transit == 580_000


def test_a_load_is_used_refused_and_lost_on_the_way(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    delivery.dispatch(any_session, producer_of(trade), trade.number, 30_000, FIRST, NOW)
    delivery.receive(
        any_session,
        consumer_of(trade),
        trade.number,
        FIRST,
        received_kg=19_900,
        rejected_kg=10_000,
        difference_kg=100,
        now=LATER,
    )
    for row in (offer_lot(any_session, trade), taker_lot(any_session, trade)):
        assert (row.in_transit, row.utilised, row.rejected, row.difference) == (
            0,
            19_900,
            10_000,
            100,
        )
    assert check(any_session) == []


@pytest.mark.parametrize("kg", [29_999, 30_001])
def test_no_more_and_no_less_arrives_than_was_sent(any_session: Session, kg: int) -> None:
    trade = contracted_trade(any_session)
    for document in (FIRST, SECOND):
        delivery.dispatch(any_session, producer_of(trade), trade.number, 30_000, document, NOW)
    with pytest.raises(Refused) as refused:
        delivery.receive(
            any_session,
            consumer_of(trade),
            trade.number,
            FIRST,
            received_kg=kg,
            rejected_kg=0,
            difference_kg=0,
            now=LATER,
        )
    assert FIRST in str(refused.value.message)
    assert offer_lot(any_session, trade).in_transit == 60_000


def test_a_load_is_received_once(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 30_000)
    with pytest.raises(Refused):
        delivery.receive(
            any_session,
            consumer_of(trade),
            trade.number,
            FIRST,
            received_kg=30_000,
            rejected_kg=0,
            difference_kg=0,
            now=LATER,
        )
    assert offer_lot(any_session, trade).utilised == 30_000


def test_what_was_refused_is_open_again_once_it_is_home(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 20_000, rejected_kg=10_000)
    delivery.take_back(any_session, producer_of(trade), trade.number, FIRST, 10_000, LATER)
    assert offer_lot(any_session, trade) == BalanceRow(
        open=610_000, contracted=570_000, utilised=20_000
    )
    assert taker_lot(any_session, trade).open == 1_410_000
    with pytest.raises(Refused):
        delivery.take_back(any_session, producer_of(trade), trade.number, FIRST, 10_000, LATER)
    assert check(any_session) == []


def test_what_comes_home_to_a_withdrawn_listing_leaves_the_market_with_it(
    any_session: Session,
) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 20_000, rejected_kg=10_000)
    withdraw(any_session, producer_of(trade), trade.offer_number, NOW)
    delivery.take_back(any_session, producer_of(trade), trade.number, FIRST, 10_000, LATER)
    lot = offer_lot(any_session, trade)
    assert (lot.open, lot.withdrawn) == (0, 610_000)


def test_a_load_is_taken_from_the_earliest_months_of_each_listing(any_session: Session) -> None:
    trade = contracted_trade(
        any_session,
        month=JANUARY,
        offer_draws={DECEMBER: 50_000, JANUARY: 550_000},
        requirement_draws={JANUARY: 20_000, FEBRUARY: 580_000},
    )
    deliver(any_session, trade, 60_000, rejected_kg=5_000)
    assert offer_lot(any_session, trade, DECEMBER).utilised == 50_000
    january = offer_lot(any_session, trade, JANUARY)
    assert (january.utilised, january.rejected, january.contracted) == (10_000, 5_000, 535_000)
    assert taker_lot(any_session, trade, JANUARY).utilised == 20_000
    assert taker_lot(any_session, trade, FEBRUARY).utilised == 40_000
    delivery.take_back(any_session, producer_of(trade), trade.number, FIRST, 5_000, LATER)
    assert offer_lot(any_session, trade, JANUARY).rejected == 0
    assert check(any_session) == []


def test_a_trade_ends_by_itself_when_everything_has_arrived(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 300_000)
    assert not delivery.close_if_done(any_session, consumer_of(trade), trade.number, LATER)
    delivery.dispatch(any_session, producer_of(trade), trade.number, 300_000, SECOND, NOW)
    assert not delivery.close_if_done(any_session, consumer_of(trade), trade.number, LATER)
    delivery.receive(
        any_session,
        consumer_of(trade),
        trade.number,
        SECOND,
        received_kg=298_000,
        rejected_kg=0,
        difference_kg=2_000,
        now=LATER,
    )
    assert delivery.close_if_done(any_session, consumer_of(trade), trade.number, LATER)
    assert (trade.status, trade.ended_reason) == (TradeStatus.COMPLETED, EndReason.DELIVERED)
    assert not delivery.close_if_done(any_session, consumer_of(trade), trade.number, LATER)


def test_a_refused_part_that_went_home_leaves_a_trade_short(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 400_000, rejected_kg=200_000)
    assert not delivery.close_if_done(any_session, consumer_of(trade), trade.number, LATER)
    delivery.take_back(any_session, producer_of(trade), trade.number, FIRST, 200_000, LATER)
    assert delivery.close_if_done(any_session, producer_of(trade), trade.number, LATER)
    assert trade.ended_reason is EndReason.DELIVERED_SHORT


def test_a_trade_of_which_every_load_was_refused_is_cancelled_for_quality(
    any_session: Session,
) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 0, rejected_kg=600_000)
    delivery.take_back(any_session, producer_of(trade), trade.number, FIRST, 600_000, LATER)
    assert delivery.close_if_done(any_session, producer_of(trade), trade.number, LATER)
    assert (trade.status, trade.ended_reason) == (TradeStatus.CANCELLED, EndReason.QUALITY)
    assert offer_lot(any_session, trade) == BalanceRow(open=1_200_000)
    assert check(any_session) == []


def test_a_late_truck_puts_the_deadline_off_and_an_early_one_does_not(
    any_session: Session,
) -> None:
    trade = contracted_trade(any_session)
    before = trade.deadline
    deliver(any_session, trade, 30_000)
    assert trade.deadline == before
    keep_time(any_session, before - timedelta(hours=1))
    keep_time(any_session, before + timedelta(hours=1))
    assert None not in (trade.reminded_at, trade.escalated_at)
    late = datetime(2027, 1, 11, 8, tzinfo=UTC)
    deliver(any_session, trade, 30_000, document=SECOND, now=late)
    assert trade.deadline == datetime(2027, 1, 16, 10, tzinfo=UTC)
    assert {trade.escalated_at, trade.reminded_at} == {None}
