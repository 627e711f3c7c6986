"""Limit prices after a clearing: on no page of anybody else's, in no row, in no log."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.db import Base
from app.core.transactions import database
from tests.security.factories import (
    OFFER_LIMIT,
    REQUIREMENT_LIMIT,
    Market,
    client_of,
)
from tests.security.routes import reading

OFFER_TRACES = ("7654.31", "7,654.31", "765431", "5432.19", "5,432.19", "543219")
REQUIREMENT_TRACES = ("8765.47", "8,765.47", "876547", "4321.98", "4,321.98", "432198")
ALL_TRACES = OFFER_TRACES + REQUIREMENT_TRACES
MAY_NOT_READ = {
    "public": ALL_TRACES,
    "stranger": ALL_TRACES,
    "operator": ALL_TRACES,
    "city": ALL_TRACES,
    "far": ALL_TRACES,
    "other_city": ALL_TRACES,
    "auditor": ALL_TRACES,
    "producer": REQUIREMENT_TRACES,
    "viewer": REQUIREMENT_TRACES,
    "consumer": OFFER_TRACES,
}


def test_no_page_tells_anybody_elses_limit(app: Flask, market: Market) -> None:
    paths = {route.path for route in reading(app, market)}
    paths.remove("/metrics")  # holds no word of the market, but seconds of sixteen digits
    paths |= {path.replace(market.offer, market.requirement) for path in paths}
    for part, traces in MAY_NOT_READ.items():
        browser = client_of(app, market, part)
        for path in sorted(paths):
            body = browser.get(path).data.decode(errors="replace")  # some are papers, not text
            assert not [trace for trace in traces if trace in body], f"{part}: {path}"


def test_each_side_reads_its_own_limit_on_the_trade(app: Flask, market: Market) -> None:
    for part, trace in (("producer", "7,654.31"), ("consumer", "8,765.47")):
        body = client_of(app, market, part).get(f"/trades/{market.trade}").get_data(as_text=True)
        assert trace in body


def test_no_row_of_any_table_holds_a_limit_in_the_clear(app: Flask, market: Market) -> None:
    sealed = [limit.to_bytes(8, "big", signed=True) for limit in (OFFER_LIMIT, REQUIREMENT_LIMIT)]
    with database().reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                shown = [str(value) for value in row if not isinstance(value, bytes)]
                boxes = [value for value in row if isinstance(value, bytes)]
                assert not [trace for trace in ALL_TRACES if trace in " ".join(shown)], table.name
                assert not [one for one in sealed for box in boxes if one in box], table.name


def test_no_log_line_holds_a_limit(
    app: Flask, market: Market, capfd: pytest.CaptureFixture[str]
) -> None:
    browser = client_of(app, market, "producer")
    form = {"limit_price": "7654.31", "limit_payer": "producer", "tonnes": "none"}
    for path in ("/listings/offers/new", f"/listings/{market.offer}/edit"):
        assert browser.post(path, data=form).status_code == 422
    written = capfd.readouterr()
    assert not [trace for trace in ALL_TRACES if trace in written.err + written.out]
