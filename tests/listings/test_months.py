"""The months of one's own listing: every kilogram of a month stands in one column."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from app.core.transactions import database
from app.listings.rules import DealMode
from tests.accounts.factories import user_of
from tests.board.factories import enter
from tests.html import CheckedClient
from tests.listings.factories import published_offer
from tests.trades.factories import contracted_trade, deliver


def december(page: str) -> list[str]:
    """The figures of the row of December."""
    table = page[page.index("freeze-first") :]
    row = table[table.index("2026 年 12 月") :]
    return re.findall(r'<td class="num">([^<]*)</td>', row[: row.index("</tr>")])


def heads(page: str) -> list[str]:
    table = page[page.index("freeze-first") : page.index("</thead>")]
    return [head.strip() for head in re.findall(r"<th [^>]*>([^<]*)", table)][1:]


@pytest.mark.parametrize("refused_kg", [0, 30_000])
def test_what_is_on_the_road_and_what_was_used_have_their_columns(
    client: CheckedClient, frozen: datetime, refused_kg: int
) -> None:
    with database().writing() as session:
        offer = published_offer(session)
        trade = contracted_trade(session, offer, kg=600_000)
        deliver(session, trade, 90_000, refused_kg)
        user = user_of(session, offer.company)
        session.flush()
        user_id, number = user.id, offer.number
    enter(client, user_id)
    page = client.get(f"/listings/{number}").get_data(as_text=True)
    back = ["30"] if refused_kg else []
    left = "480" if refused_kg else "510"
    assert december(page) == ["600", "0", left, "0", "90", *back, "0"]
    assert ("退回途中" in page) is bool(refused_kg)
    assert "差额" not in heads(page)


@pytest.mark.parametrize("mode", [DealMode.OPEN, DealMode.LIST_PRICE])
def test_only_what_a_clearing_may_place_is_called_so(
    client: CheckedClient, frozen: datetime, mode: DealMode
) -> None:
    with database().writing() as session:
        offer = published_offer(session, deal_mode=mode, list_price=100)
        user = user_of(session, offer.company)
        session.flush()
        user_id, number = user.id, offer.number
    enter(client, user_id)
    first = heads(client.get(f"/listings/{number}").get_data(as_text=True))[0]
    assert first.strip() == ("可撮合" if mode is DealMode.OPEN else "余量")
