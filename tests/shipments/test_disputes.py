"""A weight that is being settled holds the clock of its trade, and says whose turn it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.core.clock import china_day
from app.core.errors import Conflict
from app.notifications.rules import Kind
from app.shipments import discrepancies
from app.shipments.rules import DiscrepancyStatus, End
from app.trades import cases, records
from app.trades.models import Trade
from app.trades.queries import show
from app.trades.rules import EndReason, Owner, Party, TradeStatus, holding
from app.trades.story import stations, step, turn
from app.trades.trucks import disputes_of
from tests.shipments.factories import LATEST, NET, received
from tests.shipments.test_timekeeping import keep, people, told
from tests.trades.factories import consumer_of, contracted_trade, keep_time, producer_of

OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=9)
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
SHORT = NET - 2_000


def disputed(session: Session) -> tuple[Trade, str]:
    """A trade of one load, which lost too much on the way just before the deadline."""
    trade = contracted_trade(session, kg=NET)
    shipment = received(session, trade, arrived=SHORT)
    trade.deadline = LATEST + HOUR
    session.flush()
    return trade, shipment.number


def whose(session: Session, trade: Trade) -> Owner:
    held = holding(disputes_of(session, [trade.number])[trade.number])
    assert held is not None
    return held.turn


def test_a_weight_that_is_being_settled_holds_the_deadline_of_its_trade(
    any_session: Session,
) -> None:
    trade, number = disputed(any_session)
    people(any_session, trade)
    keep_time(any_session, LATEST)
    for days in (1, 2, 40):
        keep_time(any_session, LATEST + days * DAY)
    assert (trade.status, trade.escalated_at) == (TradeStatus.DELIVERING, None)
    assert told(any_session, Kind.DEADLINE_NEAR) == []
    assert told(any_session, Kind.ESCALATED) == []
    kg = SHORT + 500
    discrepancies.propose(any_session, consumer_of(trade), number, kg, "", LATEST + 40 * DAY)
    discrepancies.agree(any_session, producer_of(trade), number, kg, LATEST + 40 * DAY)
    assert (trade.status, trade.ended_reason) == (TradeStatus.COMPLETED, EndReason.DELIVERED)


def test_after_the_weight_is_settled_there_is_time_to_go_on(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=2 * NET)
    number = received(any_session, trade, arrived=SHORT).number
    after = trade.deadline + 20 * DAY
    keep_time(any_session, after)
    discrepancies.propose(any_session, consumer_of(trade), number, SHORT, "", after)
    discrepancies.agree(any_session, producer_of(trade), number, SHORT, after)
    keep_time(any_session, after + 4 * DAY)
    assert (trade.status, trade.escalated_at) == (TradeStatus.DELIVERING, None)
    keep_time(any_session, after + 6 * DAY)
    assert trade.escalated_at == after + 6 * DAY


def test_the_case_is_with_whoever_has_to_answer_for_the_weight(any_session: Session) -> None:
    trade, number = disputed(any_session)
    assert whose(any_session, trade) is Owner.BOTH
    discrepancies.propose(any_session, consumer_of(trade), number, SHORT, "", LATEST)
    assert whose(any_session, trade) is Owner.PRODUCER
    discrepancies.propose(any_session, producer_of(trade), number, NET, "", LATEST)
    assert whose(any_session, trade) is Owner.CONSUMER
    keep(any_session, LATEST + 4 * DAY)
    assert whose(any_session, trade) is Owner.OPERATOR


def test_the_page_of_the_case_says_that_the_weight_is_being_settled(session: Session) -> None:
    trade, number = disputed(session)
    discrepancies.propose(session, consumer_of(trade), number, SHORT, "", LATEST)
    view = show(session, producer_of(trade), trade.number, LATEST + 30 * DAY)
    assert (str(turn(view)), str(step(view))) == ("产废方", "商定磅差")
    assert view.dispute is not None
    assert view.dispute.until == LATEST + 3 * DAY
    assert str(stations(view)[-1].detail) == "期限暂停"


def test_a_weight_neither_sides_nor_operator_settle_stands_as_it_was_weighed(
    any_session: Session,
) -> None:
    trade, _number = disputed(any_session)
    for days in (4, 7):
        keep(any_session, LATEST + days * DAY)
        assert trade.status is TradeStatus.DELIVERING
    keep(any_session, LATEST + 8 * DAY + SECOND)
    (dispute,) = disputes_of(any_session, [trade.number])[trade.number]
    assert dispute.settled_at == LATEST + 8 * DAY + SECOND
    assert (trade.status, trade.ended_reason) == (TradeStatus.COMPLETED, EndReason.DELIVERED)


def test_what_the_clock_settles_is_paid_as_it_was_weighed(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=NET)
    shipment = received(any_session, trade, arrived=SHORT)
    keep(any_session, LATEST + 4 * DAY)
    keep(any_session, LATEST + 9 * DAY)
    case = shipment.discrepancy(End.UNLOADING)
    assert case is not None
    assert (case.status, case.settled_by) == (DiscrepancyStatus.SETTLED, "system")
    assert shipment.paid_kg == SHORT


def test_nobody_defaults_while_a_weight_is_being_settled(any_session: Session) -> None:
    trade, _number = disputed(any_session)
    with pytest.raises(Conflict) as refused:
        cases.find_default(
            any_session, OPERATOR, trade.number, Party.PRODUCER, "未交货", LATEST + DAY
        )
    assert "磅差" in str(refused.value.message)
    assert trade.status is TradeStatus.DELIVERING


def test_a_trade_is_not_late_because_its_weight_was_settled_late(any_session: Session) -> None:
    trade, _number = disputed(any_session)
    after = LATEST + 120 * DAY
    record = records.delivery_record(any_session, trade.producer_company_id, china_day(after))
    assert (record.trades, record.late) == (1, 0)
