"""物料公示 and open data: who is told by name, what is never told, and what the files hold."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from app.assays.rules import Evidence
from app.board.open_data import COLUMNS, Published, datasets
from app.board.producers import MaterialPage, material_page, material_pages
from app.catalogue.queries import county_map
from app.companies.models import PublicFirm, Site
from app.companies.rules import PublicBasis
from app.core.transactions import database
from app.listings.rules import Product
from app.statistics.closing import close, restate
from tests.board.factories import statements_of
from tests.companies.factories import CHIPING, DONGCHANGFU
from tests.conftest import NOW, TODAY
from tests.listings.factories import published_offer
from tests.statistics.factories import OPERATOR
from tests.statistics.months import CLOSING, NOVEMBER, OCTOBER, declared, loads_of, producer

THEN = NOW - timedelta(days=2)
SEPTEMBER = date(2026, 9, 1)


def named(session: Session, site: Site, basis: PublicBasis = PublicBasis.AGREED) -> Site:
    """The site, its firm's figures being public."""
    row = PublicFirm(
        company_id=site.company_id, valid_from=SEPTEMBER, basis=basis, source="书面同意"
    )
    session.add(row)
    session.flush()
    return site


def ash(
    session: Session, site: Site, used: int = 60, month: date = OCTOBER, at: datetime = THEN
) -> None:
    """A hundred tonnes of fly ash, of which so many were used."""
    declared(
        session,
        site,
        month,
        at=at,
        generated=100_000,
        self_used=used * 1_000,
        disposed=100_000 - used * 1_000,
    )


def october(session: Session, code: str = "fly_ash") -> MaterialPage:
    page = material_page(session, code, OCTOBER, TODAY)
    assert page is not None
    return page


def test_a_firm_that_agreed_or_must_stands_there_by_name(any_app: Flask) -> None:
    with database().writing() as session:
        agreed = named(session, producer(session))
        must = named(session, producer(session, DONGCHANGFU), PublicBasis.MUST_PUBLISH)
        ash(session, agreed, 60)
        ash(session, must, 90)
        close(session, OPERATOR, OCTOBER, NOW)
        page = october(session)
        rows = {row.firm: (row.county.adcode, row.rate.part) for row in page.rows}
        assert rows == {
            agreed.company.name: (agreed.adcode, 60_000),
            must.company.name: (must.adcode, 90_000),
        }
        assert page.total is not None
        assert page.total.balance.generated_kg == 200_000


def test_of_the_others_only_their_number_is_told(app: Flask) -> None:
    with database().writing() as session:
        open_firm, silent = named(session, producer(session)), producer(session)
        ash(session, open_firm)
        ash(session, silent)
        close(session, OPERATOR, OCTOBER, NOW)
        page = october(session)
        assert [row.firm for row in page.rows] == [open_firm.company.name]
        assert (dict(page.withheld), page.total) == ({silent.adcode: 1}, None)


def test_consent_that_has_ended_hides_the_firm_again(app: Flask) -> None:
    with database().writing() as session:
        site = named(session, producer(session))
        ash(session, site)
        close(session, OPERATOR, OCTOBER, NOW)
        consent = session.get_one(PublicFirm, (site.company_id, SEPTEMBER))
        consent.valid_to = TODAY
        assert len(october(session).rows) == 1
        consent.valid_to = TODAY - timedelta(days=1)
        session.flush()
        assert october(session).rows == []


def test_a_firm_that_missed_the_month_is_marked_and_in_no_total(app: Flask) -> None:
    with database().writing() as session:
        punctual, late = (named(session, producer(session)) for _each in range(2))
        for site in (punctual, late):
            ash(session, site, 50, SEPTEMBER)
        ash(session, punctual)
        for month in (SEPTEMBER, OCTOBER):
            close(session, OPERATOR, month, NOW)
        page = october(session)
        assert [(row.firm, row.month, row.is_stale) for row in page.rows] == [
            (punctual.company.name, OCTOBER, False),
            (late.company.name, SEPTEMBER, True),
        ]
        assert page.total is not None
        assert page.total.balance.generated_kg == 100_000


def test_nothing_is_told_of_a_month_before_it_is_published(app: Flask) -> None:
    with database().writing() as session:
        ash(session, named(session, producer(session)))
        assert material_page(session, "fly_ash", OCTOBER, TODAY) is None
        assert material_pages(session, OCTOBER, TODAY) == []


def test_what_is_made_of_it_is_told_and_by_whom_is_not(app: Flask) -> None:
    with database().writing() as session:
        site = named(session, producer(session))
        trade = loads_of(session, site, 30_000, product=Product.CEMENT)
        declared(session, site, generated=30_000, entrusted_used=30_000)
        close(session, OPERATOR, NOVEMBER, CLOSING)
        page = material_page(session, "fly_ash", NOVEMBER, TODAY)
        assert page is not None
        (row,) = page.rows
        assert row.products == (Product.CEMENT,)
        found = Published([page], county_map(session), is_synthetic=False)
        told = b"".join(file.body for file in datasets(found)).decode()
        assert site.company.name in told
        assert trade.consumer.name not in told
        assert trade.number not in told


def test_quality_is_told_only_of_offers_that_show_whose_they_are(app: Flask) -> None:
    with database().writing() as session:
        shown, hidden = (named(session, producer(session)) for _each in range(2))
        for site, shows_name in ((shown, True), (hidden, False)):
            published_offer(session, site, NOW, shows_name=shows_name)
            ash(session, site)
        close(session, OPERATOR, OCTOBER, NOW)
        rows = {row.firm: row.quality for row in october(session).rows}
        with_offer, without = rows[shown.company.name], rows[hidden.company.name]
    assert with_offer is not None
    assert with_offer.level is Evidence.NONE
    assert without is None


def test_the_page_asks_the_same_number_of_questions_for_many_firms(app: Flask) -> None:
    asked: list[int] = []
    for day in range(2):
        now = NOW + timedelta(days=day)
        with database().writing() as session:
            for _each in range(3):
                site = named(session, producer(session))
                published_offer(session, site, NOW)
                ash(session, site, at=now - timedelta(hours=1))
            if day == 0:
                close(session, OPERATOR, OCTOBER, now)
            else:
                restate(session, OPERATOR, OCTOBER, "补报", now)
        asked.append(statements_of(october))
    assert asked[0] == asked[1]


def test_the_files_say_the_same_and_what_they_may_be_used_for(app: Flask) -> None:
    with database().writing() as session:
        ash(session, named(session, producer(session, CHIPING)))
        ash(session, named(session, producer(session, DONGCHANGFU)), 100)
        close(session, OPERATOR, OCTOBER, NOW)
        found = Published(
            material_pages(session, OCTOBER, TODAY), county_map(session), is_synthetic=True
        )
    files = {file.name: file for file in datasets(found)}
    rows = list(csv.DictReader(io.StringIO(files["producers.csv"].body.decode("utf-8-sig"))))
    told = json.loads(files["producers.json"].body)
    assert tuple(rows[0]) == COLUMNS == tuple(told["producers"][0])
    assert [row["used_kg"] for row in rows] == [str(row["used_kg"]) for row in told["producers"]]
    assert (told["licence"], told["synthetic"]) == ("CC BY 4.0", True)
    points = json.loads(files["counties.geojson"].body)
    rates = {
        feature["properties"]["adcode"]: feature["properties"]["rate_tenths_of_per_cent"]
        for feature in points["features"]
    }
    assert len(rates) == 8
    assert (rates["371503"], rates["371502"], rates["371522"]) == (600, 1000, None)


def test_a_county_in_which_one_firm_is_withheld_has_no_sum_in_any_file(app: Flask) -> None:
    with database().writing() as session:
        ash(session, named(session, producer(session, CHIPING)))
        ash(session, producer(session, CHIPING), 11)
        close(session, OPERATOR, OCTOBER, NOW)
        found = Published(
            material_pages(session, OCTOBER, TODAY), county_map(session), is_synthetic=False
        )
    (points,) = (file for file in datasets(found) if file.name == "counties.geojson")
    chiping = next(
        feature["properties"]
        for feature in json.loads(points.body)["features"]
        if feature["properties"]["adcode"] == "371503"
    )
    assert (chiping["withheld"], chiping["generated_kg"]) == (True, None)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everybody_reads_the_board_and_downloads_the_files(app: Flask, language: str) -> None:
    with database().writing() as session:
        site = named(session, producer(session))
        ash(session, site)
        ash(session, producer(session))
        close(session, OPERATOR, OCTOBER, NOW)
        name = site.company.name if language == "zh" else site.company.name_en
    client = app.test_client()
    client.set_cookie("language", language)
    board = client.get("/producers").get_data(as_text=True)
    assert name in board
    assert {"zh": "另有 1 家没有同意公开", "en": "1 more"}[language] in board
    taken = client.get("/producers?sheet=producers").data
    rows = list(load_workbook(io.BytesIO(taken)).active.iter_rows(values_only=True))
    assert (rows[-1][0].startswith(name), rows[-1][1:4]) == (True, (100, 60, 0.6))
    assert any("2026" in str(row[0]) and "v1" in str(row[0]) for row in rows)
    listed = client.get("/open-data").get_data(as_text=True)
    for file in ("producers.csv", "producers.json", "counties.geojson"):
        answer = client.get(f"/open-data/2026-10/{file}")
        assert answer.status_code == 200
        etag, _weak = answer.get_etag()
        assert etag is not None
        assert etag in listed
        again = client.get(f"/open-data/2026-10/{file}", headers={"If-None-Match": f'"{etag}"'})
        assert again.status_code == 304


@pytest.mark.parametrize(
    "path", ["2026-09/producers.csv", "2026-13/producers.csv", "2026-10/others.csv", "x/y"]
)
def test_there_is_no_file_of_what_is_not_published(app: Flask, path: str) -> None:
    with database().writing() as session:
        ash(session, named(session, producer(session)))
        close(session, OPERATOR, OCTOBER, NOW)
    assert app.test_client().get(f"/open-data/{path}").status_code == 404


def test_the_board_says_so_while_nothing_is_published(app: Flask) -> None:
    for path in ("/producers", "/open-data", "/producers?month=2026-10&material=gold"):
        answer = app.test_client().get(path)
        assert answer.status_code == 200
        assert "还没有公布过数字" in answer.get_data(as_text=True)
