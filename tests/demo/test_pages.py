"""Every page of the demo shows something to whoever it is for, where data should be."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.bidding.models import Negotiation, Round
from app.clearing.models import ClearingRun
from app.core.transactions import database
from app.demo.operations import ACCOUNTS, email_of
from app.demo.rules import PASSWORD
from app.shipments.models import Discrepancy, Shipment
from app.shipments.rules import DiscrepancyStatus, ShipmentStatus
from app.trades.models import Trade
from app.trades.rules import TradeStatus

EMPTY = re.compile(r'class="empty-state">\s*<p class="strong">([^<]*)')
NOT_CLEARED_YET = "还没有撮合过"
"""The first clearing of the whole market is a stage of its own: `flask demo clear-first`."""

TRADING = (
    "/desk",
    "/bidding/",
    "/bidding/negotiations",
    "/bidding/negotiations/{thread}",
    "/bidding/rounds/{open_round}",
    "/listings/own",
    "/trades/",
    "/trades/lookups",
    "/trades/{delivering}",
    "/trades/{completed}",
    "/shipments/",
    "/shipments/gate",
    "/shipments/vehicles",
    "/shipments/{disputed}",
    "/shipments/{on_the_road}",
    "/shipments/of/{delivering}",
    "/settlement",
    "/settlement?month=2026-10",
    "/documents",
    "/notifications",
    "/clearing/{round_run}",
    "/clearing/prices",
)
PRODUCING = (
    "/declarations",
    "/declarations/log",
    "/declarations/setup",
    "/declarations/silos",
    "/declarations/record",
)
DRIVING = (
    "/shipments/",
    "/shipments/vehicles",
    "/shipments/{on_the_road}",
    "/shipments/{planned}/change",
    "/notifications",
)
OVERSEEING = (
    "/map",
    "/trades/",
    "/trades/{delivering}",
    "/clearing/{round_run}",
    "/clearing/prices",
)
OPERATING = (
    "/work",
    "/bidding/",
    "/companies/",
    "/trades/",
    "/shipments/",
    "/shipments/{disputed}",
    "/clearing/{round_run}",
    "/notifications",
)
PAGES = {
    "producer": TRADING + PRODUCING,
    "consumer": TRADING,
    "carrier": DRIVING,
    "city": OVERSEEING,
    "county": OVERSEEING,
    "operator": OPERATING,
    "auditor": ("/clearing/{round_run}", "/map"),
}
PAPERS = (
    "/documents/contracts/{completed}.pdf",
    "/documents/contracts/{completed}.docx",
    "/documents/ledger/2026-10.xlsx",
    "/documents/evidence/2026-10.xlsx",
)


def test_every_demo_account_is_walked() -> None:
    assert set(PAGES) == {account.who for account in ACCOUNTS}


@pytest.fixture(scope="module")
def names(told: Flask) -> dict[str, str]:
    """The public numbers that stand in the paths above, all of the two demo traders."""
    sides = select(Trade.number).where(Trade.producer.has(name="示例电厂 01"))
    between = sides.where(Trade.consumer.has(name="示例水泥 01"))
    loads = select(Shipment.number).join(Trade).where(Trade.number.in_(between))
    disputed = loads.join(Discrepancy).where(Discrepancy.status == DiscrepancyStatus.OPEN)
    questions = {
        "thread": select(Negotiation.number).order_by(Negotiation.id.desc()).offset(2),
        "open_round": select(Round.number).where(Round.run_number.is_(None)),
        "round_run": select(ClearingRun.number),
        "delivering": between.where(Trade.status == TradeStatus.DELIVERING),
        "completed": between.where(Trade.status == TradeStatus.COMPLETED),
        "disputed": disputed,
        "planned": loads.where(Shipment.status == ShipmentStatus.CONFIRMED),
        "on_the_road": loads.where(Shipment.status == ShipmentStatus.IN_TRANSIT),
    }
    with database().reading() as session:
        return {name: session.scalars(query.limit(1)).one() for name, query in questions.items()}


def signed_in(app: Flask, who: str) -> FlaskClient:
    client = app.test_client()
    form = {"email": email_of(who), "password": PASSWORD}
    assert client.post("/accounts/sign-in", data=form).status_code == 303
    return client


@pytest.mark.parametrize("who", PAGES)
def test_no_page_is_empty(told: Flask, names: dict[str, str], who: str) -> None:
    client = signed_in(told, who)
    for path in PAGES[who]:
        answer = client.get(path.format(**names))
        assert answer.status_code == 200, path
        found = set(EMPTY.findall(answer.get_data(as_text=True)))
        assert found <= {NOT_CLEARED_YET}, f"{path}: {found}"


@pytest.mark.parametrize("path", PAPERS)
def test_the_papers_of_a_past_month_are_complete(
    told: Flask, names: dict[str, str], path: str
) -> None:
    assert signed_in(told, "producer").get(path.format(**names)).status_code == 200


def test_a_store_that_is_nearly_full_leads_to_an_offer(told: Flask) -> None:
    page = signed_in(told, "producer").get("/declarations/silos").get_data(as_text=True)
    assert "/listings/offers/new?material=fly_ash&amp;site=" in page


def test_the_auditor_may_fetch_the_documents_of_the_round(
    told: Flask, names: dict[str, str]
) -> None:
    page = signed_in(told, "auditor").get(f"/clearing/{names['round_run']}")
    assert f"/clearing/{names['round_run']}/documents" in page.get_data(as_text=True)
