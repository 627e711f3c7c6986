"""A case's pages after its confirmation: who finds which button, and what each of them does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask_babel import refresh
from sqlalchemy import func, select

from app.accounts.models import User
from app.core import once
from app.core.transactions import database
from app.trades.models import Trade
from app.trades.rules import EndReason, Party, TradeStatus
from tests.accounts.factories import operator_user, regulator, sign_in, user_of
from tests.companies.factories import CHIPING, DONGCHANGFU, approved_company, site_draft
from tests.conftest import NOW
from tests.html import CheckedClient
from tests.listings.factories import published_offer, published_requirement
from tests.trades.factories import (
    confirmed_trade,
    contracted_trade,
    deliver,
)

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
Made = Callable[..., Trade]


@dataclass(frozen=True)
class Case:
    """A trade between two firms, and people who look at it."""

    app: Flask
    number: str
    people: dict[str, int]
    firms: dict[str, int]

    def client(self, person: str, language: str = "zh") -> CheckedClient:
        client = self.app.test_client()
        assert isinstance(client, CheckedClient)
        client.set_cookie("language", language)
        with database().reading() as session:
            sign_in(client, session.get_one(User, self.people[person]))
        refresh()  # the test's own context remembers the language of its first words
        return client

    def get(self, person: str, path: str | None = None, language: str = "zh") -> str:
        address = path or f"/trades/{self.number}"
        return self.client(person, language).get(address).get_data(as_text=True)

    def post(self, person: str, deed: str, **data: str) -> tuple[int, str]:
        answer = self.client(person).post(
            f"/trades/{self.number}/{deed}", data=data, follow_redirects=True
        )
        return answer.status_code, answer.get_data(as_text=True)

    def trade(self) -> Trade:
        with database().reading() as session:
            return session.scalars(select(Trade).where(Trade.number == self.number)).one()


def case(app: Flask, made: Made) -> Case:
    """The trade that `made` makes between two new firms, with somebody of everybody."""
    with database().writing() as session:
        producer = approved_company(session, site_draft(*CHIPING), name="绝密电厂")
        consumer = approved_company(session, site_draft(*DONGCHANGFU), name="绝密水泥")
        trade = made(
            session,
            published_offer(session, producer.sites[0]),
            published_requirement(session, consumer.sites[0]),
        )
        people = {
            "producer": user_of(session, producer),
            "consumer": user_of(session, consumer),
            "operator": operator_user(session),
            "county": regulator(session, "371503"),
            "stranger": user_of(session, approved_company(session)),
        }
        session.flush()
        ids = {person: user.id for person, user in people.items()}
        firms = {"producer": producer.id, "consumer": consumer.id}
        return Case(app, trade.number, ids, firms)


@pytest.fixture
def confirmed(app: Flask, frozen: datetime) -> Case:
    return case(app, confirmed_trade)


@pytest.fixture
def contracted(app: Flask, frozen: datetime) -> Case:
    return case(app, contracted_trade)


@LANGUAGES
def test_the_first_screen_tells_owner_clock_and_one_primary_button(
    confirmed: Case, language: str
) -> None:
    page = confirmed.get("producer", language=language)
    assert page.count("button-primary") == 1
    assert 'href="#sign"' in page
    if language == "zh":
        assert "轮到双方：签订合同" in page
        assert "截止 11-29 18:00，剩 7 天" in page


def test_both_signatures_are_taken_and_the_number_is_kept(confirmed: Case) -> None:
    status, page = confirmed.post("producer", "sign", contract_number="HT-7")
    assert (status, "已记下签约。" in page, "轮到利废方：签订合同" in page) == (200, True, True)
    status, page = confirmed.post("consumer", "sign", contract_number="HT-8")
    assert status == 422
    assert "对方填写的合同编号是“HT-7”" in page
    confirmed.post("consumer", "sign")
    assert (confirmed.trade().status, confirmed.trade().contract_number) == (
        TradeStatus.CONTRACTED,
        "HT-7",
    )


def test_a_wish_to_cancel_is_answered_by_the_other_side(confirmed: Case) -> None:
    status, page = confirmed.post("consumer", "cancel", reason="standstill", words="12 月窑停")
    assert (status, "收回取消请求" in page) == (200, True)
    other = confirmed.get("producer")
    assert "利废方请求取消：本月停产或检修。" in other
    assert "12 月窑停" in other
    assert "答复取消请求" in other
    _status, page = confirmed.post("producer", "cancel/agree")
    assert "已取消：双方同意取消" in page
    assert confirmed.trade().status is TradeStatus.CANCELLED


def test_a_wish_to_cancel_can_be_taken_back(confirmed: Case) -> None:
    confirmed.post("consumer", "cancel", reason="price")
    confirmed.post("consumer", "cancel/take-back")
    assert confirmed.trade().cancel_asked_by is None
    assert "产废方请求取消" not in confirmed.get("producer")


@pytest.mark.parametrize("data", [{}, {"reason": "other"}, {"reason": "nonsense"}])
def test_a_wish_without_a_reason_is_asked_for_one(confirmed: Case, data: dict[str, str]) -> None:
    status, page = confirmed.post("consumer", "cancel", **data)
    assert status == 422
    assert "没有保存。" in page
    assert confirmed.trade().cancel_asked_by is None


def test_what_was_delivered_is_shown_to_the_kilogram_and_closed_by_a_side(contracted: Case) -> None:
    with database().writing() as session:
        trade = session.scalars(select(Trade)).one()
        deliver(session, trade, 590_000)
    page = contracted.get("consumer")
    for text in ("590,000", "10,000", "已交付 98.3%", "590 / 600 吨", "按已收数量办结"):
        assert text in page
    _status, page = contracted.post("consumer", "complete")
    assert "已完成：少交，按已交数量办结" in page
    assert contracted.trade().ended_reason is EndReason.DELIVERED_SHORT


def test_the_contract_and_the_trucks_are_one_click_away_for_a_side(contracted: Case) -> None:
    page = contracted.get("producer")
    for path in ("/shipments/of/", "/contracts/"):
        assert path in page
    assert "/contracts/" not in contracted.get("county")


def test_closing_too_early_is_refused_with_both_masses(contracted: Case) -> None:
    with database().writing() as session:
        deliver(session, session.scalars(select(Trade)).one(), 30_000)
    assert "按已收数量办结" not in contracted.get("consumer")
    status, page = contracted.post("consumer", "complete")
    assert status == 422
    assert "已收 30 吨，合同 600 吨" in page


def test_the_operator_ends_a_case_with_a_reason_and_names_the_side_at_fault(
    contracted: Case,
) -> None:
    status, page = contracted.post("operator", "decision", decision="producer")
    assert (status, "请写明原因" in page) == (422, True)
    contracted.post("operator", "decision", decision="producer", words="车一直没有来")
    trade = contracted.trade()
    assert (trade.status, trade.at_fault) == (TradeStatus.DEFAULTED, Party.PRODUCER)
    assert "车一直没有来" in contracted.get("producer")
    assert "产废方违约：产废方没有交货" in contracted.get("consumer")


def test_before_a_contract_the_operator_can_only_cancel(confirmed: Case) -> None:
    page = confirmed.get("operator")
    assert "取消，没有一方违约" in page
    assert "产废方违约" not in page
    status, _page = confirmed.post("operator", "decision", decision="producer", words="没有签")
    assert status in (409, 422)
    assert confirmed.trade().status is TradeStatus.CONFIRMED
    confirmed.post("operator", "decision", decision="cancel", words="双方都联系不上")
    assert confirmed.trade().ended_reason is EndReason.OPERATOR


@LANGUAGES
@pytest.mark.parametrize("path", ["/trades/", None])
def test_a_regulator_reads_no_name_before_it_looks_up(
    confirmed: Case, language: str, path: str | None
) -> None:
    page = confirmed.get("county", path, language)
    assert confirmed.number in page
    assert "绝密" not in page


def test_a_look_up_opens_the_names_and_is_told_to_both_firms(confirmed: Case) -> None:
    status, page = confirmed.post("county", "lookup", reason="")
    assert (status, "绝密" in page) == (422, False)
    _status, page = confirmed.post("county", "lookup", reason="核对 12 月粉煤灰去向")
    assert "绝密电厂" in page
    assert "0635-1234567" not in page
    for firm in ("producer", "consumer"):
        told = confirmed.get(firm, "/trades/lookups")
        assert "核对 12 月粉煤灰去向" in told
        assert "茌平区" in told
    assert "还没有人查看过" in confirmed.get("stranger", "/trades/lookups")


def test_a_second_person_is_asked_for_in_words(confirmed: Case, app: Flask) -> None:
    with database().writing() as session:
        trade = session.scalars(select(Trade)).one()
        trade.producer.needs_two_approvals = True
        second = user_of(session, trade.producer)
        session.flush()
        confirmed.people["second"] = second.id
    confirmed.post("producer", "sign")
    page = confirmed.get("producer")
    assert "等待本企业第二人同意。" in page
    assert 'href="#sign"' not in page
    status, page = confirmed.post("producer", "sign")
    assert (status, "您已经同意过" in page) == (409, True)
    confirmed.post("second", "sign")
    assert confirmed.trade().signed_by == {Party.PRODUCER}


def test_a_firms_record_is_for_those_who_know_its_name(contracted: Case) -> None:
    path = f"/trades/firms/{contracted.firms['producer']}"
    for person, status in (
        ("consumer", 200),
        ("operator", 200),
        ("stranger", 404),
        ("county", 404),
    ):
        assert contracted.client(person).get(path).status_code == status
    assert "1 笔，600 吨" in contracted.get("consumer", path)


def test_a_listing_shows_the_record_of_its_firm_and_not_the_name(contracted: Case) -> None:
    number = contracted.trade().offer_number
    page = contracted.client("stranger").get(f"/trades/records/{number}").get_data(as_text=True)
    assert "发布企业的履约记录" in page
    assert "绝密" not in page
    assert "600" not in page


def test_the_operator_releases_a_barred_firm(contracted: Case) -> None:
    firm = contracted.firms["producer"]
    with database().writing() as session:
        trade = session.scalars(select(Trade)).one()
        trade.producer.barred_at = NOW - timedelta(days=1)
    assert "暂停新交易。" in contracted.get("producer", f"/trades/firms/{firm}")
    answer = contracted.client("operator").post(
        f"/trades/firms/{firm}/release", follow_redirects=True
    )
    assert "限制已解除。" in answer.get_data(as_text=True)


DEAL = {
    "my_side": "producer",
    "material": "fly_ash",
    "month": "2026-12",
    "tonnes": "600",
    "payer": "producer",
    "price": "12",
    "freight": "",
    "contract_number": "HT-7",
}


def deal(case: Case, **changes: str) -> dict[str, str]:
    """The form as the producer fills it in for the consumer's site."""
    with database().reading() as session:
        trade = session.scalars(select(Trade).where(Trade.number == case.number)).one()
        sites = {
            "my_site_id": str(trade.producer_site_id),
            "other_site_id": str(trade.consumer_site_id),
        }
    return {**DEAL, **sites, "key": once.new_key(), **changes}


def test_a_deal_takes_one_form_and_counts_once(confirmed: Case) -> None:
    client, form = confirmed.client("producer"), deal(confirmed)
    pages = [client.post("/trades/elsewhere", data=form) for _ in range(2)]
    assert [page.status_code for page in pages] == [303, 303]
    assert pages[0].location == pages[1].location
    with database().reading() as session:
        assert session.scalar(select(func.count()).select_from(Trade)) == 2
    page = confirmed.get("consumer", pages[0].location)
    assert "场外已谈成" in page
    assert "等您确认。" in page
    assert "产废方付 12.00 元/吨" in page


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"tonnes": "0"}, "每月数量要大于 0"),
        ({"tonnes": "x"}, "不是吨数"),
        ({"price": "-12"}, "请不要填负号，改选付款方向。"),
        ({"payer": ""}, "请选由谁付款。"),
        ({"month": "2026-10"}, "已经过去"),
        ({"other_site_id": ""}, "请查找对方企业"),
        ({"my_side": ""}, "请选本企业是哪一方。"),
        ({"waste_name": "飞灰"}, "HW18 772-002-18 生活垃圾焚烧飞灰"),
        ({"key": "x"}, "表单不完整"),
    ],
)
def test_a_deal_that_breaks_a_rule_keeps_what_was_typed(
    confirmed: Case, changes: dict[str, str], complaint: str
) -> None:
    form = deal(confirmed, **changes)
    answer = confirmed.client("producer").post("/trades/elsewhere", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert complaint in page
    assert "HT-7" in page
    with database().reading() as session:
        assert session.scalar(select(func.count()).select_from(Trade)) == 1


def test_a_deal_with_many_faults_shows_them_all_at_their_fields(confirmed: Case) -> None:
    wrong = {
        "tonnes": "0",
        "month": "2026-10",
        "waste_name": "飞灰",
        "price": "十二",
        "material": "gold",
        "other_site_id": "999999",
        "contract_number": "HT-77",
    }
    form = deal(confirmed, **wrong)
    answer = confirmed.client("producer").post("/trades/elsewhere", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for complaint in (
        "每月数量要大于 0",
        "已经过去",
        "飞灰",
        "“十二”不是金额",
        "目录里没有“gold”这种物料",
        "这家企业现在不能作为对方",
    ):
        assert complaint in page, complaint
    for typed in ("HT-77", "十二", "2026-10", 'value="飞灰"'):
        assert typed in page, typed


@LANGUAGES
def test_the_form_of_a_deal_finds_partners_without_script(confirmed: Case, language: str) -> None:
    client = confirmed.client("producer", language)
    assert client.get("/trades/elsewhere").status_code == 200
    form = deal(confirmed, partner="绝密水泥", other_site_id="")
    page = client.post("/trades/elsewhere", data=form).get_data(as_text=True)
    assert 'name="other_site_id"' in page
    found = client.get("/trades/elsewhere/partners?my_side=producer&partner=绝密水泥")
    name = {"zh": "绝密水泥", "en": "Test company"}[language]
    assert name in found.get_data(as_text=True)
