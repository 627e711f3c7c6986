"""From the map of official figures down to a ticket: every level, its sums, its readers."""

from __future__ import annotations

import re
from fractions import Fraction
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask
from sqlalchemy import select

from app.companies.models import Company
from app.core.transactions import database
from app.shipments.models import Shipment
from app.trades.models import Trade
from tests.accounts.factories import operator_user, regulator, sign_in, user_of
from tests.board.factories import statements_of_page
from tests.companies.factories import approved_company
from tests.html import CheckedClient
from tests.maps.official_town import Town, more, town

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def place(app: Flask) -> Town:
    with database().writing() as session:
        return town(session)


@pytest.fixture(params=["zh", "en"])
def spoken(request: pytest.FixtureRequest, client: CheckedClient) -> CheckedClient:
    client.set_cookie("language", request.param)
    return client


def enter(client: CheckedClient, kind: str) -> None:
    makers = {
        "firm": lambda session: user_of(session, approved_company(session)),
        "county": lambda session: regulator(session, "371503"),
        "far": lambda session: regulator(session, "371581"),
        "city": regulator,
        "operator": operator_user,
    }
    with database().writing() as session:
        user = makers[kind](session)
    sign_in(client, user)


def text_of(client: CheckedClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return answer.get_data(as_text=True)


def test_five_clicks_lead_from_the_map_to_a_ticket(spoken: CheckedClient, place: Town) -> None:
    enter(spoken, "city")
    county = first(text_of(spoken, "/map"), "/map/counties/")
    firm = first(text_of(spoken, county), "/map/counties/")
    opened = spoken.post(firm)
    assert opened.status_code == 303
    waste = first(text_of(spoken, opened.location), "/map/sites/[0-9]+/fly_ash")
    contract = first(text_of(spoken, waste), "/map/trades/")
    truck = first(text_of(spoken, contract), "/shipments/")
    note = text_of(spoken, truck)
    assert place.trade in note
    assert "31,460" in note


@pytest.mark.parametrize("scope", ["", "&red_mud=1", "&material=fly_ash", "&span=year"])
@pytest.mark.usefixtures("place")
def test_every_node_sums_to_its_parent_to_the_kilogram(client: CheckedClient, scope: str) -> None:
    """Used mass, read off the pages: counties, firms, wastes, contracts, trucks."""
    enter(client, "operator")
    nodes = 0
    pages = [f"/map?month=2026-11&measure=utilisation{scope}"]
    while pages:
        nodes += 1
        lines, whole = used(text_of(client, pages.pop()))
        assert sum(kg for _link, kg in lines) == whole
        for link, kg in lines:
            if link and not link.startswith("/shipments/"):
                pages.append(link)
                assert used(text_of(client, link))[1] == kg
    assert nodes > 8


@pytest.mark.parametrize(
    ("scope", "is_aim"), [("", True), ("&red_mud=1", False), ("&material=red_mud", False)]
)
@pytest.mark.usefixtures("place")
def test_the_head_names_a_target_only_where_it_counts(
    client: CheckedClient, scope: str, is_aim: bool
) -> None:
    enter(client, "operator")
    page = text_of(client, f"/map?month=2026-11&measure=utilisation{scope}")
    head = page.partition("<h1")[2].partition("<main")[0]
    assert ("目标 100%" in head) is is_aim
    assert ("赤泥不在目标内" in head) is not is_aim


def test_the_question_is_carried_to_the_last_level(client: CheckedClient, place: Town) -> None:
    enter(client, "operator")
    asked = "measure=gap&month=2026-11&span=year&material=fly_ash&against=2026-10"
    page = f"/map?{asked}"
    for start in ("/map/counties/", "/map/counties/", "/map/sites/"):
        page = first(text_of(client, page), start)
        assert set(asked.split("&")) <= set(page.partition("?")[2].split("&"))


@pytest.mark.parametrize(
    ("kind", "status"),
    [("firm", 404), ("far", 404), ("county", 200), ("city", 200), ("operator", 200)],
)
def test_below_the_counties_only_their_officials_enter(
    client: CheckedClient, place: Town, kind: str, status: int
) -> None:
    enter(client, kind)
    county = f"/map/counties/{place.adcode}"
    for path in (
        county,
        f"{county}?by=park",
        f"{county}/firms/{place.company_id}",
        f"/map/sites/{place.site_id}/fly_ash",
        f"/map/trades/{place.trade}/loads",
    ):
        assert client.get(path).status_code == status, path


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    "path",
    [
        "/map/counties/371599",
        "/map/counties/371503/firms/99",
        "/map/counties/371581/firms/1",
        "/map/sites/99/fly_ash",
        "/map/sites/1/gold",
        "/map/trades/T-9901-0001/loads",
    ],
)
def test_what_does_not_exist_has_no_page(client: CheckedClient, path: str) -> None:
    enter(client, "operator")
    assert client.get(path).status_code == 404


def test_a_regulator_opens_a_firm_on_record_and_the_firms_read_it(
    client: CheckedClient, app: Flask, place: Town
) -> None:
    enter(client, "county")
    firm = f"/map/counties/{place.adcode}/firms/{place.company_id}"
    loads = f"/map/trades/{place.trade}/loads"
    truck = truck_of(place)
    for path in (firm, loads, f"/map/sites/{place.site_id}/fly_ash"):
        assert "打开企业数字" in text_of(client, path), path
    assert client.get(truck).status_code == 404
    assert _read_by(app, place.company_id) == 0
    client.get(firm)
    assert _read_by(app, place.company_id) == 0
    for _again in range(2):
        assert client.post(firm, data={"to": loads}).location == loads
    for elsewhere in ("//evil.example/map/", "/map/\r\nSet-Cookie: a=b"):
        assert client.post(firm, data={"to": elsewhere}).location.startswith(firm)
    assert "31,460" in text_of(client, loads)
    assert client.get(truck).status_code == 200
    assert _read_by(app, place.company_id) == _read_by(app, place.taker_id) == 1


def test_a_regulator_finds_no_telephone_on_a_load(client: CheckedClient, place: Town) -> None:
    enter(client, "county")
    client.post(f"/map/counties/{place.adcode}/firms/{place.company_id}")
    note = text_of(client, truck_of(place))
    assert "tel:1" not in note
    assert client.get("/shipments/").status_code == 403


def test_another_firms_figures_stay_closed(client: CheckedClient, place: Town) -> None:
    enter(client, "city")
    client.post(f"/map/counties/{place.adcode}/firms/{place.company_id}")
    assert "打开企业数字" in text_of(client, f"/map/sites/{place.other_site_id}/fly_ash")


def test_no_address_leads_away_from_the_map_after_opening(
    client: CheckedClient, place: Town
) -> None:
    enter(client, "city")
    firm = f"/map/counties/{place.adcode}/firms/{place.company_id}"
    assert client.post(firm, data={"to": "//evil.example"}).location.startswith(firm)


def test_use_that_no_ticket_shows_is_marked_as_such(spoken: CheckedClient, place: Town) -> None:
    enter(spoken, "operator")
    page = text_of(spoken, f"/map/sites/{place.site_id}/fly_ash?month=2026-11")
    assert "8.560" in page
    zh = "无磅单的申报" in page
    assert zh or "Declared without a ticket" in page


def test_no_page_asks_more_the_more_there_is(
    app: Flask, client: CheckedClient, place: Town
) -> None:
    enter(client, "operator")
    paths = (
        "/map?measure=utilisation",
        f"/map/counties/{place.adcode}",
        f"/map/counties/{place.adcode}?by=park",
        f"/map/counties/{place.adcode}/firms/{place.company_id}",
        f"/map/sites/{place.site_id}/fly_ash",
        f"/map/trades/{place.trade}/loads",
    )
    few = [statements_of_page(client, path) for path in paths]
    with database().writing() as session:
        more(session, place)
    assert [statements_of_page(client, path) for path in paths] == few


def used(page: str) -> tuple[list[tuple[str, int]], int]:
    """The lines of the first table with their links and used kg, and its total."""
    tree = html5lib.parse(page[page.index("<table") :], namespaceHTMLElements=False)
    table = tree.find(".//table")
    heads = ["".join(head.itertext()) for head in table.findall("thead/tr/th")]
    column = next(n for n, head in enumerate(heads) if head.startswith(("利用量", "收下")))
    scale = 1 if heads[column].startswith("收下") else 1000
    lines = [_line(row, column, scale) for row in table.findall("tbody/tr")]
    (total,) = [_line(row, column, scale) for row in table.findall("tfoot/tr")]
    return lines, total[1]


def _line(row: Element, column: int, scale: int) -> tuple[str, int]:
    link = row.find(".//th//a")
    cells = [cell for cell in row for _span in range(int(cell.get("colspan", 1)))]
    text = "".join(cells[column].itertext()).replace("−", "-").replace(",", "").strip()
    is_mass = re.fullmatch(r"-?[0-9.]+", text)
    kg = round(Fraction(text) * scale) if is_mass else 0
    return ("" if link is None else link.get("href", "")), kg


def truck_of(place: Town) -> str:
    with database().reading() as session:
        query = select(Shipment.number).join(Trade).where(Trade.number == place.trade)
        return f"/shipments/{session.scalars(query.order_by(Shipment.id)).first()}"


def _read_by(app: Flask, company_id: int) -> int:
    """How many look-ups of its figures a firm finds on its page."""
    with database().writing() as session:
        person = user_of(session, session.get_one(Company, company_id))
    other = CheckedClient(app, use_cookies=True)
    sign_in(other, person)
    return text_of(other, "/trades/lookups").count("综合利用统计")


def first(page: str, start: str) -> str:
    """The first address in the first table that begins so."""
    table = page[page.index("<tbody>") :]
    found = re.search(rf'(?:href|action)="({start}[^"]*)"', table)
    assert found, start
    return found[1].replace("&amp;", "&")


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("kind", ["public", "firm", "county"])
def test_counties_of_few_firms_are_withheld_from_all_but_their_officials(
    client: CheckedClient, kind: str
) -> None:
    if kind != "public":
        enter(client, kind)
    query = "?measure=utilisation&month=2026-11"
    found = client.get(f"/map/data.json{query}").get_json()["counties"]
    shown = {county["adcode"] for county in found if not county["withheld"]}
    assert shown == ({"371503"} if kind == "county" else set())
    main = text_of(client, f"/map{query}").partition("<main")[2]
    assert "独立企业太少" in main
    assert "300,000" not in main or kind == "county"


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("kind", ["public", "firm", "county", "city"])
def test_only_who_can_open_a_county_is_told_to(client: CheckedClient, kind: str) -> None:
    if kind != "public":
        enter(client, kind)
    page = text_of(client, "/map?measure=utilisation&month=2026-11")
    assert ("点县名下钻" in page) == ("/map/counties/" in page) == (kind in ("county", "city"))
