from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from app.core.actor import PUBLIC, Actor, ActorKind
from app.core.errors import NotFound
from app.trades import cases, lookups, operations, record_lines, records
from app.trades.masses import Masses
from app.trades.records import DeliveryRecord, Line, reckon
from app.trades.rules import DeclineReason, Party, TradeStatus
from tests.companies.factories import approved_company
from tests.conftest import NOW
from tests.listings.factories import trader
from tests.trades.factories import (
    confirmed_trade,
    consumer_of,
    contracted_trade,
    deliver,
    keep_time,
    producer_of,
    proposed_trade,
)

DUE = date(2027, 1, 10)
OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=9)
COUNTY = Actor(kind=ActorKind.REGULATOR, user_id=8, region="371503")


def line(**changes: object) -> Line:
    """600 t, completed in time with 590 t received and 4 t rejected."""
    values: dict[str, object] = {
        "kg": 600_000,
        "status": TradeStatus.COMPLETED,
        "is_confirmed": True,
        "answered_in_time": True,
        "masses": Masses(received=590_000, rejected=4_000),
        "due": DUE,
        "ended_on": DUE,
        "at_fault": False,
    }
    return Line(**(values | changes))  # type: ignore[arg-type]


def test_a_record_counts_what_was_said_and_what_came() -> None:
    running = line(status=TradeStatus.DELIVERING, masses=Masses(received=100_000), ended_on=None)
    declined = line(status=TradeStatus.DECLINED, is_confirmed=False, masses=Masses(), due=None)
    assert reckon([line(), running, declined], DUE) == DeliveryRecord(
        trades=2,
        confirmed_kg=1_200_000,
        delivered_kg=690_000,
        short_kg=10_000,
        rejected_kg=4_000,
        late=0,
        asked=3,
        answered=3,
        defaults=0,
    )


@pytest.mark.parametrize(
    ("changes", "late"),
    [
        ({"ended_on": DUE}, 0),
        ({"ended_on": DUE + timedelta(days=1)}, 1),
        ({"ended_on": None, "status": TradeStatus.DELIVERING}, 1),
        ({"ended_on": DUE + timedelta(days=1), "status": TradeStatus.CANCELLED}, 0),
        ({"ended_on": DUE + timedelta(days=1), "due": None}, 0),
    ],
)
def test_a_trade_is_late_that_goes_on_after_its_last_day(
    changes: dict[str, object], late: int
) -> None:
    assert reckon([line(**changes)], DUE + timedelta(days=2)).late == late


def test_a_firm_that_was_not_asked_owes_no_answer() -> None:
    lines = [line(answered_in_time=answer) for answer in (True, False, None)]
    record = reckon(lines, DUE)
    assert (record.asked, record.answered) == (2, 1)


def test_a_record_is_read_from_trades_and_ledger(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 30_000, 2_000)
    record = records.delivery_record(any_session, trade.producer_company_id, NOW.date())
    assert (record.trades, record.confirmed_kg) == (1, 600_000)
    assert (record.delivered_kg, record.rejected_kg, record.short_kg) == (30_000, 2_000, 0)


def test_a_default_counts_for_the_side_at_fault_alone(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    cases.find_default(any_session, OPERATOR, trade.number, Party.PRODUCER, "车没有来", NOW)
    sides = (trade.producer_company_id, trade.consumer_company_id)
    found = [records.delivery_record(any_session, side, NOW.date()) for side in sides]
    assert [one.defaults for one in found] == [1, 0]
    assert [one.short_kg for one in found] == [600_000, 600_000]


def test_who_let_the_time_pass_did_not_answer_and_who_was_spared_was_not_asked(
    any_session: Session,
) -> None:
    late, declined = proposed_trade(any_session), proposed_trade(any_session)
    actor = consumer_of(declined)
    operations.decline(any_session, actor, declined.number, DeclineReason.PRICE, NOW)
    after = NOW + timedelta(days=4)
    keep_time(any_session, after)
    answers = {
        side: (found.asked, found.answered)
        for side in (
            late.producer_company_id,
            declined.consumer_company_id,
            declined.producer_company_id,
        )
        for found in [records.delivery_record(any_session, side, after.date())]
    }
    assert list(answers.values()) == [(1, 0), (1, 1), (0, 0)]


def test_who_may_know_a_firms_name_may_open_its_record(session: Session) -> None:
    trade = confirmed_trade(session)
    firm = trade.producer
    for reader in (producer_of(trade), consumer_of(trade), OPERATOR):
        assert records.firm(session, reader, firm.id, NOW).name == firm.name
    stranger = trader(approved_company(session))
    for reader in (stranger, PUBLIC, COUNTY, replace(COUNTY, region="371581")):
        with pytest.raises(NotFound):
            records.firm(session, reader, firm.id, NOW)
    lookups.look_up(session, COUNTY, trade.number, "核对 12 月去向", NOW)
    assert records.firm(session, COUNTY, firm.id, NOW).name == firm.name


def test_a_proposal_does_not_open_the_others_record_by_name(session: Session) -> None:
    trade = proposed_trade(session)
    with pytest.raises(NotFound):
        records.firm(session, consumer_of(trade), trade.producer_company_id, NOW)


def test_without_a_name_a_record_tells_counts_and_shares_only(session: Session) -> None:
    record = reckon([line()], DUE)
    closed = " ".join(str(one.value) for one in record_lines.lines(record, named=False))
    assert closed == "1 笔交易 98.3% 1.6% 0.6% 0 笔交易 1 / 1 0 次"
    named = [str(one.value) for one in record_lines.lines(record, named=True)]
    assert named[:2] == ["1 笔，600 吨", "590 吨，98.3%"]


def test_a_firm_without_trades_has_no_shares(session: Session) -> None:
    shown = [str(one.value) for one in record_lines.lines(reckon([], DUE), named=True)]
    assert shown[1:4] == ["—", "—", "—"]


def test_what_is_older_than_twelve_months_is_left_out(session: Session) -> None:
    trade = confirmed_trade(session)
    for day, count in ((date(2027, 11, 30), 1), (date(2027, 12, 1), 0)):
        assert records.delivery_record(session, trade.producer_company_id, day).trades == count
