"""Monthly declarations as a browser sees them: the firm's pages and the regulator's."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask_babel import refresh
from sqlalchemy import select

from app.companies.models import Company, Site
from app.core import once
from app.core.actor import CompanyRole
from app.core.transactions import database
from app.declarations.balance import MASSES
from app.declarations.declared import activities
from app.declarations.models import Declaration
from app.declarations.rules import ActivityKind, EventKind
from app.notifications.models import Notification
from tests.accounts.factories import operator_user, regulator, settled, sign_in, user_of
from tests.companies.factories import LINQING, approved_company, site_draft
from tests.declarations.factories import (
    DECEMBER_5,
    NOVEMBER,
    Yard,
    declared,
    recorded,
    yard_of,
)
from tests.html import CheckedClient
from tests.listings.factories import published_offer
from tests.shipments.factories import received
from tests.trades.factories import contracted_trade

MONTHLY, OVERVIEW = "/declarations/monthly", "/declarations/overview"
MASS_FIELDS = dict.fromkeys(MASSES, "0")
HAN = re.compile("[\u4e00-\u9fff]")
LATE = datetime.fromisoformat("2026-12-18T01:00:00+00:00")


@pytest.fixture
def yard(app: Flask, freeze: Callable[[datetime], None]) -> Yard:
    """A yard whose November is recorded, on 5 December."""
    freeze(DECEMBER_5)
    with database().writing() as session:
        yard = yard_of(session)
        recorded(session, yard, EventKind.GENERATED, 100, days_ago=2)
        recorded(session, yard, EventKind.SELF_USED, 40, days_ago=2)
        site = session.get_one(Site, yard.site_id)
        received(session, contracted_trade(session, published_offer(session, site)))
        recorded(session, yard, EventKind.STORED, 30, days_ago=1)
    return yard


@pytest.fixture
def keeper(yard: Yard, client: CheckedClient) -> CheckedClient:
    return enter(client, yard, CompanyRole.TRADER)


def enter(client: CheckedClient, yard: Yard, role: CompanyRole) -> CheckedClient:
    with database().writing() as session:
        user = settled(session, user_of(session, session.get_one(Company, yard.company_id), role))
    sign_in(client, user)
    return client


def official(app: Flask, region: str = "371503") -> CheckedClient:
    with database().writing() as session:
        user = settled(session, regulator(session, region) if region else operator_user(session))
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    sign_in(client, user)
    return client


def address(yard: Yard, end: str = "", waste: str = "fly_ash", month: str = "2026-11") -> str:
    return f"{MONTHLY}/{yard.site_id}/{waste}/{month}{end}"


def typed(**changes: Any) -> dict[str, str]:
    """The form as the records fill it, but for `changes`: tonnes by mass, or other fields."""
    masses = {"generated_kg": "100", "self_used_kg": "40", "entrusted_used_kg": "30"}
    masses |= {"stored_kg": "30", "closing_kg": "30"}
    rest = {"form_key": once.new_key(), "based_on": "0", "deed": "declare"}
    return MASS_FIELDS | masses | rest | changes


def value(page: str, name: str) -> str:
    """What stands in a field of a form."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found[1]


def text(client: CheckedClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return unescape(answer.text)


def in_force() -> list[Declaration]:
    with database().reading() as session:
        return list(session.scalars(select(Declaration).order_by(Declaration.id)))


def test_the_due_list_leads_to_a_form_made_ready(keeper: CheckedClient, yard: Yard) -> None:
    shown = text(keeper, MONTHLY)
    assert "2026 年 11 月" in shown
    assert "待申报" in shown
    assert "2026-12-10" in shown
    assert address(yard, "/declare") in shown
    form = text(keeper, address(yard, "/declare"))
    masses = ("generated_kg", "entrusted_used_kg", "closing_kg", "dumped_kg")
    assert [value(form, name) for name in masses] == ["100", "30", "30", "0"]
    assert "台账 1 条记录" in form
    assert "收货磅单 1 张" in form
    assert "已经平衡" in form


def test_a_month_is_declared_and_shown(keeper: CheckedClient, yard: Yard) -> None:
    answer = keeper.post(address(yard, "/declare"), data=typed(coal_burnt="250.5"))
    assert answer.status_code == 303
    shown = text(keeper, answer.location)
    assert "D-2611-00001" in shown
    assert "已申报" in shown
    assert "70.0%" in shown
    assert "燃煤量" in shown
    with database().reading() as session:
        burnt = activities(session, yard.site_id, NOVEMBER)
    assert burnt == {ActivityKind.COAL_BURNT: 250_500}
    assert "D-2611-00001" in text(keeper, MONTHLY)
    assert "申报%(waste)s" not in text(keeper, MONTHLY)


def test_a_form_sent_twice_declares_once(keeper: CheckedClient, yard: Yard) -> None:
    sent = typed(coal_burnt="1")
    for _ in range(2):
        assert keeper.post(address(yard, "/declare"), data=sent).status_code == 303
    assert len(in_force()) == 1


def test_trying_the_sums_declares_nothing(keeper: CheckedClient, yard: Yard) -> None:
    answer = keeper.post(address(yard, "/declare"), data=typed(deed="try", self_used_kg="45.125"))
    shown = unescape(answer.text)
    assert answer.status_code == 200
    assert "合计比产生量多 5.125 吨" in shown
    assert 'value="45.125"' in shown
    assert in_force() == []


def test_what_is_proposed_is_taken_over_with_everything_else_kept(
    keeper: CheckedClient, yard: Yard
) -> None:
    sent = typed(deed="try", self_used_kg="45", opening_kg="20", closing_kg="50", coal_burnt="7")
    asked = unescape(keeper.post(address(yard, "/declare"), data=sent).text)
    assert "利用往期贮存量 5 吨" in asked
    assert "月末库存 45 吨" in asked
    answer = keeper.post(address(yard, "/declare"), data=sent | {"deed": "adopt"})
    shown = unescape(answer.text)
    assert answer.status_code == 200
    masses = ("old_used_kg", "closing_kg", "coal_burnt")
    assert [value(shown, name) for name in masses] == ["5", "45", "7"]
    assert "已经平衡" in shown


def test_an_open_balance_is_asked_about_and_then_taken_in(
    keeper: CheckedClient, yard: Yard, app: Flask
) -> None:
    sent = typed(self_used_kg="45")
    answer = keeper.post(address(yard, "/declare"), data=sent)
    shown = unescape(answer.text)
    assert answer.status_code == 422
    assert "平衡还有 1 处没有对上" in shown
    assert "没有可以建议的值" in shown
    assert 'value="45"' in shown
    explained = sent | {"explanation": "皮带秤检修三天\r\n按系数估算"}
    assert keeper.post(address(yard, "/declare"), data=explained).status_code == 303
    seen = text(official(app), f"{OVERVIEW}?month=2026-11")
    assert "不平衡" in seen
    assert "−5" in seen
    assert "皮带秤检修三天 按系数估算" in text(official(app), address(yard))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"generated_kg": ""}, "请填吨数，没有就填 0"),
        ({"generated_kg": "一百"}, "“一百”不是吨数"),
        ({"generated_kg": "1.2345"}, "“1.2345”不是吨数"),
        ({"stored_kg": "-1"}, "吨数不能小于 0；填的是 −1 吨"),
        ({"generated_kg": "3100001"}, "超过上限 3,100,000 吨"),
        ({"old_used_kg": "71", "opening_kg": "80"}, "利用往期贮存量 71 吨，大于综合利用量 70 吨"),
        ({"old_used_kg": "5"}, "从往期贮存中取用 5 吨，大于月初库存 0 吨"),
        ({"coal_burnt": "-1"}, "吨数不能小于 0"),
        ({"coal_burnt": "x"}, "“x”不是吨数"),
        ({"explanation": "字" * 301}, "最多 300 个字"),
        ({"form_key": "x"}, "表单不完整"),
    ],
)
def test_what_will_not_do_is_said_and_what_was_typed_stays(
    keeper: CheckedClient, yard: Yard, changes: dict[str, str], message: str
) -> None:
    answer = keeper.post(address(yard, "/declare"), data=typed(**changes))
    shown = unescape(answer.text)
    assert answer.status_code == 422
    assert message in shown
    assert all(value in shown for value in changes.values())
    assert in_force() == []


def test_a_correction_says_why_and_what_changed(keeper: CheckedClient, yard: Yard) -> None:
    keeper.post(address(yard, "/declare"), data=typed())
    form = text(keeper, address(yard, "/declare"))
    assert "更正的原因" in form
    assert "要等更正发布才会改" in form
    sent = typed(based_on="1", generated_kg="101", stored_kg="31", closing_kg="31")
    assert keeper.post(address(yard, "/declare"), data=sent).status_code == 422
    told = sent | {"reason": "磅单漏了一张"}
    assert keeper.post(address(yard, "/declare"), data=told).status_code == 303
    shown = text(keeper, address(yard))
    assert "已更正" in shown
    assert "磅单漏了一张" in shown
    assert "100 → 101" in shown
    assert [row.version for row in in_force()] == [1, 2]


@pytest.mark.parametrize("seen", ["0", "7", "x", "-1", "9" * 40])
def test_who_did_not_see_the_last_version_is_told(
    keeper: CheckedClient, yard: Yard, seen: str
) -> None:
    keeper.post(address(yard, "/declare"), data=typed())
    sent = typed(based_on=seen, generated_kg="99", explanation="再报一次", reason="再报一次")
    answer = keeper.post(address(yard, "/declare"), data=sent)
    assert answer.status_code == 409
    assert "D-2611-00001" in unescape(answer.text)


def test_the_tickets_behind_a_figure_are_listed(keeper: CheckedClient, yard: Yard) -> None:
    shown = text(keeper, address(yard, "/loads"))
    assert "/shipments/W-2611-00001" in shown
    assert "合计 1 车" in shown
    assert ">30<" in shown


def test_what_is_late_is_said_in_days(
    client: CheckedClient, yard: Yard, freeze: Callable[[datetime], None]
) -> None:
    freeze(LATE)
    assert "逾期 8 天" in text(enter(client, yard, CompanyRole.VIEWER), MONTHLY)


@pytest.mark.parametrize("english", [False, True])
def test_the_pages_are_written_in_both_languages(
    keeper: CheckedClient, yard: Yard, app: Flask, english: bool
) -> None:
    with database().writing() as session:
        declared(session, yard, self_used_kg=70, explanation="皮带秤检修")
    city = official(app, "371500")
    for client in (keeper, city):
        client.get(f"/language/{'en' if english else 'zh'}")
        refresh()
    paths = [MONTHLY, address(yard), address(yard, "/declare"), address(yard, "/loads")]
    pages = [text(keeper, path) for path in paths] + [text(city, OVERVIEW)]
    for page in pages:
        heading = page[page.index("<h1>") : page.index("</h1>")]
        assert bool(HAN.search(heading)) is not english, heading


def test_a_county_sees_its_own_county_and_no_other(yard: Yard, app: Flask) -> None:
    with database().writing() as session:
        far = yard_of(session, approved_company(session, site_draft(*LINQING)))
        declared(session, yard, explanation="磅单另有说明")
    county, other, city = official(app), official(app, "371581"), official(app, "371500")
    assert "茌平区" in text(county, OVERVIEW)
    assert "临清市" not in text(county, OVERVIEW)
    for place in ("茌平区", "临清市"):
        assert place in text(city, OVERVIEW)
    for end in ("", "/loads"):
        text(county, address(yard, end))
        text(other, address(yard, end), 404)
        text(county, address(far, end), 404)
        text(city, address(far, end))
    assert address(far) not in text(county, f"{OVERVIEW}?county=371581")


def test_a_regulator_asks_again_once_a_day(
    yard: Yard, app: Flask, client: CheckedClient, freeze: Callable[[datetime], None]
) -> None:
    freeze(LATE)
    enter(client, yard, CompanyRole.MANAGER)
    county, path = official(app), f"{MONTHLY}/{yard.site_id}/2026-11/urge"
    assert path in text(county, OVERVIEW)
    answer = county.post(path, follow_redirects=True)
    assert "已催报：1 种废物" in unescape(answer.text)
    again = county.post(path)
    assert again.status_code == 422
    assert "今天已经催报过" in unescape(again.text)
    with database().reading() as session:
        assert len(session.scalars(select(Notification)).all()) == 1


@pytest.mark.parametrize(
    ("region", "status"), [("371581", 404), ("371503", 303), ("371500", 303), ("", 403)]
)
def test_only_the_regulators_of_the_county_ask_again(
    yard: Yard, app: Flask, region: str, status: int
) -> None:
    path = f"{MONTHLY}/{yard.site_id}/2026-11/urge"
    assert official(app, region).post(path).status_code == status


def test_another_firms_declarations_are_not_there(
    yard: Yard, app: Flask, client: CheckedClient
) -> None:
    with database().writing() as session:
        stranger = yard_of(session)
    enter(client, stranger, CompanyRole.MANAGER)
    for end in ("", "/loads", "/declare"):
        text(client, address(yard, end), 404)
    assert client.post(address(yard, "/declare"), data=typed()).status_code == 404
    assert client.post(f"{MONTHLY}/{yard.site_id}/2026-11/urge").status_code == 403
    assert client.get(OVERVIEW).status_code == 403
    assert in_force() == []


def test_who_only_reads_declares_nothing(yard: Yard, client: CheckedClient) -> None:
    enter(client, yard, CompanyRole.VIEWER)
    assert address(yard, "/declare") not in text(client, MONTHLY)
    text(client, address(yard))
    text(client, address(yard, "/declare"), 403)
    assert client.post(address(yard, "/declare"), data=typed()).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/1/fly_ash/2026-12",
        "/1/fly_ash/2026-13",
        "/1/fly_ash/nothing",
        "/1/red_mud/2026-11",
        "/1/nothing/2026-11",
        "/99999999999999999999/fly_ash/2026-11",
        "/1/fly_ash/2019-11",
    ],
)
def test_what_is_not_to_be_declared_is_not_there(
    keeper: CheckedClient, yard: Yard, path: str
) -> None:
    text(keeper, MONTHLY + path, 404)


@pytest.mark.parametrize("month", ["0001-01", "9999-12", "2026-13", "nonsense", "2026-11", ""])
def test_any_month_in_the_address_has_a_page(
    keeper: CheckedClient, yard: Yard, app: Flask, month: str
) -> None:
    assert "2026 年 11 月" in text(keeper, f"{MONTHLY}?month={month}")
    assert "2026 年 11 月" in text(official(app), f"{OVERVIEW}?month={month}&state=x&page=-3")


def test_the_operator_reads_everything_and_asks_nobody(yard: Yard, app: Flask) -> None:
    operator = official(app, "")
    assert address(yard) in text(operator, OVERVIEW)
    assert "催报这个厂区" not in text(operator, OVERVIEW)
    text(operator, address(yard))


def test_a_firm_without_wastes_has_nothing_to_declare(app: Flask, client: CheckedClient) -> None:
    with database().writing() as session:
        user = settled(session, user_of(session, approved_company(session)))
    sign_in(client, user)
    assert "没有要申报的废物" in text(client, MONTHLY)
