"""Negotiations and taking at the list price, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bidding import deals, negotiating, threads
from app.bidding.deals import DealDraft
from app.bidding.freight import way_of
from app.bidding.models import Negotiation
from app.bidding.negotiating import Reply
from app.bidding.operations import BidRefused
from app.bidding.rules import DealTerms, MoveKind, NegotiationStatus, haul_fen
from app.catalogue.queries import freight_terms
from app.companies.models import Company
from app.core import once
from app.core.actor import Actor
from app.core.errors import Conflict, NotFound
from app.ledger.queries import balance, check
from app.listings import operations as listings
from app.listings import queries as listing_queries
from app.listings.models import Listing, Offer
from app.listings.rules import DealMode
from app.trades import operations as trades
from app.trades.models import Trade
from app.trades.rules import TradeSource, TradeStatus
from matching import Settings
from matching.lanes.reach import lane_cost
from tests.accounts.factories import actor_of, user_of
from tests.companies.factories import DONGCHANGFU, approved_company, site_draft
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, published_requirement

DAY = timedelta(days=1)


def person(session: Session, company: Company) -> Actor:
    """Somebody of a firm who is really there: moves and approvals name people."""
    user = user_of(session, company)
    session.flush()
    session.refresh(user)
    return actor_of(user)


def bidder(session: Session) -> Actor:
    return person(session, approved_company(session, site_draft(*DONGCHANGFU)))


def draft(session: Session, actor: Actor, **changes: object) -> DealDraft:
    """200 t of fly ash in December at 6 CNY/t paid by the consumer."""
    site = session.get_one(Company, actor.company_id).sites[0]
    terms = DealTerms("fly_ash", DECEMBER, 200_000, 600)
    return DealDraft(site.id, replace(terms, **changes), "先谈一笔")  # type: ignore[arg-type]


def opened(session: Session, actor: Actor, listing: Listing, **changes: object) -> Negotiation:
    wanted = draft(session, actor, **changes)
    return negotiating.open_negotiation(
        session, actor, listing.number, wanted, NOW, key=once.new_key()
    )


def accepted(session: Session, actor: Actor, found: Negotiation) -> Trade:
    freight = way_of(session, found.listing, found.site, NOW).freight
    position = found.standing.position
    return negotiating.accept(session, actor, found.number, position, freight, NOW)


@pytest.fixture
def fixed(any_session: Session) -> Offer:
    return published_offer(any_session, deal_mode=DealMode.LIST_PRICE, list_price=850)


def taken(session: Session, actor: Actor, listing: Listing, key: str = "", **kg: int) -> Trade:
    wanted = draft(session, actor, price=None, **kg)
    return deals.take(session, actor, listing.number, wanted, NOW, key=key or once.new_key())


def test_an_accepted_offer_is_a_confirmed_trade_over_a_private_listing(
    any_session: Session,
) -> None:
    offer = published_offer(any_session)
    owner, other = person(any_session, offer.company), bidder(any_session)
    found = opened(any_session, other, offer)
    trade = accepted(any_session, owner, found)
    assert (trade.status, trade.source) == (TradeStatus.CONFIRMED, TradeSource.NEGOTIATION)
    assert (trade.kg, trade.price_producer, trade.origin) == (200_000, 600, found.number)
    assert trade.price_consumer == 600 + trade.freight
    assert (found.status, found.trade_number) == (NegotiationStatus.ACCEPTED, trade.number)
    assert balance(any_session, offer.number, DECEMBER).contracted == 200_000
    private = any_session.scalars(
        select(Listing).where(Listing.number == trade.requirement_number)
    ).one()
    assert (private.deal_mode, private.company_id) == (DealMode.PRIVATE, other.company_id)
    assert check(any_session) == []


def test_a_counter_offer_turns_the_table_and_the_bidder_may_accept_it(
    any_session: Session,
) -> None:
    need = published_requirement(any_session)
    owner, other = person(any_session, need.company), bidder(any_session)
    found = opened(any_session, other, need)
    negotiating.counter(any_session, owner, found.number, Reply(1, 150_000, -300), NOW)
    trade = accepted(any_session, other, found)
    assert (trade.status, trade.kg, trade.price_producer) == (TradeStatus.CONFIRMED, 150_000, -300)
    assert trade.requirement_number == need.number


def test_what_was_countered_can_no_longer_be_accepted(any_session: Session) -> None:
    offer = published_offer(any_session)
    owner, other = person(any_session, offer.company), bidder(any_session)
    found = opened(any_session, other, offer)
    negotiating.counter(any_session, owner, found.number, Reply(1, 100_000, 700), NOW)
    negotiating.counter(any_session, other, found.number, Reply(2, 100_000, 650), NOW)
    with pytest.raises(Conflict) as refusal:
        negotiating.accept(any_session, owner, found.number, 1, 0, NOW)
    assert "新的条件" in str(refusal.value.message)


def test_accepting_twice_is_told_which_trade_it_became(any_session: Session) -> None:
    offer = published_offer(any_session)
    owner, other = person(any_session, offer.company), bidder(any_session)
    found = opened(any_session, other, offer)
    trade = accepted(any_session, owner, found)
    with pytest.raises(Conflict) as refusal:
        accepted(any_session, owner, found)
    assert trade.number in str(refusal.value.message)
    assert any_session.scalar(select(func.count()).select_from(Trade)) == 1


def test_nobody_accepts_counters_or_declines_the_own_offer(session: Session) -> None:
    offer = published_offer(session)
    other = bidder(session)
    found = opened(session, other, offer)
    with pytest.raises(Conflict):
        accepted(session, other, found)
    with pytest.raises(Conflict):
        negotiating.counter(session, other, found.number, Reply(1, 1, 1), NOW)
    with pytest.raises(Conflict):
        negotiating.decline(session, other, found.number, 1, "", NOW)
    negotiating.withdraw(session, other, found.number, 1, NOW)
    assert found.status is NegotiationStatus.WITHDRAWN


def test_the_same_counter_offer_sent_twice_is_one(session: Session) -> None:
    offer = published_offer(session)
    owner, other = person(session, offer.company), bidder(session)
    found = opened(session, other, offer)
    for _time in range(2):
        negotiating.counter(session, owner, found.number, Reply(1, 100_000, 700), NOW)
    for _time in range(2):
        negotiating.say(session, owner, found.number, "可以分两次拉", NOW)
    assert [move.kind for move in found.moves] == [
        MoveKind.OFFER,
        MoveKind.COUNTER,
        MoveKind.MESSAGE,
    ]


def test_the_same_form_opens_one_negotiation_and_a_second_one_is_refused(
    any_session: Session,
) -> None:
    offer, other = published_offer(any_session), bidder(any_session)
    key, wanted = once.new_key(), draft(any_session, other)
    numbers = {
        negotiating.open_negotiation(any_session, other, offer.number, wanted, NOW, key=key).number
        for _time in range(2)
    }
    assert numbers == {"N-2611-0001"}
    with pytest.raises(Conflict) as refusal:
        opened(any_session, other, offer)
    assert "N-2611-0001" in str(refusal.value.message)


def test_a_third_firm_finds_no_negotiation(session: Session) -> None:
    found = opened(session, bidder(session), published_offer(session))
    stranger = bidder(session)
    with pytest.raises(NotFound):
        threads.show(session, stranger, found.number, NOW)
    with pytest.raises(NotFound):
        negotiating.say(session, stranger, found.number, "?", NOW)


def test_both_sides_read_the_thread_without_each_others_name(session: Session) -> None:
    offer = published_offer(session)
    owner, other = person(session, offer.company), bidder(session)
    found = opened(session, other, offer)
    mine, theirs = (threads.show(session, actor, found.number, NOW) for actor in (owner, other))
    assert mine.row.other == "东昌府区 · 利废企业"
    assert theirs.row.other == "茌平区 · 产废企业"
    assert mine.freight == theirs.freight > 0
    assert (mine.row.i_produce, theirs.row.i_produce) == (True, False)
    assert mine.may == {MoveKind.COUNTER, MoveKind.MESSAGE, MoveKind.ACCEPT, MoveKind.DECLINE}
    assert theirs.may == {MoveKind.MESSAGE, MoveKind.WITHDRAW}
    assert (threads.waiting_threads(session, owner, NOW), mine.row.waits_for_me) == (1, True)
    assert threads.waiting_threads(session, other, NOW) == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kg": 0}, "tonnes"),
        ({"kg": 1_200_001}, "tonnes"),
        ({"material": "red_mud"}, "material"),
        ({"month": date(2026, 11, 1)}, "month"),
        ({"month": date(2027, 4, 1)}, "month"),
        ({"price": -1_000_001}, "price"),
    ],
)
def test_an_offer_that_does_not_fit_the_listing_is_refused_at_its_field(
    session: Session, changes: dict[str, object], field: str
) -> None:
    other, offer = bidder(session), published_offer(session)
    with pytest.raises(BidRefused) as refusal:
        opened(session, other, offer, **changes)
    assert [name for name, _sentence in refusal.value.problems] == [field]
    assert "1,200" not in str(refusal.value.problems)


def test_what_has_been_sold_meanwhile_cannot_be_accepted(any_session: Session) -> None:
    offer = published_offer(any_session)
    owner = person(any_session, offer.company)
    first = opened(any_session, bidder(any_session), offer, kg=1_000_000)
    second = opened(any_session, bidder(any_session), offer, kg=1_000_000)
    accepted(any_session, owner, first)
    with pytest.raises(Conflict):
        accepted(any_session, owner, second)
    assert balance(any_session, offer.number, DECEMBER).open == 200_000


def test_an_unanswered_offer_ends_and_says_so(any_session: Session) -> None:
    offer = published_offer(any_session)
    owner = person(any_session, offer.company)
    found = opened(any_session, bidder(any_session), offer)
    assert negotiating.expire_due(any_session, NOW + 3 * DAY - timedelta(microseconds=1)) == 0
    with pytest.raises(Conflict):
        negotiating.accept(any_session, owner, found.number, 1, 0, NOW + 3 * DAY)
    assert negotiating.expire_due(any_session, NOW + 3 * DAY) == 1
    assert negotiating.expire_due(any_session, NOW + 3 * DAY) == 0
    assert found.status is NegotiationStatus.EXPIRED


def test_a_freight_that_changed_since_the_page_was_read_agrees_to_nothing(
    session: Session,
) -> None:
    offer = published_offer(session)
    owner = person(session, offer.company)
    found = opened(session, bidder(session), offer)
    with pytest.raises(Conflict):
        negotiating.accept(session, owner, found.number, 1, 1, NOW)


@pytest.mark.parametrize("mode", [DealMode.LIST_PRICE, DealMode.ROUND])
def test_only_a_listing_open_to_offers_is_negotiated(session: Session, mode: DealMode) -> None:
    offer = published_offer(session, deal_mode=mode, list_price=100)
    with pytest.raises(Conflict):
        opened(session, bidder(session), offer)


def test_a_withdrawn_listing_and_the_own_one_are_not_dealt_with(session: Session) -> None:
    offer = published_offer(session)
    owner, other = person(session, offer.company), bidder(session)
    with pytest.raises(Conflict):
        opened(session, owner, offer)
    found = opened(session, other, offer)
    listings.withdraw(session, owner, offer.number, NOW)
    with pytest.raises(Conflict):
        opened(session, bidder(session), offer)
    with pytest.raises(Conflict):
        accepted(session, owner, found)


def test_taking_at_the_list_price_leaves_the_owner_to_confirm(
    any_session: Session, fixed: Offer
) -> None:
    other = bidder(any_session)
    trade = taken(any_session, other, fixed)
    assert (trade.status, trade.source) == (TradeStatus.PROPOSED, TradeSource.LIST_PRICE)
    assert (trade.price_producer, trade.consumer_confirmed_at) == (850, NOW)
    assert balance(any_session, fixed.number, DECEMBER).reserved == 200_000
    owner = person(any_session, fixed.company)
    assert trades.confirm(any_session, owner, trade.number, NOW).status is TradeStatus.CONFIRMED


def test_a_requirements_list_price_is_meant_at_its_own_gate(session: Session) -> None:
    need = published_requirement(session, deal_mode=DealMode.LIST_PRICE, list_price=3_000)
    trade = taken(session, bidder(session), need)
    assert trade.price_consumer == 3_000
    assert trade.price_producer == 3_000 - trade.freight


def test_the_same_form_takes_once(any_session: Session, fixed: Offer) -> None:
    other, key = bidder(any_session), once.new_key()
    numbers = {taken(any_session, other, fixed, key).number for _time in range(2)}
    assert len(numbers) == 1
    assert balance(any_session, fixed.number, DECEMBER).reserved == 200_000


def test_more_than_is_left_cannot_be_taken(any_session: Session, fixed: Offer) -> None:
    taken(any_session, bidder(any_session), fixed, kg=1_100_000)
    with pytest.raises(BidRefused) as refusal:
        taken(any_session, bidder(any_session), fixed, kg=100_001)
    assert refusal.value.field == "tonnes"
    taken(any_session, bidder(any_session), fixed, kg=100_000)
    assert balance(any_session, fixed.number, DECEMBER).open == 0
    assert check(any_session) == []


def test_a_private_listing_is_seen_by_its_owner_alone_and_cannot_be_edited(
    session: Session,
) -> None:
    offer = published_offer(session)
    owner, other = person(session, offer.company), bidder(session)
    trade = accepted(session, owner, opened(session, other, offer))
    number, on = trade.requirement_number, NOW.date()
    assert listing_queries.show(session, other, number, on).listing.number == number
    with pytest.raises(NotFound):
        listing_queries.show(session, owner, number, on)
    with pytest.raises(Conflict):
        listings.renew(session, other, number, 1, NOW)


def test_the_freight_of_a_deal_is_that_of_a_lane(session: Session) -> None:
    terms = freight_terms(session, NOW.date())
    settings = Settings(
        detour_milli=terms.detour_milli,
        freight_per_t=terms.per_t_fen,
        freight_per_tkm=terms.per_tkm_fen,
    )
    for road_m in (0, 1, 999, 1_000, 10_009, 87_654, 250_001):
        expected = lane_cost(road_m, settings)  # type: ignore[arg-type]
        assert haul_fen(road_m, terms.per_t_fen, terms.per_tkm_fen) == expected
