"""Runs in which quality keeps orders apart, from the book to the page; both databases."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import refresh
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assays.operations import tell_facts
from app.bidding.models import Round
from app.catalogue.queries import material_map
from app.clearing.engine import solve_both
from app.clearing.freezing import efforts_of, frozen_problem
from app.clearing.models import ClearingRun, RunOrder
from app.clearing.queries import material_totals, reason_totals
from app.clearing.recording import recorded_outcomes
from app.clearing.rules import Unplaced
from app.clearing.words import REASON_WORDS
from app.companies.models import Site
from app.core.actor import SYSTEM
from app.core.transactions import database
from app.core.vault import own_vault
from app.eligibility.fitting import OwnLimit
from app.listings.models import Listing, Offer
from app.listings.rules import Product
from app.settings import ROOT
from app.trades.models import Trade
from tests.accounts.factories import sign_in, user_of
from tests.assays.factories import GRADE_I, recorded
from tests.bidding.factories import bid_terms
from tests.clearing.factories import bid, cleared, closed_round, listing_of, round_cleared
from tests.companies.factories import (
    CHIPING,
    DONGCHANGFU,
    LINQING,
    approved_company,
    site_draft,
)
from tests.conftest import NOW
from tests.html import CheckedClient
from tests.listings.factories import DECEMBER, published_offer, published_requirement

pytestmark = pytest.mark.usefixtures("frozen")
ASH = ("fly_ash",)
BURNT = GRADE_I | {"loi": "11.2"}
TOO_MUCH = "烧失量 11.2 % &gt; 10 %，III 级，GB/T 1596-2017 6.1 表 1"


def boiler_ash(
    session: Session, values: dict[str, str] | None = None, site: Site | None = None
) -> Offer:
    """Fly ash of a pulverised-coal boiler at 2 CNY/t, with an assay if there are values."""
    site = site or approved_company(session, site_draft(*CHIPING)).sites[0]
    tell_facts(session, SYSTEM, site.id, {"boiler_type": "pulverised"}, NOW)
    found = published_offer(session, site, limit_price=-200)
    if values is not None:
        recorded(session, site.company_id, found.number, values=values)
    return found


def works(session: Session, product: Product | None, **changes: object) -> Listing:
    """A requirement for fly ash at 60 CNY/t, of a firm of its own, near the ash."""
    site = approved_company(session, site_draft(*DONGCHANGFU)).sites[0]
    terms: dict[str, Any] = {"materials": ASH, "product": product, "limit_price": 60_00}
    return published_requirement(session, site, **(terms | changes))


def lines(listing: str) -> list[RunOrder]:
    with database().reading() as session:
        return list(session.scalars(select(RunOrder).where(RunOrder.listing_number == listing)))


def page(app: Flask, listing: str, language: str = "zh") -> str:
    """The page of the newest result of a listing, as its own firm reads it."""
    with database().writing() as session:
        person = user_of(session, listing_of(session, listing).company)
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    sign_in(client, person)
    client.set_cookie("language", language)
    refresh()
    return client.get(f"/clearing/orders/{listing}").get_data(as_text=True)


def joined() -> set[tuple[str, str]]:
    with database().reading() as session:
        trades = session.scalars(select(Trade)).all()
        return {(trade.offer_number, trade.requirement_number) for trade in trades}


def test_tonnes_go_only_where_quality_allows_and_count_as_what_they_are(any_app: Flask) -> None:
    with database().writing() as session:
        good, burnt, untested = (
            boiler_ash(session, values).number for values in (GRADE_I, BURNT, None)
        )
        concrete = works(session, Product.CONCRETE, kg_per_month=3_000_000).number
        road = works(session, Product.ROAD_BASE, kg_per_month=3_000_000).number
    number = cleared()
    assert joined() <= {(good, concrete), (good, road), (burnt, road), (untested, road)}
    assert {offer for offer, _ in joined()} == {good, burnt, untested}
    with database().reading() as session:
        run = session.scalars(select(ClearingRun)).one()
        problem, kept = frozen_problem(own_vault(), run), recorded_outcomes(own_vault(), run)
        totals = material_totals(session, number, material_map(session, DECEMBER))
        reasons = reason_totals(session, number)
        trades = session.scalars(select(Trade)).all()
    assert len({supply.material for supply in problem.supplies}) > 1
    assert tuple(answer.outcome for answer in solve_both(problem)) == kept
    assert [total.material for total in totals] == ["fly_ash"]
    assert {code for reason in reasons for code, _kg in reason.by_material} <= {"fly_ash"}
    assert {trade.material for trade in trades} == {"fly_ash"}


def test_what_fails_is_told_to_both_sides_with_value_limit_and_clause(any_app: Flask) -> None:
    with database().writing() as session:
        burnt = boiler_ash(session, BURNT).number
        concrete = works(session, Product.CONCRETE).number
    cleared()
    for listing in (burnt, concrete):
        (line,) = lines(listing)
        assert (line.reason, line.plan_reason) == (Unplaced.QUALITY, Unplaced.QUALITY)
        text = page(any_app, listing)
        assert str(REASON_WORDS[Unplaced.QUALITY].title) in text
        assert "混凝土和砂浆掺合料" in text
        assert TOO_MUCH in text
    offered, asked = page(any_app, burnt, "en"), page(any_app, concrete, "en")
    for text in (offered, asked):
        assert "Loss on ignition 11.2 % &gt; 10 %, grade III, GB/T 1596-2017 6.1 Table 1" in text
        assert "Addition to concrete and mortar" in text
    assert f'href="/passports/{burnt}"' in offered
    assert "/passports/" not in asked


def test_what_is_missing_is_named_with_the_way_to_enter_it(any_app: Flask) -> None:
    with database().writing() as session:
        untested = boiler_ash(session).number
        concrete = works(session, Product.CONCRETE).number
    cleared()
    offered, asked = page(any_app, untested), page(any_app, concrete)
    for text in (offered, asked):
        assert "缺 含水量、三氧化硫、" in text
    assert f'href="/passports/{untested}"' in offered
    assert "这一用途要先证明品质" in asked
    assert "Missing: moisture, sulfur trioxide, " in page(any_app, untested, "en")


@pytest.mark.parametrize(
    ("product", "accepts", "is_matched"),
    [
        (Product.BLOCK, True, True),
        (Product.BLOCK, False, False),
        (Product.CONCRETE, True, False),
        (None, True, True),
    ],
)
def test_lots_not_shown_go_where_the_use_tolerates_and_the_buyer_accepts_them(
    any_app: Flask, product: Product | None, accepts: bool, is_matched: bool
) -> None:
    with database().writing() as session:
        untested = boiler_ash(session).number
        taker = works(session, product, accepts_not_shown=accepts).number
    cleared()
    assert joined() == ({(untested, taker)} if is_matched else set())
    if product is Product.BLOCK and not accepts:
        text = page(any_app, taker)
        assert "在需求里勾选“接受未证明的料”" in text
        assert f'href="/listings/{taker}/edit"' in text


def test_a_buyers_own_limit_keeps_apart_and_says_whose_it_is(any_app: Flask) -> None:
    own = (OwnLimit("loi", None, Decimal(4)), OwnLimit("cl", None, Decimal("0.1")))
    with database().writing() as session:
        good = boiler_ash(session, GRADE_I).number
        strict = works(session, Product.CONCRETE, own_limits=own[:1]).number
        blank = works(session, Product.CONCRETE, own_limits=own[1:]).number
    cleared()
    assert joined() == set()
    offered = page(any_app, good)
    assert "烧失量 4.2 % &gt; 4 %，买方要求" in offered
    assert "（买方要求）" in offered
    assert "放宽自己提的限值" in page(any_app, strict)
    assert "缺 氯离子（买方要求）" in page(any_app, blank)


def test_nobody_named_in_the_month_is_still_nobody_and_too_far_is_too_far(any_app: Flask) -> None:
    with database().writing() as session:
        alone = published_offer(session, material="red_mud", limit_price=-1000).number
        burnt = boiler_ash(session, BURNT).number
        works(session, Product.CONCRETE)
        far = approved_company(session, site_draft(*LINQING)).sites[0]
        published_requirement(
            session, far, materials=ASH, product=Product.ROAD_BASE, max_km=5, limit_price=60_00
        )
    cleared()
    assert [line.reason for line in lines(alone)] == [Unplaced.NO_LANE_MATERIAL]
    assert [line.reason for line in lines(burnt)] == [Unplaced.NO_LANE_DISTANCE]
    assert TOO_MUCH in page(any_app, burnt)


def test_the_page_tells_what_held_when_the_book_was_frozen(any_app: Flask) -> None:
    with database().writing() as session:
        burnt = boiler_ash(session, BURNT)
        works(session, Product.CONCRETE)
        number, company = burnt.number, burnt.company_id
    cleared()
    with database().writing() as session:
        recorded(session, company, number, values=GRADE_I)
    assert TOO_MUCH in page(any_app, number)


def test_a_call_round_keeps_apart_alike_and_tells_nothing_of_who_bid(any_app: Flask) -> None:
    with database().writing() as session:
        found = closed_round(session)
        burnt = boiler_ash(session, BURNT)
        concrete = works(session, Product.CONCRETE)
        bid(session, found, burnt, bid_terms((100, 200), (100, 1200)))
        bid(session, found, concrete, bid_terms((150, 60_00)))
        numbers = burnt.number, concrete.number
    run_number = round_cleared()
    offered, asked = (page(any_app, listing) for listing in numbers)
    for listing, text in zip(numbers, (offered, asked), strict=True):
        assert {line.reason for line in lines(listing)} == {Unplaced.QUALITY}
        assert "条需求" not in text
        assert "条供应" not in text
    assert TOO_MUCH in offered
    assert "烧失量不合（GB/T 1596-2017 6.1 表 1）" in asked
    assert "11.2" not in asked
    with database().reading() as session:
        assert session.scalars(select(Round)).one().run_number == run_number
        run = session.scalars(select(ClearingRun)).one()
        problem, kept = frozen_problem(own_vault(), run), recorded_outcomes(own_vault(), run)
        fresh = tuple(answer.outcome for answer in solve_both(problem, efforts_of(run)))
    assert fresh == kept


def test_an_order_with_labels_is_proven_like_any_other(app: Flask, tmp_path: Path) -> None:
    with database().writing() as session:
        burnt = boiler_ash(session, BURNT)
        works(session, Product.CONCRETE)
        person, number = user_of(session, burnt.company), burnt.number
    run_number = cleared()
    client = app.test_client()
    sign_in(client, person)
    text = client.get(f"/clearing/orders/{number}").get_data(as_text=True)
    assert "同一种物料按品质分开编号" in text
    document = client.get(f"/clearing/orders/{number}/proof").get_json()
    assert json.loads(document["orders"][0]["order"])["material"] == "fly_ash#1"
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps(document), encoding="utf-8")
    with database().reading() as session:
        run = session.scalars(select(ClearingRun).where(ClearingRun.number == run_number)).one()
        root = str(run.root)
    command = [sys.executable, str(ROOT / "static" / "check-proof.py"), str(proof), root]
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0


def test_the_page_of_another_firm_stays_shut(app: Flask, frozen: datetime) -> None:
    with database().writing() as session:
        burnt = boiler_ash(session, BURNT).number
        concrete = works(session, Product.CONCRETE)
        stranger = user_of(session, concrete.company)
    cleared()
    client = app.test_client()
    sign_in(client, stranger)
    assert client.get(f"/clearing/orders/{burnt}").status_code == 404
