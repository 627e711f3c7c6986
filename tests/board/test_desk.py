"""The desk of a firm's people: what it holds, in which states, for which readers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.board import queries
from app.board.rules import Step
from app.clearing.rules import Unplaced
from app.companies import operations as companies
from app.companies.models import Company
from app.core.actor import SYSTEM, CompanyRole
from app.core.transactions import database
from app.listings.models import Listing
from app.listings.rules import Side
from app.trades import operations as trades
from tests.accounts.factories import operator_user, regulator, user_of
from tests.board.factories import enter, statements_of
from tests.clearing.factories import cleared, small_market
from tests.companies.factories import approved_company, waiting_company
from tests.conftest import NOW
from tests.html import CheckedClient
from tests.listings.factories import published_offer, published_requirement, trader
from tests.trades.factories import producer_of, proposed_trade

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
NOVEMBER = date(2026, 11, 1)


def company_of(session: Session, number: str) -> Company:
    """The firm of a listing."""
    return session.scalars(select(Listing).where(Listing.number == number)).one().company


def desk_page(client: CheckedClient, language: str = "zh") -> str:
    client.set_cookie("language", language)
    answer = client.get("/desk")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def primary_buttons(page: str) -> int:
    return page.count("button-primary")


def visit(client: CheckedClient, make: Callable[[Session], Company], **changes: CompanyRole) -> str:
    """The desk of a new person of the firm that `make` makes."""
    with database().writing() as session:
        user = user_of(session, make(session), **changes).id
    enter(client, user)
    return desk_page(client)


def test_proposals_wait_for_the_two_sides_and_nobody_else(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    stranger = trader(approved_company(any_session))
    own = queries.desk(any_session, producer_of(trade), NOW)
    assert [row.number for row in own.waiting] == [trade.number]
    assert own.first_deadline == trade.deadline
    assert own.step is Step.ANSWER
    assert queries.desk(any_session, stranger, NOW).waiting == []


def test_what_a_side_has_answered_no_longer_waits_for_it(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    trades.confirm(any_session, producer_of(trade), trade.number, NOW)
    desk = queries.desk(any_session, producer_of(trade), NOW)
    assert desk.waiting == []
    assert desk.step is Step.OFFER


def test_a_proposal_past_its_deadline_waits_for_nobody(any_session: Session) -> None:
    trade = proposed_trade(any_session)
    late = trade.deadline + timedelta(seconds=1)
    assert queries.trades_to_handle(any_session, producer_of(trade), late) == []


def test_listings_about_to_end_come_first(any_session: Session) -> None:
    site = approved_company(any_session).sites[0]
    soon = published_offer(any_session, site, first_month=NOVEMBER, last_month=NOVEMBER)
    published_offer(any_session, site)
    found = queries.desk(any_session, trader(site.company), NOW).listings
    assert [(one.row.listing.number == soon.number, one.ends_soon) for one in found] == [
        (True, True),
        (False, False),
    ]


def test_the_last_run_is_told_as_the_firm_met_it(app: Flask, frozen: datetime) -> None:
    with database().writing() as session:
        numbers = small_market(session)
    run = cleared()
    with database().reading() as session:
        last = queries.last_result(session, trader(company_of(session, numbers["ash"])))
        other = queries.last_result(session, trader(company_of(session, numbers["near"])))
    assert last is not None
    assert other is not None
    assert last.run.number == run
    assert [(one.side, one.kg, one.placed_kg) for one in last.sides] == [
        (Side.OFFER, 3_600_000, 1_100_000)
    ]
    reasons = {order.number: order.reason for order in last.unplaced}
    assert reasons == {
        numbers["mud"]: Unplaced.NO_LANE_MATERIAL,
        numbers["gypsum"]: Unplaced.PRICE,
        numbers["ash"]: Unplaced.FULL,
    }
    assert numbers["ash"] not in {order.number for order in other.unplaced}


def test_a_full_desk_costs_no_more_statements_than_a_small_one(app: Flask) -> None:
    with database().writing() as session:
        site = approved_company(session).sites[0]
        actor = trader(site.company)
        proposed_trade(session, published_offer(session, site))
    few = statements_of(lambda session: queries.desk(session, actor, NOW))
    with database().writing() as session:
        site = session.merge(site, load=True)
        for _ in range(9):
            proposed_trade(session, published_offer(session, site))
            published_requirement(session, site)
    assert statements_of(lambda session: queries.desk(session, actor, NOW)) == few


@LANGUAGES
def test_the_desk_is_written_in_both_languages(
    client: CheckedClient, frozen: datetime, language: str
) -> None:
    with database().writing() as session:
        numbers = small_market(session)
        user = user_of(session, company_of(session, numbers["ash"])).id
    run = cleared()
    enter(client, user)
    page = desk_page(client, language)
    assert run in page
    assert page.count('href="/trades/T-2611-') >= 2
    assert primary_buttons(page) == 1


def test_one_waiting_proposal_is_one_click_away(client: CheckedClient, frozen: datetime) -> None:
    with database().writing() as session:
        trade = proposed_trade(session)
        number, user = trade.number, user_of(session, trade.producer).id
    enter(client, user)
    page = desk_page(client)
    assert f'<a class="button button-primary" href="/trades/{number}">' in page
    assert "有 1 笔交易等您处理" in page


def test_the_other_side_keeps_its_name_until_both_confirm(
    client: CheckedClient, frozen: datetime
) -> None:
    with database().writing() as session:
        trade = proposed_trade(session)
        other, user = trade.consumer.name, user_of(session, trade.producer).id
    enter(client, user)
    page = desk_page(client)
    assert other not in page
    assert "东昌府区 · 利废企业" in page


def test_a_new_firm_is_told_to_list(client: CheckedClient, frozen: datetime) -> None:
    page = visit(client, approved_company)
    assert "没有等您处理的交易" in page
    assert "还没有在市的挂牌" in page
    assert "还没有撮合过" in page
    assert primary_buttons(page) == 1


def test_a_firm_that_waits_for_approval_is_told_what_comes_next(
    client: CheckedClient, frozen: datetime
) -> None:
    page = visit(client, waiting_company)
    assert "企业申请还在审核" in page
    assert "还不能挂牌" in page
    assert "/listings/offers/new" not in page
    assert primary_buttons(page) == 1


def test_a_refused_firm_reads_why_and_may_apply_again(
    client: CheckedClient, frozen: datetime
) -> None:
    def refused(session: Session) -> Company:
        company = waiting_company(session)
        companies.refuse(session, SYSTEM, company.id, "厂区位置不对", NOW)
        return company

    page = visit(client, refused)
    assert "原因：厂区位置不对" in page
    assert "改正并再次申请" in page
    assert primary_buttons(page) == 1


def test_a_viewer_is_told_who_confirms(client: CheckedClient, frozen: datetime) -> None:
    page = visit(client, approved_company, role=CompanyRole.VIEWER)
    assert "您的账号只能查看" in page
    assert "/listings/offers/new" not in page
    assert primary_buttons(page) == 1


def test_a_listing_about_to_end_offers_its_renewal(client: CheckedClient, frozen: datetime) -> None:
    with database().writing() as session:
        site = approved_company(session).sites[0]
        listing = published_offer(session, site, first_month=NOVEMBER, last_month=NOVEMBER)
        number, user = listing.number, user_of(session, site.company).id
    enter(client, user)
    page = desk_page(client)
    assert "31 天内到期" in page
    assert f'href="/listings/{number}">去续期' in page


def test_officials_go_on_to_their_own_first_page(client: CheckedClient, frozen: datetime) -> None:
    with database().writing() as session:
        people = [(operator_user(session).id, "/work"), (regulator(session).id, "/map")]
    for user, page in people:
        enter(client, user)
        answer = client.get("/desk")
        assert answer.status_code == 302
        assert answer.headers["Location"].rstrip("/") == page


def test_a_stranger_is_asked_to_sign_in(client: CheckedClient) -> None:
    answer = client.get("/desk")
    assert answer.status_code == 302
    assert "/accounts/sign-in" in answer.headers["Location"]
