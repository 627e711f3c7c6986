"""What a filter finds, what it adds up to, and what it never gives away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.companies import operations as companies
from app.core.actor import PUBLIC, SYSTEM, Actor, ActorKind
from app.core.clock import china_day
from app.core.transactions import database
from app.ledger import operations as ledger
from app.listings import market, operations
from app.listings.market import ListingFilter, Sort
from app.listings.rules import Side
from tests.companies.factories import CHIPING, LINQING, approved_company, site_draft, site_of
from tests.conftest import NOW
from tests.listings.factories import DECEMBER, published_offer, published_requirement, trader

TODAY = china_day(NOW)
OFFERS = ListingFilter(side=Side.OFFER, on=TODAY)
OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=9)
CHIPING_OFFICE = Actor(kind=ActorKind.REGULATOR, user_id=8, region="371503")


def numbers(session: Session, wanted: ListingFilter, actor: Actor = PUBLIC) -> list[str]:
    return [row.listing.number for row in market.browse(session, actor, wanted).rows]


def test_a_page_says_how_many_match_out_of_how_many_and_what_they_sum_to(
    any_session: Session,
) -> None:
    published_offer(any_session, kg_per_month=1_000_000)
    published_offer(any_session, kg_per_month=2_500_000)
    published_offer(any_session, material="red_mud", kg_per_month=9_000_000)
    published_requirement(any_session)
    page = market.browse(any_session, PUBLIC, replace(OFFERS, materials=("fly_ash",)))
    assert (page.on_market, page.matched, page.matched_kg) == (3, 2, 3_500_000)


def test_each_condition_narrows_what_is_found(any_session: Session) -> None:
    near = published_offer(any_session, waste_name="二级粉煤灰", kg_per_month=1_000_000)
    far_site = approved_company(any_session, site_draft(*LINQING)).sites[0]
    far = published_offer(any_session, far_site, last_month=DECEMBER, kg_per_month=3_000_000)
    asked = {
        "text": (replace(OFFERS, text="二级"), [near.number]),
        "number": (replace(OFFERS, text=far.number.lower()), [far.number]),
        "county": (replace(OFFERS, adcode="371581"), [far.number]),
        "mass": (replace(OFFERS, min_kg=2_000_000), [far.number]),
        "month": (replace(OFFERS, month=date(2027, 2, 1)), [near.number]),
        "wild card": (replace(OFFERS, text="%"), []),
    }
    assert {name: numbers(any_session, wanted) for name, (wanted, _) in asked.items()} == {
        name: expected for name, (_, expected) in asked.items()
    }


def test_a_requirement_is_found_by_any_material_it_accepts(session: Session) -> None:
    need = published_requirement(session, materials=("fly_ash", "bottom_ash"))
    wanted = ListingFilter(side=Side.REQUIREMENT, on=TODAY, materials=("bottom_ash",))
    assert numbers(session, wanted) == [need.number]


def test_what_is_withdrawn_taken_over_or_of_a_suspended_firm_is_not_on_the_market(
    any_session: Session,
) -> None:
    withdrawn, taken, suspended = (published_offer(any_session) for _ in range(3))
    operations.withdraw(any_session, trader(withdrawn.company), withdrawn.number, NOW)
    for month in (date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 1)):
        ledger.reserve(any_session, SYSTEM, {(taken.number, month): 1_200_000}, "T-2612-0009", NOW)
    companies.suspend(any_session, SYSTEM, suspended.company_id, "资料过期", NOW)
    published_offer(any_session, now=NOW)
    page = market.browse(any_session, PUBLIC, OFFERS)
    assert (page.matched, page.on_market) == (1, 1)
    later = replace(OFFERS, on=date(2027, 4, 2))
    assert market.browse(any_session, PUBLIC, later).on_market == 0


@pytest.mark.parametrize(
    ("sort", "descending", "order"),
    [
        (Sort.QUANTITY, True, [2, 1, 0]),
        (Sort.QUANTITY, False, [0, 1, 2]),
        (Sort.PRICE, True, [0, 1, 2]),
        (Sort.PRICE, False, [1, 0, 2]),
        (Sort.UNTIL, False, [2, 1, 0]),
    ],
)
def test_the_market_sorts_and_keeps_blanks_last(
    any_session: Session, sort: Sort, descending: bool, order: list[int]
) -> None:
    made = [
        published_offer(
            any_session, kg_per_month=kg, list_price=price, last_month=date(2027, month, 1)
        )
        for kg, price, month in ((1_000, 900, 6), (2_000, -300, 5), (3_000, None, 4))
    ]
    wanted = replace(OFFERS, sort=sort, descending=descending)
    assert numbers(any_session, wanted) == [made[place].number for place in order]


def test_a_limit_price_decides_no_order(session: Session) -> None:
    site = approved_company(session).sites[0]
    for limit in (500, -900, 100):
        published_offer(session, site, limit_price=limit, list_price=100)
    by_price = numbers(session, replace(OFFERS, sort=Sort.PRICE))
    assert by_price == ["S-2611-0003", "S-2611-0002", "S-2611-0001"]


def test_pages_are_cut_and_a_page_too_far_is_the_last(session: Session) -> None:
    site = approved_company(session).sites[0]
    for _ in range(27):
        published_offer(session, site, last_month=DECEMBER)
    second = market.browse(session, PUBLIC, replace(OFFERS, page=99))
    assert (second.number, second.first, second.last, second.has_next) == (2, 26, 27, False)


def test_distances_are_coarse_in_what_is_shown_filtered_and_sorted(session: Session) -> None:
    mine = approved_company(session, site_draft(*CHIPING))
    reader = trader(mine)
    published_offer(session, site_of(session, approved_company(session), *LINQING))
    published_offer(session)
    wanted = replace(
        OFFERS, site_id=mine.sites[0].id, sort=Sort.DISTANCE, descending=False, max_km=500
    )
    found = market.browse(session, reader, wanted).rows
    assert [row.km for row in found] == [5, 50]
    assert numbers(session, replace(wanted, max_km=49), reader) == [found[0].listing.number]
    assert numbers(session, replace(wanted, max_km=50), reader) == [
        row.listing.number for row in found
    ]


def test_nobody_measures_from_another_firms_site(session: Session) -> None:
    theirs = published_offer(session).site
    stranger = trader(approved_company(session))
    (row,) = market.browse(session, stranger, replace(OFFERS, site_id=theirs.id)).rows
    assert row.km is None


def test_a_firm_that_hides_its_name_is_named_by_county_and_kind(session: Session) -> None:
    hidden = published_offer(session)
    open_ = published_offer(session, shows_name=True)
    named = {
        row.listing.number: row.listing.firm for row in market.browse(session, PUBLIC, OFFERS).rows
    }
    assert named == {hidden.number: "茌平区 · 产废企业", open_.number: open_.company.name}


@pytest.mark.parametrize("office", [OPERATOR, CHIPING_OFFICE])
def test_those_who_oversee_a_county_read_the_name(session: Session, office: Actor) -> None:
    hidden = published_offer(session)
    (row,) = market.browse(session, office, OFFERS).rows
    assert row.listing.firm == hidden.company.name


def test_a_hidden_name_cannot_be_found_by_searching_for_it(any_session: Session) -> None:
    hidden = published_offer(any_session)
    wanted = replace(OFFERS, text=hidden.company.name)
    assert numbers(any_session, wanted, PUBLIC) == []
    assert numbers(any_session, wanted, trader(approved_company(any_session))) == []
    elsewhere = replace(CHIPING_OFFICE, region="371581")
    assert numbers(any_session, wanted, elsewhere) == []
    for entitled in (trader(hidden.company), OPERATOR, CHIPING_OFFICE):
        assert numbers(any_session, wanted, entitled) == [hidden.number]


def test_the_map_sums_by_county_and_material(any_session: Session) -> None:
    site = approved_company(any_session, site_draft(*CHIPING)).sites[0]
    published_offer(any_session, site, kg_per_month=1_000)
    published_offer(any_session, site, kg_per_month=2_000)
    published_offer(any_session, site, kg_per_month=4_000, material="red_mud")
    points = market.county_points(any_session, PUBLIC, OFFERS)
    assert [(point.county.adcode, point.kg, point.listings) for point in points] == [
        ("371503", 3_000, 2),
        ("371503", 4_000, 1),
    ]
    assert [point.material.code for point in points if point.material] == ["fly_ash", "red_mud"]


def test_a_hundred_listings_cost_no_more_statements_than_one(app: Flask) -> None:
    with database().writing() as session:
        published_offer(session)
    few = statements_of_a_page(app)
    with database().writing() as session:
        for _ in range(99):
            published_offer(session, last_month=DECEMBER)
    assert statements_of_a_page(app) == few


def statements_of_a_page(app: Flask) -> int:
    counted: list[str] = []
    engine = app.extensions["gufei.database"].engine

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        counted.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    with database().reading() as session:
        market.browse(session, PUBLIC, replace(OFFERS, size=100))
    event.remove(engine, "before_cursor_execute", count)
    return sum(statement.startswith("SELECT") for statement in counted)
