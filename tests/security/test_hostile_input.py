"""Whatever stands in an address or a form, no answer is an error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.quantities import parse_tonnes
from tests.installations import settings_of
from tests.security.factories import Market, client_of
from tests.security.routes import Route, changing, reading

PARAMETERS = [
    "against",
    "by",
    "category",
    "city",
    "county",
    "day",
    "kind",
    "km",
    "language",
    "material",
    "measure",
    "min",
    "month",
    "my_side",
    "next",
    "page",
    "parameter",
    "partner",
    "place",
    "q",
    "red_mud",
    "run",
    "site",
    "site_id",
    "size",
    "sort",
    "span",
    "state",
    "status",
    "text",
    "token",
    "waiting",
]
HOSTILE = {
    "empty": [""],
    "not a number": ["NaN"],
    "infinite": ["-Infinity"],
    "exponent": ["1e309"],
    "negative": ["-1"],
    "huge": ["9" * 40],
    "very long": ["9" * 3_000],
    "other digits": ["２０２６-１２"],
    "first month": ["0001-01"],
    "last month": ["9999-12"],
    "nul": ["\0"],
    "control": ["/\t/[\r\nX: y"],
    "quotes": ["' OR 1=1 --\"<script>%s{{7*7}}\\"],
    "wild cards": ["%_\\"],
    "several": ["a", "", "b"],
    "host": ["//evil.example/"],
}
ADDRESSES = (
    "/trades/%00",
    "/trades/" + "9" * 3_000,
    "/clearing/%00",
    "/clearing/%00/progress",
    "/clearing/R-2612-1%0a",
    "/imports/%00",
    "/imports/I-2611-0001%0a",
    "/listings/%00",
    "/listings/S-２６11-0001",
    "/companies/2147483648",
    "/companies/99999999999999999999",
    "/companies/own/sites/2147483648",
    "/companies/own/sites/-1",
    "/static/..%2fwsgi.py",
    "/static/%00",
)
FIELDS = [
    "address",
    "company_name",
    "contact_email",
    "contact_name",
    "contact_phone",
    "credit_code",
    "datum",
    "email",
    "first_month",
    "found",
    "kind",
    "last_month",
    "lat",
    "limit_payer",
    "limit_price",
    "list_payer",
    "list_price",
    "lon",
    "materials",
    "max_km",
    "mode",
    "month",
    "months",
    "name",
    "note",
    "old_password",
    "password",
    "phone",
    "place",
    "product",
    "reason",
    "role",
    "shows_name",
    "site_id",
    "site_name",
    "tonnes",
    "waste_code",
    "waste_name",
    "words",
]
PARTS = ("public", "producer", "operator")
NOT_LET_IN = (401, 403)
SEEN_AT_THE_EDGE = ("nul", "control", "very long", "several")
"""What may trouble the reading of a form, which comes before any question of who sent it."""


def test_no_hostile_query_breaks_a_page(any_app: Flask, any_market: Market) -> None:
    for route, browser in _opened(any_app, any_market):
        for name, values in HOSTILE.items():
            answer = browser.get(route.path, query_string=dict.fromkeys(PARAMETERS, values))
            assert answer.status_code < 500, f"{name}: {route}"
            assert not answer.headers.get("Location", "").startswith("//"), f"{name}: {route}"


@pytest.mark.parametrize("path", ["/map", "/producers"])
def test_no_hostile_name_of_a_sheet_breaks_a_page(app: Flask, path: str) -> None:
    browser = app.test_client()
    for name, values in HOSTILE.items():
        answer = browser.get(path, query_string={"sheet": values})
        assert answer.status_code < 500, name


def test_no_hostile_form_breaks_a_page(any_app: Flask, any_market: Market) -> None:
    browsers = {part: client_of(any_app, any_market, part) for part in PARTS}
    for route in changing(any_app, any_market):
        if route.endpoint == "accounts.sign_out":
            continue
        for part, browser in browsers.items():
            for name, values in _worth_sending(browser, route).items():
                form = dict.fromkeys(FIELDS, values)
                answer = browser.open(route.path, method=route.method, data=form)
                assert answer.status_code < 500, f"{name}, {part}: {route}"


def _worth_sending(browser: FlaskClient, route: Route) -> dict[str, list[str]]:
    """Every hostile value, or what is looked at before it is asked who may use the route."""
    answer = browser.open(route.path, method=route.method)
    if answer.status_code in NOT_LET_IN:
        return {name: HOSTILE[name] for name in SEEN_AT_THE_EDGE}
    return HOSTILE


def _opened(app: Flask, market: Market) -> Iterator[tuple[Route, FlaskClient]]:
    """Every page with the first browser that it opens for."""
    browsers = [client_of(app, market, part) for part in PARTS]
    for route in reading(app, market):
        opens = (each for each in browsers if each.get(route.path).status_code == 200)
        yield route, next(opens, browsers[0])


def test_no_hostile_address_finds_anything(any_app: Flask, any_market: Market) -> None:
    for part in PARTS:
        browser = client_of(any_app, any_market, part)
        for path in ADDRESSES:
            answer = browser.get(path)
            assert answer.status_code in (302, 400, 403, 404), f"{part}: {path[:40]}"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        "/\n/[",
        "/a\r\nSet-Cookie: x=1",
        "https://evil.example",
        "evil.example",
    ],
)
def test_no_next_leads_off_the_site(app: Flask, target: str) -> None:
    answer = FlaskClient(app).get("/language/en", query_string={"next": target})
    assert (answer.status_code, answer.location) == (302, "/")


def test_a_mass_of_digits_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_tonnes("9" * 100_000)


def test_a_request_larger_than_the_limit_is_refused(app: Flask) -> None:
    data = {"email": "x" * 5_000_000}
    assert FlaskClient(app).post("/accounts/sign-in", data=data).status_code == 413


def test_the_metrics_token_may_be_guessed_in_any_letters(app: Flask) -> None:
    app.extensions["gufei.settings"] = replace(settings_of(app), metrics_token="a-long-token")
    for given in ("Bearer sécret", "Bearer ", ""):
        answer = FlaskClient(app).get("/metrics", headers={"Authorization": given})
        assert answer.status_code == 404
