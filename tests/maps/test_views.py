"""The map page and its data, as the public, a firm and the officials get them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.core.transactions import database
from tests.accounts.factories import operator_user, regulator, sign_in, user_of
from tests.board.factories import statements_of
from tests.companies.factories import approved_company
from tests.html import CheckedClient
from tests.statistics.factories import uneven_market
from tests.statistics.test_flows import traded

pytestmark = pytest.mark.usefixtures("frozen")
MEASURES = ("rate", "offered", "reachable", "flows")
COUNTY_FIELDS = {"adcode", "name", "value", "label", "class", "link", "withheld"}
POINT_FIELDS = {"lon", "lat", "material", "tonnes", "label", "shape", "link", "selected"}


@pytest.fixture
def market(app: Flask) -> None:
    with database().writing() as session:
        uneven_market(session)


def enter(client: CheckedClient, kind: str) -> None:
    """Sign in as a person of that kind; the public stays outside."""
    makers = {
        "firm": lambda session: user_of(session, approved_company(session)),
        "county": lambda session: regulator(session, "371503"),
        "city": regulator,
        "operator": operator_user,
    }
    if kind == "public":
        return
    with database().writing() as session:
        user = makers[kind](session)
    sign_in(client, user)


def data(client: CheckedClient, query: str = "") -> dict[str, Any]:
    response = client.get("/map/data.json?month=2026-12" + query)
    assert response.status_code == 200
    found: dict[str, Any] = response.get_json()
    return found


def counties(payload: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {county["adcode"]: county for county in payload["counties"]}


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_measure_is_a_page_without_script_in_both_languages(
    client: CheckedClient, measure: str, language: str
) -> None:
    client.set_cookie("language", language)
    page = client.get(f"/map?month=2026-12&measure={measure}&county=371503&red_mud=1")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "measure=flows" in text
    assert "month=2027-01" in text
    assert "data-map" in text


@pytest.mark.usefixtures("market")
def test_the_page_says_the_past_target_and_the_map_review_plainly(client: CheckedClient) -> None:
    text = client.get("/map").get_data(as_text=True)
    assert "综合利用率目标 100%（期限 2025-12-31，已过）" in text
    assert "界线仅作示意；审图号由运营方填写" in text


def test_an_empty_market_has_a_page_too(client: CheckedClient) -> None:
    text = client.get("/map").get_data(as_text=True)
    assert "无供应" in text


@pytest.mark.usefixtures("market")
def test_the_counties_follow_the_contract_of_the_map(client: CheckedClient) -> None:
    """One firm has signed: its regulator sees how much, a stranger sees a hatched county."""
    assert counties(data(client))["371503"]["withheld"]
    assert counties(data(client, "&measure=offered"))["371503"]["label"] == "1,000"
    enter(client, "city")
    payload = data(client, "&county=371503")
    assert set(payload) == {"counties", "selected", "arcs", "points"}
    assert payload["selected"] == "371503"
    assert len(payload["counties"]) == 8
    assert all(set(county) == COUNTY_FIELDS for county in payload["counties"])
    chiping = counties(payload)["371503"]
    assert (chiping["value"], chiping["label"], chiping["class"]) == (0.1, "10.0%", "r1")
    assert "county=371503" in chiping["link"]


@pytest.mark.usefixtures("market")
def test_withheld_empty_and_unknown_are_told_apart(client: CheckedClient) -> None:
    rates = counties(data(client))
    assert rates["371581"]["withheld"]
    assert rates["371581"]["label"] is rates["371581"]["value"] is None
    assert rates["371521"]["label"] == "无供应"
    reached = counties(data(client, "&measure=reachable"))
    assert reached["371503"]["label"] == "未撮合"


@pytest.mark.usefixtures("market")
def test_before_a_clearing_nothing_is_drawn_as_having_nowhere_to_go(client: CheckedClient) -> None:
    enter(client, "city")
    table = client.get("/map?month=2026-12").get_data(as_text=True).split("<tbody>")[1]
    assert "fill-signed" in table
    assert "fill-nowhere" not in table.split("</table>")[0]


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("measure", ["rate", "offered", "reachable"])
def test_table_and_map_list_the_counties_in_the_same_order(
    client: CheckedClient, measure: str
) -> None:
    enter(client, "city")
    text = client.get(f"/map?month=2026-12&measure={measure}").get_data(as_text=True)
    rows = re.findall(r'county=(\d{6})#county"', text)
    listed = [county["adcode"] for county in data(client, f"&measure={measure}")["counties"]]
    assert rows == listed


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    ("kind", "sees_linqing", "sees_mud"),
    [
        ("public", False, False),
        ("firm", False, False),
        ("county", False, True),
        ("city", True, True),
        ("operator", True, True),
    ],
)
def test_each_reader_sees_the_counties_that_are_theirs_to_see(
    client: CheckedClient, kind: str, sees_linqing: bool, sees_mud: bool
) -> None:
    enter(client, kind)
    assert counties(data(client))["371581"]["withheld"] is not sees_linqing
    assert counties(data(client, "&red_mud=1"))["371503"]["withheld"] is not sees_mud


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize(
    ("kind", "sees"),
    [("public", False), ("firm", False), ("county", True), ("city", True), ("operator", True)],
)
def test_a_countys_offers_are_listed_for_its_officials_alone(
    client: CheckedClient, kind: str, sees: bool
) -> None:
    enter(client, kind)
    text = client.get("/map?month=2026-12&county=371503").get_data(as_text=True)
    assert ("茌平区的 5 条供应" in text) is sees
    assert ("/listings/S-" in text) is sees


@pytest.mark.parametrize("kind", ["public", "firm"])
def test_strangers_get_arcs_between_counties_and_no_site(client: CheckedClient, kind: str) -> None:
    with database().writing() as session:
        traded(session)
    enter(client, kind)
    payload = data(client, "&measure=flows")
    assert payload["points"] == []
    (arc,) = payload["arcs"]
    assert arc["label"] == "粉煤灰 茌平区 → 东昌府区 175 吨"
    assert arc["tonnes"] == 175
    places = {tuple(arc["from"]), tuple(arc["to"])}
    assert not places & {(116.1538, 36.5776), (115.9707, 36.4887)}
    _frame, main = client.get("/map?measure=flows").get_data(as_text=True).split("<main")
    assert "试验企业" not in main


def test_officials_get_arcs_between_sites_with_their_marks(client: CheckedClient) -> None:
    with database().writing() as session:
        traded(session)
    enter(client, "city")
    payload = data(client, "&measure=flows&red_mud=1")
    assert len(payload["arcs"]) == 5
    assert all(set(point) == POINT_FIELDS for point in payload["points"])
    assert {point["shape"] for point in payload["points"]} == {"circle", "square"}
    assert [116.1538, 36.5776] in [arc["from"] for arc in payload["arcs"]]
    assert {county["class"] for county in payload["counties"]} == {None}


@pytest.mark.usefixtures("market")
def test_a_countys_regulator_opens_on_the_own_county_and_may_leave_it(
    client: CheckedClient,
) -> None:
    enter(client, "county")
    assert data(client)["selected"] == "371503"
    assert data(client, "&county=")["selected"] is None


@pytest.mark.parametrize("month", ["2026-13", "december", "12"])
def test_an_unreadable_month_is_said_and_another_one_shown(
    client: CheckedClient, month: str
) -> None:
    response = client.get(f"/map?month={month}")
    assert response.status_code == 422
    assert month in response.get_data(as_text=True)
    assert "2026 年 12 月" in response.get_data(as_text=True)


def test_an_unknown_measure_or_county_asks_for_nothing(client: CheckedClient) -> None:
    assert client.get("/map?measure=gold&county=110101").status_code == 200


@pytest.mark.usefixtures("market")
def test_the_page_costs_no_more_statements_in_a_larger_market(
    app: Flask, client: CheckedClient
) -> None:
    def ask(_session: Session) -> None:
        client.get("/map?month=2026-12&county=371503")

    enter(client, "operator")
    few = statements_of(ask)
    with database().writing() as session:
        uneven_market(session)
    assert statements_of(ask) == few
