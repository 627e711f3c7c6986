"""The clock of trades: reminders once, then the operator, then an ending by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import MarketTerm
from app.companies.operations import suspend
from app.core.actor import SYSTEM
from app.ledger.queries import BalanceRow, balance, check
from app.notifications.models import Notification
from app.notifications.rules import Kind
from app.trades import cases, delivery, keeping, operations
from app.trades.models import Trade
from app.trades.rules import STANDING, EndReason, Party, TradeStatus, owner
from tests.accounts.factories import operator_user, user_of
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, published_requirement
from tests.trades.factories import (
    confirmed_trade,
    consumer_of,
    contracted_trade,
    deliver,
    keep_time,
    producer_of,
    proposed_trade,
)

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
JANUARY_10 = datetime(2027, 1, 10, 10, tzinfo=UTC)
SIGN_BY = datetime(2026, 11, 29, 10, tzinfo=UTC)


def people_of(session: Session, trade: Trade) -> None:
    """One person for each firm, and the operator."""
    for company in (trade.producer, trade.consumer):
        user_of(session, company)
    operator_user(session)
    session.flush()


def told(session: Session, kind: Kind) -> list[int | None]:
    """The firms that were told so, in the order of telling; `None` for the operator."""
    found = session.scalars(
        select(Notification).where(Notification.kind == kind).order_by(Notification.id)
    )
    return [message.user.company_id for message in found]


def offer_lot(session: Session, trade: Trade) -> BalanceRow:
    return balance(session, trade.offer_number, DECEMBER)


@pytest.mark.parametrize(
    ("make", "deadline"),
    [
        (proposed_trade, datetime(2026, 11, 25, 10, tzinfo=UTC)),
        (confirmed_trade, SIGN_BY),
        (contracted_trade, JANUARY_10),
    ],
)
def test_both_sides_are_reminded_once_a_day_before_the_deadline(
    any_session: Session, make: Callable[[Session], Trade], deadline: datetime
) -> None:
    trade = make(any_session)
    people_of(any_session, trade)
    keep_time(any_session, deadline - DAY - SECOND)
    assert told(any_session, Kind.DEADLINE_NEAR) == []
    for now in (deadline - DAY, deadline - HOUR, deadline):
        keep_time(any_session, now)
    firms = [trade.producer_company_id, trade.consumer_company_id]
    assert told(any_session, Kind.DEADLINE_NEAR) == sorted(firms)
    assert trade.reminded_at == deadline - DAY


def test_only_the_side_whose_turn_it_is_is_reminded(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    people_of(any_session, trade)
    operations.confirm(any_session, producer_of(trade), trade.number, NOW)
    keep_time(any_session, trade.deadline - HOUR)
    assert told(any_session, Kind.DEADLINE_NEAR) == [trade.consumer_company_id]


def test_a_contract_nobody_signs_goes_to_the_operator_and_then_ends(any_session: Session) -> None:
    trade = confirmed_trade(any_session)
    people_of(any_session, trade)
    cases.sign(any_session, producer_of(trade), trade.number, "HT-1", NOW)
    keep_time(any_session, SIGN_BY + SECOND)
    assert (trade.status, trade.escalated_at) == (TradeStatus.CONFIRMED, SIGN_BY + SECOND)
    assert None in told(any_session, Kind.ESCALATED)
    keep_time(any_session, SIGN_BY + 5 * DAY + SECOND)
    assert trade.status is TradeStatus.CONFIRMED
    assert keep_time(any_session, SIGN_BY + 5 * DAY + 2 * SECOND) == 1
    assert (trade.status, trade.ended_reason) == (TradeStatus.CANCELLED, EndReason.NOT_SIGNED)
    assert offer_lot(any_session, trade) == BalanceRow(open=1_200_000)
    assert len(told(any_session, Kind.TRADE_ENDED)) == 2
    assert check(any_session) == []


def test_a_contract_can_still_be_signed_while_the_operator_follows_up(
    any_session: Session,
) -> None:
    trade = confirmed_trade(any_session)
    keep_time(any_session, SIGN_BY + SECOND)
    for actor in (producer_of(trade), consumer_of(trade)):
        cases.sign(any_session, actor, trade.number, "HT-1", SIGN_BY + DAY)
    assert (trade.status, trade.escalated_at) == (TradeStatus.CONTRACTED, None)


def end_of(session: Session, trade: Trade) -> tuple[TradeStatus, EndReason | None, Party | None]:
    """Let the deadline and the operator's time pass."""
    keep_time(session, trade.deadline + SECOND)
    keep_time(session, trade.deadline + 5 * DAY + 2 * SECOND)
    return trade.status, trade.ended_reason, trade.at_fault


def test_a_producer_that_sends_no_truck_defaults(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    assert end_of(any_session, trade) == (
        TradeStatus.DEFAULTED,
        EndReason.NOT_DELIVERED,
        Party.PRODUCER,
    )
    assert offer_lot(any_session, trade) == BalanceRow(open=1_200_000)
    assert check(any_session) == []


def test_a_consumer_that_kept_the_trucks_waiting_defaults(
    any_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    idleness = SimpleNamespace(idle_side=lambda _session, _number: Party.CONSUMER)
    monkeypatch.setattr(keeping, "modules", lambda _name: [idleness])
    trade = contracted_trade(any_session)
    assert end_of(any_session, trade) == (
        TradeStatus.DEFAULTED,
        EndReason.NOT_TAKEN,
        Party.CONSUMER,
    )


def test_two_defaults_of_the_clock_bar_a_firm(any_session: Session) -> None:
    offer, taker = published_offer(any_session), published_requirement(any_session)
    for run in range(2):
        trade = contracted_trade(any_session, offer, taker, origin=f"R-2612-{run}", kg=1)
        end_of(any_session, trade)
    assert offer.company.barred_at == trade.ended_at
    assert taker.company.barred_at is None


def test_what_came_to_the_tolerance_is_closed_short(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 570_000)
    assert end_of(any_session, trade) == (
        TradeStatus.COMPLETED,
        EndReason.DELIVERED_SHORT,
        None,
    )
    assert offer_lot(any_session, trade) == BalanceRow(open=630_000, utilised=570_000)


def test_too_little_is_a_default_and_what_came_stays_delivered(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 569_999)
    assert end_of(any_session, trade)[0] is TradeStatus.DEFAULTED
    assert offer_lot(any_session, trade) == BalanceRow(open=630_001, utilised=569_999)


def test_a_case_on_the_road_stays_with_the_operator_until_it_is_home(
    any_session: Session,
) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 580_000, rejected_kg=20_000)
    assert end_of(any_session, trade)[0] is TradeStatus.DELIVERING
    assert trade.escalated_at is not None
    keep_time(any_session, trade.deadline + 60 * DAY)
    assert trade.status is TradeStatus.DELIVERING
    home = trade.deadline + 61 * DAY
    delivery.take_back(any_session, producer_of(trade), trade.number, "W-2612-00001", 20_000, home)
    assert trade.escalated_at is None
    assert end_of(any_session, trade)[1] is EndReason.DELIVERED_SHORT


def test_open_proposals_of_a_suspended_firm_are_cancelled(any_session: Session) -> None:
    offer = published_offer(any_session)
    lost = [
        proposed_trade(any_session, offer, taker, kg=400_000)
        for taker in (published_requirement(any_session) for _ in range(2))
    ]
    bound, other = confirmed_trade(any_session), proposed_trade(any_session)
    suspend(any_session, SYSTEM, offer.company_id, "证照过期", NOW)
    suspend(any_session, SYSTEM, bound.producer_company_id, "证照过期", NOW)
    assert keep_time(any_session, NOW + HOUR) == 2
    assert {(trade.status, trade.ended_reason) for trade in lost} == {
        (TradeStatus.CANCELLED, EndReason.FIRM_SUSPENDED)
    }
    assert bound.status is TradeStatus.CONFIRMED
    assert other.status is TradeStatus.PROPOSED
    assert balance(any_session, offer.number, DECEMBER).reserved == 0


def test_many_due_cases_come_in_bounded_batches(
    any_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "BATCH", 2)
    offer = published_offer(any_session)
    trades = [
        proposed_trade(any_session, offer, taker, kg=1)
        for taker in (published_requirement(any_session) for _ in range(5))
    ]
    after = trades[0].deadline + SECOND
    ids = [trade.id for trade in trades]
    assert keeping.due(any_session, after) == ids[:2]
    assert keeping.due(any_session, after, ids[1]) == ids[2:4]
    assert keep_time(any_session, after) == 5
    assert keeping.due(any_session, after) == []


def test_a_case_somebody_ended_first_is_left_alone(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    keeping.keep(any_session, trade.id + 1, trade.deadline + SECOND)
    keep_time(any_session, trade.deadline + SECOND)
    version = trade.version
    keeping.keep(any_session, trade.id, trade.deadline + DAY)
    assert trade.version == version


def test_a_deadline_that_runs_stays_when_the_terms_change(any_session: Session) -> None:
    before = proposed_trade(any_session)
    old = any_session.get_one(MarketTerm, ("answer_days", date(2020, 1, 1)))
    old.valid_to = date(2026, 11, 22)
    any_session.add(
        MarketTerm(
            code="answer_days",
            value=1,
            unit="days",
            valid_from=date(2026, 11, 23),
            confidence=old.confidence,
            source=old.source,
            note="",
        )
    )
    any_session.flush()
    after = proposed_trade(any_session, now=NOW + DAY)
    assert before.deadline == datetime(2026, 11, 25, 10, tzinfo=UTC)
    assert after.deadline == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_left_alone_every_case_ends_and_has_an_owner_until_then(any_session: Session) -> None:
    offer, taker = published_offer(any_session), published_requirement(any_session)
    makers = (proposed_trade, confirmed_trade, contracted_trade)
    trades = [
        make(any_session, offer, taker, origin=f"R-2612-{number}", kg=1_000)
        for number, make in enumerate(makers)
    ]
    for day in range(60):
        keep_time(any_session, NOW + day * DAY)
        for trade in trades:
            given = trade.signed_by if trade.confirmed_at else trade.confirmed_by
            whose = owner(trade.status, given, trade.escalated_at is not None)
            assert (whose is None) is (trade.ended_reason is not None)
    assert not any(trade.status in STANDING for trade in trades)
    assert balance(any_session, offer.number, DECEMBER) == BalanceRow(open=1_200_000)
    assert check(any_session) == []
