"""What a firm bids reaches that firm and the clearing, and nobody else, in no channel."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.bidding import operations, queries
from app.companies.models import Company
from app.core.actor import PUBLIC, Actor, ActorKind
from app.core.db import Base
from app.core.transactions import database
from app.core.vault import own_vault
from tests.bidding.conftest import Act
from tests.bidding.factories import CLOSES, announced_round, bid_terms, placed
from tests.companies.factories import approved_company
from tests.conftest import TODAY
from tests.html import CheckedClient
from tests.listings.factories import published_offer, published_requirement, trader

ASK, BUY = -7_654_31, 8_765_47
TONNES = 713
TRACES = ("7654.31", "7,654.31", "765431", "8765.47", "8,765.47", "876547", "713000")
ROUND, OFFER, NEED = "C-2611-01", "S-2611-0001", "D-2611-0001"
PAGES = (
    "/bidding/",
    f"/bidding/rounds/{ROUND}",
    f"/bidding/of-listing/{OFFER}",
    f"/bidding/rounds/{ROUND}/bids/{OFFER}",
    "/bidding/negotiations",
    f"/listings/{OFFER}",
    f"/listings/{NEED}",
    "/listings/offers",
    "/listings/requirements",
    "/listings/offers.csv",
    "/listings/requirements.csv",
    "/",
)


@pytest.fixture
def firm(app: Flask, frozen: object) -> Actor:
    """A firm that has bid and changed its bid on an offer, and another one on a requirement."""
    with database().writing() as session:
        offer, need = published_offer(session), published_requirement(session)
        found = announced_round(session)
        placed(session, found, offer, bid_terms((TONNES, ASK // 10)))
        placed(session, found, offer, bid_terms((TONNES, ASK)), version=1)
        placed(session, found, need, bid_terms((TONNES, BUY)))
        return trader(offer.company)


def strangers() -> dict[str, Actor]:
    with database().writing() as session:
        other = trader(approved_company(session))
    return {
        "public": PUBLIC,
        "another firm": other,
        "operator": Actor(kind=ActorKind.OPERATOR, user_id=2),
        "city": Actor(kind=ActorKind.REGULATOR, user_id=3, region="371500"),
        "auditor": Actor(kind=ActorKind.AUDITOR, user_id=4),
    }


@pytest.mark.parametrize("when", ["before the close", "after the close"])
def test_no_stranger_reads_a_bid_on_any_page(
    client: CheckedClient, act: Act, firm: Actor, freeze: object, when: str
) -> None:
    people = strangers()
    if when == "after the close":
        freeze(CLOSES)  # type: ignore[operator]
    for name, stranger in people.items():
        act(stranger)
        for page in PAGES:
            body = client.get(page).get_data(as_text=True)
            assert not [trace for trace in TRACES if trace in body], (name, page)


def test_the_firm_itself_reads_what_it_bid(client: CheckedClient, act: Act, firm: Actor) -> None:
    act(firm)
    for page in ("/bidding/", f"/bidding/rounds/{ROUND}"):
        body = client.get(page).get_data(as_text=True)
        assert "我方付 7,654.31 元/吨" in body, page
        assert "8,765.47" not in body, page


def test_no_row_of_any_table_holds_a_bid_in_the_clear(app: Flask, firm: Actor) -> None:
    sealed = [price.to_bytes(8, "big", signed=True) for price in (ASK, BUY)]
    with database().reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                shown = " ".join(str(value) for value in row if not isinstance(value, bytes))
                boxes = [value for value in row if isinstance(value, bytes)]
                assert not [trace for trace in TRACES if trace in shown], table.name
                needles = [*sealed, *(trace.encode() for trace in TRACES)]
                assert not [one for one in needles for box in boxes if one in box], table.name


def test_the_file_of_the_database_holds_no_trace_of_a_bid(data_dir: Path, firm: Actor) -> None:
    numbers = [price.to_bytes(8, "big", signed=True) for price in (ASK, BUY)]
    needles = [*numbers, *(trace.encode() for trace in TRACES)]
    files = list(data_dir.glob("gufei.db*"))
    assert files
    for path in files:
        content = path.read_bytes()
        assert not [needle for needle in needles if needle in content], path.name


def test_no_error_and_no_log_line_holds_a_bid(
    client: CheckedClient,
    act: Act,
    firm: Actor,
    freeze: object,
    capfd: pytest.CaptureFixture[str],
) -> None:
    act(firm)
    path = f"/bidding/rounds/{ROUND}/bids/{OFFER}"
    bid = {"tonnes_1": "713", "payer_1": "producer", "price_1": "7654.31", "version": "9"}
    stale = client.post(path, data=bid | {"tonnes_1": "712"})
    assert stale.status_code == 409
    broken = client.post(path, data=bid | {"tonnes_1": "713kg", "price_1": "7654.31x"})
    told = broken.get_data(as_text=True)
    assert (broken.status_code, told.count("7654.31x"), told.count("713kg")) == (422, 1, 1)
    freeze(CLOSES)  # type: ignore[operator]
    late = client.post(path, data=bid)
    assert late.status_code == 409
    assert "7654" not in late.get_data(as_text=True)
    written = capfd.readouterr()
    assert not [trace for trace in TRACES if trace in written.err + written.out]


def test_the_clearing_alone_opens_every_bid(app: Flask, firm: Actor) -> None:
    with database().writing() as session:
        operations.mark_cleared(session, ROUND, "R-2612-01", CLOSES)
        orders = queries.round_book(session, own_vault(), ROUND, TODAY)
    assert sorted(order.limit_fen for order in orders) == [ASK, BUY]
    assert not [trace for trace in TRACES[:6] if trace in repr(orders)]


def test_another_firms_people_find_none_of_these_bids(app: Flask, firm: Actor) -> None:
    with database().reading() as session:
        other = session.scalars(select(Company).where(Company.id != firm.company_id)).first()
        assert other is not None
        rows = queries.biddable(session, own_vault(), trader(other), ROUND, CLOSES)
    assert [row.listing.number for row in rows if row.bid] == [NEED]
