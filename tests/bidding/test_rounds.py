"""Announcing, scheduling, cancelling and handing over rounds, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bidding import operations, queries
from app.bidding.models import Round
from app.bidding.operations import BidRefused
from app.bidding.rules import RoundState
from app.core import once
from app.core.errors import Conflict, Forbidden
from app.core.vault import own_vault
from app.listings import operations as listings
from tests.bidding.factories import (
    CLOSES,
    OPERATOR,
    announced_round,
    bid_terms,
    placed,
    round_terms,
)
from tests.companies.factories import approved_company
from tests.conftest import NOW, TODAY
from tests.listings.factories import (
    DECEMBER,
    published_offer,
    published_requirement,
    trader,
)

WEEK, JANUARY = timedelta(days=7), date(2027, 1, 1)


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Round)) or 0


def test_a_round_gets_a_number_of_its_month(any_session: Session) -> None:
    assert announced_round(any_session).number == "C-2611-01"
    later = announced_round(any_session, opens_at=CLOSES, closes_at=CLOSES + WEEK)
    assert later.number == "C-2611-02"


def test_the_same_form_sent_twice_announces_one_round(any_session: Session) -> None:
    key = once.new_key()
    for _time in range(2):
        found = operations.announce_round(any_session, OPERATOR, round_terms(), NOW, key=key)
    assert (found.number, count(any_session)) == ("C-2611-01", 1)


def test_nobody_but_the_operator_announces_or_cancels(session: Session) -> None:
    firm = trader(approved_company(session))
    with pytest.raises(Forbidden):
        operations.announce_round(session, firm, round_terms(), NOW, key=once.new_key())
    found = announced_round(session)
    with pytest.raises(Forbidden):
        operations.cancel_round(session, firm, found.number, NOW)


def test_two_rounds_in_which_one_tonne_could_be_bid_twice_are_refused(session: Session) -> None:
    announced_round(session)
    with pytest.raises(BidRefused) as refusal:
        announced_round(session, materials=("fly_ash",))
    assert "C-2611-01" in str(refusal.value.problems[0][1])


def test_a_cancelled_round_is_in_nobodys_way_and_never_due(any_session: Session) -> None:
    found = announced_round(any_session)
    for _time in range(2):
        operations.cancel_round(any_session, OPERATOR, found.number, NOW)
    announced_round(any_session)
    assert [one.number for one in queries.due_rounds(any_session, CLOSES)] == ["C-2611-02"]


def test_a_round_is_due_from_its_closing_instant_until_a_run_has_it(any_session: Session) -> None:
    found = announced_round(any_session)
    assert queries.due_rounds(any_session, CLOSES - timedelta(microseconds=1)) == []
    assert queries.due_rounds(any_session, CLOSES) == [found]
    operations.mark_cleared(any_session, found.number, "R-2612-01", CLOSES)
    assert queries.due_rounds(any_session, CLOSES) == []
    assert queries.show(any_session, found.number, CLOSES).state is RoundState.CLEARED
    operations.release(any_session, found.number, "R-2612-01", CLOSES)
    assert queries.due_rounds(any_session, CLOSES) == [found]


def test_a_round_goes_to_one_run_and_not_before_its_close(session: Session) -> None:
    found = announced_round(session)
    with pytest.raises(Conflict):
        operations.mark_cleared(session, found.number, "R-2612-01", NOW)
    operations.mark_cleared(session, found.number, "R-2612-01", CLOSES)
    operations.mark_cleared(session, found.number, "R-2612-01", CLOSES)
    with pytest.raises(Conflict):
        operations.mark_cleared(session, found.number, "R-2612-02", CLOSES)
    with pytest.raises(Conflict):
        operations.cancel_round(session, OPERATOR, found.number, CLOSES)


def test_the_weekly_round_is_announced_once(any_session: Session) -> None:
    found = operations.schedule_round(any_session, NOW)
    assert found is not None
    assert found.closes_at == datetime(2026, 11, 25, 7, tzinfo=UTC)
    assert (found.month, found.is_scheduled) == (DECEMBER, True)
    assert operations.schedule_round(any_session, NOW) is None
    following = operations.schedule_round(any_session, NOW + WEEK)
    assert following is not None
    assert following.closes_at - found.closes_at == WEEK


def test_a_cancelled_weekly_round_is_not_repeated_and_gives_way_to_the_operators(
    session: Session,
) -> None:
    found = operations.schedule_round(session, NOW)
    assert found is not None
    operations.cancel_round(session, OPERATOR, found.number, NOW)
    assert operations.schedule_round(session, NOW) is None
    announced_round(session, month=JANUARY, opens_at=NOW + WEEK, closes_at=NOW + WEEK + WEEK)
    assert operations.schedule_round(session, NOW + WEEK) is None


def test_the_book_of_a_round_holds_one_order_per_step(any_session: Session) -> None:
    offer, need = published_offer(any_session), published_requirement(any_session)
    found = announced_round(any_session, materials=("fly_ash",))
    placed(any_session, found, offer, bid_terms((700, -1200), (500, 300), min_lot_kg=50_000))
    placed(any_session, found, need, bid_terms((900, 2500)))
    orders = queries.round_book(any_session, own_vault(), found.number, TODAY)
    told = [(one.order_id, one.kg, one.limit_fen, one.materials) for one in orders]
    assert sorted(told) == [
        (f"{need.number}/1", 900_000, 2500, ("fly_ash",)),
        (f"{offer.number}/1", 700_000, -1200, ("fly_ash",)),
        (f"{offer.number}/2", 500_000, 300, ("fly_ash",)),
    ]
    assert {one.min_lot_kg for one in orders if one.number == offer.number} == {50_000}
    assert "2500" not in repr(orders)


def test_the_book_leaves_out_withdrawn_bids_and_listings(session: Session) -> None:
    first, second = published_offer(session), published_offer(session)
    found = announced_round(session)
    bid = placed(session, found, first)
    placed(session, found, second)
    operations.withdraw_bid(
        session, trader(first.company), found.number, first.number, NOW, version=bid.version
    )
    listings.withdraw(session, trader(second.company), second.number, NOW)
    assert queries.round_book(session, own_vault(), found.number, TODAY) == []
