from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.core.actor import PUBLIC, Actor, ActorKind, CompanyRole
from app.core.errors import NotFound
from app.trades import cases, delivery, lookups, operations, queries
from app.trades.choices import Choice
from app.trades.masses import Masses
from app.trades.models import Trade
from app.trades.queries import TradeFilter
from app.trades.rules import DeclineReason, Party, TradeStatus
from tests.accounts.factories import actor_of, user_of
from tests.companies.factories import approved_company
from tests.conftest import NOW
from tests.listings.factories import published_offer, published_requirement, trader
from tests.trades.factories import (
    confirmed_trade,
    consumer_of,
    contracted_trade,
    deliver,
    keep_time,
    producer_of,
    proposed_trade,
)

OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=9)
AFTER = datetime(2026, 11, 25, 10, 0, 1, tzinfo=UTC)


def regulator(region: str) -> Actor:
    return Actor(kind=ActorKind.REGULATOR, user_id=8, region=region)


READERS = {
    "the producer": (producer_of, True),
    "the consumer": (consumer_of, True),
    "a viewer of the producer": (
        lambda trade: replace(producer_of(trade), company_role=CompanyRole.VIEWER),
        True,
    ),
    "the operator": (lambda _trade: OPERATOR, True),
    "the city": (lambda _trade: regulator("371500"), True),
    "the producer's county": (lambda _trade: regulator("371503"), True),
    "the consumer's county": (lambda _trade: regulator("371502"), True),
    "another county": (lambda _trade: regulator("371581"), False),
    "the public": (lambda _trade: PUBLIC, False),
}


@pytest.mark.parametrize("reader", READERS)
def test_a_trade_is_seen_by_its_sides_and_those_who_watch_them(
    any_session: Session, reader: str
) -> None:
    trade = proposed_trade(any_session)
    make, sees = READERS[reader]
    actor = make(trade)
    found = queries.own_trades(any_session, actor, TradeFilter(), NOW)
    assert [row.number for row in found.rows] == ([trade.number] if sees else [])
    if sees:
        assert queries.show(any_session, actor, trade.number, NOW).number == trade.number
    else:
        with pytest.raises(NotFound):
            queries.show(any_session, actor, trade.number, NOW)


def test_another_firm_does_not_see_a_trade(any_session: Session) -> None:
    trade, stranger = proposed_trade(any_session), trader(approved_company(any_session))
    assert queries.own_trades(any_session, stranger, TradeFilter(), NOW).total == 0
    with pytest.raises(NotFound):
        queries.show(any_session, stranger, trade.number, NOW)


def test_before_both_confirm_a_side_knows_the_others_county_and_no_more(
    any_session: Session,
) -> None:
    trade = proposed_trade(any_session)
    operations.confirm(any_session, consumer_of(trade), trade.number, NOW)
    view = queries.show(any_session, consumer_of(trade), trade.number, NOW)
    other = view.producer
    assert (other.county, other.name, other.site, other.address) == ("茌平区", "", "", "")
    assert (other.contact, other.phone) == ("", "")
    assert view.consumer.name == trade.consumer.name
    assert (view.metres, view.is_open) == (25_000, False)


def test_after_both_confirmed_the_sides_know_name_site_and_phone(any_session: Session) -> None:
    trade = confirmed_trade(any_session)
    view = queries.show(any_session, consumer_of(trade), trade.number, NOW)
    other = view.producer
    assert (other.name, other.site) == (trade.producer.name, trade.producer_site.name)
    assert (other.contact, other.phone) == ("联系人", "0635-1234567")
    assert (view.metres, view.is_open) == (23_400, True)


@pytest.mark.parametrize("ending", ["decline", "expire"])
def test_a_trade_that_came_to_nothing_opens_no_names(any_session: Session, ending: str) -> None:
    trade = proposed_trade(any_session)
    if ending == "decline":
        operations.decline(any_session, producer_of(trade), trade.number, DeclineReason.PRICE, NOW)
    else:
        keep_time(any_session, AFTER)
    other = queries.show(any_session, consumer_of(trade), trade.number, AFTER).producer
    assert (other.name, other.phone) == ("", "")


def test_a_listing_that_shows_its_firm_opens_the_name_but_not_the_phone(
    any_session: Session,
) -> None:
    trade = proposed_trade(any_session, published_offer(any_session, shows_name=True))
    other = queries.show(any_session, consumer_of(trade), trade.number, NOW).producer
    assert (other.name, other.site, other.phone) == (trade.producer.name, "", "")


def test_the_operator_knows_names_and_phones(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    view = queries.show(any_session, OPERATOR, trade.number, NOW)
    assert (view.producer.name, view.producer.phone) == (trade.producer.name, "0635-1234567")


def test_a_regulator_knows_county_and_role_until_it_says_why_it_asks(any_session: Session) -> None:
    trade, county = confirmed_trade(any_session), regulator("371503")
    before = queries.show(any_session, county, trade.number, NOW)
    assert (before.producer.county, before.producer.name, before.consumer.name) == (
        "茌平区",
        "",
        "",
    )
    lookups.look_up(any_session, county, trade.number, "核对 12 月去向", NOW)
    after = queries.show(any_session, county, trade.number, NOW)
    assert (after.producer.name, after.producer.phone) == (trade.producer.name, "")
    late = queries.show(any_session, county, trade.number, NOW + timedelta(hours=25))
    assert late.producer.name == ""


def test_another_regulator_sees_nothing_of_what_one_has_opened(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    lookups.look_up(any_session, regulator("371503"), trade.number, "核对 12 月去向", NOW)
    other = replace(regulator("371500"), user_id=88)
    assert queries.show(any_session, other, trade.number, NOW).producer.name == ""


def limits(session: Session, app: Flask, actor: Actor, trade: Trade) -> dict[Party, int]:
    view = queries.show(session, actor, trade.number, NOW)
    return queries.own_limits(session, app.extensions["gufei.vault"], actor, view)


def test_a_limit_is_opened_for_its_owner_alone(any_app: Flask, any_session: Session) -> None:
    trade = confirmed_trade(
        any_session,
        offer=published_offer(any_session, limit_price=-777),
        taker=published_requirement(any_session, limit_price=8_888),
    )
    assert limits(any_session, any_app, producer_of(trade), trade) == {Party.PRODUCER: -777}
    assert limits(any_session, any_app, consumer_of(trade), trade) == {Party.CONSUMER: 8_888}
    for official in (OPERATOR, regulator("371500")):
        assert limits(any_session, any_app, official, trade) == {}


def test_a_listing_without_a_limit_shows_none(any_app: Flask, any_session: Session) -> None:
    trade = proposed_trade(any_session)
    assert limits(any_session, any_app, producer_of(trade), trade) == {}


def test_what_waits_for_the_reader_comes_first_then_by_deadline(any_session: Session) -> None:
    offer = published_offer(any_session)
    takers = [published_requirement(any_session) for _ in range(4)]
    pairs = zip(takers, (3, 0, 1, 2), strict=True)
    trades = [
        proposed_trade(any_session, offer, taker, NOW + timedelta(days=days), kg=1_000)
        for taker, days in pairs
    ]
    actor = producer_of(trades[0])
    operations.confirm(any_session, actor, trades[1].number, NOW)
    operations.decline(any_session, actor, trades[2].number, DeclineReason.PRICE, NOW)
    found = queries.own_trades(any_session, actor, TradeFilter(), NOW)
    assert [row.number for row in found.rows] == [trades[place].number for place in (3, 0, 1, 2)]
    assert [row.awaits_me for row in found.rows] == [True, True, False, False]
    assert queries.waiting_for(any_session, actor) == 2


def test_a_list_counts_states_and_sums_what_is_chosen(any_session: Session) -> None:
    offer = published_offer(any_session)
    for kg in (1_000, 2_000):
        proposed_trade(any_session, offer, published_requirement(any_session), kg=kg)
    declined = proposed_trade(any_session, offer, published_requirement(any_session), kg=4_000)
    actor = producer_of(declined)
    operations.decline(any_session, actor, declined.number, DeclineReason.PRICE, NOW)
    everything = queries.own_trades(any_session, actor, TradeFilter(), NOW)
    proposed = queries.own_trades(any_session, actor, TradeFilter(TradeStatus.PROPOSED), NOW)
    assert (everything.total, everything.total_kg) == (3, 7_000)
    assert (proposed.total, proposed.total_kg, len(proposed.rows)) == (2, 3_000, 2)
    assert everything.counts == proposed.counts
    assert everything.counts[TradeStatus.DECLINED] == 1
    assert everything.counts[TradeStatus.EXPIRED] == 0


def test_a_long_list_comes_in_pages(any_session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    offer = published_offer(any_session)
    for _ in range(5):
        proposed_trade(any_session, offer, published_requirement(any_session), kg=1_000)
    seen = []
    for page, (first, last) in enumerate(((1, 2), (3, 4), (5, 5)), start=1):
        found = queries.own_trades(any_session, OPERATOR, TradeFilter(page=page), NOW)
        assert (found.first, found.last, found.total) == (first, last, 5)
        seen += [row.number for row in found.rows]
    assert len(set(seen)) == 5
    assert queries.own_trades(any_session, OPERATOR, TradeFilter(page=99), NOW).page == 3
    assert queries.own_trades(any_session, OPERATOR, TradeFilter(page=-1), NOW).page == 1


def test_a_case_waits_for_its_next_word_until_it_is_given(any_session: Session) -> None:
    trade = confirmed_trade(any_session)
    producer, consumer = producer_of(trade), consumer_of(trade)
    assert waiting(any_session, producer, consumer) == [1, 1]
    cases.sign(any_session, producer, trade.number, "", NOW)
    assert waiting(any_session, producer, consumer) == [0, 1]
    cases.ask_to_cancel(any_session, consumer, trade.number, DeclineReason.PRICE, NOW)
    assert waiting(any_session, producer, consumer) == [1, 1]
    only = queries.own_trades(any_session, producer, TradeFilter(only_waiting=True), NOW)
    assert [row.number for row in only.rows] == [trade.number]


def waiting(session: Session, *actors: Actor) -> list[int]:
    return [queries.waiting_for(session, actor) for actor in actors]


def test_the_first_of_two_people_waits_for_the_second(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    trade.producer.needs_two_approvals = True
    people = [user_of(any_session, trade.producer) for _ in range(2)]
    any_session.flush()
    first, second = (actor_of(person) for person in people)
    operations.confirm(any_session, first, trade.number, NOW)
    assert waiting(any_session, first, second) == [0, 1]
    view = queries.show(any_session, second, trade.number, NOW)
    assert [(one.deed, one.is_mine) for one in view.approvals] == [("confirm", False)]
    assert Choice.CONFIRM in view.choices
    assert queries.show(any_session, first, trade.number, NOW).choices == {Choice.DECLINE}
    assert not queries.show(any_session, consumer_of(trade), trade.number, NOW).approvals


def test_what_time_has_passed_by_waits_for_the_operator(any_session: Session) -> None:
    trade = confirmed_trade(any_session)
    assert waiting(any_session, OPERATOR) == [0]
    trade.escalated_at = NOW
    any_session.flush()
    assert waiting(any_session, OPERATOR) == [1]


def test_the_masses_of_a_case_add_up_to_it(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    deliver(any_session, trade, 30_000, 2_000)
    delivery.take_back(any_session, producer_of(trade), trade.number, "W-2612-00001", 2_000, NOW)
    delivery.dispatch(any_session, producer_of(trade), trade.number, 31_000, "W-2612-00002", NOW)
    masses = queries.show(any_session, OPERATOR, trade.number, NOW).masses
    assert masses == Masses(
        contracted=600_000 - 63_000,
        dispatched=63_000,
        in_transit=31_000,
        received=30_000,
        rejected=2_000,
        returned=2_000,
    )
    assert masses.is_still_moving


def test_nothing_waits_for_those_who_cannot_answer(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    viewer = replace(producer_of(trade), company_role=CompanyRole.VIEWER)
    assert [queries.waiting_for(any_session, actor) for actor in (viewer, OPERATOR, PUBLIC)] == [
        0,
        0,
        0,
    ]
    assert queries.waiting_for(any_session, producer_of(trade)) == 1


@pytest.mark.parametrize(
    ("producer", "consumer", "sums"),
    [(155, 2_465, (93_000, 1_386_000, 1_479_000)), (-1_200, 1_110, (-720_000, 1_386_000, 666_000))],
)
def test_the_sums_of_a_trade_add_up_to_the_fen(
    any_session: Session, producer: int, consumer: int, sums: tuple[int, int, int]
) -> None:
    trade = proposed_trade(any_session, price_producer=producer, price_consumer=consumer)
    view = queries.show(any_session, OPERATOR, trade.number, NOW)
    assert (view.producer_fen, view.freight_fen, view.consumer_fen) == sums
    assert view.producer_fen + view.freight_fen == view.consumer_fen
