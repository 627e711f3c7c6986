"""Every table of the regulator's desk as a file: the page's own figures, for its own readers."""

from __future__ import annotations

import io
import re
from datetime import datetime
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.core.office.download import KINDS
from app.core.transactions import database
from tests.maps.official_town import Town, town
from tests.oversight.factories import measured
from tests.oversight.test_pages import official

LINK = re.compile(r'class="table-file" href="([^"]+)"')
NAME = re.compile(r'<caption[^>]* data-sheet="([^"]+)"')
Table = list[tuple[object, ...]]


@pytest.fixture
def place(app: Flask, frozen: datetime) -> Town:
    with database().writing() as session:
        return town(session)


def table(client: FlaskClient, address: str) -> Table:
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert answer.mimetype == KINDS[".xlsx"]
    page = load_workbook(io.BytesIO(answer.data)).active
    return list(page.iter_rows(min_row=_head_row(page.freeze_panes), values_only=True))


def links(client: FlaskClient, path: str) -> list[str]:
    return [unescape(found) for found in LINK.findall(_text(client, path))]


def _text(client: FlaskClient, path: str) -> str:
    return client.get(path).get_data(as_text=True)


def _head_row(frozen: str) -> int:
    return int(frozen[1:]) - 1


PAGES = (
    "/map?measure=utilisation&month=2026-11",
    "/map?measure=gap&month=2026-11&against=2026-10",
    "/map?measure=used_here&month=2026-11",
    "/map?measure=official_flows&month=2026-11",
    "/map/flows/371503/371502?month=2026-11",
    "/map?measure=rate&month=2026-12",
    "/map/counties/371503?month=2026-11",
    "/map/counties/371503?month=2026-11&by=park",
    "/map/closes/2026-11",
    "/declarations/overview?month=2026-10",
    "/statistics/definitions",
    "/catalogue/",
    "/open-data",
    "/",
)


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("path", PAGES)
def test_every_table_of_a_page_has_a_link_that_gives_it(app: Flask, path: str) -> None:
    client = official(app)
    named, found = NAME.findall(_text(client, path)), links(client, path)
    assert named
    assert [address.rpartition("sheet=")[2] for address in found] == named
    for address in found:
        assert len(table(client, address)) > 1, address


def test_a_drill_down_can_be_taken_at_each_level(app: Flask, place: Town) -> None:
    client = official(app, None)
    month = "month=2026-11"
    for path, head in (
        (f"/map/counties/{place.adcode}/firms/{place.company_id}?{month}", "厂区和固废"),
        (f"/map/sites/{place.site_id}/fly_ash?{month}", "去向"),
        (f"/map/flows/371503/371502?{month}", "合同"),
        (f"/map/trades/{place.trade}/loads?{month}", "运单"),
    ):
        first, *rows = table(client, links(client, path)[0])
        assert first[0] == head
        assert len(rows) > 1
    assert rows[-1][-1] == 31_460 + 29_980


@pytest.mark.usefixtures("place")
def test_the_file_keeps_the_filters_of_its_page(app: Flask) -> None:
    client = official(app)
    every = table(client, "/map?measure=utilisation&month=2026-11&sheet=counties")
    ash = table(client, "/map?measure=utilisation&month=2026-11&material=fgd_gypsum&sheet=counties")
    column = every[0].index("产生量（吨）")
    assert every[-1][column] != ash[-1][column]
    assert ash[-1][column] == pytest.approx(9.007)


def test_a_link_keeps_every_value_of_a_repeated_parameter(app: Flask) -> None:
    (address, *_) = links(official(app), "/catalogue/?of=fly_ash&of=red_mud&page=2")
    asked = parse_qs(urlsplit(address).query)
    assert (asked["of"], "page" in asked) == (["fly_ash", "red_mud"], False)


@pytest.mark.usefixtures("place")
def test_a_reader_takes_no_more_than_the_page_shows_it(app: Flask) -> None:
    address = "/map?measure=utilisation&month=2026-11&sheet=counties"
    rows = {row[0]: row[1:] for row in table(app.test_client(), address)}
    assert "不公布" in str(rows["茌平区"][0])
    assert set(rows["茌平区"][1:]) == {None}
    county = official(app, "371522")
    assert county.get("/map/counties/371503?sheet=lines").status_code == 404
    assert app.test_client().get("/oversight/gap?sheet=work").status_code == 302


def test_the_figures_of_a_firm_are_closed_in_the_file_too(app: Flask, place: Town) -> None:
    client = official(app)
    path = f"/map/counties/{place.adcode}/firms/{place.company_id}?month=2026-11&sheet=wastes"
    assert client.get(path).status_code == 404


@pytest.mark.usefixtures("place")
def test_the_files_of_the_front_page_are_named_by_their_subject_and_not_by_its_slogan(
    app: Flask,
) -> None:
    client = app.test_client()
    for address in links(client, "/"):
        title = load_workbook(io.BytesIO(client.get(address).data)).active["A1"].value
        assert str(title).startswith("工业固废综合利用与供需 · "), address


@pytest.mark.usefixtures("place")
def test_there_is_no_file_of_a_table_that_is_not_on_the_page(app: Flask) -> None:
    assert official(app).get("/map?sheet=prices").status_code == 404


@pytest.mark.usefixtures("frozen")
def test_the_gap_gives_its_four_tables_and_the_whole_work_list(app: Flask) -> None:
    measured()
    client = official(app)
    found = links(client, "/oversight/gap?month=2026-12")
    assert [address.rpartition("sheet=")[2] for address in found] == [
        "waterfall",
        "work",
        "curve",
        "compass",
    ]
    steps, work, curve, compass = (table(client, address) for address in found)
    assert [row[0] for row in steps[1:]][:2] == ["实际利用", "已签约"]
    assert work[0] == ("事项", "企业", "责任方", "吨数（吨）")
    assert "all=1" in found[1]
    assert len(curve) > 1
    assert len(compass) > 1
    assert all(isinstance(row[-1], int) for row in work[1:])


@pytest.mark.usefixtures("place")
def test_the_file_speaks_the_language_of_its_page(app: Flask) -> None:
    client = official(app)
    client.set_cookie("language", "en")
    head = table(client, "/map?measure=utilisation&month=2026-11&sheet=counties")[0]
    assert "Generated (t)" in head
