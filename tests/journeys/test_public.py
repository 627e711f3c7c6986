"""Somebody with a telephone: reads who makes what, what the words mean, and takes the data home."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from hashlib import sha256
from io import StringIO

import pytest
from playwright.sync_api import APIResponse, Locator, ViewportSize, expect

from app.core.i18n import whole_tonnes
from tests.journeys.place import Place
from tests.journeys.reader import Reader

pytestmark = pytest.mark.browser
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture
def site(place: Place) -> str:
    return place.url


def test_the_board_is_read_on_a_telephone_and_its_data_taken_home(
    meet: Callable[[], Reader],
) -> None:
    anybody = meet()
    anybody.page.set_viewport_size(PHONE)
    anybody.goes_to("/")
    stays_in_its_width(anybody)
    opens_from_the_menu(anybody, "物料公示")
    firm, row = reads_a_row(anybody)
    anybody.follows("统计口径")
    reads_the_methods(anybody)
    footer = anybody.page.get_by_role("navigation", name=anybody.say("页脚"))
    footer.get_by_role("link", name=anybody.say("开放数据"), exact=True).click()
    stays_in_its_width(anybody)
    csv_file, json_file = (downloads(anybody, name) for name in ("producers.csv", "producers.json"))
    told = next(row for row in csv.DictReader(StringIO(csv_file)) if row["producer"] == firm)
    same = next(row for row in json.loads(json_file)["producers"] if row["producer"] == firm)
    assert int(told["generated_kg"]) == same["generated_kg"]
    assert whole_tonnes(same["generated_kg"]) in row


def opens_from_the_menu(anybody: Reader, page: str) -> None:
    anybody.page.locator(".phone-menu summary").click()
    menu = anybody.page.locator(".phone-menu-sheet")
    menu.get_by_role("link", name=anybody.say(page), exact=True).click()
    expect(anybody.page.locator("h1")).to_contain_text(anybody.say(page))
    stays_in_its_width(anybody)


def reads_a_row(anybody: Reader) -> tuple[str, str]:
    """The producer that makes the most, and what stands in its row."""
    row = anybody.page.locator("main table tbody tr").first
    expect(row).to_be_visible()
    firm = row.locator("th").inner_text().splitlines()[0].strip()
    return firm, row.inner_text()


def reads_the_methods(anybody: Reader) -> None:
    expect(anybody.page.locator("h1")).to_contain_text(anybody.say("统计口径"))
    expect(anybody.page.locator("#official")).to_be_attached()
    stays_in_its_width(anybody)


def downloads(anybody: Reader, name: str) -> str:
    """Take a file; its checksum is the one on the page, and it is not sent twice."""
    row = anybody.page.locator("main table tbody tr", has_text=name)
    address = row.get_by_role("link").get_attribute("href")
    assert address is not None
    with anybody.page.expect_download() as taken:
        row.get_by_role("link").click()
    assert taken.value.suggested_filename.endswith(name)
    body = taken.value.path().read_bytes()
    assert sha256(body).hexdigest() == checksum_of(row)
    first = anybody.page.request.get(address)
    again = anybody.page.request.get(address, headers={"If-None-Match": tag_of(first)})
    assert (first.body(), again.status, again.body()) == (body, 304, b"")
    return body.decode("utf-8-sig")


def checksum_of(row: Locator) -> str:
    return row.locator(".hash").inner_text().strip()


def tag_of(answer: APIResponse) -> str:
    return answer.headers["etag"]


def stays_in_its_width(anybody: Reader) -> None:
    """Nothing has to be pushed sideways to be read."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert anybody.page.evaluate(wide) == 0
