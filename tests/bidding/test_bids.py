"""Placing, changing and withdrawing sealed bids, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bidding import boxes, operations, queries
from app.bidding.models import Bid
from app.bidding.operations import BidChangedMeanwhile, BidRefused, RoundNotOpen
from app.bidding.rules import BidTerms
from app.companies import operations as companies
from app.core.actor import SYSTEM, CompanyRole
from app.core.audit import AuditEvent
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.vault import SealBroken, own_vault
from app.listings import operations as listings
from app.listings.rules import DealMode
from tests.bidding.factories import (
    CLOSES,
    OPENS,
    OPERATOR,
    announced_round,
    bid_terms,
    placed,
)
from tests.companies.factories import approved_company
from tests.conftest import NOW, TODAY
from tests.listings.factories import (
    DECEMBER,
    offer_draft,
    published_offer,
    published_requirement,
    trader,
)

INSTANT = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)


def test_a_bid_is_placed_changed_withdrawn_and_placed_again(any_session: Session) -> None:
    offer, found = published_offer(any_session), announced_round(any_session)
    owner = trader(offer.company)
    assert placed(any_session, found, offer).version == 1
    bid = placed(any_session, found, offer, bid_terms((50, -900)), version=1, now=NOW + MINUTE)
    assert (bid.version, bid.placed_at, bid.changed_at) == (2, NOW, NOW + MINUTE)
    assert boxes.reveal(own_vault(), bid) == bid_terms((50, -900))
    for _time in range(2):
        operations.withdraw_bid(any_session, owner, found.number, offer.number, NOW, version=2)
    assert bid.withdrawn_at == NOW
    again = placed(any_session, found, offer, version=3)
    assert (again.id, again.withdrawn_at, again.version) == (bid.id, None, 4)


def test_the_same_form_sent_twice_changes_nothing(any_session: Session) -> None:
    offer, found = published_offer(any_session), announced_round(any_session)
    for minutes in range(2):
        bid = placed(any_session, found, offer, now=NOW + minutes * MINUTE)
    assert (bid.version, bid.changed_at) == (1, NOW)
    events = select(func.count()).where(AuditEvent.verb == "bid.place")
    assert any_session.scalar(events) == 1


def test_of_two_colleagues_the_later_is_told_and_nothing_is_lost(any_session: Session) -> None:
    offer, found = published_offer(any_session), announced_round(any_session)
    placed(any_session, found, offer)
    placed(any_session, found, offer, bid_terms((60, 700)), version=1)
    with pytest.raises(BidChangedMeanwhile):
        placed(any_session, found, offer, bid_terms((70, 600)), version=1)
    with pytest.raises(BidChangedMeanwhile):
        operations.withdraw_bid(
            any_session, trader(offer.company), found.number, offer.number, NOW, version=1
        )
    bid = any_session.scalars(select(Bid)).one()
    assert boxes.reveal(own_vault(), bid) == bid_terms((60, 700))


def test_a_bid_is_taken_from_the_opening_to_just_before_the_close(any_session: Session) -> None:
    offer, found = published_offer(any_session), announced_round(any_session)
    with pytest.raises(RoundNotOpen):
        placed(any_session, found, offer, now=OPENS - INSTANT)
    placed(any_session, found, offer, now=CLOSES - INSTANT)
    for late in (CLOSES, CLOSES + INSTANT):
        with pytest.raises(RoundNotOpen) as refusal:
            placed(any_session, found, offer, bid_terms((1, 1)), version=1, now=late)
        assert "2026-11-24 16:42" in str(refusal.value.message)
        with pytest.raises(RoundNotOpen):
            operations.withdraw_bid(
                any_session, trader(offer.company), found.number, offer.number, late, version=1
            )


def test_no_bid_enters_a_round_that_a_run_has_taken(any_session: Session) -> None:
    """Even one whose request came in time and then waited for the lock."""
    offer, found = published_offer(any_session), announced_round(any_session)
    operations.mark_cleared(any_session, found.number, "R-2612-01", CLOSES)
    with pytest.raises(RoundNotOpen):
        placed(any_session, found, offer, now=CLOSES - INSTANT)


def test_a_cancelled_round_takes_no_bid(session: Session) -> None:
    offer, found = published_offer(session), announced_round(session)
    operations.cancel_round(session, OPERATOR, found.number, NOW)
    with pytest.raises(RoundNotOpen):
        placed(session, found, offer)


def test_a_bid_over_what_is_open_is_refused_with_the_figure(any_session: Session) -> None:
    offer, found = published_offer(any_session), announced_round(any_session)
    with pytest.raises(BidRefused) as refusal:
        placed(any_session, found, offer, bid_terms((1_000, 800), (201, 900)))
    assert refusal.value.field == "tonnes_2"
    assert "1,200" in str(refusal.value.problems[0][1])
    placed(any_session, found, offer, bid_terms((1_000, 800), (200, 900)))


def test_only_a_supply_may_be_indivisible(session: Session) -> None:
    need, found = published_requirement(session), announced_round(session)
    with pytest.raises(BidRefused) as refusal:
        placed(session, found, need, bid_terms(is_single=True))
    assert refusal.value.field == "is_single"


@pytest.mark.parametrize(
    "changes",
    [
        {"material": "red_mud"},
        {"first_month": DECEMBER.replace(year=2027), "last_month": DECEMBER.replace(year=2027)},
        {"deal_mode": DealMode.LIST_PRICE, "list_price": 100},
        {"deal_mode": DealMode.PRIVATE},
    ],
)
def test_a_round_takes_only_what_it_is_for(session: Session, changes: dict[str, object]) -> None:
    offer = published_offer(session, **changes)  # type: ignore[arg-type]
    found = announced_round(session, materials=("fly_ash",))
    with pytest.raises(Conflict):
        placed(session, found, offer)


def test_a_withdrawn_listing_or_a_suspended_firm_bids_no_more(session: Session) -> None:
    first, second = published_offer(session), published_offer(session)
    found = announced_round(session)
    listings.withdraw(session, trader(first.company), first.number, NOW)
    companies.suspend(session, SYSTEM, second.company_id, "资料过期", NOW)
    with pytest.raises(Conflict):
        placed(session, found, first)
    with pytest.raises(Forbidden):
        placed(session, found, second)


def test_another_firms_listing_cannot_be_bid(session: Session) -> None:
    offer, found = published_offer(session), announced_round(session)
    stranger = trader(approved_company(session))
    with pytest.raises(NotFound):
        operations.place_bid(
            session, own_vault(), stranger, found.number, offer.number, bid_terms(), NOW, version=0
        )


def test_who_may_only_read_places_nothing(session: Session) -> None:
    offer, found = published_offer(session), announced_round(session)
    viewer = trader(offer.company, CompanyRole.VIEWER)
    with pytest.raises(Forbidden):
        operations.place_bid(
            session, own_vault(), viewer, found.number, offer.number, bid_terms(), NOW, version=0
        )


def test_a_box_moved_to_another_bid_does_not_open(session: Session) -> None:
    first, second = published_offer(session), published_offer(session)
    found = announced_round(session)
    mine, theirs = placed(session, found, first), placed(session, found, second)
    theirs.box = mine.box
    with pytest.raises(SealBroken):
        boxes.reveal(own_vault(), theirs)


def test_own_bids_are_the_own_ones_with_their_total(session: Session) -> None:
    offer, other = published_offer(session), published_offer(session)
    found = announced_round(session)
    placed(session, found, offer, bid_terms((100, 1), (200, 76_543)))
    placed(session, found, other)
    rows = queries.own_bids(session, own_vault(), trader(offer.company), NOW)
    assert [(row.listing.number, row.terms.kg) for row in rows] == [(offer.number, 300_000)]
    assert queries.own_bids(session, own_vault(), OPERATOR, NOW) == []
    assert "76543" not in repr(rows)


def test_a_listing_that_was_sold_down_keeps_its_earlier_steps(session: Session) -> None:
    offer, found = published_offer(session), announced_round(session)
    placed(session, found, offer, bid_terms((700, 1), (500, 2)))
    smaller = replace(offer_draft(offer.site), kg_per_month=800_000)
    listings.change(session, trader(offer.company), offer.number, smaller, NOW)
    orders = queries.round_book(session, own_vault(), found.number, TODAY)
    assert [(one.order_id, one.kg) for one in orders] == [
        (f"{offer.number}/1", 700_000),
        (f"{offer.number}/2", 100_000),
    ]


def test_a_terms_text_never_shows_what_was_bid() -> None:
    assert "76543" not in repr(BidTerms(bid_terms((1, 76_543)).steps))
