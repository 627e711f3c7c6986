"""The map of a province: its cities, their counties, the sums of both and who reads which."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core.actor import Actor, ActorKind
from app.core.audit import AuditEvent
from app.core.errors import Forbidden
from app.core.transactions import database
from app.maps.areas import ground
from app.maps.counties import area_table
from app.maps.drill import firms_table
from app.maps.lines import Line, Table
from app.maps.questions import Question
from app.maps.rules import Measure
from app.oversight.briefing.figures import briefing
from app.oversight.briefing.paper import paper_of
from app.statistics import closing
from app.statistics.facts import prepare
from app.statistics.indicators import Sums
from app.trades.readers import LOOKED_UP
from tests.accounts.factories import operator_user, regulator, sign_in
from tests.conftest import TODAY
from tests.html import CheckedClient
from tests.maps.official_province import CHIPING, LICHENG, PROVINCE, SHINAN, ZHANGQIU, province
from tests.maps.test_drill import text_of
from tests.statistics.months import CLOSING, NOVEMBER, OCTOBER, declared, producer

OPERATOR = Actor(kind=ActorKind.OPERATOR)
JINAN, QINGDAO, LIAOCHENG = "370100", "370200", "371500"
QUESTIONS = (
    Question(NOVEMBER, city=""),
    Question(NOVEMBER, city="", with_red_mud=True, against=OCTOBER),
    Question(NOVEMBER, city="", whole_year=True),
    Question(NOVEMBER, city="", material="red_mud"),
    Question(NOVEMBER, city="", measure=Measure.USED_HERE),
)


@pytest.fixture
def any_province(any_app: Flask) -> Iterator[None]:
    """On both databases, inside a request: lines carry addresses."""
    with database().writing() as session:
        province(session)
    with any_app.test_request_context():
        yield


@pytest.fixture
def small_province(app: Flask, frozen: None) -> None:
    with database().writing() as session:
        province(session)


def table(session: Session, question: Question, actor: Actor = OPERATOR) -> Table:
    return area_table(session, actor, question, ground(session, question.city), TODAY)


def summed(lines: list[Line]) -> tuple[Sums, Sums, int]:
    now = sum((line.sums for line in lines if line.sums), Sums())
    before = sum((line.before for line in lines if line.before), Sums())
    return now, before, sum(line.used_here_kg or 0 for line in lines)


@pytest.mark.usefixtures("any_province")
@pytest.mark.parametrize("question", QUESTIONS)
def test_counties_sum_to_their_city_and_cities_to_the_province(question: Question) -> None:
    with database().reading() as session:
        cities = table(session, question)
        assert len(cities.lines) == 16
        assert cities.total.sums
        assert cities.total.sums.balance.generated_kg > 0
        assert summed(list(cities.lines))[0] == cities.total.sums
        for city in cities.lines:
            counties = table(session, replace(question, city=city.key))
            assert summed(list(counties.lines))[:2] == (city.sums, city.before or Sums())
            assert summed(list(counties.lines))[2] == city.used_here_kg


@pytest.mark.usefixtures("any_province")
def test_firms_sum_to_their_county_in_every_city() -> None:
    question = Question(NOVEMBER, city=JINAN, with_red_mud=True)
    with database().reading() as session:
        for line in table(session, question).lines:
            firms = firms_table(session, question, line.key, TODAY)
            assert firms.total.sums == line.sums


def test_what_is_published_of_a_city_is_read_in_every_other_city(any_app: Flask) -> None:
    """Of three cities all or none: with one of them hidden its officials could tell the others."""
    with any_app.test_request_context(), database().writing() as session:
        province(session, most=12, seed=3)
        closing.close(session, OPERATOR, NOVEMBER, CLOSING)
        read = table(session, Question(NOVEMBER, city=""), official(LIAOCHENG))
        assert occupied(read) == {JINAN, QINGDAO, LIAOCHENG}


def official(region: str) -> Actor:
    return Actor(kind=ActorKind.REGULATOR, region=region)


@pytest.mark.parametrize(
    ("region", "cities", "of_jinan"),
    [
        (PROVINCE, {JINAN, QINGDAO, LIAOCHENG}, {LICHENG, ZHANGQIU}),
        (JINAN, {JINAN}, {LICHENG, ZHANGQIU}),
        (LICHENG, set(), {LICHENG}),
        (LIAOCHENG, {LIAOCHENG}, set()),
    ],
)
def test_an_official_reads_its_own_region_and_of_others_what_is_published(
    any_app: Flask, region: str, cities: set[str], of_jinan: set[str]
) -> None:
    """With one firm in each county nothing can be published of any city."""
    question = Question(NOVEMBER, city="")
    with any_app.test_request_context(), database().writing() as session:
        province(session, most=1)
        whole = table(session, question, official(region))
        assert occupied(whole) == cities
        assert whole.total.withheld is (region != PROVINCE)
        jinan = table(session, replace(question, city=JINAN), official(region))
        assert occupied(jinan) == of_jinan
        assert jinan.total.withheld is (region not in (PROVINCE, JINAN))
        assert {line.key for line in jinan.lines if line.used_here_kg} <= of_jinan


def occupied(found: Table) -> set[str]:
    return {line.key for line in found.lines if line.sums and not line.is_empty}


def enter(client: CheckedClient, region: str) -> None:
    """As the regulator of a region, or as the operator; accounts are made in Liaocheng alone."""
    with database().writing() as session:
        user = regulator(session) if region else operator_user(session)
        user.region = region or None
    sign_in(client, user)


@pytest.mark.usefixtures("small_province")
@pytest.mark.parametrize(
    ("region", "drawn", "below"),
    [
        ("", "cities", f"city={JINAN}"),
        (PROVINCE, "cities", f"city={JINAN}"),
        (LIAOCHENG, LIAOCHENG, f"/map/counties/{CHIPING}"),
        (CHIPING, LIAOCHENG, f"/map/counties/{CHIPING}"),
    ],
)
def test_the_map_opens_with_the_region_of_its_reader(
    client: CheckedClient, region: str, drawn: str, below: str
) -> None:
    enter(client, region)
    page = text_of(client, "/map?measure=utilisation")
    assert f"of={drawn}" in page
    assert below in page


@pytest.mark.usefixtures("small_province")
@pytest.mark.parametrize(("region", "way"), [("", "点市名看各县"), (PROVINCE, "点市名下钻")])
def test_the_map_of_cities_says_how_far_it_leads_its_reader(
    client: CheckedClient, region: str, way: str
) -> None:
    if region:
        enter(client, region)
    assert way in text_of(client, "/map?measure=utilisation")


@pytest.mark.usefixtures("small_province")
@pytest.mark.parametrize("region", [PROVINCE, JINAN, LICHENG])
def test_the_front_page_draws_all_cities_for_every_reader(
    client: CheckedClient, region: str
) -> None:
    with database().writing() as session:
        if closing.last_close(session, NOVEMBER) is None:
            closing.close(session, OPERATOR, NOVEMBER, CLOSING)
    enter(client, region)
    (source,) = re.findall(
        r'data-source="([^"]+)" data-boundaries="[^"]+cities"', text_of(client, "/")
    )
    drawn = client.get(unescape(source)).get_json()["counties"]
    assert len(drawn) == 16


@pytest.mark.usefixtures("small_province")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_province_leads_to_a_city_a_county_and_its_firms(
    client: CheckedClient, language: str
) -> None:
    client.set_cookie("language", language)
    enter(client, PROVINCE)
    cities = client.get("/map/data.json").get_json()["counties"]
    jinan = next(one for one in cities if one["adcode"] == JINAN)
    assert len(cities) == 16
    page = text_of(client, jinan["link"])
    assert ("济南市" if language == "zh" else "Jinan") in page
    drawn = client.get(jinan["link"].replace("/map?", "/map/data.json?")).get_json()["counties"]
    licheng = next(one for one in drawn if one["adcode"] == LICHENG)
    county = text_of(client, licheng["link"])
    assert f"/map/counties/{LICHENG}/firms/" in county
    assert f"city={JINAN}" in county


@pytest.mark.usefixtures("small_province")
@pytest.mark.parametrize(
    ("region", "own", "foreign"),
    [(PROVINCE, SHINAN, ""), (JINAN, LICHENG, SHINAN), (LICHENG, LICHENG, ZHANGQIU)],
)
def test_counties_of_other_cities_do_not_open(
    client: CheckedClient, region: str, own: str, foreign: str
) -> None:
    enter(client, region)
    assert client.get(f"/map/counties/{own}?month=2026-11").status_code == 200
    if foreign:
        assert client.get(f"/map/counties/{foreign}?month=2026-11").status_code == 404


@pytest.mark.usefixtures("small_province")
def test_a_city_that_is_not_there_shows_the_province(client: CheckedClient) -> None:
    enter(client, PROVINCE)
    assert "of=cities" in text_of(client, "/map?measure=utilisation&city=999900")


@pytest.mark.usefixtures("small_province")
def test_a_city_cannot_publish_a_month_of_the_province(client: CheckedClient) -> None:
    with database().writing() as session:
        with pytest.raises(Forbidden):
            closing.close(session, official(JINAN), NOVEMBER, CLOSING)
        assert closing.close(session, official(PROVINCE), NOVEMBER, CLOSING).version == 1
        with pytest.raises(Forbidden):
            closing.restate(session, official(JINAN), NOVEMBER, "更正", CLOSING)
    enter(client, JINAN)
    assert client.get("/statistics/figures/2026-11/v1.json").status_code == 404


@pytest.mark.usefixtures("small_province")
def test_every_region_that_a_page_can_show_has_its_shapes(client: CheckedClient) -> None:
    """Liaocheng's alone in this installation; a name that is nobody's has none."""
    for name, count in (("counties", 8), ("cities", 1), (LIAOCHENG, 8)):
        body = client.get(f"/map/boundaries.geojson?of={name}").get_data()
        assert len(json.loads(body)["features"]) == count
    assert client.get("/map/boundaries.geojson?of=370100").status_code == 404


@pytest.mark.usefixtures("small_province")
@pytest.mark.parametrize(("city", "kind"), [("", "r2"), (JINAN, "r4")])
def test_masses_of_cities_are_classed_by_tenths(
    client: CheckedClient, city: str, kind: str
) -> None:
    with database().writing() as session:
        site = producer(session)
        site.adcode = LICHENG
        declared(session, site, generated=15_000_000, stored=15_000_000, closing=15_000_000)
        prepare(session, NOVEMBER, CLOSING)
    enter(client, PROVINCE)
    drawn = client.get(f"/map/data.json?measure=stock&month=2026-11&city={city}").get_json()
    found = {one["adcode"]: one["class"] for one in drawn["counties"]}
    assert found[LICHENG if city else JINAN] == kind


@pytest.mark.usefixtures("any_province")
def test_use_here_is_compared_with_another_month() -> None:
    question = Question(NOVEMBER, Measure.USED_HERE, against=OCTOBER, city=JINAN)
    with database().reading() as session:
        lines = {line.key: line for line in table(session, question).lines}
        then = table(session, replace(question, month=OCTOBER, against=None))
    assert any(line.used_here_kg for line in then.lines)
    for line in then.lines:
        assert lines[line.key].used_here_before_kg == line.used_here_kg


@pytest.mark.usefixtures("small_province")
@pytest.mark.parametrize(("language", "word"), [("zh", "增减"), ("en", "Change")])
def test_the_table_of_use_here_shows_both_months(
    client: CheckedClient, language: str, word: str
) -> None:
    client.set_cookie("language", language)
    enter(client, PROVINCE)
    page = text_of(client, f"/map?measure=used_here&month=2026-11&against=2026-10&city={JINAN}")
    assert word in page


@pytest.mark.usefixtures("small_province")
@pytest.mark.parametrize(
    ("language", "words"), [("zh", ("山东的灰", "全省")), ("en", ("Shandong's ash", "by city"))]
)
def test_a_province_is_called_by_its_own_name_and_says_whose_target_it_is(
    client: CheckedClient, language: str, words: tuple[str, str]
) -> None:
    with database().writing() as session:
        closing.close(session, OPERATOR, NOVEMBER, CLOSING)
    client.set_cookie("language", language)
    front = text_of(client, "/")
    assert [word for word in words if word not in front] == []
    enter(client, PROVINCE)
    caveat = {"zh": "这是聊城市的目标", "en": "for comparison only"}[language]
    pages = ("/map?city=", "/map?measure=rate", "/oversight/gap", "/statistics/definitions")
    assert [page for page in pages if caveat not in text_of(client, page)] == []
    assert caveat in front


@pytest.mark.usefixtures("frozen")
def test_a_city_needs_no_word_on_whose_target_it_is(client: CheckedClient) -> None:
    sign_in_as_city(client)
    for page in ("/", "/map?measure=rate", "/oversight/gap", "/statistics/definitions"):
        shown = text_of(client, page)
        assert "聊城工业固废" in shown
        assert "这是聊城市的目标" not in shown
        assert "全省" not in shown


def sign_in_as_city(client: CheckedClient) -> None:
    with database().writing() as session:
        user = regulator(session)
    sign_in(client, user)


def test_the_briefing_of_a_province_says_whose_target_it_is(any_app: Flask) -> None:
    with any_app.test_request_context(), database().writing() as session:
        province(session)
        closing.close(session, OPERATOR, NOVEMBER, CLOSING)
        found = briefing(session, official(JINAN), NOVEMBER)
        blocks = paper_of(found, is_synthetic=False).blocks
    assert "这是聊城市的目标" in str(blocks)
    assert {line.county.city_adcode for line in found.counties} == {JINAN}


@pytest.mark.usefixtures("small_province")
@pytest.mark.parametrize(
    "path",
    [
        f"/map/counties/{SHINAN}",
        f"/map/counties/{SHINAN}?by=park&sheet=firms",
        f"/map/counties/{SHINAN}/firms/{{firm}}",
        f"/map/counties/{LICHENG}/firms/{{firm}}",
        "/map/sites/{site}/fly_ash",
        "/trades/firms/{firm}",
    ],
)
def test_firms_of_another_city_have_no_page_for_a_citys_official(
    client: CheckedClient, path: str
) -> None:
    firm, site = _in_shinan()
    enter(client, JINAN)
    assert client.get(path.format(firm=firm, site=site)).status_code == 404
    assert client.post(f"/map/counties/{SHINAN}/firms/{firm}").status_code == 404
    with database().reading() as session:
        opened = select(func.count()).where(AuditEvent.verb == LOOKED_UP)
        assert session.scalar(opened) == 0


def _in_shinan() -> tuple[int, int]:
    with database().reading() as session:
        site = session.scalars(select(Site).where(Site.adcode == SHINAN).limit(1)).one()
        return site.company_id, site.id


@pytest.mark.usefixtures("small_province")
@pytest.mark.parametrize(
    "question",
    [
        "measure=utilisation&red_mud=1",
        "measure=stock&material=red_mud&against=2026-10",
        "measure=used_here",
        "measure=gap&span=year",
    ],
)
def test_of_another_city_an_official_reads_what_the_public_reads(
    client: CheckedClient, question: str
) -> None:
    with database().writing() as session:
        closing.close(session, OPERATOR, OCTOBER, CLOSING)
        closing.close(session, OPERATOR, NOVEMBER, CLOSING)
    address = f"/map/data.json?month=2026-11&city={QINGDAO}&{question}"
    public = drawn(client, address)
    enter(client, JINAN)
    assert drawn(client, address) == public
    assert drawn(client, address.replace(QINGDAO, JINAN)) != public


def drawn(client: CheckedClient, address: str) -> dict[str, object]:
    """What a map tells of each county, without the addresses below it."""
    counties = client.get(address).get_json()["counties"]
    return {one["adcode"]: {k: one[k] for k in one if k != "link"} for one in counties}


@pytest.mark.usefixtures("small_province")
def test_the_gap_offers_a_citys_official_its_own_counties_alone(client: CheckedClient) -> None:
    enter(client, PROVINCE)
    assert text_of(client, "/oversight/gap").count("<optgroup") == 16
    enter(client, JINAN)
    page = text_of(client, f"/oversight/gap?county={SHINAN}&month=2026-11")
    assert f"county={LICHENG}" in page
    assert "市南区" not in page
