"""The public front page: its figures, what it withholds, what it never says."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.board import queries
from app.companies.models import Company
from app.core.actor import PUBLIC
from app.core.transactions import database
from app.listings.rules import Product
from tests.accounts.factories import operator_user, user_of
from tests.board.factories import enter, statements_of
from tests.clearing.factories import cleared, small_market
from tests.companies.factories import CHIPING, DONGCHANGFU, LINQING, approved_company, site_draft
from tests.html import CheckedClient
from tests.listings.factories import DECEMBER, published_offer, published_requirement
from tests.trades.factories import confirmed_trade

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
TODAY = date(2026, 11, 22)
CHIPING_CODE = "371503"


def open_market(session: Session) -> None:
    """Three firms of Chiping offer 1,200 t of ash each, one also red mud; a brick maker asks."""
    sites = [approved_company(session, site_draft(*CHIPING)).sites[0] for _ in range(3)]
    for site in sites:
        published_offer(session, site)
    published_offer(session, sites[0], material="red_mud", kg_per_month=5_000_000)
    published_requirement(session, materials=("fly_ash",), product=Product.BRICK)


def front_page(client: CheckedClient, language: str = "zh") -> str:
    client.set_cookie("language", language)
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_page_is_about_the_month_the_next_clearing_is_for(any_session: Session) -> None:
    assert queries.front(any_session, PUBLIC, TODAY).month == DECEMBER


def test_red_mud_stands_apart_from_the_total(any_session: Session) -> None:
    open_market(any_session)
    front = queries.front(any_session, PUBLIC, TODAY)
    assert front.total.offered_kg == 3_600_000
    assert front.offers == 3
    assert [line.figure.code for line in front.apart] == ["red_mud"]
    assert front.apart[0].figure.withheld


def test_a_material_tells_how_many_offers_it_has_and_what_is_made_of_it(
    any_session: Session,
) -> None:
    open_market(any_session)
    lines = {
        line.figure.code: line for line in queries.material_lines(any_session, PUBLIC, DECEMBER)
    }
    assert lines["fly_ash"].offers == 3
    assert lines["fly_ash"].products == (Product.BRICK,)
    assert lines["fgd_gypsum"].offers == 0
    assert lines["fgd_gypsum"].products == ()


def test_the_lowest_contracted_rate_comes_first_and_the_withheld_last(
    any_session: Session,
) -> None:
    open_market(any_session)
    sites = [approved_company(any_session, site_draft(*DONGCHANGFU)).sites[0] for _ in range(3)]
    offers = [published_offer(any_session, site) for site in sites]
    for offer in offers:
        confirmed_trade(any_session, offer=offer)
    order = [county.adcode for county in queries.front(any_session, PUBLIC, TODAY).counties]
    assert order[:2] == [CHIPING_CODE, "371502"]


def test_the_last_run_adds_no_red_mud_to_what_the_target_counts(
    app: Flask, frozen: datetime
) -> None:
    with database().writing() as session:
        small_market(session)
    number = cleared()
    with database().reading() as session:
        last = queries.front(session, PUBLIC, TODAY).last
    assert last is not None
    assert last.run.number == number
    assert (last.cleared_kg, last.placed_kg, last.placed_apart_kg) == (2_400_000, 1_100_000, 0)


def test_a_full_market_costs_no_more_statements_than_a_small_one(app: Flask) -> None:
    with database().writing() as session:
        open_market(session)
    few = statements_of(lambda session: queries.front(session, PUBLIC, TODAY))
    with database().writing() as session:
        for _ in range(5):
            open_market(session)
    assert statements_of(lambda session: queries.front(session, PUBLIC, TODAY)) == few


@LANGUAGES
def test_an_empty_market_is_shown_in_both_languages(client: CheckedClient, language: str) -> None:
    page = front_page(client, language)
    assert page.count("button-primary") == 1
    assert "100%" in page
    assert "<table" not in page
    assert {"zh": "还没有公布过综合利用率", "en": "No rate has been published yet"}[
        language
    ] in page


@LANGUAGES
def test_a_cleared_market_is_shown_in_both_languages(
    client: CheckedClient, frozen: datetime, language: str
) -> None:
    with database().writing() as session:
        open_market(session)
    run = cleared()
    page = front_page(client, language)
    assert f'href="/clearing/{run}"' in page
    assert "3,600" in page


def test_of_many_counties_the_lowest_are_shown_with_the_way_to_all(
    client: CheckedClient, frozen: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.board.views.COUNTIES_SHOWN", 1)
    with database().writing() as session:
        open_market(session)
        for _firm in range(3):
            published_offer(session, approved_company(session, site_draft(*LINQING)).sites[0])
    page = front_page(client)
    assert "这里是签约率最低的 1 个县，全部 2 个见地图旁的表" in page
    assert page.count('<th scope="row" class="keep">') == 1


def test_few_firms_are_withheld_with_the_reason_and_never_as_zero(
    client: CheckedClient, frozen: datetime
) -> None:
    with database().writing() as session:
        published_offer(session)
    page = front_page(client)
    assert page.count("汇总的吨数不公布") == 1
    assert "<table" not in page
    assert "1,200" not in page


def test_no_firm_and_no_site_is_named(client: CheckedClient, frozen: datetime) -> None:
    with database().writing() as session:
        open_market(session)
        firms = [(firm.name, firm.name_en) for firm in session.query(Company)]
    cleared()
    for language in ("zh", "en"):
        page = front_page(client, language)
        assert not [name for names in firms for name in names if name in page]
        assert "示例路" not in page
        assert not [degree for degree in map(str, CHIPING) if degree in page]


def test_the_target_is_plainly_past_and_not_mixed_with_the_published_rate(
    client: CheckedClient, frozen: datetime
) -> None:
    page = front_page(client)
    for words in ("期限 2025-12-31，已过", "聊工信发〔2021〕127号", ">超过 75%<", "与目标口径不同"):
        assert words in page


def test_the_figures_stand_in_tables_without_any_script(
    client: CheckedClient, frozen: datetime
) -> None:
    with database().writing() as session:
        open_market(session)
    page = front_page(client)
    first = page.index("各县的市场")
    table = page[first : page.index("各物料的市场", first)]
    assert "茌平区" in table
    assert "3,600" in table


def test_a_signed_in_reader_is_led_to_the_own_desk(client: CheckedClient, frozen: datetime) -> None:
    with database().writing() as session:
        people = [user_of(session, approved_company(session)).id, operator_user(session).id]
    for person in people:
        enter(client, person)
        page = front_page(client)
        assert '<a class="button button-primary" href="/desk">去工作台</a>' in page
        assert page.count("button-primary") == 1
