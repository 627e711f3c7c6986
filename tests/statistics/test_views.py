"""The page of definitions and the open data, as their readers get them."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.transactions import database
from app.ledger.chain import head
from app.statistics.exports import figures_csv
from app.statistics.queries import open_data
from tests.companies.factories import CHIPING, approved_company, site_draft
from tests.conftest import NOW
from tests.html import CheckedClient
from tests.listings.factories import DECEMBER, published_offer
from tests.statistics.factories import OPERATOR, TONNE, offers_in, uneven_market
from tests.trades.factories import confirmed_trade

pytestmark = pytest.mark.usefixtures("frozen")
DATA = "/statistics/figures.csv?month=2026-12"


def rows_of(response: TestResponse) -> list[list[str]]:
    text = response.get_data().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_definitions_name_version_formula_and_the_past_target(client: CheckedClient) -> None:
    page = client.get("/statistics/definitions").get_data(as_text=True)
    assert "口径 v3" in page
    assert "已签约 ÷ 在市量 × 100%" in page
    assert "目标 100%（期限 2025-12-31，已过）" in page
    assert "综合利用率 = 综合利用量 ÷（产生量 + 利用往期贮存量）× 100%" in page
    assert "超过 75%" in page


def test_the_head_of_the_ledgers_chain_is_public_and_can_be_checked(app: Flask) -> None:
    with database().writing() as session:
        published_offer(session)
    page = app.test_client().get("/statistics/definitions").get_data(as_text=True)
    with database().reading() as session:
        end = str(head(session))
    assert end in page
    checked = app.test_cli_runner().invoke(args=["ledger", "verify", "--expect", end])
    assert checked.exit_code == 0


def test_what_is_unconfirmed_says_so(client: CheckedClient) -> None:
    page = client.get("/statistics/definitions").get_data(as_text=True)
    assert "待核实" in page
    assert "电石渣 / 炉渣" in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_definitions_are_written_in_both_languages(
    client: CheckedClient, language: str
) -> None:
    client.set_cookie("language", language)
    assert client.get("/statistics/definitions").status_code == 200


def test_the_open_data_opens_in_a_spreadsheet_with_whole_kilograms(
    app: Flask, client: CheckedClient
) -> None:
    with database().writing() as session:
        offers = offers_in(session, CHIPING, [400, 300, 200, 100])
        for offer, tonnes in zip(offers, (100, 80, 60), strict=False):
            confirmed_trade(session, offer, kg=tonnes * TONNE)
    response = client.get(DATA)
    assert response.get_data().startswith(b"\xef\xbb\xbf")
    assert response.content_type == "text/csv; charset=utf-8"
    assert "gufei-2026-12.csv" in response.headers["Content-Disposition"]
    heads, *rows = rows_of(response)
    assert heads[0] == "月份"
    chiping = next(row for row in rows if row[1] == "371503" and row[3] == "粉煤灰")
    assert chiping[6:11] == ["1000000", "240000", "0", "0", "760000"]
    assert chiping[12] == "24.0%"


def test_the_open_data_withholds_what_the_page_withholds(app: Flask, client: CheckedClient) -> None:
    with database().writing() as session:
        uneven_market(session)
    mud = next(row for row in rows_of(client.get(DATA)) if row[3] == "赤泥" and row[1] == "371503")
    assert mud[5:13] == [""] * 8
    assert mud[13].startswith("空格不公布")
    ash = next(
        row for row in rows_of(client.get(DATA)) if row[3] == "粉煤灰" and row[1] == "371503"
    )
    assert ash[6:11] == ["1000000", "", "0", "", ""], "one firm has signed, one other may"
    assert (ash[12], ash[13]) == ("", mud[13])


def test_demonstration_data_says_so_in_the_first_line(app: Flask, client: CheckedClient) -> None:
    with database().writing() as session:
        site = approved_company(session, site_draft(*CHIPING), is_synthetic=True).sites[0]
        published_offer(session, site, NOW)
    first, heads, *_ = rows_of(client.get(DATA))
    assert first[0].startswith("演示数据")
    assert heads[0] == "月份"


def test_no_cell_of_the_open_data_runs_as_a_formula(app: Flask) -> None:
    with database().writing() as session, app.test_request_context():
        uneven_market(session)
        text = figures_csv(open_data(session, OPERATOR, DECEMBER), "全市", is_synthetic=False)
    cells = [cell for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("query", ["", "?month=", "?month=12/2026", "?month=2026-13"])
def test_open_data_without_a_readable_month_says_how_to_write_it(
    client: CheckedClient, query: str
) -> None:
    response = client.get("/statistics/figures.csv" + query)
    assert response.status_code == 422
    assert "2026-12" in response.get_data(as_text=True)
