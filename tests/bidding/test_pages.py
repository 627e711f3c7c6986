"""The pages of rounds, bids and deals: what a reader gets, and that nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from app.companies.models import Company
from app.core.actor import PUBLIC, Actor, ActorKind, CompanyRole
from app.core.transactions import database
from app.listings.rules import DealMode
from app.notifications.models import Notification
from tests.accounts.factories import actor_of, user_of
from tests.bidding.factories import OPERATOR, announced_round, bid_terms, placed
from tests.companies.factories import CHIPING, DONGCHANGFU, approved_company, site_draft
from tests.conftest import NOW
from tests.html import CheckedClient
from tests.listings.factories import MARCH, published_offer, published_requirement, trader

Act = Callable[[Actor], None]
ROUND, OFFER, NEED, FIXED = "C-2611-01", "S-2611-0001", "D-2611-0001", "S-2611-0002"
BID = f"/bidding/rounds/{ROUND}/bids/{OFFER}"
STEPS = {"tonnes_1": "700", "payer_1": "producer", "price_1": "12", "version": "0"}


@dataclass(frozen=True, slots=True)
class People:
    """Somebody of the firm that offers, and of the one that needs."""

    producer: Actor
    consumer: Actor
    site_id: int


@pytest.fixture
def people(app: Flask, frozen: object) -> People:
    """An offer, a requirement, an offer at a fixed price, and a round that takes the first two."""
    with database().writing() as session:
        producer = approved_company(session, site_draft(*CHIPING))
        consumer = approved_company(session, site_draft(*DONGCHANGFU))
        published_offer(session, producer.sites[0])
        published_requirement(session, consumer.sites[0])
        published_offer(session, producer.sites[0], deal_mode=DealMode.LIST_PRICE, list_price=-1200)
        announced_round(session)
        users = [user_of(session, firm) for firm in (producer, consumer)]
        session.flush()
        for user in users:
            session.refresh(user)
        producing, consuming = map(actor_of, users)
        return People(producing, consuming, consumer.sites[0].id)


def text_of(client: CheckedClient, path: str) -> str:
    return client.get(path).get_data(as_text=True)


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([0-9a-f]{32})"', page)
    assert found is not None
    return found[1]


def test_everybody_reads_the_rounds_and_what_to_do(client: CheckedClient, people: People) -> None:
    page = text_of(client, "/bidding/")
    assert ROUND in page
    assert "离截止还有 2 天 0 小时" in page
    assert "怎么参加" in page
    shown = text_of(client, f"/bidding/rounds/{ROUND}")
    assert "2026-11-24 16:42" in shown
    assert "2026 年 12 月" in shown


def test_an_empty_market_says_when_the_next_round_closes(
    client: CheckedClient, frozen: object
) -> None:
    assert "2026-11-25 15:00" in text_of(client, "/bidding/")


@pytest.mark.parametrize(
    "path",
    ["/bidding/rounds/C-2611-99", "/bidding/rounds/x", "/bidding/rounds/%00", "/bidding/take/x"],
)
def test_what_is_no_round_is_not_there(
    client: CheckedClient, act: Act, people: People, path: str
) -> None:
    act(people.consumer)
    assert client.get(path).status_code == 404


def test_the_operator_announces_a_round_and_a_second_press_makes_no_other(
    client: CheckedClient, act: Act, frozen: object
) -> None:
    act(OPERATOR)
    form = {
        "month": "2026-12",
        "opens_at": "2026-11-23T09:00",
        "closes_at": "2026-11-25T15:00",
        "materials": ["fly_ash"],
        "key": key_in(text_of(client, "/bidding/rounds/new")),
    }
    for _time in range(2):
        answer = client.post("/bidding/rounds/new", data=form)
        assert answer.status_code == 303
        assert answer.location.endswith("/bidding/rounds/C-2611-01")
    assert "C-2611-02" not in text_of(client, "/bidding/")


def test_a_round_that_closes_in_the_past_keeps_what_was_typed(
    client: CheckedClient, act: Act, frozen: object
) -> None:
    act(OPERATOR)
    form = {
        "month": "2026-12",
        "opens_at": "2026-11-20T09:00",
        "closes_at": "2026-11-21T15:00",
        "key": "0" * 32,
    }
    answer = client.post("/bidding/rounds/new", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="2026-11-21T15:00"' in page
    assert "截止时间 2026-11-21 15:00 已经过去。" in page


def test_the_operator_cancels_a_round(client: CheckedClient, act: Act, people: People) -> None:
    act(OPERATOR)
    client.post(f"/bidding/rounds/{ROUND}/cancel")
    assert "已取消" in text_of(client, f"/bidding/rounds/{ROUND}")


def test_a_firm_bids_in_words_without_a_minus(
    client: CheckedClient, act: Act, people: People
) -> None:
    act(people.producer)
    assert "可成交 1,200 吨" in text_of(client, BID)
    answer = client.post(BID, data=STEPS, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "报价已密封保存" in page
    assert "700 吨 · 我方付 12.00 元/吨" in page
    assert "−12" not in page
    again = text_of(client, BID)
    assert 'value="700"' in again
    assert 'value="12.00"' in again


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tonnes_1": "七百"}, "这不是吨数"),
        ({"price_1": "-12"}, "请不要填负号"),
        ({"price_1": ""}, "这一档还缺价格"),
        ({"tonnes_1": ""}, "这一档还缺吨数"),
        ({"tonnes_1": "", "price_1": ""}, "请至少填一档"),
        ({"tonnes_3": "600", "price_3": "5"}, "1,200 吨，请减少"),
        ({"min_lot": "701"}, "不能大于任何一档"),
    ],
)
def test_a_faulty_bid_is_told_and_kept(
    client: CheckedClient, act: Act, people: People, changes: dict[str, str], sentence: str
) -> None:
    act(people.producer)
    answer = client.post(BID, data=STEPS | changes)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    for value in (STEPS | changes).values():
        assert f'value="{value}"' in page or value in ("", "producer")


def test_the_fault_of_a_step_stands_at_its_own_row(
    client: CheckedClient, act: Act, people: People
) -> None:
    act(people.producer)
    typed = STEPS | {"tonnes_4": "600", "price_4": "5"}
    page = client.post(BID, data=typed).get_data(as_text=True)
    assert 'id="tonnes_4-note"' in page
    assert 'id="tonnes_2-note"' not in page


def test_the_later_of_two_colleagues_sees_what_the_earlier_saved(
    client: CheckedClient, act: Act, people: People
) -> None:
    act(people.producer)
    client.post(BID, data=STEPS)
    client.post(BID, data=STEPS | {"version": "1", "price_1": "15"})
    late = STEPS | {"version": "1", "price_1": "9"}
    answer = client.post(BID, data=late)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "我方付 15.00 元/吨" in page
    assert 'value="9"' in page
    assert 'name="version" value="2"' in page
    assert client.post(BID, data=late | {"version": "2"}).status_code == 303


def test_a_late_bid_is_told_the_servers_clock(
    client: CheckedClient, act: Act, people: People, freeze: Callable[..., None]
) -> None:
    act(people.producer)
    freeze(NOW.replace(day=24))
    answer = client.post(BID, data=STEPS)
    assert answer.status_code == 409
    assert "2026-11-24 16:42 截止" in answer.get_data(as_text=True)


def test_a_bid_is_withdrawn_from_its_page(client: CheckedClient, act: Act, people: People) -> None:
    act(people.producer)
    client.post(BID, data=STEPS)
    answer = client.post(f"{BID}/withdraw", data={"version": "1"}, follow_redirects=True)
    assert "已撤回" in answer.get_data(as_text=True)


def test_own_bids_stand_with_their_total_and_nobody_elses(
    client: CheckedClient, act: Act, people: People
) -> None:
    with database().writing() as session:
        firm = session.get_one(Company, people.producer.company_id)
        other = published_offer(session)
        found = announced_round(session, opens_at=NOW, closes_at=NOW.replace(day=29), month=MARCH)
        listing = published_offer(session, firm.sites[0])
        placed(session, found, listing, bid_terms((321, 800), (123, 900)))
        placed(session, found, other, bid_terms((77, 654)))
    act(people.producer)
    page = text_of(client, "/bidding/")
    assert "444" in page
    assert "6.54" not in page
    act(OPERATOR)
    assert "321" not in text_of(client, "/bidding/rounds/C-2611-02")


def test_a_negotiation_goes_from_offer_to_counter_to_trade(
    client: CheckedClient, act: Act, people: People
) -> None:
    act(people.consumer)
    form = {
        "key": key_in(text_of(client, f"/bidding/offer/{OFFER}")),
        "site_id": str(people.site_id),
        "material": "fly_ash",
        "month": "2026-12",
        "tonnes": "300",
        "payer": "producer",
        "price": "5",
        "words": "先试一个月",
    }
    answer = client.post(f"/bidding/offer/{OFFER}", data=form)
    assert answer.location.endswith("/bidding/negotiations/N-2611-0001")
    act(people.producer)
    page = text_of(client, answer.location)
    assert "对方报价" in page
    assert "产废方付 5.00 元/吨" in page
    assert "先试一个月" in page
    counter = {"position": "1", "tonnes": "250", "payer": "producer", "price": "3"}
    client.post(f"{answer.location}/counter", data=counter)
    act(people.consumer)
    page = text_of(client, answer.location)
    freight = re.search(r'name="freight" value="(\d+)"', page)
    assert freight is not None
    meant = {"position": "2", "freight": freight[1]}
    done = client.post(f"{answer.location}/accept", data=meant, follow_redirects=True)
    assert "已谈成，交易编号 T-2611-0001。" in done.get_data(as_text=True)
    again = client.post(f"{answer.location}/accept", data=meant)
    assert again.status_code == 409
    assert "T-2611-0001" in again.get_data(as_text=True)


def test_both_firms_hear_of_an_offer_and_its_answers(
    client: CheckedClient, act: Act, people: People
) -> None:
    act(people.consumer)
    client.post(f"/bidding/offer/{OFFER}", data=offer_form(people))
    with database().reading() as session:
        told = {row.path for row in session.query(Notification)}
    assert "/bidding/negotiations/N-2611-0001" in told


def offer_form(people: People, **changes: str) -> dict[str, str]:
    return {
        "key": "a" * 32,
        "site_id": str(people.site_id),
        "material": "fly_ash",
        "month": "2026-12",
        "tonnes": "300",
        "price": "5",
        "payer": "consumer",
    } | changes


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tonnes": "1200.001"}, "超过这条挂牌当月还能成交的数量"),
        ({"price": ""}, "请填价格"),
        ({"price": "-5"}, "请不要填负号"),
        ({"month": "2028-01"}, "交货月份要在"),
        ({"month": "some"}, "请从列表里选一个月份"),
    ],
)
def test_a_faulty_offer_is_told_and_kept(
    client: CheckedClient, act: Act, people: People, changes: dict[str, str], sentence: str
) -> None:
    act(people.consumer)
    answer = client.post(f"/bidding/offer/{OFFER}", data=offer_form(people, **changes))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert f'value="{changes.get("tonnes", "300")}"' in page


def test_a_fixed_price_is_taken_in_one_form_and_twice_is_once(
    client: CheckedClient, act: Act, people: People
) -> None:
    act(people.consumer)
    page = text_of(client, f"/bidding/take/{FIXED}")
    assert "产废方付 12.00 元/吨" in page
    assert "1,200" in page
    form = offer_form(people, key=key_in(page))
    places = {client.post(f"/bidding/take/{FIXED}", data=form).location for _time in range(2)}
    assert places == {"/trades/T-2611-0001"}
    assert "900" in text_of(client, f"/bidding/take/{FIXED}")


def test_another_firms_site_is_not_there(client: CheckedClient, act: Act, people: People) -> None:
    act(people.consumer)
    with database().reading() as session:
        theirs = session.get_one(Company, people.producer.company_id).sites[0].id
    form = offer_form(people, site_id=str(theirs))
    assert client.post(f"/bidding/take/{FIXED}", data=form).status_code == 404


def test_a_listings_page_says_how_it_may_be_dealt_with(
    client: CheckedClient, act: Act, people: People
) -> None:
    act(people.consumer)
    assert f"/bidding/offer/{OFFER}" in text_of(client, f"/bidding/of-listing/{OFFER}")
    assert f"/bidding/take/{FIXED}" in text_of(client, f"/bidding/of-listing/{FIXED}")
    act(people.producer)
    assert ROUND in text_of(client, f"/bidding/of-listing/{OFFER}")


def test_officials_and_strangers_read_no_thread_and_place_nothing(
    client: CheckedClient, act: Act, people: People
) -> None:
    act(people.consumer)
    client.post(f"/bidding/offer/{OFFER}", data=offer_form(people))
    with database().writing() as session:
        stranger = trader(approved_company(session))
    thread = "/bidding/negotiations/N-2611-0001"
    city = Actor(kind=ActorKind.REGULATOR, user_id=3, region="371500")
    for actor, status in ((PUBLIC, 302), (stranger, 404), (OPERATOR, 403), (city, 403)):
        act(actor)
        assert client.get(thread).status_code == status, actor.kind
        assert client.get(BID).status_code == status, actor.kind


def test_a_viewer_reads_and_finds_no_button(
    client: CheckedClient, act: Act, people: People
) -> None:
    act(people.producer)
    client.post(BID, data=STEPS)
    with database().reading() as session:
        firm = session.get_one(Company, people.producer.company_id)
        viewer = trader(firm, CompanyRole.VIEWER)
    act(viewer)
    page = text_of(client, f"/bidding/rounds/{ROUND}")
    assert "我方付 12.00 元/吨" in page
    assert BID not in page
    assert client.post(BID, data=STEPS).status_code == 403


def test_the_pages_stand_in_english(client: CheckedClient, act: Act, people: People) -> None:
    act(people.producer)
    client.set_cookie("language", "en")
    for path in ("/bidding/", f"/bidding/rounds/{ROUND}", BID, "/bidding/negotiations"):
        assert client.get(path).status_code == 200


def test_a_listing_for_rounds_only_says_where_it_is_dealt(
    client: CheckedClient, act: Act, people: People
) -> None:
    with database().writing() as session:
        number = published_offer(session, deal_mode=DealMode.ROUND).number
    act(people.consumer)
    assert "只在竞价场次里成交" in text_of(client, f"/bidding/of-listing/{number}")
    assert client.get(f"/bidding/offer/{number}").status_code == 409


def test_an_order_at_a_price_that_has_changed_is_not_placed(
    client: CheckedClient, act: Act, people: People
) -> None:
    act(people.consumer)
    page = text_of(client, f"/bidding/take/{FIXED}")
    assert 'name="seen_price" value="-1200"' in page
    form = offer_form(people, key=key_in(page), seen_price="-1300")
    answer = client.post(f"/bidding/take/{FIXED}", data=form)
    assert answer.status_code == 409
    assert "挂牌价刚刚改了，没有下单。" in answer.get_data(as_text=True)
