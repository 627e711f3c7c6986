"""What went from where to where by the tickets: its sums, its levels, its readers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core.actor import Actor, ActorKind
from app.core.errors import NotFound
from app.core.transactions import database
from app.maps.areas import ground
from app.maps.official_figures import MOST_DRAWN
from app.maps.official_flows import (
    FlowTable,
    RegionFlows,
    county_flows,
    ends_of,
    flow_contracts,
    region_flows,
)
from app.maps.questions import Question
from app.maps.rules import Measure
from app.shipments.models import Shipment
from app.statistics.facts import prepare
from app.statistics.models import MonthlyFact
from app.trades.models import Trade
from tests.accounts.factories import operator_user, regulator, sign_in, user_of
from tests.board.factories import statements_of_page
from tests.companies.factories import approved_company
from tests.html import CheckedClient
from tests.maps.official_province import CHIPING, LICHENG, PROVINCE, SHINAN, ZHANGQIU, province
from tests.maps.official_town import Town, more, town
from tests.maps.test_drill import first, text_of
from tests.statistics.months import CLOSING, NOVEMBER, OCTOBER, declared, loads_of, producer

OPERATOR = Actor(kind=ActorKind.OPERATOR)
JINAN, QINGDAO, LIAOCHENG = "370100", "370200", "371500"
WHOLE = Question(NOVEMBER, Measure.OFFICIAL_FLOWS, city="")
Kilograms = dict[tuple[str, str], int]


def shipped(session: Session) -> None:
    """A province whose counties send trucks to each other, with a declaration for some of it."""
    province(session)
    random = Random(7)
    ends = [(LICHENG, ZHANGQIU), (LICHENG, SHINAN), (SHINAN, LICHENG), (CHIPING, ZHANGQIU)]
    for origin, destination in [*ends, (LICHENG, LICHENG), *ends[:2]]:
        giver, taker = _site_in(session, origin), _site_in(session, destination)
        nets = [random.randrange(20_000, 32_000, 20) for _truck in range(random.randint(1, 3))]
        loads_of(session, giver, *nets, taker=taker)
        declared(session, giver, generated=90_001, entrusted_used=90_001)
    for month in (OCTOBER, NOVEMBER):
        prepare(session, month, CLOSING)


def _site_in(session: Session, adcode: str) -> Site:
    site = producer(session)
    site.adcode = adcode
    return site


@pytest.fixture
def any_shipped(any_app: Flask) -> Iterator[None]:
    """On both databases, inside a request: lines carry addresses."""
    with database().writing() as session:
        shipped(session)
    with any_app.test_request_context():
        yield


@pytest.fixture
def place(app: Flask, frozen: None) -> Town:
    with database().writing() as session:
        return town(session)


@pytest.fixture
def small_province(app: Flask, frozen: None) -> None:
    with database().writing() as session:
        shipped(session)


def official(region: str) -> Actor:
    return Actor(kind=ActorKind.REGULATOR, region=region)


def found(session: Session, city: str = "", actor: Actor = OPERATOR) -> RegionFlows:
    return region_flows(session, actor, replace(WHOLE, city=city), ground(session, city))


def kilograms(table: FlowTable) -> Kilograms:
    return {(line.origin.code, line.destination.code): line.received_kg for line in table.lines}


def weighed(session: Session) -> Kilograms:
    """By the counties of both ends, added up load by load."""
    sums: Counter[tuple[str, str]] = Counter()
    for load in session.scalars(select(Shipment)):
        trade = session.get_one(Trade, load.trade_id)
        ends = (session.get_one(Site, trade.producer_site_id), trade.consumer_site)
        sums[ends[0].adcode, ends[1].adcode] += load.received_kg
    return dict(sums)


def by_city(sums: Kilograms) -> Kilograms:
    cities: Counter[tuple[str, str]] = Counter()
    for (origin, destination), kg in sums.items():
        cities[f"{origin[:4]}00", f"{destination[:4]}00"] += kg
    return dict(cities)


def ticketed(session: Session, city: str = "37") -> int:
    facts = session.scalars(select(MonthlyFact).where(MonthlyFact.month == NOVEMBER))
    return sum(fact.ticketed_kg for fact in facts if fact.adcode.startswith(city))


@pytest.mark.usefixtures("any_shipped")
def test_flows_between_cities_are_their_counties_their_trades_and_the_tickets() -> None:
    with database().reading() as session:
        whole, raw = found(session), weighed(session)
        assert len(raw) == 5
        assert kilograms(whole.out) == by_city(raw)
        assert whole.into.lines == []
        assert whole.out.received_kg == ticketed(session) == sum(raw.values())
        below: Kilograms = {}
        for line in whole.out.lines:
            ends = ends_of(session, OPERATOR, line.origin.code, line.destination.code)
            counties = county_flows(session, WHOLE, ends)
            assert (counties.received_kg, counties.tickets) == (line.received_kg, line.tickets)
            below |= kilograms(counties)
            for county in counties.lines:
                pair = ends_of(session, OPERATOR, county.origin.code, county.destination.code)
                trades = flow_contracts(session, WHOLE, pair)
                assert sum(trade.received_kg for trade in trades) == county.received_kg
        assert below == raw


@pytest.mark.usefixtures("any_shipped")
def test_of_a_city_what_leaves_it_is_its_figure_and_what_comes_in_stands_beside() -> None:
    with database().reading() as session:
        jinan, raw = found(session, JINAN), weighed(session)
        assert kilograms(jinan.out) == {
            (LICHENG, LICHENG): raw[LICHENG, LICHENG],
            (LICHENG, ZHANGQIU): raw[LICHENG, ZHANGQIU],
            (LICHENG, QINGDAO): raw[LICHENG, SHINAN],
        }
        assert kilograms(jinan.into) == {
            (QINGDAO, LICHENG): raw[SHINAN, LICHENG],
            (LIAOCHENG, ZHANGQIU): raw[CHIPING, ZHANGQIU],
        }
        assert jinan.out.received_kg == ticketed(session, JINAN[:4])


@pytest.mark.usefixtures("any_shipped")
@pytest.mark.parametrize(
    ("region", "city", "out", "into"),
    [
        (PROVINCE, "", 4, 0),
        (JINAN, "", 2, 2),
        (JINAN, JINAN, 3, 2),
        (JINAN, QINGDAO, 0, 0),
        (LICHENG, "", 0, 0),
        (LICHENG, JINAN, 3, 1),
        (ZHANGQIU, JINAN, 0, 2),
        (LIAOCHENG, LIAOCHENG, 1, 0),
    ],
)
def test_an_official_reads_the_flows_out_of_the_own_region_and_into_it(
    region: str, city: str, out: int, into: int
) -> None:
    with database().reading() as session:
        read = found(session, city, official(region))
        assert (len(read.out.lines), len(read.into.lines)) == (out, into)


@pytest.mark.usefixtures("any_shipped")
@pytest.mark.parametrize(
    ("actor", "ends", "is_open"),
    [
        (OPERATOR, (LICHENG, SHINAN), True),
        (official(PROVINCE), (JINAN, QINGDAO), True),
        (official(JINAN), (JINAN, QINGDAO), True),
        (official(QINGDAO), (JINAN, QINGDAO), True),
        (official(LICHENG), (LICHENG, QINGDAO), True),
        (official(LICHENG), (JINAN, QINGDAO), False),
        (official(LIAOCHENG), (LICHENG, SHINAN), False),
        (official(ZHANGQIU), (LICHENG, SHINAN), False),
        (Actor(kind=ActorKind.COMPANY), (LICHENG, SHINAN), False),
        (Actor(kind=ActorKind.AUDITOR), (LICHENG, SHINAN), False),
        (Actor(), (LICHENG, SHINAN), False),
        (OPERATOR, ("999999", SHINAN), False),
        (OPERATOR, (LICHENG, ""), False),
    ],
)
def test_a_flow_opens_for_who_oversees_all_of_one_of_its_ends(
    actor: Actor, ends: tuple[str, str], is_open: bool
) -> None:
    with database().reading() as session:
        if is_open:
            assert [area.code for area in ends_of(session, actor, *ends)] == list(ends)
        else:
            with pytest.raises(NotFound):
                ends_of(session, actor, *ends)


@pytest.mark.usefixtures("any_shipped")
def test_flows_are_held_against_another_month_and_parted_by_material() -> None:
    with database().reading() as session:
        raw = by_city(weighed(session))
        held = replace(WHOLE, month=OCTOBER, against=NOVEMBER)
        lines = region_flows(session, OPERATOR, held, ground(session, "")).out.lines
        assert {(line.origin.code, line.destination.code): line.before_kg for line in lines} == raw
        assert {line.received_kg for line in lines} == {0}
        mud = region_flows(
            session, OPERATOR, replace(WHOLE, material="red_mud"), ground(session, "")
        )
        assert mud.lines == []


@pytest.mark.usefixtures("small_province")
@pytest.mark.parametrize(
    ("region", "city", "leads_to_cities"),
    [(PROVINCE, "", True), (PROVINCE, JINAN, False), (LICHENG, "", False)],
)
def test_a_flow_of_two_counties_leads_back_to_that_of_their_cities(
    client: CheckedClient, region: str, city: str, leads_to_cities: bool
) -> None:
    enter(client, region)
    page = text_of(client, f"/map/flows/{LICHENG}/{SHINAN}?month=2026-11&city={city}")
    assert (f"/map/flows/{JINAN}/{QINGDAO}?" in page) is leads_to_cities


@pytest.mark.parametrize("span", ["", "&span=year", "&material=fly_ash"])
@pytest.mark.parametrize("city", ["", JINAN])
@pytest.mark.usefixtures("small_province")
def test_each_page_of_a_flow_sums_to_the_figure_it_was_opened_from(
    client: CheckedClient, city: str, span: str
) -> None:
    """Read off the pages: flow, counties, trades, trucks."""
    enter(client, "")
    address = f"/map?measure=official_flows&month=2026-11&city={city}{span}"
    with database().reading() as session:
        whole = ticketed(session, city[:4] or "37")
    pages = [(address, whole)]
    seen = 0
    while pages:
        path, expected = pages.pop()
        lines, total = received(text_of(client, path))
        assert sum(kg for _link, kg in lines) == total == expected
        seen += 1
        pages += [
            (link, kg) for link, kg in lines if link.startswith(("/map/flows", "/map/trades"))
        ]
    assert seen > 8


def received(page: str) -> tuple[list[tuple[str, int]], int]:
    """The lines of the first table with their links and kilograms, and its first total."""
    table = html5lib.parse(page, namespaceHTMLElements=False).find(".//table")
    heads = ["".join(head.itertext()) for head in table.findall("thead/tr/th")]
    (column,) = (place for place, head in enumerate(heads) if head.startswith("收下"))
    scale = 1 if "kg" in heads[column] else 1000
    lines = [_line(row, column, scale) for row in table.findall("tbody/tr")]
    return lines, _line(table.find("tfoot/tr"), column, scale)[1]


def _line(row: Element, column: int, scale: int) -> tuple[str, int]:
    link = row.find(".//a")
    cells = [cell for cell in row for _span in range(int(cell.get("colspan", 1)))]
    text = "".join(cells[column].itertext()).replace(",", "")
    return ("" if link is None else link.get("href", "")), round(Fraction(text) * scale)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_four_clicks_lead_from_the_map_to_the_ticket_of_a_flow(
    client: CheckedClient, place: Town, language: str
) -> None:
    """One of them opens the producer's figures, on record."""
    client.set_cookie("language", language)
    enter(client, LIAOCHENG)
    flow = first(text_of(client, "/map?measure=official_flows"), "/map/flows/371503")
    listed = text_of(client, flow)
    assert "试验企业" not in listed.partition("<main")[2]
    loads = first(listed, "/map/trades/")
    closed = text_of(client, loads)
    (opening,) = re.findall(r'action="(/map/counties/[^"]+)"', closed)
    (back,) = re.findall(r'name="to" value="([^"]+)"', closed)
    opened = client.post(
        opening.replace("&amp;", "&"), data={"to": back.replace("&amp;", "&")}
    ).location
    note = text_of(client, first(text_of(client, opened), "/shipments/"))
    assert place.trade in note
    assert "31,460" in note
    assert "试验企业" in text_of(client, flow).partition("<main")[2]


def test_a_load_from_elsewhere_opens_once_its_trade_is_looked_up(
    client: CheckedClient, place: Town
) -> None:
    """Its firms read why; the producer's other figures stay closed to that county."""
    enter(client, "371502")
    flow = first(text_of(client, "/map?measure=official_flows"), "/map/flows/371503/371502")
    loads = f"/map/trades/{place.trade}/loads"
    assert loads in text_of(client, flow)
    assert client.get(loads).location == f"/trades/{place.trade}"
    client.post(f"/trades/{place.trade}/lookup", data={"reason": "核对收货磅单"})
    page = text_of(client, loads)
    assert "31,460" in page
    assert flow.partition("?")[0] in page
    assert client.get(first(page, "/shipments/")).status_code == 200
    assert client.get(f"/map/sites/{place.site_id}/fly_ash").status_code == 404


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("kind", ["public", "firm"])
def test_nobody_but_officials_is_offered_the_flows_or_gets_any(
    client: CheckedClient, kind: str
) -> None:
    if kind == "firm":
        with database().writing() as session:
            firm = user_of(session, approved_company(session))
        sign_in(client, firm)
    asked = "measure=official_flows&month=2026-11"
    page = text_of(client, f"/map?{asked}")
    assert "实际流向" not in page
    assert "综合利用率" in page
    assert client.get(f"/map/data.json?{asked}").get_json()["arcs"] == []
    assert client.get(f"/map?{asked}&sheet=flows").status_code == 404
    refused = client.get("/map/flows/371503/371502")
    assert refused.status_code == (302 if kind == "public" else 404)


@pytest.mark.usefixtures("place")
def test_the_map_draws_the_flows_of_its_table_and_each_line_opens_its_flow(
    client: CheckedClient,
) -> None:
    enter(client, "")
    drawn = client.get("/map/data.json?measure=official_flows&month=2026-11").get_json()
    assert sorted(arc["label"] for arc in drawn["arcs"]) == [
        "粉煤灰 临清市 → 东昌府区 30 吨",
        "粉煤灰 茌平区 → 东昌府区 61.44 吨",
    ]
    for arc in drawn["arcs"]:
        assert client.get(arc["link"]).status_code == 200
    assert len(drawn["counties"]) == 8
    assert {county["class"] for county in drawn["counties"]} == {None}


def test_only_the_largest_lines_are_drawn_and_the_legend_says_so(
    client: CheckedClient, place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(client, "")
    address = "?measure=official_flows&month=2026-11"
    assert f"最大的 {MOST_DRAWN} 条" not in text_of(client, f"/map{address}")
    monkeypatch.setattr("app.maps.official_figures.MOST_DRAWN", 1)
    monkeypatch.setattr("app.maps.official_views.MOST_DRAWN", 1)
    (arc,) = client.get(f"/map/data.json{address}").get_json()["arcs"]
    assert "茌平区" in arc["label"]
    assert "最大的 1 条" in text_of(client, f"/map{address}")


@pytest.mark.usefixtures("place")
def test_entrusted_use_is_what_tickets_show_and_what_they_do_not(client: CheckedClient) -> None:
    """Chiping declares 70 t and sends 61.44; Linqing declares 40 and sends 30."""
    enter(client, "")
    text = text_of(client, "/map?measure=official_flows&month=2026-11")
    foot = re.sub(r"<[^>]+>|\s+", " ", text[text.index("<tfoot>") : text.index("</tfoot>")])
    assert re.findall(r"[\d.]{6,}", foot) == ["91.440", "18.560", "110.000"]


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("region", "month", "words"),
    [
        (LIAOCHENG, "2026-09", "这个期间没有收货磅单"),
        ("371581", "2026-11", "只列出产废地或利用地在您辖区的流向"),
        (JINAN, "2026-11", "这里没有您辖区的流向"),
    ],
)
def test_the_page_says_why_there_are_no_flows_or_not_all(
    client: CheckedClient, region: str, month: str, words: str
) -> None:
    enter(client, region)
    assert words in text_of(client, f"/map?measure=official_flows&month={month}")


def test_no_page_of_flows_asks_more_the_more_there_is(client: CheckedClient, place: Town) -> None:
    enter(client, "")
    paths = ("/map?measure=official_flows", "/map/flows/371503/371502")
    few = [statements_of_page(client, path) for path in paths]
    with database().writing() as session:
        more(session, place)
    assert [statements_of_page(client, path) for path in paths] == few


def enter(client: CheckedClient, region: str) -> None:
    """As the regulator of a region, or as the operator; accounts are made in Liaocheng alone."""
    with database().writing() as session:
        user = regulator(session) if region else operator_user(session)
        user.region = region or None
    sign_in(client, user)
