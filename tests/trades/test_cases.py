"""A case between its confirmation and its end: contract, wish to cancel, close, default."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.companies.operations import suspend
from app.companies.standing import Barred
from app.core.actor import SYSTEM, Actor, ActorKind
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.ledger.queries import BalanceRow, balance, check
from app.listings.operations import withdraw
from app.trades import cases, operations
from app.trades.models import Trade
from app.trades.operations import propose_agreed
from app.trades.rules import DeclineReason, EndReason, Party, TradeSource, TradeStatus
from tests.companies.factories import CHIPING, approved_company, site_draft
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, published_requirement, trader
from tests.trades.factories import (
    confirmed_trade,
    consumer_of,
    contracted_trade,
    deliver,
    producer_of,
    proposal,
    proposed_trade,
)

LATER = NOW + timedelta(hours=1)
OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=9)
BOTH = (Party.PRODUCER, Party.CONSUMER)
Way = Callable[[Session, Trade], Trade]


def rests(session: Session, trade: Trade) -> list[BalanceRow]:
    """What stands on the lots of the offer and of the requirement."""
    numbers = (trade.offer_number, trade.requirement_number)
    return [balance(session, number, DECEMBER) for number in numbers]


def untouched() -> list[BalanceRow]:
    return [BalanceRow(open=1_200_000), BalanceRow(open=2_000_000)]


@pytest.mark.parametrize("first", BOTH)
def test_the_second_signature_starts_the_delivery(any_session: Session, first: Party) -> None:
    trade = confirmed_trade(any_session)
    actors = [producer_of(trade), consumer_of(trade)]
    if first is Party.CONSUMER:
        actors.reverse()
    cases.sign(any_session, actors[0], trade.number, "HT-2026-7", NOW)
    assert (trade.status, trade.signed_by) == (TradeStatus.CONFIRMED, frozenset({first}))
    cases.sign(any_session, actors[1], trade.number, "", LATER)
    assert (trade.status, trade.contract_number) == (TradeStatus.CONTRACTED, "HT-2026-7")
    assert (trade.contracted_at, trade.deadline) == (LATER, datetime(2027, 1, 10, 10, tzinfo=UTC))
    assert rests(any_session, trade)[0].contracted == 600_000


def test_signing_twice_is_signing_once(any_session: Session) -> None:
    trade = confirmed_trade(any_session)
    for now in (NOW, LATER):
        cases.sign(any_session, producer_of(trade), trade.number, "HT-1", now)
    assert trade.producer_signed_at == NOW
    cases.sign(any_session, consumer_of(trade), trade.number, "HT-1", LATER)
    version = trade.version
    cases.sign(any_session, consumer_of(trade), trade.number, "HT-1", LATER)
    assert (trade.contracted_at, trade.version) == (LATER, version)


def test_a_contract_without_a_number_bears_the_trades(any_session: Session) -> None:
    trade = confirmed_trade(any_session)
    cases.sign(any_session, producer_of(trade), trade.number, " ", NOW)
    assert trade.contract_number == trade.number


def test_both_sides_name_one_contract(any_session: Session) -> None:
    trade = confirmed_trade(any_session)
    cases.sign(any_session, producer_of(trade), trade.number, "HT-1", NOW)
    with pytest.raises(Refused) as refused:
        cases.sign(any_session, consumer_of(trade), trade.number, "HT-2", NOW)
    assert refused.value.field == "contract_number"
    assert "HT-1" in str(refused.value.message)


def test_a_proposal_cannot_be_signed(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    with pytest.raises(Conflict) as refused:
        cases.sign(any_session, producer_of(trade), trade.number, "HT-1", NOW)
    assert str(refused.value.message) == "这笔交易现在是“待确认”，不能做这一步。"


@pytest.mark.parametrize("side", BOTH)
@pytest.mark.parametrize("make", [confirmed_trade, contracted_trade])
def test_both_sides_agree_to_cancel_and_the_tonnes_are_open_again(
    any_session: Session, make: Callable[[Session], Trade], side: Party
) -> None:
    trade = make(any_session)
    asks, agrees = producer_of(trade), consumer_of(trade)
    if side is Party.CONSUMER:
        asks, agrees = agrees, asks
    reason, words = DeclineReason.STANDSTILL, "检修到月底"
    cases.ask_to_cancel(any_session, asks, trade.number, reason, NOW, words)
    assert (trade.cancel_asked_by, trade.cancel_reason) == (side, EndReason.STANDSTILL)
    cases.agree_to_cancel(any_session, agrees, trade.number, LATER)
    assert (trade.status, trade.ended_reason, trade.ended_by, trade.ended_words) == (
        TradeStatus.CANCELLED,
        EndReason.BOTH_AGREED,
        side.other,
        words,
    )
    assert trade.cancel_reason is EndReason.STANDSTILL
    assert rests(any_session, trade) == untouched()
    assert check(any_session) == []


def test_nobody_agrees_to_a_wish_of_its_own_or_to_none(any_session: Session) -> None:
    trade = confirmed_trade(any_session)
    with pytest.raises(Conflict):
        cases.agree_to_cancel(any_session, consumer_of(trade), trade.number, NOW)
    cases.ask_to_cancel(any_session, producer_of(trade), trade.number, DeclineReason.PRICE, NOW)
    with pytest.raises(Conflict):
        cases.agree_to_cancel(any_session, producer_of(trade), trade.number, NOW)
    with pytest.raises(Conflict):
        cases.ask_to_cancel(any_session, consumer_of(trade), trade.number, DeclineReason.PRICE, NOW)
    assert trade.status is TradeStatus.CONFIRMED


def test_a_wish_to_cancel_can_be_taken_back_by_its_side_only(any_session: Session) -> None:
    trade = confirmed_trade(any_session)
    cases.ask_to_cancel(
        any_session, producer_of(trade), trade.number, DeclineReason.OTHER, NOW, "改期"
    )
    wishes = []
    for actor in (consumer_of(trade), producer_of(trade)):
        cases.keep_after_all(any_session, actor, trade.number, NOW)
        wishes.append((trade.cancel_asked_by, trade.cancel_reason, trade.ended_words))
    assert wishes == [(Party.PRODUCER, EndReason.OTHER, "改期"), (None, None, "")]
    with pytest.raises(Conflict):
        cases.agree_to_cancel(any_session, consumer_of(trade), trade.number, NOW)


def test_words_of_a_wish_nobody_answered_are_not_those_of_another_ending(
    any_session: Session,
) -> None:
    trade = contracted_trade(any_session)
    reason = DeclineReason.OTHER
    cases.ask_to_cancel(any_session, producer_of(trade), trade.number, reason, NOW, "改期")
    cases.find_default(any_session, OPERATOR, trade.number, Party.PRODUCER, "未交货", LATER)
    assert trade.ended_words == "未交货"


def test_a_wish_for_another_reason_needs_words(any_session: Session) -> None:
    trade = confirmed_trade(any_session)
    with pytest.raises(Refused) as refused:
        cases.ask_to_cancel(any_session, producer_of(trade), trade.number, DeclineReason.OTHER, NOW)
    assert refused.value.field == "words"


def test_a_firm_that_is_both_sides_cancels_at_once(any_session: Session) -> None:
    site = approved_company(any_session, site_draft(*CHIPING)).sites[0]
    offer, taker = published_offer(any_session, site), published_requirement(any_session, site)
    trade = confirmed_trade(any_session, offer, taker)
    cases.ask_to_cancel(any_session, trader(site.company), trade.number, DeclineReason.PRICE, NOW)
    assert trade.status is TradeStatus.CANCELLED


def test_what_is_cancelled_after_a_delivery_keeps_what_was_delivered(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 200_000)
    cases.ask_to_cancel(any_session, consumer_of(trade), trade.number, DeclineReason.QUALITY, NOW)
    cases.agree_to_cancel(any_session, producer_of(trade), trade.number, NOW)
    assert rests(any_session, trade) == [
        BalanceRow(open=1_000_000, utilised=200_000),
        BalanceRow(open=1_800_000, utilised=200_000),
    ]


def test_tonnes_released_to_a_withdrawn_listing_leave_the_market_with_it(
    any_session: Session,
) -> None:
    trade = contracted_trade(any_session)
    withdraw(any_session, producer_of(trade), trade.offer_number, NOW)
    cases.operator_cancel(any_session, OPERATOR, trade.number, "双方停产", LATER)
    assert rests(any_session, trade) == [
        BalanceRow(withdrawn=1_200_000),
        BalanceRow(open=2_000_000),
    ]
    assert check(any_session) == []


@pytest.mark.parametrize("make", [proposed_trade, confirmed_trade, contracted_trade])
def test_the_operator_may_cancel_with_a_reason(
    any_session: Session, make: Callable[[Session], Trade]
) -> None:
    trade = make(any_session)
    with pytest.raises(Refused):
        cases.operator_cancel(any_session, OPERATOR, trade.number, " ", NOW)
    cases.operator_cancel(any_session, OPERATOR, trade.number, "证照过期", LATER)
    assert (trade.status, trade.ended_reason, trade.ended_by, trade.ended_words) == (
        TradeStatus.CANCELLED,
        EndReason.OPERATOR,
        None,
        "证照过期",
    )
    assert rests(any_session, trade) == untouched()


def test_only_the_operator_cancels_finds_defaults_and_forgives_them(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    for actor in (producer_of(trade), Actor(kind=ActorKind.REGULATOR, user_id=3)):
        with pytest.raises(Forbidden):
            cases.operator_cancel(any_session, actor, trade.number, "理由", NOW)
        with pytest.raises(Forbidden):
            cases.find_default(any_session, actor, trade.number, Party.CONSUMER, "理由", NOW)
        with pytest.raises(Forbidden):
            cases.release_defaults(any_session, actor, trade.producer_company_id, NOW)


@pytest.mark.parametrize("make", [proposed_trade, confirmed_trade])
def test_nobody_defaults_on_what_was_not_signed(
    any_session: Session, make: Callable[[Session], Trade]
) -> None:
    trade = make(any_session)
    with pytest.raises(Conflict):
        cases.find_default(any_session, OPERATOR, trade.number, Party.PRODUCER, "理由", NOW)


@pytest.mark.parametrize(
    ("side", "reason"),
    [(Party.PRODUCER, EndReason.NOT_DELIVERED), (Party.CONSUMER, EndReason.NOT_TAKEN)],
)
def test_a_default_is_one_sides_and_gives_the_tonnes_back(
    any_session: Session, side: Party, reason: EndReason
) -> None:
    trade = contracted_trade(any_session)
    cases.find_default(any_session, OPERATOR, trade.number, side, "合同到期未履行", LATER)
    assert (trade.status, trade.ended_reason, trade.at_fault) == (
        TradeStatus.DEFAULTED,
        reason,
        side,
    )
    assert rests(any_session, trade) == untouched()


def test_two_defaults_bar_a_firm_until_the_operator_releases_it(any_session: Session) -> None:
    offer, taker = published_offer(any_session), published_requirement(any_session)
    for run in range(2):
        assert offer.company.barred_at is None
        trade = contracted_trade(any_session, offer, taker, origin=f"R-2612-{run}")
        cases.find_default(any_session, OPERATOR, trade.number, Party.PRODUCER, "未交货", LATER)
    assert (offer.company.barred_at, taker.company.barred_at) == (LATER, None)
    waiting = proposed_trade(any_session, offer, taker, origin="R-2612-9")
    with pytest.raises(Barred) as refused:
        operations.confirm(any_session, producer_of(waiting), waiting.number, LATER)
    assert "运营方" in str(refused.value.next_step)
    operations.confirm(any_session, consumer_of(waiting), waiting.number, LATER)
    cases.release_defaults(any_session, OPERATOR, offer.company_id, LATER)
    operations.confirm(any_session, producer_of(waiting), waiting.number, LATER)
    assert waiting.status is TradeStatus.CONFIRMED


def test_forgiven_defaults_count_no_more(any_session: Session) -> None:
    offer, taker = published_offer(any_session), published_requirement(any_session)
    moments = [NOW, LATER, LATER + timedelta(hours=1)]
    for run, now in enumerate(moments):
        trade = contracted_trade(any_session, offer, taker, origin=f"R-2612-{run}")
        cases.find_default(any_session, OPERATOR, trade.number, Party.CONSUMER, "未收货", now)
        if run == 1:
            cases.release_defaults(any_session, OPERATOR, taker.company_id, now)
    assert taker.company.barred_at is None
    with pytest.raises(NotFound):
        cases.release_defaults(any_session, OPERATOR, 99_999, NOW)


def test_a_barred_firm_deals_in_no_way(any_session: Session) -> None:
    offer, taker = published_offer(any_session), published_requirement(any_session)
    offer.company.barred_at = NOW
    draft = proposal(offer, taker, source=TradeSource.NEGOTIATION)
    with pytest.raises(Barred):
        propose_agreed(any_session, trader(offer.company), draft, frozenset(BOTH), NOW)


def test_who_deals_with_a_barred_firm_is_told_of_the_other_side(any_session: Session) -> None:
    offer, taker = published_offer(any_session), published_requirement(any_session)
    offer.company.barred_at = NOW
    draft = proposal(offer, taker, source=TradeSource.NEGOTIATION)
    with pytest.raises(Conflict) as refused:
        propose_agreed(any_session, trader(taker.company), draft, frozenset(BOTH), NOW)
    assert "对方企业" in str(refused.value.message)


def test_either_side_may_close_what_is_delivered_to_the_tolerance(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 570_000)
    cases.complete(any_session, producer_of(trade), trade.number, LATER)
    assert (trade.status, trade.ended_reason, trade.ended_by) == (
        TradeStatus.COMPLETED,
        EndReason.DELIVERED_SHORT,
        Party.PRODUCER,
    )
    assert rests(any_session, trade)[0] == BalanceRow(open=630_000, utilised=570_000)
    assert cases.complete(any_session, consumer_of(trade), trade.number, LATER) is trade
    assert check(any_session) == []


def test_too_little_cannot_be_closed_and_both_masses_are_named(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 569_999)
    with pytest.raises(Refused) as refused:
        cases.complete(any_session, producer_of(trade), trade.number, LATER)
    message = str(refused.value.message)
    assert "569.999" in message
    assert "5%" in message
    assert trade.status is TradeStatus.DELIVERING


def test_what_is_on_the_road_keeps_a_case_open(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 580_000, rejected_kg=20_000)
    cases.ask_to_cancel(any_session, producer_of(trade), trade.number, DeclineReason.PRICE, NOW)
    ways: list[Way] = [
        lambda session, t: cases.complete(session, consumer_of(t), t.number, NOW),
        lambda session, t: cases.agree_to_cancel(session, consumer_of(t), t.number, NOW),
        lambda session, t: cases.operator_cancel(session, OPERATOR, t.number, "理由", NOW),
        lambda session, t: cases.find_default(
            session, OPERATOR, t.number, Party.PRODUCER, "理由", NOW
        ),
    ]
    for way in ways:
        with pytest.raises(Conflict):
            way(any_session, trade)
    assert trade.status is TradeStatus.DELIVERING


def test_a_trade_that_has_ended_says_when_and_how(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    cases.find_default(any_session, OPERATOR, trade.number, Party.PRODUCER, "未交货", LATER)
    with pytest.raises(Conflict) as refused:
        cases.operator_cancel(any_session, OPERATOR, trade.number, "理由", LATER)
    assert str(refused.value.message) == "这笔交易已在 2026-11-22 17:42 结束（违约），不能再改。"


def test_nobody_confirms_with_a_firm_that_was_suspended(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    suspend(any_session, SYSTEM, trade.producer_company_id, "证照过期", NOW)
    with pytest.raises(Conflict) as refused:
        operations.confirm(any_session, consumer_of(trade), trade.number, NOW)
    assert "暂停" in str(refused.value.message)


@pytest.mark.parametrize(
    ("said_yes", "status"),
    [
        ((), TradeStatus.PROPOSED),
        ((Party.CONSUMER,), TradeStatus.PROPOSED),
        (BOTH, TradeStatus.CONFIRMED),
    ],
)
def test_who_dealt_has_said_yes(
    any_session: Session, said_yes: tuple[Party, ...], status: TradeStatus
) -> None:
    offer, taker = published_offer(any_session), published_requirement(any_session)
    draft = proposal(offer, taker, source=TradeSource.LIST_PRICE, offer_step=2)
    trade = propose_agreed(any_session, trader(taker.company), draft, frozenset(said_yes), NOW)
    assert (trade.status, trade.confirmed_by) == (status, frozenset(said_yes))
    assert (trade.source, trade.offer_step) == (TradeSource.LIST_PRICE, 2)
    held = rests(any_session, trade)[0]
    wanted = (0, 600_000) if status is TradeStatus.CONFIRMED else (600_000, 0)
    assert (held.reserved, held.contracted) == wanted
