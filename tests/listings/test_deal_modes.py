"""How a listing may be dealt with, who sees it, and two people who edit it at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask, g
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict, NotFound
from app.core.transactions import database
from app.core.vault import Vault
from app.listings import book, market, operations, queries
from app.listings.market import ListingFilter
from app.listings.models import Listing
from app.listings.operations import ChangedMeanwhile, ListingRefused
from app.listings.rules import DealMode, Side
from tests.companies.factories import approved_company
from tests.conftest import NOW, TODAY
from tests.html import CheckedClient
from tests.listings.factories import DECEMBER, offer_draft, published_offer, trader

OFFER = "/listings/S-2611-0001"
FORM = {
    "materials": "fly_ash",
    "tonnes": "900",
    "first_month": "2026-12",
    "last_month": "2027-03",
    "deal_mode": "open",
}


@pytest.fixture
def owner(app: Flask, frozen: object) -> Iterator[Actor]:
    """The firm of one offer acts in every request."""
    with database().writing() as session:
        actor = trader(published_offer(session, note="干灰").company)

    def act() -> None:
        g.actor = actor

    hooks = app.before_request_funcs[None]
    guard = next(one for one in hooks if one.__module__ == "app.core.permissions")
    hooks.insert(hooks.index(guard), act)
    yield actor
    hooks.remove(act)


def numbers_on_market(session: Session) -> list[str]:
    page = market.browse(session, Actor(), ListingFilter(Side.OFFER, NOW.date()))
    return sorted(row.listing.number for row in page.rows)


def test_the_monthly_book_takes_what_is_open_to_any_price_and_the_market_all_but_private(
    any_session: Session, any_app: Flask
) -> None:
    offers = {
        mode: published_offer(any_session, deal_mode=mode, list_price=100) for mode in DealMode
    }
    vault: Vault = any_app.extensions["gufei.vault"]
    orders = {order.number for order in book.book(any_session, vault, [DECEMBER], TODAY)}
    assert orders == {offers[DealMode.OPEN].number}
    shown = [offer.number for mode, offer in offers.items() if mode is not DealMode.PRIVATE]
    assert numbers_on_market(any_session) == sorted(shown)


def test_a_private_listing_is_there_for_its_firm_alone(session: Session) -> None:
    offer = published_offer(session, deal_mode=DealMode.PRIVATE)
    day = NOW.date()
    assert queries.show(session, trader(offer.company), offer.number, day).listing.is_own
    for stranger in (Actor(), trader(approved_company(session))):
        with pytest.raises(NotFound):
            queries.show(session, stranger, offer.number, day)
    assert book.has_orders(session, DECEMBER) is False


def test_a_private_listing_is_neither_changed_nor_renewed_but_withdrawn(session: Session) -> None:
    offer = published_offer(session, deal_mode=DealMode.PRIVATE)
    owner = trader(offer.company)
    with pytest.raises(Conflict):
        operations.change(session, owner, offer.number, offer_draft(offer.site), NOW)
    with pytest.raises(Conflict):
        operations.renew(session, owner, offer.number, 1, NOW)
    operations.withdraw(session, owner, offer.number, NOW)


def test_a_fixed_price_without_a_price_is_refused_at_the_price(session: Session) -> None:
    with pytest.raises(ListingRefused) as refusal:
        published_offer(session, deal_mode=DealMode.LIST_PRICE)
    assert refusal.value.field == "list_price"


def test_every_change_counts_and_a_stale_one_is_refused(any_session: Session) -> None:
    offer = published_offer(any_session)
    owner, draft = trader(offer.company), offer_draft(offer.site)
    assert offer.version == 1
    operations.change(any_session, owner, offer.number, draft, NOW, version=1)
    operations.renew(any_session, owner, offer.number, 1, NOW)
    assert offer.version == 3
    stale = replace(draft, kg_per_month=1)
    with pytest.raises(ChangedMeanwhile):
        operations.change(any_session, owner, offer.number, stale, NOW, version=1)
    assert offer.kg_per_month == 1_200_000


def test_the_form_offers_three_ways_and_no_private_one(client: CheckedClient, owner: Actor) -> None:
    page = client.get("/listings/offers/new").get_data(as_text=True)
    for word in ("公开议价", "一口价", "只参加竞价场次"):
        assert word in page
    assert "单独成交" not in page
    answer = client.post("/listings/offers/new", data=FORM | {"deal_mode": "private"})
    assert answer.status_code == 422
    assert "请从三种成交方式里选一种。" in answer.get_data(as_text=True)


def test_a_fixed_price_keeps_the_choice_when_its_price_is_missing(
    client: CheckedClient, owner: Actor
) -> None:
    answer = client.post("/listings/offers/new", data=FORM | {"deal_mode": "list_price"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "一口价要填挂牌价" in page
    assert 'value="list_price" id="deal_mode-1" checked' in page


def test_the_later_of_two_editors_keeps_what_was_typed_and_sees_what_was_saved(
    client: CheckedClient, owner: Actor
) -> None:
    assert 'name="version" value="1"' in client.get(f"{OFFER}/edit").get_data(as_text=True)
    first = FORM | {"tonnes": "800", "note": "湿灰", "version": "1"}
    assert client.post(f"{OFFER}/edit", data=first).status_code == 303
    late = FORM | {"tonnes": "750", "note": "湿灰", "version": "1"}
    answer = client.post(f"{OFFER}/edit", data=late)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "同事已经改过这条挂牌" in page
    assert "每月数量：<b>800</b>" in page
    assert "湿灰</b>" not in page
    assert 'value="750"' in page
    assert 'name="version" value="2"' in page
    assert client.post(f"{OFFER}/edit", data=late | {"version": "2"}).status_code == 303
    with database().reading() as session:
        assert session.get_one(Listing, 1).kg_per_month == 750_000


@pytest.mark.parametrize(("mode", "word"), [("list_price", "一口价"), ("round", "只参加竞价场次")])
def test_the_market_marks_what_is_dealt_with_otherwise(
    client: CheckedClient, owner: Actor, mode: str, word: str
) -> None:
    form = FORM | {"deal_mode": mode, "list_price": "12", "list_payer": "producer", "version": "1"}
    client.post(f"{OFFER}/edit", data=form)
    for page in ("/listings/offers", OFFER, "/listings/own", "/listings/offers.csv"):
        assert word in client.get(page).get_data(as_text=True), page
    assert "产废方付 12.00 元/吨" in client.get(OFFER).get_data(as_text=True)
