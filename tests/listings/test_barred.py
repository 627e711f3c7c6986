"""A firm barred for its defaults: off every market until it is released, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.bidding import deals
from app.bidding.deals import DealDraft
from app.bidding.rules import DealTerms
from app.core import once
from app.core.actor import SYSTEM, Actor
from app.core.errors import Conflict, NotFound
from app.core.transactions import database
from app.core.vault import Vault
from app.ledger.queries import BalanceRow, balance, check
from app.listings import book, market, queries
from app.listings.market import ListingFilter
from app.listings.models import Offer
from app.listings.rules import DealMode, ListingState, Side
from app.trades import cases
from tests.accounts.factories import user_of
from tests.board.factories import enter
from tests.companies.factories import approved_company
from tests.conftest import NOW, TODAY
from tests.html import CheckedClient
from tests.listings.factories import DECEMBER, published_offer, published_requirement, trader


def barred_offer(session: Session, **changes: object) -> Offer:
    offer = published_offer(session, **changes)  # type: ignore[arg-type]
    offer.company.barred_at = NOW
    session.flush()
    return offer


def on_market(session: Session) -> list[str]:
    page = market.browse(session, Actor(), ListingFilter(Side.OFFER, TODAY))
    return [row.listing.number for row in page.rows]


@pytest.mark.parametrize("mode", [DealMode.OPEN, DealMode.LIST_PRICE, DealMode.ROUND])
def test_what_a_barred_firm_offers_is_on_no_market_until_it_is_released(
    any_session: Session, any_app: Flask, mode: DealMode
) -> None:
    offer = barred_offer(any_session, deal_mode=mode, list_price=100)
    vault: Vault = any_app.extensions["gufei.vault"]
    assert on_market(any_session) == []
    assert book.book(any_session, vault, [DECEMBER], TODAY) == []
    assert book.month_book(any_session, DECEMBER, [offer.id], DealMode, TODAY) == {}
    with pytest.raises(NotFound):
        queries.show(any_session, Actor(), offer.number, TODAY)
    cases.release_defaults(any_session, SYSTEM, offer.company_id, NOW)
    any_session.flush()
    assert on_market(any_session) == [offer.number]
    assert book.month_book(any_session, DECEMBER, [offer.id], DealMode, TODAY) != {}


def test_its_open_tonnes_stay_where_they_are(any_session: Session) -> None:
    offer = barred_offer(any_session)
    view = queries.show(any_session, trader(offer.company), offer.number, TODAY)
    assert view.listing.state is ListingState.PAUSED
    assert balance(any_session, offer.number, DECEMBER) == BalanceRow(open=1_200_000)
    assert check(any_session) == []


def test_nobody_takes_a_barred_firms_tonnes_at_its_list_price(any_session: Session) -> None:
    offer = barred_offer(any_session, deal_mode=DealMode.LIST_PRICE, list_price=850)
    taker = approved_company(any_session)
    actor = replace(trader(taker), user_id=user_of(any_session, taker).id)
    terms = DealTerms("fly_ash", DECEMBER, 30_000, None)
    draft = DealDraft(taker.sites[0].id, terms)
    with pytest.raises(Conflict) as refused:
        deals.take(any_session, actor, offer.number, draft, NOW, key=once.new_key())
    assert "不在市场上" in str(refused.value.message)
    assert balance(any_session, offer.number, DECEMBER) == BalanceRow(open=1_200_000)


def test_its_own_pages_say_why_and_who_releases_it(client: CheckedClient, frozen: object) -> None:
    with database().writing() as session:
        offer = barred_offer(session)
        user, number = user_of(session, offer.company), offer.number
        session.flush()
        user_id = user.id
    enter(client, user_id)
    for path in ("/listings/own", f"/listings/{number}", "/companies/own", "/desk"):
        page = client.get(path, follow_redirects=True).get_data(as_text=True)
        assert "违约次数达到上限" in page, path
        assert "由运营方解除" in page, path
    own = client.get("/listings/own").get_data(as_text=True)
    assert "/listings/offers/new" not in own
    assert client.get(f"/listings/{number}").status_code == 200


def test_a_requirement_of_a_barred_firm_is_off_the_market_too(any_session: Session) -> None:
    need = published_requirement(any_session)
    need.company.barred_at = NOW
    any_session.flush()
    page = market.browse(any_session, Actor(), ListingFilter(Side.REQUIREMENT, TODAY))
    assert (page.rows, page.on_market) == ([], 0)
