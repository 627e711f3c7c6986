"""A regulator reads no name on a trade, in no list of trades, before it has said why."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from app.companies.models import Company, Site
from app.core.audit import AuditEvent
from app.core.transactions import database
from app.trades.models import Trade
from app.trades.readers import LOOKED_UP
from tests.security.factories import Market, client_of

REASON = {"reason": "核对年度申报数据"}


def test_names_and_sites_of_a_runs_matches_open_with_a_look_up_that_both_firms_read(
    app: Flask, market: Market
) -> None:
    city, (giver, taker), site = client_of(app, market, "city"), _firms(market), _site(market)
    shown = [_matches(city.get(f"/clearing/{market.run}").get_data(as_text=True))]
    for path in (f"/clearing/{market.run}/flows.json", "/trades/", f"/trades/{market.trade}"):
        city.head(path)
        shown.append(city.get(path).get_data(as_text=True))
    assert [name for name in (giver, taker, site) for text in shown if name in text] == []
    assert _lookups() == 0
    assert city.post(f"/trades/{market.trade}/lookup", data=REASON).status_code == 303
    assert _lookups() == 2
    drawn = city.get(f"/clearing/{market.run}/flows.json").get_json()
    assert giver in str(drawn)
    assert site in str(drawn)
    for part in ("producer", "consumer"):
        page = client_of(app, market, part).get("/trades/lookups").get_data(as_text=True)
        assert REASON["reason"] in page, part


def test_the_operator_sees_whom_it_has_brought_together(app: Flask, market: Market) -> None:
    page = client_of(app, market, "operator").get(f"/clearing/{market.run}")
    matches = _matches(page.get_data(as_text=True))
    assert [name for name in _firms(market) if name not in matches] == []


def _firms(market: Market) -> tuple[str, str]:
    with database().reading() as session:
        trade = session.scalars(select(Trade).where(Trade.number == market.trade)).one()
        names: list[str] = [
            session.get_one(Company, firm).name
            for firm in (trade.producer_company_id, trade.consumer_company_id)
        ]
    return names[0], names[1]


def _site(market: Market) -> str:
    """The longitude of the producer's site, once it stands off the middle of its county."""
    with database().writing() as session:
        site = session.get_one(Site, market.site_id)
        site.lon_e6 += 12_345
        return str(site.lon)


def _matches(page: str) -> str:
    """The table of matches of a run's page; single orders of the own region stand elsewhere."""
    rows = [row for row in page.split("<tr") if "/trades/T-" in row]
    assert rows
    return "".join(rows)


def _lookups() -> int:
    query = select(func.count()).select_from(AuditEvent).where(AuditEvent.verb == LOOKED_UP)
    with database().reading() as session:
        return session.scalar(query) or 0
