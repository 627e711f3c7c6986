"""Runs over several months: silos, idle kilns, and what lies in a silo already; both databases."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.queries import material_map
from app.clearing.engine import solve_both
from app.clearing.freezing import frozen_problem
from app.clearing.models import ClearingRun, RunOrder
from app.clearing.queries import (
    last_covering,
    last_recorded,
    reason_totals,
    run_row,
    totals_by_month,
)
from app.clearing.recording import recorded_outcomes
from app.clearing.rules import Unplaced
from app.core.transactions import database
from app.ledger.queries import balances, check
from app.listings.book import book
from app.listings.rules import Product
from app.statistics.queries import county_figures
from app.trades.models import Trade
from app.trades.queries import kept_in_silos
from tests.clearing.factories import TONNE, cleared
from tests.companies.factories import CHIPING, DONGCHANGFU, approved_company, site_draft
from tests.conftest import TODAY
from tests.listings.factories import DECEMBER, MARCH, published_offer, published_requirement
from tests.statistics.factories import OPERATOR

pytestmark = pytest.mark.usefixtures("frozen")
JANUARY, FEBRUARY = date(2027, 1, 1), date(2027, 2, 1)


def winter_market(session: Session) -> dict[str, str]:
    """December ash with a silo of 500 t, a road that needs ash in January, a kiln that stands."""
    producer = approved_company(session, site_draft(*CHIPING)).sites[0]
    taker = approved_company(session, site_draft(*DONGCHANGFU)).sites[0]
    listings = {
        "ash": published_offer(
            session,
            producer,
            last_month=DECEMBER,
            limit_price=0,
            silo_kg=500 * TONNE,
            holding_price=200,
        ),
        "road": published_requirement(
            session,
            taker,
            first_month=JANUARY,
            last_month=JANUARY,
            limit_price=60_00,
            product=Product.ROAD_BASE,
        ),
        "kiln": published_requirement(
            session, taker, last_month=MARCH, limit_price=70_00, product=Product.BRICK
        ),
    }
    return {name: listing.number for name, listing in listings.items()}


@pytest.fixture
def market(any_app: Flask) -> dict[str, str]:
    with database().writing() as session:
        return winter_market(session)


def test_december_ash_is_delivered_in_january_out_of_decembers_lot(market: dict[str, str]) -> None:
    cleared(months=2)
    with database().reading() as session:
        (trade,) = session.scalars(select(Trade)).all()
        held = balances(session, market.values())
        kept = kept_in_silos(session)
        faults = check(session)
    assert (trade.month, trade.kg) == (JANUARY, 500 * TONNE)
    assert held[market["ash"], DECEMBER].reserved == 500 * TONNE
    assert held[market["road"], JANUARY].reserved == 500 * TONNE
    assert kept == {market["ash"]: 500 * TONNE}
    assert faults == []


def test_a_full_silo_takes_nothing_more_in_the_next_run(market: dict[str, str]) -> None:
    cleared(months=2)
    second = cleared(months=2)
    with database().reading() as session:
        assert run_row(session, second).match_count == 0


def test_one_month_alone_places_nothing_of_it(market: dict[str, str]) -> None:
    number = cleared(months=1)
    with database().reading() as session:
        assert run_row(session, number).match_count == 0


def test_a_kiln_that_stands_still_offers_its_open_days_only(
    any_app: Flask, market: dict[str, str]
) -> None:
    with database().reading() as session:
        orders = book(session, any_app.extensions["gufei.vault"], [DECEMBER, MARCH], TODAY)
    kiln = {order.month: order for order in orders if order.number == market["kiln"]}
    assert (kiln[DECEMBER].kg, kiln[MARCH].kg) == (0, 2_000_000 * 16 // 31)
    number = cleared(months=2)
    with database().reading() as session:
        row = run_row(session, number)
        lines = session.scalars(
            select(RunOrder).where(RunOrder.listing_number == market["kiln"])
        ).all()
    assert {line.reason for line in lines} == {Unplaced.IDLE}
    assert lines[0].detail == {"idle_days": 31, "days": 31}
    assert [(idle.month, idle.product, idle.idle) for idle in row.idle] == [
        (DECEMBER, Product.BRICK, 31),
        (JANUARY, Product.BRICK, 31),
    ]


def test_every_month_of_every_order_stands_in_the_result_once(market: dict[str, str]) -> None:
    number = cleared(months=3)
    with database().reading() as session:
        lines = session.scalars(select(RunOrder)).all()
        totals = totals_by_month(session, number, material_map(session, DECEMBER))
        row = run_row(session, number)
        reasons = reason_totals(session, number)
    assert sorted((line.listing_number, line.month) for line in lines) == sorted(
        [
            (market["ash"], DECEMBER),
            (market["road"], JANUARY),
            *((market["kiln"], month) for month in (DECEMBER, JANUARY, FEBRUARY)),
        ]
    )
    assert [(total.month, total.kg, total.placed_kg) for total in totals] == [
        (DECEMBER, 1_200 * TONNE, 500 * TONNE)
    ]
    assert (row.offers, row.requirements, row.last_month, row.is_proven) == (1, 2, FEBRUARY, True)
    assert sum(reason.kg for reason in reasons) == row.unplaced_kg == 700 * TONNE
    assert sum(reason.plan_kg for reason in reasons) == row.offered_kg - row.plan_placed_kg
    assert {reason.orders for reason in reasons} == {1}


def test_a_run_speaks_for_every_month_it_took_in(market: dict[str, str]) -> None:
    number = cleared(months=2)
    with database().reading() as session:
        covering = last_covering(session, JANUARY)
        assert covering is not None
        assert covering.number == number
        assert last_covering(session, FEBRUARY) is None
        assert last_recorded(session, JANUARY) is None


def test_figures_count_goods_in_the_month_they_were_made_in(market: dict[str, str]) -> None:
    cleared(months=2)
    with database().reading() as session:
        december, january = (
            county_figures(session, OPERATOR, month, with_red_mud=False).total
            for month in (DECEMBER, JANUARY)
        )
    assert (december.reserved_kg, december.reachable_kg) == (500 * TONNE, 500 * TONNE)
    assert not january.offered_kg


def test_replaying_a_run_of_several_months_gives_the_same_bytes(
    any_app: Flask, market: dict[str, str]
) -> None:
    cleared(months=2)
    vault = any_app.extensions["gufei.vault"]
    with database().reading() as session:
        run = session.scalars(select(ClearingRun)).one()
        problem, recorded = frozen_problem(vault, run), recorded_outcomes(vault, run)
    assert tuple(answer.outcome for answer in solve_both(problem)) == recorded
