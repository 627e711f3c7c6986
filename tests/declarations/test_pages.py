"""A producer's records as a browser sees them."""

from __future__ import annotations

from datetime import datetime
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask_babel import refresh
from sqlalchemy import func, select

from app.companies.models import Company
from app.core import once
from app.core.actor import CompanyRole
from app.core.transactions import database
from app.declarations.models import Facility, WasteSource, YardEvent
from app.declarations.rules import EventKind
from tests.accounts.factories import operator_user, regulator, settled, sign_in, user_of
from tests.companies.factories import approved_company
from tests.declarations.factories import Yard, recorded, yard_of
from tests.html import CheckedClient

PAGES = ("", "/log", "/record", "/setup", "/sources/new", "/facilities/new", "/silos")
SOURCE = {
    "waste_name": "脱硫石膏",
    "waste_code": "441-001-S06",
    "waste_class": "I",
    "origin": "烟气脱硫",
    "waste_form": "solid",
    "yearly": "30000",
}


@pytest.fixture
def yard(app: Flask, frozen: datetime) -> Yard:
    with database().writing() as session:
        return yard_of(session)


@pytest.fixture
def keeper(yard: Yard, client: CheckedClient) -> CheckedClient:
    """A browser in which the yard's trader has signed in."""
    enter(client, yard, CompanyRole.TRADER)
    return client


def enter(client: CheckedClient, yard: Yard, role: CompanyRole) -> None:
    with database().writing() as session:
        user = settled(session, user_of(session, session.get_one(Company, yard.company_id), role))
    sign_in(client, user)


def event(yard: Yard, **changes: Any) -> dict[str, Any]:
    """What the quick form sends for 12.5 t generated."""
    values: dict[str, Any] = {
        "form_key": once.new_key(),
        "source_id": yard.source_id,
        "kind": "generated",
        "tonnes": "12.5",
        "happened_at": "2026-11-22T16:00",
        "handler": "经办人",
    }
    return values | changes


def count(model: type) -> int:
    with database().reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def text(client: CheckedClient, path: str) -> str:
    answer = client.get(f"/declarations{path}")
    assert answer.status_code == 200, path
    return unescape(answer.text)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_comes_in_both_languages(
    keeper: CheckedClient, language: str, path: str
) -> None:
    keeper.set_cookie("language", language)
    refresh()
    assert text(keeper, path)


def test_a_firm_without_records_is_told_what_to_do(app: Flask, client: CheckedClient) -> None:
    with database().writing() as session:
        user = settled(session, user_of(session, approved_company(session)))
    sign_in(client, user)
    for path in ("", "/record", "/setup"):
        assert "还没有登记废物" in text(client, path)
    assert "这个月还没有记录" in text(client, "/log")
    assert "还没有料仓" in text(client, "/silos")


def test_an_event_is_entered_and_shown(keeper: CheckedClient, yard: Yard) -> None:
    assert keeper.post("/declarations/record", data=event(yard)).status_code == 303
    shown = text(keeper, "/log")
    assert "E-2611-00001" in shown
    assert ">12.5<" in shown
    assert ">12.5<" in text(keeper, "")


def test_an_event_sent_twice_is_entered_once(keeper: CheckedClient, yard: Yard) -> None:
    sent = event(yard)
    for _ in range(2):
        assert keeper.post("/declarations/record", data=sent).status_code == 303
    assert count(YardEvent) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tonnes": ""}, "请填吨数"),
        ({"tonnes": "十二"}, "“十二”不是吨数"),
        ({"tonnes": "-1"}, "吨数要大于 0；填的是 −1 吨"),
        ({"tonnes": "100001"}, "超过上限 100,000 吨"),
        ({"happened_at": "2026-11-22T16:43"}, "时间还没有到；现在是 2026-11-22 16:42"),
        ({"happened_at": "2016-11-22T16:00"}, "时间太早"),
        ({"happened_at": "昨天"}, "“昨天”不是时间"),
        ({"handler": " "}, "请填经办人"),
        ({"moisture": "100"}, "含水率要在 0 到 100% 之间"),
        ({"moisture": "1.23"}, "“1.23”不是百分数"),
        ({"kind": "stored"}, "入库、出库要选一处贮存设施"),
        ({"kind": "self_used", "product": "制砖"}, "自行利用要选一处利用设施"),
        ({"kind": "entrusted_disposed"}, "请填处置方式或接收单位"),
    ],
)
def test_what_will_not_do_is_said_and_what_was_typed_stays(
    keeper: CheckedClient, yard: Yard, changes: dict[str, str], message: str
) -> None:
    answer = keeper.post("/declarations/record", data=event(yard, **changes))
    assert answer.status_code == 422
    shown = unescape(answer.text)
    assert message in shown
    assert all(value.strip() in shown for value in changes.values())
    assert count(YardEvent) == 0


def test_what_is_not_in_the_store_cannot_be_taken_out(keeper: CheckedClient, yard: Yard) -> None:
    sent = event(yard, kind="taken_out", facility_id=yard.store_id)
    answer = keeper.post("/declarations/record", data=sent)
    assert answer.status_code == 422
    assert "TS001 在 2026-11-22 16:00 只有 0 吨" in unescape(answer.text)


def test_a_full_store_is_said(keeper: CheckedClient, yard: Yard) -> None:
    sent = event(yard, kind="stored", facility_id=yard.store_id, tonnes="1200")
    answer = keeper.post("/declarations/record", data=sent, follow_redirects=True)
    assert "超出容量 200 吨" in unescape(answer.text)


def test_a_mistake_is_reversed_once(keeper: CheckedClient, yard: Yard) -> None:
    keeper.post("/declarations/record", data=event(yard))
    address = "/declarations/log/E-2611-00001/reverse"
    answer = keeper.post(address, follow_redirects=True)
    assert "E-2611-00001 已由 E-2611-00002 冲销" in unescape(answer.text)
    assert "−12.5" in unescape(answer.text)
    again = keeper.post(address)
    assert again.status_code == 409
    assert "没有再冲一次" in unescape(again.text)
    assert count(YardEvent) == 2


def test_a_waste_is_registered_and_changed(keeper: CheckedClient, yard: Yard) -> None:
    sent = SOURCE | {"site_id": yard.site_id, "material": "fgd_gypsum"}
    assert keeper.post("/declarations/sources/new", data=sent).status_code == 303
    changed = SOURCE | {"origin": "新工艺", "material": "red_mud"}
    address = f"/declarations/sources/{yard.source_id}"
    assert keeper.post(address, data=changed).status_code == 303
    shown = text(keeper, "/setup")
    assert "脱硫石膏" in shown
    assert "新工艺" in shown
    with database().reading() as session:
        assert session.get_one(WasteSource, yard.source_id).material == "fly_ash"


def test_a_hazardous_code_is_refused_at_its_field(keeper: CheckedClient, yard: Yard) -> None:
    sent = SOURCE | {"site_id": yard.site_id, "material": "red_mud", "waste_code": "772-002-18"}
    answer = keeper.post("/declarations/sources/new", data=sent)
    assert answer.status_code == 422
    assert "“772-002-18”是危险废物代码" in unescape(answer.text)
    assert "交给持有 HW18 类经营许可证的单位" in answer.text
    assert count(WasteSource) == 1


@pytest.mark.parametrize("field", ["waste_name", "origin", "composition"])
def test_a_hazardous_name_is_told_at_its_field_with_where_it_must_go(
    keeper: CheckedClient, yard: Yard, field: str
) -> None:
    sent = SOURCE | {"site_id": yard.site_id, "material": "red_mud", field: "二次 鋁灰"}
    answer = keeper.post("/declarations/sources/new", data=sent)
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert f'id="{field}-note"' in page
    assert "HW48 321-026-48 二次铝灰" in page
    assert "能脱氮除盐固氟的单位" in page
    assert 'value="二次 鋁灰"' in page


def test_a_facility_is_registered_and_changed(keeper: CheckedClient, yard: Yard) -> None:
    sent = {
        "site_id": yard.site_id,
        "kind": "storage",
        "code": "TS008",
        "name": "二号灰库",
        "material": "",
        "capacity": "2000",
    }
    assert keeper.post("/declarations/facilities/new", data=sent).status_code == 303
    assert keeper.post("/declarations/facilities/new", data=sent).status_code == 422
    address = f"/declarations/facilities/{yard.store_id}"
    assert keeper.post(address, data={"name": "改名", "capacity": "1500"}).status_code == 303
    shown = text(keeper, "/setup")
    assert "TS001 改名" in shown
    assert "1,500" in shown
    assert count(Facility) == 4


def test_another_firms_objects_are_not_there(app: Flask, client: CheckedClient, yard: Yard) -> None:
    with database().writing() as session:
        number = recorded(session, yard, EventKind.GENERATED, 1).event.number
        stranger = yard_of(session)
    enter(client, stranger, CompanyRole.MANAGER)
    assert client.get(f"/declarations/sources/{yard.source_id}").status_code == 404
    assert client.get(f"/declarations/facilities/{yard.store_id}").status_code == 404
    assert client.post(f"/declarations/log/{number}/reverse").status_code == 404
    sent = event(stranger, kind="stored", facility_id=yard.store_id)
    assert client.post("/declarations/record", data=sent).status_code == 422
    assert number not in text(client, "/log")


@pytest.mark.parametrize("path", ["/sources/99999999999999999999", "/facilities/2147483648"])
def test_a_number_beyond_all_rows_is_not_there(any_app: Flask, frozen: datetime, path: str) -> None:
    with database().writing() as session:
        yard = yard_of(session)
    client = any_app.test_client()
    assert isinstance(client, CheckedClient)
    enter(client, yard, CompanyRole.MANAGER)
    assert client.get(f"/declarations{path}").status_code == 404


@pytest.mark.parametrize(
    "month", ["0001-01", "9999-12", "2026-13", "nonsense", "２０２６-１１", "2026-11"]
)
def test_any_month_in_the_address_has_a_page(keeper: CheckedClient, month: str) -> None:
    assert "2026 年 11 月" in text(keeper, f"?month={month}")


def test_who_only_reads_enters_nothing(client: CheckedClient, yard: Yard) -> None:
    enter(client, yard, CompanyRole.VIEWER)
    assert "记一笔" not in text(client, "")
    for path in ("/record", "/sources/new", "/facilities/new"):
        assert client.get(f"/declarations{path}").status_code == 403


def test_those_who_produce_nothing_have_no_records(app: Flask, frozen: datetime) -> None:
    with database().writing() as session:
        consumer = approved_company(session, is_producer=False)
        people = [
            settled(session, user)
            for user in (user_of(session, consumer), operator_user(session), regulator(session))
        ]
    for user in people:
        client = app.test_client()
        assert isinstance(client, CheckedClient)
        sign_in(client, user)
        assert client.get("/declarations").status_code == 403
