from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.actor import PUBLIC, SYSTEM, Actor, ActorKind, CompanyRole
from app.core.audit import AuditEvent
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.ledger.operations import Oversold
from app.ledger.queries import BalanceRow, balance, check
from app.listings.operations import withdraw
from app.trades import operations
from app.trades.models import Trade
from app.trades.queries import kept_in_silos, show
from app.trades.rules import DeclineReason, EndReason, Party, TradeStatus
from tests.companies.factories import CHIPING, approved_company, site_draft
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, published_requirement, trader
from tests.trades.factories import (
    confirmed_trade,
    consumer_of,
    keep_time,
    producer_of,
    proposal,
    proposed_trade,
)

LATER = NOW + timedelta(hours=1)
DEADLINE = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
JANUARY, FEBRUARY = date(2027, 1, 1), date(2027, 2, 1)


def standing(session: Session, trade: Trade) -> tuple[BalanceRow, BalanceRow]:
    """The lots of the offer and of the requirement."""
    numbers = (trade.offer_number, trade.requirement_number)
    offer, taker = (balance(session, number, trade.month) for number in numbers)
    return offer, taker


def verbs(session: Session, trade: Trade) -> list[tuple[str, str, object]]:
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.object_kind == "trade", AuditEvent.object_id == trade.number)
        .order_by(AuditEvent.id)
    )
    return [(event.verb, event.actor, event.detail.get("sides")) for event in events]


def test_a_proposal_waits_for_both_sides_and_holds_the_tonnes(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    assert (trade.number, trade.status, trade.deadline) == (
        "T-2611-0001",
        TradeStatus.PROPOSED,
        DEADLINE,
    )
    assert standing(any_session, trade) == (
        BalanceRow(open=600_000, reserved=600_000),
        BalanceRow(open=1_400_000, reserved=600_000),
    )
    assert check(any_session) == []


def test_trades_are_numbered_through_their_month(any_session: Session) -> None:
    numbers = [proposed_trade(any_session).number for _ in range(3)]
    in_december = proposed_trade(any_session, now=NOW + timedelta(days=20))
    assert numbers == ["T-2611-0001", "T-2611-0002", "T-2611-0003"]
    assert in_december.number == "T-2612-0001"


def test_the_firms_and_sites_come_from_the_listings(any_session: Session) -> None:
    offer, taker = published_offer(any_session), published_requirement(any_session)
    trade = proposed_trade(any_session, offer, taker)
    assert (trade.producer, trade.producer_site) == (offer.company, offer.site)
    assert (trade.consumer, trade.consumer_site) == (taker.company, taker.site)


def test_more_than_a_lot_holds_is_not_proposed(any_session: Session) -> None:
    with pytest.raises(Oversold) as refused:
        proposed_trade(any_session, kg=1_200_001)
    assert refused.value.left_kg == 1_200_000


def test_prices_that_do_not_agree_are_a_fault(any_session: Session) -> None:
    with pytest.raises(ValueError, match="do not agree"):
        proposed_trade(any_session, price_consumer=2_466)


def test_a_proposal_between_unknown_listings_is_not_made(any_session: Session) -> None:
    draft = proposal(published_offer(any_session), published_requirement(any_session))
    with pytest.raises(NotFound):
        operations.propose(any_session, SYSTEM, replace(draft, offer_number="S-9999-0001"), NOW)


def test_one_run_proposes_a_pair_of_listings_once(any_session: Session) -> None:
    offer, taker = published_offer(any_session), published_requirement(any_session)
    proposed_trade(any_session, offer, taker, kg=1)
    with pytest.raises(IntegrityError), any_session.begin_nested():
        proposed_trade(any_session, offer, taker, kg=2)


@pytest.mark.parametrize("first", [Party.PRODUCER, Party.CONSUMER])
def test_the_second_confirmation_binds_the_tonnes(any_session: Session, first: Party) -> None:
    trade = proposed_trade(any_session)
    actors = [producer_of(trade), consumer_of(trade)]
    if first is Party.CONSUMER:
        actors.reverse()
    operations.confirm(any_session, actors[0], trade.number, NOW)
    assert (trade.status, trade.confirmed_by) == (TradeStatus.PROPOSED, frozenset({first}))
    assert standing(any_session, trade)[0].reserved == 600_000
    operations.confirm(any_session, actors[1], trade.number, LATER)
    assert (trade.status, trade.confirmed_at) == (TradeStatus.CONFIRMED, LATER)
    assert standing(any_session, trade) == (
        BalanceRow(open=600_000, contracted=600_000),
        BalanceRow(open=1_400_000, contracted=600_000),
    )
    assert check(any_session) == []


def test_confirming_twice_is_confirming_once(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    for now in (NOW, LATER):
        operations.confirm(any_session, producer_of(trade), trade.number, now)
    assert (trade.producer_confirmed_at, trade.version) == (NOW, 2)
    operations.confirm(any_session, consumer_of(trade), trade.number, LATER)
    operations.confirm(any_session, consumer_of(trade), trade.number, DEADLINE + SECOND)
    assert (trade.status, trade.confirmed_at) == (TradeStatus.CONFIRMED, LATER)
    assert len(verbs(any_session, trade)) == 3


def test_a_firm_that_is_both_sides_confirms_for_both(any_session: Session) -> None:
    company = approved_company(any_session, site_draft(*CHIPING))
    site = company.sites[0]
    trade = proposed_trade(
        any_session, published_offer(any_session, site), published_requirement(any_session, site)
    )
    operations.confirm(any_session, trader(company), trade.number, NOW)
    assert trade.status is TradeStatus.CONFIRMED


@pytest.mark.parametrize("side", Party)
def test_a_decline_gives_the_tonnes_back(any_session: Session, side: Party) -> None:
    trade = proposed_trade(any_session)
    actor = producer_of(trade) if side is Party.PRODUCER else consumer_of(trade)
    operations.decline(any_session, actor, trade.number, DeclineReason.PRICE, LATER, "希望 5 元")
    assert (trade.status, trade.ended_by, trade.ended_reason, trade.ended_words) == (
        TradeStatus.DECLINED,
        side,
        EndReason.PRICE,
        "希望 5 元",
    )
    assert standing(any_session, trade) == (BalanceRow(open=1_200_000), BalanceRow(open=2_000_000))
    assert check(any_session) == []


def test_a_side_may_decline_after_its_own_confirmation_while_the_other_waits(
    any_session: Session,
) -> None:
    trade = proposed_trade(any_session)
    operations.confirm(any_session, producer_of(trade), trade.number, NOW)
    operations.decline(
        any_session, producer_of(trade), trade.number, DeclineReason.STANDSTILL, LATER
    )
    assert trade.status is TradeStatus.DECLINED


def test_another_reason_needs_words(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    with pytest.raises(Refused) as refused:
        operations.decline(any_session, producer_of(trade), trade.number, DeclineReason.OTHER, NOW)
    assert refused.value.field == "words"
    assert trade.status is TradeStatus.PROPOSED


def test_tonnes_that_return_to_a_withdrawn_listing_leave_the_market_with_it(
    any_session: Session,
) -> None:
    trade = proposed_trade(any_session)
    withdraw(any_session, producer_of(trade), trade.offer_number, NOW)
    operations.decline(any_session, consumer_of(trade), trade.number, DeclineReason.PRICE, LATER)
    assert standing(any_session, trade) == (
        BalanceRow(withdrawn=1_200_000),
        BalanceRow(open=2_000_000),
    )
    assert check(any_session) == []


def test_a_confirmed_trade_can_be_declined_by_nobody(any_session: Session) -> None:
    trade = confirmed_trade(any_session)
    with pytest.raises(Conflict) as refused:
        operations.decline(
            any_session, consumer_of(trade), trade.number, DeclineReason.PRICE, LATER
        )
    assert str(refused.value.message) == "双方已在 2026-11-22 16:42 确认这笔交易，不能再改。"
    assert standing(any_session, trade)[0].contracted == 600_000


def test_confirming_after_the_other_side_declined_says_when_and_why(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    operations.confirm(any_session, consumer_of(trade), trade.number, NOW)
    operations.decline(any_session, producer_of(trade), trade.number, DeclineReason.PRICE, LATER)
    with pytest.raises(Conflict) as refused:
        operations.confirm(any_session, consumer_of(trade), trade.number, LATER)
    assert str(refused.value.message) == (
        "产废方已在 2026-11-22 17:42 拒绝这笔交易（价格不合适），吨数已退回。"
    )


def test_a_confirmation_one_second_before_the_deadline_counts(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    operations.confirm(any_session, producer_of(trade), trade.number, DEADLINE - SECOND)
    operations.confirm(any_session, consumer_of(trade), trade.number, DEADLINE)
    assert trade.status is TradeStatus.CONFIRMED


@pytest.mark.parametrize("deed", ["confirm", "decline"])
def test_an_answer_one_second_after_the_deadline_is_refused(
    any_session: Session, deed: str
) -> None:
    trade = proposed_trade(any_session)
    facts = (DeclineReason.PRICE,) if deed == "decline" else ()
    with pytest.raises(Conflict) as refused:
        getattr(operations, deed)(
            any_session, producer_of(trade), trade.number, *facts, DEADLINE + SECOND
        )
    assert "2026-11-25 18:00" in str(refused.value.message)
    assert trade.status is TradeStatus.PROPOSED


def test_a_proposal_expires_after_its_deadline_and_not_before(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    operations.confirm(any_session, producer_of(trade), trade.number, NOW)
    assert keep_time(any_session, DEADLINE) == 0
    assert keep_time(any_session, DEADLINE + SECOND) == 1
    assert keep_time(any_session, DEADLINE + 2 * SECOND) == 0
    assert (trade.status, trade.ended_at, trade.ended_by, trade.ended_reason) == (
        TradeStatus.EXPIRED,
        DEADLINE + SECOND,
        None,
        EndReason.NO_ANSWER,
    )
    assert standing(any_session, trade) == (BalanceRow(open=1_200_000), BalanceRow(open=2_000_000))
    with pytest.raises(Conflict):
        operations.confirm(any_session, consumer_of(trade), trade.number, NOW)


def test_a_confirmed_trade_cannot_expire(any_session: Session) -> None:
    trade = confirmed_trade(any_session)
    assert keep_time(any_session, DEADLINE + SECOND) == 0
    assert trade.status is TradeStatus.CONFIRMED


def test_several_proposals_of_one_lot_expire_together(any_session: Session) -> None:
    offer = published_offer(any_session)
    for taker in (published_requirement(any_session) for _ in range(3)):
        proposed_trade(any_session, offer, taker, kg=400_000)
    assert balance(any_session, offer.number, DECEMBER) == BalanceRow(reserved=1_200_000)
    assert keep_time(any_session, DEADLINE + SECOND) == 3
    assert balance(any_session, offer.number, DECEMBER) == BalanceRow(open=1_200_000)
    assert check(any_session) == []


def test_what_was_given_back_can_be_proposed_again_by_the_next_run(any_session: Session) -> None:
    offer, taker = published_offer(any_session), published_requirement(any_session)
    first = proposed_trade(any_session, offer, taker, kg=1_200_000)
    operations.decline(any_session, consumer_of(first), first.number, DeclineReason.PRICE, NOW)
    second = proposed_trade(any_session, offer, taker, origin="R-2612-2", kg=1_200_000)
    assert standing(any_session, second)[0] == BalanceRow(reserved=1_200_000)


def test_every_deed_is_in_the_audit_trail(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    operations.confirm(any_session, producer_of(trade), trade.number, NOW)
    operations.decline(any_session, consumer_of(trade), trade.number, DeclineReason.QUALITY, NOW)
    assert verbs(any_session, trade) == [
        ("trade.propose", "system", []),
        ("trade.confirm", "company:1", ["producer"]),
        ("trade.decline", "company:1", ["consumer"]),
    ]


STRANGERS: dict[str, Callable[[Session], Actor]] = {
    "another firm": lambda session: trader(approved_company(session)),
    "the operator": lambda _session: Actor(kind=ActorKind.OPERATOR, user_id=9),
    "a regulator": lambda _session: Actor(kind=ActorKind.REGULATOR, user_id=9, region="371500"),
    "the public": lambda _session: PUBLIC,
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_nobody_else_answers_a_trade(any_session: Session, stranger: str) -> None:
    trade = proposed_trade(any_session)
    actor = STRANGERS[stranger](any_session)
    with pytest.raises(NotFound):
        operations.confirm(any_session, actor, trade.number, NOW)
    with pytest.raises(NotFound):
        operations.decline(any_session, actor, trade.number, DeclineReason.PRICE, NOW)
    assert trade.version == 1


@pytest.mark.parametrize(
    "change", [{"company_role": CompanyRole.VIEWER}, {"company_approved": False}]
)
def test_a_viewer_and_an_unapproved_firm_may_not_answer(
    any_session: Session, change: dict[str, object]
) -> None:
    trade = proposed_trade(any_session)
    actor = replace(producer_of(trade), **change)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        operations.confirm(any_session, actor, trade.number, NOW)
    with pytest.raises(Forbidden):
        operations.decline(any_session, actor, trade.number, DeclineReason.PRICE, NOW)


def test_an_unknown_trade_is_not_found(any_session: Session) -> None:
    actor = trader(approved_company(any_session))
    with pytest.raises(NotFound):
        operations.confirm(any_session, actor, "T-9999-0001", NOW)


def test_goods_from_a_silo_are_taken_out_of_the_months_they_were_made_in(
    any_session: Session,
) -> None:
    offer, taker = published_offer(any_session), published_requirement(any_session)
    trade = proposed_trade(
        any_session,
        offer,
        taker,
        month=JANUARY,
        offer_draws={DECEMBER: 250_000, JANUARY: 350_000},
        requirement_draws={JANUARY: 400_000, FEBRUARY: 200_000},
    )
    held = (BalanceRow(open=950_000, reserved=250_000), BalanceRow(open=850_000, reserved=350_000))
    assert tuple(balance(any_session, offer.number, each) for each in (DECEMBER, JANUARY)) == held
    assert balance(any_session, taker.number, FEBRUARY).reserved == 200_000
    assert kept_in_silos(any_session) == {offer.number: 250_000, taker.number: 200_000}
    operations.confirm(any_session, producer_of(trade), trade.number, LATER)
    operations.confirm(any_session, consumer_of(trade), trade.number, LATER)
    assert balance(any_session, offer.number, DECEMBER).contracted == 250_000
    assert check(any_session) == []


def test_a_declined_trade_gives_every_month_its_tonnes_back(any_session: Session) -> None:
    trade = proposed_trade(
        any_session, month=JANUARY, offer_draws={DECEMBER: 100_000, JANUARY: 500_000}
    )
    operations.decline(any_session, consumer_of(trade), trade.number, DeclineReason.PRICE, LATER)
    for month in (DECEMBER, JANUARY):
        assert balance(any_session, trade.offer_number, month) == BalanceRow(open=1_200_000)
    assert kept_in_silos(any_session) == {}
    assert check(any_session) == []


def test_draws_that_do_not_sum_to_the_trade_are_a_fault_of_the_caller(session: Session) -> None:
    with pytest.raises(ValueError, match="draws"):
        proposed_trade(session, offer_draws={DECEMBER: 599_999})


def test_a_side_sees_only_what_it_keeps_itself(any_session: Session) -> None:
    trade = proposed_trade(
        any_session,
        month=JANUARY,
        offer_draws={DECEMBER: 600_000},
        requirement_draws={FEBRUARY: 600_000},
    )
    readers = (producer_of(trade), consumer_of(trade))
    stays = [show(any_session, reader, trade.number, NOW).stays for reader in readers]
    assert [[(stay.party, stay.month, stay.kg) for stay in found] for found in stays] == [
        [(Party.PRODUCER, DECEMBER, 600_000)],
        [(Party.CONSUMER, FEBRUARY, 600_000)],
    ]
