"""The published versions of a month: who reads them, who closes, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core.clock import china_instant
from app.core.transactions import database
from app.statistics.facts import prepare
from tests.accounts.factories import regulator, sign_in
from tests.html import CheckedClient
from tests.maps.official_town import Town, town
from tests.maps.test_drill import enter, text_of
from tests.statistics.months import NOVEMBER, declared

LATER = china_instant(date(2026, 12, 20))
AFTER_THE_CLOSE = china_instant(date(2026, 12, 15))


@pytest.fixture
def place(app: Flask, freeze: Callable[[datetime], None]) -> Town:
    freeze(LATER)
    with database().writing() as session:
        return town(session)


@pytest.mark.parametrize(
    ("kind", "page", "file"),
    [("firm", 404, 403), ("county", 200, 403), ("city", 200, 200), ("operator", 200, 200)],
)
def test_versions_are_for_officials_and_their_files_for_the_city(
    client: CheckedClient, place: Town, kind: str, page: int, file: int
) -> None:
    enter(client, kind)
    assert client.get("/map/closes/2026-11").status_code == page
    assert client.get("/statistics/figures/2026-11/v1.json").status_code == file


@pytest.mark.usefixtures("place")
def test_a_version_downloads_as_the_bytes_of_its_digest(client: CheckedClient) -> None:
    enter(client, "city")
    body = client.get("/statistics/figures/2026-11/v1.json").get_data()
    assert sha256(body).hexdigest() in text_of(client, "/map/closes/2026-11")
    assert client.get("/statistics/figures/2026-11/v2.json").status_code == 404
    assert client.get("/statistics/figures/2026-13/v1.json").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_restatement_is_published_with_its_reason_and_office(
    client: CheckedClient, place: Town, language: str
) -> None:
    client.set_cookie("language", language)
    enter(client, "city")
    refused = client.post("/map/closes/2026-11/restate", data={"reason": " "})
    assert refused.status_code == 422
    unchanged = client.post("/map/closes/2026-11/restate", data={"reason": "补报"})
    assert unchanged.status_code == 422
    assert "补报" in unchanged.get_data(as_text=True)
    with database().writing() as session:
        _declared_again(session, place)
    done = client.post("/map/closes/2026-11/restate", data={"reason": "补报"})
    assert done.status_code == 303
    page = text_of(client, done.location)
    assert "v2</a>" in page
    assert "补报" in page
    assert "试验人员" not in page.partition("<main")[2]


@pytest.mark.usefixtures("place")
def test_a_month_is_closed_once_and_not_before_it_ends(client: CheckedClient) -> None:
    enter(client, "operator")
    for month in ("2026-11", "2026-12"):
        assert client.post(f"/map/closes/{month}").status_code == 422
    assert client.post("/map/closes/2026-10").status_code == 303
    assert "v1</a>" in text_of(client, "/map/closes/2026-10")


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("month", ["0001-01", "9999-12", "2026-1", "2026-13"])
def test_a_month_without_neighbours_or_of_no_calendar_is_not_there(
    client: CheckedClient, month: str
) -> None:
    enter(client, "city")
    assert client.get(f"/map/closes/{month}").status_code == 404


@pytest.mark.usefixtures("place")
def test_a_county_publishes_nothing(client: CheckedClient) -> None:
    enter(client, "county")
    assert client.post("/map/closes/2026-10").status_code == 403
    assert "/restate" not in text_of(client, "/map/closes/2026-11")


@pytest.mark.parametrize(("region", "sees"), [("371503", True), ("371581", False)])
def test_what_is_missing_is_listed_before_a_month_is_closed(
    client: CheckedClient, place: Town, region: str, sees: bool
) -> None:
    with database().writing() as session:
        firm = session.get_one(Site, place.site_id).company.name
        person = regulator(session, region)
        prepare(session, date(2026, 12, 1), LATER)
    sign_in(client, person)
    missing = text_of(client, "/map/closes/2026-12").partition("<main")[2]
    assert (firm in missing) is sees


def _declared_again(session: Session, place: Town) -> None:
    site = session.get_one(Site, place.site_id)
    at = china_instant(date(2026, 12, 10))
    declared(session, site, NOVEMBER, version=2, at=at, generated=1_000, self_used=1_000)


@pytest.mark.parametrize(
    ("kind", "is_told"), [("firm", False), ("county", False), ("city", True), ("operator", True)]
)
def test_those_who_publish_are_told_what_was_corrected_since(
    app: Flask, client: CheckedClient, place: Town, kind: str, is_told: bool
) -> None:
    told = "2026 年 11 月公布以后，企业又申报或更正了 1 份。"
    enter(client, kind)
    assert told not in text_of(client, "/map")
    with database().writing() as session:
        site = session.get_one(Site, place.other_site_id)
        declared(session, site, version=2, generated=90_000, self_used=90_000, at=AFTER_THE_CLOSE)
    page = text_of(client, "/map")
    assert (told in page) is is_told
    if kind != "firm":
        assert (told in text_of(client, "/map/closes/2026-11")) is is_told
    assert ('href="/map/closes/2026-11">去更正</a>' in page) is is_told
