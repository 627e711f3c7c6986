"""Who gets in where: every route of the application, tried by those it is not for."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.security.factories import Market, client_of
from tests.security.routes import changing, reading

PUBLIC_PAGES = {
    "accounts.forgot",
    "accounts.register",
    "accounts.reset",
    "accounts.sign_in",
    "bidding.index",
    "bidding.show",
    "board.front",
    "board.open_data",
    "board.open_file",
    "board.producers",
    "catalogue.show",
    "clearing.index",
    "clearing.of_round",
    "clearing.prices",
    "clearing.progress",
    "clearing.show",
    "companies.places",
    "core.healthz",
    "core.show_metrics",
    "core.switch_language",
    "eligibility.standard",
    "eligibility.standards",
    "eligibility.use",
    "eligibility.uses",
    "listings.browse_offers",
    "listings.browse_requirements",
    "listings.export_offers",
    "listings.export_requirements",
    "listings.map_offers",
    "listings.map_requirements",
    "listings.show",
    "maps.boundaries",
    "maps.data",
    "maps.show",
    "passports.show",
    "regrading.changes",
    "statistics.definitions",
    "statistics.download",
    "trades.record_of_listing",
}
"""A new public route has to be written down here."""

PUBLIC_DEEDS = {
    "accounts.forgot",
    "accounts.register",
    "accounts.reset",
    "accounts.sign_in",
    "accounts.sign_out",
}

DEALS = {
    "bidding.of_listing",
    "bidding.offer",
    "bidding.offer_form",
    "bidding.take",
    "bidding.take_form",
}
"""What any firm may do about what another has put on the market."""

OWN_PAPERS = {"documents.evidence", "documents.ledger", "imports.blank", "imports.own"}
"""Each firm gets its own; the address names a period or a kind of table and no firm."""

FOR_OFFICIALS = {"clearing.flows", "maps.closes.month"}
"""What any regulator reads: the address names a run or a month and no firm."""

FILLED_IN = {"role": "viewer", "reason": "price", "months": "1"}
"""So that a form's own faults do not hide who was let in."""


def test_everything_that_is_not_public_asks_the_public_to_sign_in(
    app: Flask, market: Market
) -> None:
    browser = client_of(app, market, "public")
    for route in reading(app, market):
        answer = browser.get(route.path)
        asked = answer.status_code == 302 and answer.location.startswith("/accounts/sign-in")
        assert asked == (route.endpoint not in PUBLIC_PAGES), str(route)
    for route in changing(app, market):
        refused = browser.open(route.path, method=route.method).status_code == 401
        assert refused == (route.endpoint not in PUBLIC_DEEDS), str(route)


@pytest.mark.parametrize("part", ["stranger", "far", "other_city"])
def test_what_belongs_to_another_firm_is_not_there(app: Flask, market: Market, part: str) -> None:
    """For another firm, and for regulators of a county and a city that the trade does not touch."""
    browser = client_of(app, market, part)
    open_to_part = DEALS | OWN_PAPERS if part == "stranger" else FOR_OFFICIALS
    for route in [*reading(app, market), *changing(app, market)]:
        if not route.names_object or route.endpoint in PUBLIC_PAGES | open_to_part:
            continue
        answer = browser.open(route.path, method=route.method, data=FILLED_IN)
        assert answer.status_code in (403, 404), str(route)


@pytest.mark.parametrize("part", ["public", "stranger", "far"])
def test_a_page_that_is_closed_to_somebody_gives_no_table_away_as_a_file(
    app: Flask, market: Market, part: str
) -> None:
    browser = client_of(app, market, part)
    for route in reading(app, market):
        if browser.get(route.path).status_code != 200:
            answer = browser.get(f"{route.path}?sheet=counties")
            assert answer.status_code != 200, str(route)


def test_another_firms_trade_looks_like_one_that_does_not_exist(app: Flask, market: Market) -> None:
    browser = client_of(app, market, "stranger")
    there, missing = (browser.get(f"/trades/{number}") for number in (market.trade, "T-9901-0001"))
    assert (there.status_code, missing.status_code) == (404, 404)
    assert len(there.data) == len(missing.data)


def test_who_may_only_read_for_a_firm_changes_nothing_of_it(app: Flask, market: Market) -> None:
    browser = client_of(app, market, "viewer")
    own = {"accounts.me"}
    for route in changing(app, market):
        if route.endpoint in PUBLIC_DEEDS | own or route.endpoint.startswith("notifications."):
            continue
        refused = 404 if route.endpoint == "clearing.documents" else 403
        assert browser.open(route.path, method=route.method).status_code == refused, str(route)


@pytest.mark.parametrize("part", ["city", "operator"])
def test_officials_answer_no_trade_and_list_nothing(app: Flask, market: Market, part: str) -> None:
    browser = client_of(app, market, part)
    own = {"operator": {"trades.decide", "trades.release"}, "city": {"trades.look_up"}}
    for route in changing(app, market):
        if route.endpoint in own[part]:
            continue
        if route.endpoint.startswith(("trades.", "listings.")):
            assert browser.open(route.path, method=route.method).status_code == 403, str(route)


def test_only_the_operator_runs_clearings_and_decides_about_firms(
    app: Flask, market: Market
) -> None:
    for part in ("producer", "consumer", "city", "far", "other_city"):
        browser = client_of(app, market, part)
        for route in changing(app, market):
            decides = route.endpoint.startswith("clearing.") or (
                route.endpoint.startswith("companies.") and "/own" not in route.path
            )
            if decides:
                answer = browser.open(route.path, method=route.method)
                refused = 404 if route.endpoint == "clearing.documents" else 403
                assert answer.status_code == refused, f"{part}: {route}"


@pytest.mark.parametrize("part", ["producer", "viewer", "city", "far", "operator", "auditor"])
def test_the_documents_of_a_run_are_not_there_for_who_was_not_named(
    app: Flask, market: Market, part: str
) -> None:
    answer = client_of(app, market, part).post(f"/clearing/{market.run}/documents")
    assert answer.status_code == 404


def test_an_auditor_has_no_other_room_than_the_public(app: Flask, market: Market) -> None:
    browser = client_of(app, market, "auditor")
    own = {"accounts.me", "accounts.sign_out", "board.desk", "trades.index"}
    for route in [*reading(app, market), *changing(app, market)]:
        if route.endpoint in PUBLIC_PAGES | PUBLIC_DEEDS | own:
            continue
        answer = browser.open(route.path, method=route.method, data=FILLED_IN)
        assert answer.status_code in (403, 404), str(route)


def test_no_page_may_be_kept_by_a_cache(app: Flask, market: Market) -> None:
    for part in ("producer", "operator"):
        browser = client_of(app, market, part)
        for route in reading(app, market):
            if route.endpoint != "maps.boundaries":
                kept = browser.get(route.path).headers["Cache-Control"]
                assert kept == "no-store", str(route)


@pytest.mark.parametrize("part", ["producer", "city", "far", "operator", "auditor"])
def test_every_link_of_the_top_bar_leads_somewhere(app: Flask, market: Market, part: str) -> None:
    browser = client_of(app, market, part)
    page = browser.get("/map").get_data(as_text=True)
    header = page[page.index("<header") : page.index("</header>")]
    for path in set(re.findall(r'href="(/[^"]*)"', header)):
        answer = browser.get(path, follow_redirects=True)
        assert answer.status_code == 200, (part, path, answer.status_code)
