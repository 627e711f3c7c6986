"""Which side kept the other waiting when a delivery never came about."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.shipments import notes
from app.shipments.idleness import idle_side
from app.trades.rules import Party
from tests.conftest import NOW
from tests.shipments.factories import confirmed, plan_draft, planned, vehicle
from tests.trades.factories import consumer_of, contracted_trade, producer_of


def test_without_a_truck_nobody_is_known_to_have_waited(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    assert idle_side(any_session, trade.number) is None
    note = planned(any_session, trade)
    notes.void(any_session, producer_of(trade), note.number, "改期", NOW)
    assert idle_side(any_session, trade.number) is None


def test_a_plan_waits_for_the_side_that_did_not_make_it(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    planned(any_session, trade)
    assert idle_side(any_session, trade.number) is Party.CONSUMER
    draft = plan_draft(vehicle(any_session, trade.consumer))
    notes.plan(any_session, consumer_of(trade), trade.number, draft, NOW)
    assert idle_side(any_session, trade.number) is Party.PRODUCER


def test_a_confirmed_truck_waits_for_its_load(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    confirmed(any_session, trade)
    assert idle_side(any_session, trade.number) is Party.PRODUCER
