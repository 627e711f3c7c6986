"""Firms that ask for two people: the first yes is kept, the second one counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind, CompanyRole
from app.core.errors import Conflict
from app.ledger.queries import balance
from app.notifications.models import Notification
from app.notifications.rules import Kind
from app.trades import cases, operations, queries, story
from app.trades.models import Trade, TradeApproval
from app.trades.operations import propose_agreed
from app.trades.rules import DeclineReason, Party, TradeStatus
from tests.accounts.factories import user_of
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, published_requirement
from tests.trades.factories import consumer_of, producer_of, proposal, proposed_trade

LATER = NOW + timedelta(hours=1)
BOTH = frozenset(Party)


def careful_trade(session: Session) -> tuple[Trade, Actor, Actor]:
    """A proposal whose producer asks for two people, and two people of it."""
    trade = proposed_trade(session)
    trade.producer.needs_two_approvals = True
    first, second = (user_of(session, trade.producer).id for _ in range(2))
    actor = producer_of(trade)
    return trade, replace(actor, user_id=first), replace(actor, user_id=second)


def test_one_person_alone_confirms_nothing(any_session: Session) -> None:
    trade, first, second = careful_trade(any_session)
    operations.confirm(any_session, first, trade.number, NOW)
    assert (trade.status, trade.confirmed_by) == (TradeStatus.PROPOSED, frozenset())
    operations.confirm(any_session, consumer_of(trade), trade.number, NOW)
    assert trade.status is TradeStatus.PROPOSED
    operations.confirm(any_session, second, trade.number, LATER)
    assert (trade.status, trade.producer_confirmed_at) == (TradeStatus.CONFIRMED, LATER)
    assert balance(any_session, trade.offer_number, DECEMBER).contracted == 600_000


def test_the_same_person_twice_is_told_to_ask_a_colleague(any_session: Session) -> None:
    trade, first, _second = careful_trade(any_session)
    operations.confirm(any_session, first, trade.number, NOW)
    with pytest.raises(Conflict) as refused:
        operations.confirm(any_session, first, trade.number, LATER)
    assert "两个人" in str(refused.value.message)
    assert "另一位" in str(refused.value.next_step)
    assert trade.confirmed_by == frozenset()


def test_the_first_yes_asks_the_firm_for_the_second(any_session: Session) -> None:
    trade, first, second = careful_trade(any_session)
    operations.confirm(any_session, first, trade.number, NOW)
    wanted = select(Notification.user_id).where(Notification.kind == Kind.APPROVAL_WANTED)
    assert sorted(any_session.scalars(wanted)) == [first.user_id, second.user_id]


def test_a_signature_needs_two_people_as_well(any_session: Session) -> None:
    trade, first, second = careful_trade(any_session)
    for actor in (first, second, consumer_of(trade)):
        operations.confirm(any_session, actor, trade.number, NOW)
    cases.sign(any_session, second, trade.number, "HT-1", NOW)
    assert trade.signed_by == frozenset()
    cases.sign(any_session, first, trade.number, "HT-1", LATER)
    assert trade.signed_by == {Party.PRODUCER}


def test_one_person_is_enough_to_decline(any_session: Session) -> None:
    trade, first, second = careful_trade(any_session)
    operations.confirm(any_session, first, trade.number, NOW)
    operations.decline(any_session, second, trade.number, DeclineReason.PRICE, LATER)
    assert trade.status is TradeStatus.DECLINED


def test_a_firm_that_asks_for_two_no_longer_needs_one(any_session: Session) -> None:
    trade, first, _second = careful_trade(any_session)
    operations.confirm(any_session, first, trade.number, NOW)
    trade.producer.needs_two_approvals = False
    operations.confirm(any_session, first, trade.number, LATER)
    assert trade.confirmed_by == {Party.PRODUCER}


def test_a_yes_given_by_dealing_is_the_first_of_two(any_session: Session) -> None:
    offer, taker = published_offer(any_session), published_requirement(any_session)
    for company in (offer.company, taker.company):
        company.needs_two_approvals = True
    seller, buyer = (user_of(any_session, each).id for each in (offer.company, taker.company))
    actor = Actor(
        kind=ActorKind.COMPANY,
        user_id=buyer,
        company_id=taker.company_id,
        company_role=CompanyRole.TRADER,
        company_approved=True,
    )
    draft = proposal(offer, taker)
    trade = propose_agreed(any_session, actor, draft, BOTH, NOW, people={Party.PRODUCER: seller})
    assert trade.confirmed_by == frozenset()
    kept = any_session.execute(
        select(TradeApproval.party, TradeApproval.user_id).order_by(TradeApproval.party)
    )
    assert [tuple(row) for row in kept] == [(Party.CONSUMER, buyer), (Party.PRODUCER, seller)]


def test_who_spoke_for_the_other_side_unnamed_has_still_to_speak(any_session: Session) -> None:
    offer, taker = published_offer(any_session), published_requirement(any_session)
    offer.company.needs_two_approvals = True
    buyer = Actor(kind=ActorKind.COMPANY, user_id=1, company_id=taker.company_id)
    trade = propose_agreed(any_session, buyer, proposal(offer, taker), BOTH, NOW)
    assert trade.confirmed_by == {Party.CONSUMER}
    assert any_session.scalars(select(TradeApproval)).all() == []


def turn(session: Session, actor: Actor, trade: Trade) -> str:
    return str(story.turn(queries.show(session, actor, trade.number, NOW)))


def test_a_firm_that_waits_for_its_second_person_is_told_so_and_the_other_side_is_not(
    session: Session,
) -> None:
    trade, first, second = careful_trade(session)
    consumer = consumer_of(trade)
    assert [turn(session, actor, trade) for actor in (first, consumer)] == ["双方", "双方"]
    operations.confirm(session, first, trade.number, NOW)
    for person in (first, second):
        assert turn(session, person, trade) == "本企业第二人和对方"
    assert turn(session, consumer, trade) == "双方"
    operations.confirm(session, consumer, trade.number, NOW)
    assert turn(session, second, trade) == "本企业第二人"
    assert turn(session, consumer, trade) == "产废方"


def test_a_second_yes_that_was_given_is_not_asked_for_again(session: Session) -> None:
    trade, first, second = careful_trade(session)
    for person in (first, second):
        operations.confirm(session, person, trade.number, NOW)
    assert queries.show(session, first, trade.number, NOW).approvals == ()
    assert turn(session, first, trade) == "利废方"
    operations.confirm(session, consumer_of(trade), trade.number, NOW)
    cases.sign(session, first, trade.number, "HT-1", NOW)
    (approval,) = queries.show(session, second, trade.number, NOW).approvals
    assert (approval.deed, turn(session, second, trade)) == ("sign", "本企业第二人和对方")
