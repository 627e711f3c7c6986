from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.companies.models import Company
from app.core.actor import Actor, CompanyRole
from app.core.transactions import database
from app.trades import operations
from app.trades.models import Trade
from app.trades.rules import DeclineReason, TradeStatus
from tests.accounts.factories import operator_user, regulator, sign_in, user_of
from tests.companies.factories import (
    CHIPING,
    DONGCHANGFU,
    approved_company,
    site_draft,
)
from tests.conftest import NOW
from tests.html import CheckedClient
from tests.listings.factories import published_offer, published_requirement
from tests.trades.factories import consumer_of, producer_of, proposed_trade

AFTER = NOW + timedelta(days=3, hours=2)
PRODUCER_LIMIT, CONSUMER_LIMIT = "77.77", "99.99"


@dataclass(frozen=True)
class Scene:
    """One proposal between two firms, and people who look at it."""

    app: Flask
    number: str
    people: dict[str, int]

    def client(self, person: str) -> CheckedClient:
        client = self.app.test_client()
        assert isinstance(client, CheckedClient)
        if person != "nobody":
            with database().reading() as session:
                sign_in(client, session.get_one(User, self.people[person]))
        return client

    def get(self, person: str, path: str = "") -> str:
        return self.client(person).get(f"/trades/{path or self.number}").get_data(as_text=True)


@pytest.fixture
def scene(app: Flask, frozen: datetime) -> Scene:
    with database().writing() as session:
        producer = firm(session, CHIPING, "绝密电厂", "Secret power plant")
        consumer = firm(session, DONGCHANGFU, "绝密水泥", "Secret cement")
        trade = proposed_trade(
            session,
            published_offer(session, producer.sites[0], limit_price=-7_777),
            published_requirement(session, consumer.sites[0], limit_price=9_999),
        )
        people = {
            "producer": user_of(session, producer),
            "consumer": user_of(session, consumer, CompanyRole.TRADER),
            "viewer": user_of(session, producer, CompanyRole.VIEWER),
            "stranger": user_of(session, approved_company(session)),
            "operator": operator_user(session),
            "city": regulator(session, "371500"),
            "county": regulator(session, "371503"),
            "other county": regulator(session, "371581"),
        }
        session.flush()
        ids = {person: user.id for person, user in people.items()}
        number = trade.number
    return Scene(app, number, ids)


def firm(session: Session, place: tuple[float, float], name: str, name_en: str) -> Company:
    return approved_company(session, site_draft(*place), name=name, name_en=name_en)


PAGES = {
    "producer": 200,
    "consumer": 200,
    "viewer": 200,
    "operator": 200,
    "city": 200,
    "county": 200,
    "stranger": 404,
    "other county": 404,
    "nobody": 302,
}
ANSWERS = {
    "producer": 303,
    "consumer": 303,
    "viewer": 403,
    "operator": 403,
    "city": 403,
    "county": 403,
    "stranger": 404,
    "other county": 403,
    "nobody": 401,
}


@pytest.mark.parametrize("person", PAGES)
def test_who_may_open_the_page_of_a_trade(scene: Scene, person: str) -> None:
    assert scene.client(person).get(f"/trades/{scene.number}").status_code == PAGES[person]


@pytest.mark.parametrize("person", ANSWERS)
@pytest.mark.parametrize("deed", ["confirm", "decline"])
def test_who_may_answer_a_trade(scene: Scene, person: str, deed: str) -> None:
    response = scene.client(person).post(f"/trades/{scene.number}/{deed}", data={"reason": "price"})
    assert response.status_code == ANSWERS[person]


@pytest.mark.parametrize("person", ["producer", "consumer"])
def test_only_those_who_may_answer_find_the_buttons(scene: Scene, person: str) -> None:
    assert "确认交易" in scene.get(person)
    assert "拒绝并退回吨数" in scene.get(person)
    for onlooker in ("viewer", "operator", "city"):
        assert "确认交易" not in scene.get(onlooker)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", ["", "?status=proposed"])
def test_before_both_confirm_no_page_of_a_side_names_the_other(
    scene: Scene, language: str, path: str
) -> None:
    confirm(scene, consumer_of)
    secrets = {
        "consumer": ("绝密电厂", "Secret power"),
        "producer": ("绝密水泥", "Secret cement"),
    }
    for person, names in secrets.items():
        client = scene.client(person)
        client.set_cookie("language", language)
        for address in (f"/trades/{scene.number}", f"/trades/{path}"):
            page = client.get(address).get_data(as_text=True)
            assert scene.number in page
            assert not any(name in page for name in names)
            assert "23.4" not in page


def test_the_other_side_is_called_by_county_and_role(scene: Scene) -> None:
    page = scene.get("consumer")
    assert "茌平区产废企业" in page
    assert "茌平区 · 产废企业" in page
    assert "约 25 公里" in page
    assert "绝密水泥" in page


def test_after_both_confirmed_names_sites_and_phones_are_open(scene: Scene) -> None:
    confirm(scene, producer_of)
    confirm(scene, consumer_of)
    for person, name in (("producer", "绝密水泥"), ("consumer", "绝密电厂")):
        page = scene.get(person)
        assert name in page
        assert page.count("0635-1234567") >= 2
        assert "23.4 公里" in page


def test_after_a_decline_the_names_stay_closed_and_the_reason_is_told(scene: Scene) -> None:
    confirm(scene, producer_of)
    decline(scene, "12 月窑停")
    page = scene.get("producer")
    assert "绝密水泥" not in page
    assert "利废方拒绝：价格不合适" in page
    assert "12 月窑停" in page
    assert "确认交易" not in page


def test_a_limit_is_shown_to_its_owner_alone(scene: Scene) -> None:
    pages = {person: scene.get(person) for person, status in PAGES.items() if status == 200}
    assert {person for person, page in pages.items() if PRODUCER_LIMIT in page} == {
        "producer",
        "viewer",
    }
    assert {person for person, page in pages.items() if CONSUMER_LIMIT in page} == {"consumer"}


def test_the_page_tells_deadline_prices_and_sums(scene: Scene) -> None:
    page = scene.get("producer")
    for text in (
        "截止 11-25 18:00，剩 3 天",
        "产废方收",
        "930.00",
        "13,860.00",
        "14,790.00",
        "到厂价 24.65 − 产废方价 1.55 = 运费 23.10 元/吨",
    ):
        assert text in page


def test_a_confirmation_is_told_and_shown_in_the_log(scene: Scene) -> None:
    client = scene.client("producer")
    answer = client.post(f"/trades/{scene.number}/confirm", follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "您已确认。对方确认后，这里会打开对方的名称和电话。" in page
    assert "产废方确认" in page
    other = scene.client("consumer").post(f"/trades/{scene.number}/confirm", follow_redirects=True)
    assert "双方都已确认，吨数已锁定。" in other.get_data(as_text=True)


def test_a_decline_without_a_reason_is_asked_for_one_and_keeps_the_words(scene: Scene) -> None:
    response = scene.client("producer").post(
        f"/trades/{scene.number}/decline", data={"words": "价格再谈"}
    )
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "请选一个原因，对方能看到。" in page
    assert "价格再谈" in page
    assert status_of(scene) is TradeStatus.PROPOSED


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"reason": "other"}, "请写一句说明"),
        ({"reason": "other", "words": "   "}, "请写一句说明"),
        ({"reason": "price", "words": "长" * 201}, "说明最多 200 个字。"),
        ({"reason": "whatever"}, "请选一个原因，对方能看到。"),
    ],
)
def test_a_decline_that_breaks_a_rule_says_which(
    scene: Scene, data: dict[str, str], complaint: str
) -> None:
    response = scene.client("producer").post(f"/trades/{scene.number}/decline", data=data)
    assert response.status_code == 422
    assert complaint in response.get_data(as_text=True)
    assert status_of(scene) is TradeStatus.PROPOSED


def test_a_decline_is_told_to_both_sides(scene: Scene) -> None:
    response = scene.client("consumer").post(
        f"/trades/{scene.number}/decline",
        data={"reason": "other", "words": "设备检修"},
        follow_redirects=True,
    )
    assert "已拒绝，吨数已退回双方的挂牌。" in response.get_data(as_text=True)
    assert "利废方拒绝：其他原因" in scene.get("producer")


def test_confirming_what_the_other_side_declined_says_so(scene: Scene) -> None:
    decline(scene)
    response = scene.client("producer").post(f"/trades/{scene.number}/confirm")
    assert response.status_code == 409
    assert "利废方已在 2026-11-22 16:42 拒绝这笔交易（价格不合适）" in response.get_data(
        as_text=True
    )


def test_confirming_after_the_deadline_says_when_it_was(
    scene: Scene, freeze: Callable[[datetime], None]
) -> None:
    freeze(AFTER)
    client = scene.client("producer")
    response = client.post(f"/trades/{scene.number}/confirm")
    assert response.status_code == 409
    assert "确认期限是 2026-11-25 18:00" in response.get_data(as_text=True)
    page = client.get(f"/trades/{scene.number}").get_data(as_text=True)
    assert "确认期限已过。" in page
    assert "确认交易" not in page


def test_the_list_counts_states_and_filters(scene: Scene) -> None:
    page = scene.get("producer", "?status=proposed")
    assert "待确认 1" in page
    assert "已拒绝" not in page
    assert "1 笔，合计 600 吨" in page
    assert "没有这种状态的交易" in scene.get("producer", "?status=declined")
    assert "还没有交易" in scene.get("stranger", "?")


@pytest.mark.parametrize("query", ["?status=nonsense", "?page=nonsense", "?page=-3", "?page=999"])
def test_a_strange_address_shows_the_whole_list(scene: Scene, query: str) -> None:
    assert scene.number in scene.get("producer", query)


def test_the_list_says_how_many_wait_for_the_reader(scene: Scene) -> None:
    assert "有 1 笔等您处理。" in scene.get("producer", "?")
    assert scene.number in scene.get("producer", "?waiting=1")
    confirm(scene, producer_of)
    assert "笔等您处理" not in scene.get("producer", "?")
    assert "笔等您处理" not in scene.get("viewer", "?")
    assert scene.number not in scene.get("producer", "?waiting=1")


def confirm(scene: Scene, side: Callable[[Trade], Actor]) -> None:
    with database().writing() as session:
        operations.confirm(session, side(trade_of(session, scene)), scene.number, NOW)


def decline(scene: Scene, words: str = "") -> None:
    """The consumer finds the price unsuitable."""
    with database().writing() as session:
        actor = consumer_of(trade_of(session, scene))
        operations.decline(session, actor, scene.number, DeclineReason.PRICE, NOW, words)


def status_of(scene: Scene) -> TradeStatus:
    with database().reading() as session:
        return trade_of(session, scene).status


def trade_of(session: Session, scene: Scene) -> Trade:
    return session.scalars(select(Trade).where(Trade.number == scene.number)).one()
