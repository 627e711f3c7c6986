"""A deal made elsewhere: one form, two private listings, one trade."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core import once
from app.core.actor import Actor
from app.core.errors import NotFound, Refused
from app.ledger.queries import balance, check
from app.listings.models import Listing
from app.listings.operations import ListingRefused
from app.listings.rules import DealMode
from app.trades import elsewhere, operations
from app.trades.elsewhere import DealDraft
from app.trades.models import Trade
from app.trades.rules import DeclineReason, Party, TradeSource, TradeStatus
from tests.companies.factories import (
    CHIPING,
    DONGCHANGFU,
    approved_company,
    site_draft,
    waiting_company,
)
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, trader
from tests.trades.factories import consumer_of, producer_of


def draft(producer: Site, consumer: Site, **changes: object) -> DealDraft:
    """600 t of fly ash in December for which the producer pays 12 CNY/t; freight 23 CNY/t."""
    values: dict[str, object] = {
        "my_side": Party.PRODUCER,
        "my_site_id": producer.id,
        "other_site_id": consumer.id,
        "material": "fly_ash",
        "month": DECEMBER,
        "kg": 600_000,
        "price_producer": -1_200,
        "freight": 2_300,
        "contract_number": "HT-7",
    }
    return DealDraft(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def sites(session: Session) -> tuple[Site, Site]:
    return ends(session)


def ends(session: Session) -> tuple[Site, Site]:
    producer = approved_company(session, site_draft(*CHIPING), is_consumer=False)
    consumer = approved_company(session, site_draft(*DONGCHANGFU), is_producer=False)
    return producer.sites[0], consumer.sites[0]


def recorded(session: Session, producer: Site, consumer: Site, **changes: object) -> Trade:
    deal = draft(producer, consumer, **changes)
    return elsewhere.record_deal(session, trader(producer.company), deal, once.new_key(), NOW)


def test_a_deal_waits_for_the_other_side_with_all_that_was_agreed(any_session: Session) -> None:
    producer, consumer = ends(any_session)
    trade = recorded(any_session, producer, consumer)
    assert (trade.source, trade.status) == (TradeSource.ELSEWHERE, TradeStatus.PROPOSED)
    assert trade.confirmed_by == {Party.PRODUCER}
    assert (trade.price_producer, trade.freight, trade.price_consumer) == (-1_200, 2_300, 1_100)
    assert (trade.kg, trade.contract_number) == (600_000, "HT-7")
    operations.confirm(any_session, consumer_of(trade), trade.number, NOW)
    assert trade.status is TradeStatus.CONFIRMED
    assert check(any_session) == []


def test_the_listings_of_a_deal_are_on_no_market(any_session: Session) -> None:
    trade = recorded(any_session, *ends(any_session))
    listings = any_session.scalars(select(Listing)).all()
    assert {one.number for one in listings} == {trade.offer_number, trade.requirement_number}
    assert {one.deal_mode for one in listings} == {DealMode.PRIVATE}


def test_what_comes_back_of_a_deal_leaves_the_market(any_session: Session) -> None:
    trade = recorded(any_session, *ends(any_session))
    actor = consumer_of(trade)
    operations.decline(any_session, actor, trade.number, DeclineReason.PRICE, NOW)
    for number in (trade.offer_number, trade.requirement_number):
        held = balance(any_session, number, DECEMBER)
        assert (held.open, held.withdrawn) == (0, 600_000)


def test_a_form_sent_twice_is_one_deal(any_session: Session) -> None:
    producer, consumer = ends(any_session)
    actor, key = trader(producer.company), once.new_key()
    first, second = (
        elsewhere.record_deal(any_session, actor, draft(producer, consumer), key, NOW)
        for _ in range(2)
    )
    assert first.number == second.number
    assert any_session.scalar(select(func.count()).select_from(Trade)) == 1


def test_without_a_freight_the_tariff_is_taken_in_steps_of_the_market(
    session: Session, sites: tuple[Site, Site]
) -> None:
    trade = recorded(session, *sites, freight=None)
    assert trade.freight > 0
    assert trade.price_consumer - trade.price_producer == trade.freight
    assert trade.freight == elsewhere.tariff_freight(session, *sites, NOW.date())


def test_a_consumer_enters_deals_as_well(session: Session, sites: tuple[Site, Site]) -> None:
    producer, consumer = sites
    deal = draft(
        producer,
        consumer,
        my_side=Party.CONSUMER,
        my_site_id=consumer.id,
        other_site_id=producer.id,
    )
    trade = elsewhere.record_deal(session, trader(consumer.company), deal, once.new_key(), NOW)
    assert trade.confirmed_by == {Party.CONSUMER}
    assert trade.producer_site_id == producer.id
    assert producer_of(trade).company_id == producer.company_id


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kg": 0}, "tonnes"),
        ({"month": DECEMBER.replace(month=10)}, "last_month"),
        ({"material": "gold"}, "materials"),
        ({"waste_name": "飞灰"}, "waste_name"),
    ],
)
def test_what_no_listing_may_say_no_deal_may(
    session: Session, sites: tuple[Site, Site], changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(ListingRefused) as refusal:
        recorded(session, *sites, **changes)
    assert field in [name for name, _sentence in refusal.value.problems]


def test_everything_that_speaks_against_a_deal_is_told_at_once_and_each_thing_once(
    session: Session, sites: tuple[Site, Site]
) -> None:
    producer, _consumer = sites
    wrong: dict[str, Any] = {
        "kg": 0,
        "month": DECEMBER.replace(month=10),
        "material": "gold",
        "waste_name": "飞灰",
    }
    with pytest.raises(ListingRefused) as refusal:
        recorded(session, producer, producer, **wrong)
    told = refusal.value.problems
    fields = {"other_site_id", "tonnes", "last_month", "materials", "waste_name"}
    assert {name for name, _sentence in told} == fields
    assert len(told) == len(set(told)) == len(fields)
    assert session.scalar(select(func.count()).select_from(Listing)) == 0


def test_a_firm_cannot_be_the_side_it_is_not_registered_as(
    session: Session, sites: tuple[Site, Site]
) -> None:
    with pytest.raises(ListingRefused) as refusal:
        recorded(session, *sites, my_side=Party.CONSUMER)
    assert [name for name, _sentence in refusal.value.problems] == ["my_side", "other_site_id"]


def test_a_barred_firm_is_found_by_nobody_and_no_partner(
    session: Session, sites: tuple[Site, Site]
) -> None:
    producer, consumer = sites
    consumer.company.barred_at = NOW
    session.flush()
    actor, name = trader(producer.company), consumer.company.name
    assert elsewhere.partners(session, actor, Party.CONSUMER, name) == []
    with pytest.raises(ListingRefused) as refusal:
        recorded(session, *sites)
    assert refusal.value.field == "other_site_id"


def test_another_firms_site_cannot_be_the_own(session: Session, sites: tuple[Site, Site]) -> None:
    stranger: Actor = trader(approved_company(session))
    with pytest.raises(NotFound):
        elsewhere.record_deal(session, stranger, draft(*sites), once.new_key(), NOW)


PARTNERS: list[Callable[[Session, Site], Site]] = [
    lambda _session, own: own,
    lambda session, _own: waiting_company(session).sites[0],
    lambda session, _own: approved_company(session, is_consumer=False).sites[0],
]


@pytest.mark.parametrize("partner", PARTNERS)
def test_the_partner_is_another_approved_firm_that_takes_the_part(
    session: Session, sites: tuple[Site, Site], partner: Callable[[Session, Site], Site]
) -> None:
    producer, _consumer = sites
    with pytest.raises(Refused) as refusal:
        recorded(session, producer, partner(session, producer))
    assert refusal.value.field == "other_site_id"


def test_partners_are_found_by_name_or_whole_code_and_tell_no_address(session: Session) -> None:
    producer, consumer = ends(session)
    firm, actor = consumer.company, trader(producer.company)
    for text in (firm.name, firm.name_en.upper(), firm.credit_code):
        (row,) = elsewhere.partners(session, actor, Party.CONSUMER, text)
        assert (row.site_id, row.firm, row.county) == (consumer.id, firm.name, "东昌府区")
    for text in ("", firm.name[:1], firm.credit_code[:17], "%%"):
        assert not elsewhere.partners(session, actor, Party.CONSUMER, text)
    assert not elsewhere.partners(session, actor, Party.PRODUCER, firm.name)
