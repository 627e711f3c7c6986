"""Whom each step of a trade is told to, and how often."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.notifications.models import Notification
from app.notifications.rules import Kind
from app.trades import cases, operations
from app.trades.models import Trade
from app.trades.operations import propose_agreed
from app.trades.rules import DeclineReason, Party
from tests.accounts.factories import user_of
from tests.conftest import NOW
from tests.listings.factories import published_offer, published_requirement, trader
from tests.trades.factories import consumer_of, producer_of, proposal

LATER = NOW + timedelta(hours=1)
PRODUCER, CONSUMER = Party.PRODUCER, Party.CONSUMER


def staffed_trade(session: Session, *said_yes: Party) -> Trade:
    """A proposal between two firms with one person each."""
    offer, taker = published_offer(session), published_requirement(session)
    for company in (offer.company, taker.company):
        user_of(session, company)
    session.flush()
    draft = proposal(offer, taker)
    return propose_agreed(session, trader(taker.company), draft, said_yes, NOW)


def told(session: Session, trade: Trade, kind: Kind) -> list[Party]:
    """The sides that were told so, in the order of telling."""
    parties = {trade.producer_company_id: PRODUCER, trade.consumer_company_id: CONSUMER}
    found = session.scalars(
        select(Notification).where(Notification.kind == kind).order_by(Notification.id)
    )
    return [parties[note.user.company_id] for note in found if note.user.company_id]


def test_a_match_is_told_to_both_sides_with_its_deadline(session: Session) -> None:
    trade = staffed_trade(session)
    assert sorted(told(session, trade, Kind.NEW_MATCH)) == [CONSUMER, PRODUCER]
    note = session.scalars(select(Notification)).first()
    assert note is not None
    assert (note.path, note.values["material"]) == (f"/trades/{trade.number}", "粉煤灰")
    assert (note.values["tonnes"], note.values["deadline"]) == ("600", "2026-11-25 18:00")


def test_who_dealt_is_not_asked_again(session: Session) -> None:
    trade = staffed_trade(session, CONSUMER)
    assert told(session, trade, Kind.NEW_MATCH) == [PRODUCER]
    assert told(session, trade, Kind.COUNTERPART_CONFIRMED) == []


def test_a_deal_both_have_agreed_is_told_to_both(session: Session) -> None:
    trade = staffed_trade(session, PRODUCER, CONSUMER)
    assert told(session, trade, Kind.NEW_MATCH) == []
    assert sorted(told(session, trade, Kind.COUNTERPART_CONFIRMED)) == [CONSUMER, PRODUCER]


def test_each_yes_is_told_to_the_other_side(session: Session) -> None:
    trade = staffed_trade(session)
    operations.confirm(session, producer_of(trade), trade.number, NOW)
    assert told(session, trade, Kind.COUNTERPART_CONFIRMED) == [CONSUMER]
    operations.confirm(session, consumer_of(trade), trade.number, LATER)
    assert told(session, trade, Kind.COUNTERPART_CONFIRMED) == [CONSUMER, PRODUCER]


def test_an_ending_is_told_to_those_who_did_not_bring_it_about(session: Session) -> None:
    trade = staffed_trade(session)
    operations.decline(session, producer_of(trade), trade.number, DeclineReason.PRICE, NOW)
    assert told(session, trade, Kind.TRADE_ENDED) == [CONSUMER]


def test_every_wish_to_cancel_is_told_anew(session: Session) -> None:
    trade = staffed_trade(session, PRODUCER, CONSUMER)
    for _ in range(2):
        cases.ask_to_cancel(session, producer_of(trade), trade.number, DeclineReason.PRICE, NOW)
        cases.keep_after_all(session, producer_of(trade), trade.number, LATER)
    assert told(session, trade, Kind.CANCEL_ASKED) == [CONSUMER, CONSUMER]
