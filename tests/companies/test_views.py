"""The pages of companies: who sees them, what bad input answers, both languages."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.accounts.models import User
from app.companies import operations, queries
from app.companies.models import Company
from app.companies.rules import CompanyStatus
from app.core.actor import SYSTEM, CompanyRole
from app.core.transactions import database
from tests.accounts.factories import operator_user, regulator, settled, sign_in, user_of
from tests.companies.factories import approved_company, credit_code, waiting_company
from tests.conftest import NOW
from tests.html import CheckedClient

GOOD_SITE = {
    "site_name": "二厂",
    "lon": "116.1538",
    "lat": "36.5776",
    "datum": "wgs84",
    "address": "示例路 2 号",
}


class Market:
    """Two companies, one of which waits, and everybody who may come along."""

    def __init__(self) -> None:
        with database().writing() as session:
            company, other = approved_company(session), approved_company(session)
            waiting = waiting_company(session)
            self.company_id, self.other_id, self.waiting_id = company.id, other.id, waiting.id
            self.site_id, self.other_site_id = company.sites[0].id, other.sites[0].id
            self.name = company.name
            self.people = {
                "manager": user_of(session, company),
                "trader": user_of(session, company, CompanyRole.TRADER),
                "viewer": user_of(session, company, CompanyRole.VIEWER),
                "waiting": user_of(session, waiting),
                "regulator": regulator(session),
                "operator": operator_user(session),
            }
            for person in self.people.values():
                settled(session, person)

    def client(self, app: Flask, who: str) -> CheckedClient:
        client = app.test_client()
        assert isinstance(client, CheckedClient)
        if who != "public":
            sign_in(client, self.people[who])
        return client


@pytest.fixture
def market(app: Flask) -> Market:
    return Market()


def company_row(company_id: int) -> queries.CompanyRow:
    with database().reading() as session:
        return queries.company(session, company_id)


EVERYBODY = ("public", "manager", "trader", "viewer", "waiting", "regulator", "operator")


@pytest.mark.parametrize(
    ("path", "admitted"),
    [
        ("/companies/", {"operator"}),
        ("/companies/{company}", {"operator"}),
        ("/companies/own", {"manager", "trader", "viewer", "waiting"}),
        ("/companies/own/contact", {"manager", "waiting"}),
        ("/companies/own/sites/new", {"manager", "waiting"}),
        ("/companies/places?place=茌平", set(EVERYBODY)),
    ],
)
def test_each_page_admits_whom_it_says(
    app: Flask, market: Market, path: str, admitted: set[str]
) -> None:
    address = path.format(company=market.company_id)
    statuses = {who: market.client(app, who).get(address).status_code for who in EVERYBODY}
    refused = {who: 302 if who == "public" else 403 for who in EVERYBODY}
    assert statuses == refused | dict.fromkeys(admitted, 200)


@pytest.mark.parametrize("verb", ["approve", "refuse", "suspend"])
@pytest.mark.parametrize("who", ["public", "manager", "waiting", "regulator"])
def test_nobody_but_the_operator_decides(app: Flask, market: Market, verb: str, who: str) -> None:
    path = f"/companies/{market.waiting_id}/{verb}"
    response = market.client(app, who).post(path, data={"reason": "原因"})
    assert response.status_code in (401, 403)
    assert company_row(market.waiting_id).status is CompanyStatus.APPLIED


def test_another_companys_site_answers_as_if_it_were_not_there(app: Flask, market: Market) -> None:
    client = market.client(app, "manager")
    assert client.get(f"/companies/own/sites/{market.site_id}").status_code == 200
    for path in (market.other_site_id, 999_999):
        assert client.get(f"/companies/own/sites/{path}").status_code == 404
        assert client.post(f"/companies/own/sites/{path}", data=GOOD_SITE).status_code == 404


def test_the_operator_approves_a_company_that_waits(app: Flask, market: Market) -> None:
    client = market.client(app, "operator")
    assert "待审核" in client.get("/companies/").text
    assert "通过审核" in client.get(f"/companies/{market.waiting_id}").text
    response = client.post(f"/companies/{market.waiting_id}/approve")
    assert response.status_code == 303
    assert company_row(market.waiting_id).status is CompanyStatus.APPROVED
    again = client.post(f"/companies/{market.waiting_id}/approve")
    assert again.status_code == 409


def test_a_refusal_without_a_reason_comes_back(app: Flask, market: Market) -> None:
    client = market.client(app, "operator")
    response = client.post(f"/companies/{market.waiting_id}/refuse", data={"reason": "  "})
    assert response.status_code == 422
    assert "这一项必须填写" in response.text
    assert company_row(market.waiting_id).status is CompanyStatus.APPLIED


def test_the_applicant_reads_the_reason_and_applies_again(app: Flask, market: Market) -> None:
    operator, applicant = market.client(app, "operator"), market.client(app, "waiting")
    assert "等待运营方审核" in applicant.get("/companies/own").text
    reason = "名称与执照不符，请改。"
    operator.post(f"/companies/{market.waiting_id}/refuse", data={"reason": reason})
    assert reason in applicant.get("/companies/own").text
    form = applicant.get("/companies/own/application")
    assert reason in form.text
    fields = {
        "credit_code": credit_code(88_000_000),
        "company_name": "改正后的名称",
        "kind": "consumer",
        "contact_name": "联系人",
        "contact_phone": "0635-1234567",
    }
    assert applicant.post("/companies/own/application", data=fields).status_code == 303
    row = company_row(market.waiting_id)
    assert (row.status, row.name) == (CompanyStatus.APPLIED, "改正后的名称")
    assert (row.is_producer, row.is_consumer) == (False, True)


def test_an_approved_company_has_no_application_to_amend(app: Flask, market: Market) -> None:
    assert market.client(app, "manager").get("/companies/own/application").status_code == 409


def test_a_code_taken_by_another_company_is_refused_at_its_field(
    app: Flask, market: Market
) -> None:
    client = market.client(app, "waiting")
    fields = {
        "credit_code": company_row(market.company_id).credit_code,
        "company_name": "想用别人的代码",
        "kind": "both",
        "contact_name": "联系人",
        "contact_phone": "0635-1234567",
    }
    response = client.post("/companies/own/application", data=fields)
    assert response.status_code == 422
    assert "已经登记" in response.text
    assert "想用别人的代码" in response.text


def test_a_suspended_company_reads_why(app: Flask, market: Market) -> None:
    with database().writing() as session:
        operations.suspend(session, SYSTEM, market.company_id, "三次未按约交付", NOW)
    page = market.client(app, "manager").get("/companies/own")
    assert "三次未按约交付" in page.text


def test_the_contact_can_be_changed(app: Flask, market: Market) -> None:
    client = market.client(app, "manager")
    fields = {"contact_name": "新联系人", "contact_phone": "13800000000", "contact_email": ""}
    assert client.post("/companies/own/contact", data=fields).status_code == 303
    assert "新联系人" in client.get("/companies/own").text
    fields["contact_phone"] = "没有"
    response = client.post("/companies/own/contact", data=fields)
    assert response.status_code == 422
    assert "“没有”不像电话号码" in response.text


def test_a_site_is_added_by_degrees_and_changed(app: Flask, market: Market) -> None:
    client = market.client(app, "manager")
    assert client.post("/companies/own/sites/new", data=GOOD_SITE).status_code == 303
    with database().reading() as session:
        added = queries.sites_of(session, market.company_id)[-1]
    assert (added.name, added.adcode) == ("二厂", "371503")
    form = client.get(f"/companies/own/sites/{added.id}").text
    assert 'value="116.1538"' in form
    assert "二厂" in client.get("/companies/own").text


def test_a_site_is_added_by_a_place_that_was_found(app: Flask, market: Market) -> None:
    client = market.client(app, "manager")
    fragment = client.get("/companies/places?place=linqing").text
    (value,) = re.findall(r'value="([\d.,]+)"', fragment)
    fields = {"site_name": "临清厂区", "place": "linqing", "found": value}
    assert client.post("/companies/own/sites/new", data=fields).status_code == 303
    with database().reading() as session:
        assert queries.sites_of(session, market.company_id)[-1].adcode == "371581"


MOVED = {
    "site_name": "一厂",
    "place": "临清",
    "found": "115.7,36.85",
    "lon": "116.1538",
    "lat": "36.5776",
    "datum": "wgs84",
}


def test_a_chosen_place_moves_a_site_whose_degrees_were_left_alone(
    app: Flask, market: Market
) -> None:
    with database().writing() as session:
        session.get_one(Company, market.company_id).status = CompanyStatus.APPLIED
    client = market.client(app, "manager")
    assert client.post(f"/companies/own/sites/{market.site_id}", data=MOVED).status_code == 303
    with database().reading() as session:
        assert queries.site(session, market.site_id).adcode == "371581"


def test_an_approved_site_cannot_be_moved_and_the_form_says_why(app: Flask, market: Market) -> None:
    answer = market.client(app, "manager").post(
        f"/companies/own/sites/{market.site_id}", data=MOVED | {"site_name": "新名称"}
    )
    assert answer.status_code == 422
    assert "请新增一个厂区" in answer.text
    assert "新名称" in answer.text


def test_degrees_win_over_a_chosen_place(app: Flask, market: Market) -> None:
    client = market.client(app, "manager")
    fields = GOOD_SITE | {"place": "临清", "found": "115.7,36.85"}
    assert client.post("/companies/own/sites/new", data=fields).status_code == 303
    with database().reading() as session:
        assert queries.sites_of(session, market.company_id)[-1].adcode == "371503"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lon": "36.5776", "lat": "116.1538"}, "可能填反了"),
        ({"lon": "-0.1", "lat": "51.5"}, "不在中国境内"),
        ({"lon": "117.0", "lat": "36.65"}, "不在本平台覆盖"),
        ({"lon": "一百一十六"}, "不是经纬度"),
        ({"lon": "nan"}, "不是经纬度"),
        ({"lon": "1e999"}, "不是经纬度"),
        ({"lat": ""}, "要一起填"),
        ({"datum": ""}, "从哪里读的"),
        ({"datum": "mars"}, "从哪里读的"),
        ({"lon": "", "lat": ""}, "请查找并选中"),
        ({"lon": "", "lat": "", "place": "茌平"}, "请在查到的地点中选一个"),
        ({"lon": "", "lat": "", "place": "火星"}, "没有查到“火星”"),
        ({"lon": "", "lat": "", "place": "茌平", "found": "x,y"}, "请在查到的地点中选一个"),
        ({"lon": "", "lat": "", "place": "茌平", "found": "0,0"}, "不在中国境内"),
        ({"lon": "", "lat": "", "place": "茌平", "found": "nan,nan"}, "请在查到的地点中选一个"),
        ({"site_name": " "}, "这一项必须填写"),
        ({"site_name": "长" * 81}, "最多 80 个字"),
        ({"address": "一行\n两行"}, "不能含换行"),
    ],
)
def test_a_bad_site_is_refused_at_its_field_and_keeps_what_was_typed(
    app: Flask, market: Market, changes: dict[str, str], words: str
) -> None:
    fields = GOOD_SITE | {"address": "不许丢失的地址"} | changes
    response = market.client(app, "manager").post("/companies/own/sites/new", data=fields)
    assert response.status_code == 422
    assert words in response.text
    for name in ("site_name", "lon", "lat", "place"):
        assert fields.get(name, "").strip() in response.text
    with database().reading() as session:
        assert len(queries.sites_of(session, market.company_id)) == 1


def test_a_place_that_is_not_found_is_answered_in_words(client: CheckedClient) -> None:
    page = client.get("/companies/places?place=<b>火星</b>")
    assert "没有查到" in page.text
    assert "<b>" not in page.text


@pytest.mark.parametrize("query", ["?status=applied", "?status=nonsense", "?text=%25", "?page=x"])
def test_the_operators_list_takes_any_address(app: Flask, market: Market, query: str) -> None:
    assert market.client(app, "operator").get("/companies/" + query).status_code == 200


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("manager", "/companies/own"),
        ("waiting", "/companies/own"),
        ("waiting", "/companies/own/application"),
        ("manager", "/companies/own/contact"),
        ("manager", "/companies/own/approvals"),
        ("manager", "/companies/own/sites/new"),
        ("operator", "/companies/"),
        ("operator", "/companies/{company}"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_comes_in_both_languages(
    app: Flask, market: Market, who: str, path: str, language: str
) -> None:
    client = market.client(app, who)
    client.set_cookie("language", language)
    page = client.get(path.format(company=market.company_id))
    assert page.status_code == 200
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in page.text


def test_a_manager_asks_for_two_people_and_takes_it_back(app: Flask, market: Market) -> None:
    client = market.client(app, "manager")
    path = "/companies/own/approvals"
    for data, told in (({"needs_two": "y"}, "要两个人同意"), ({}, "一个人即可")):
        page = client.post(path, data=data, follow_redirects=True)
        assert told in page.text
    assert "承运企业" in client.get("/accounts/register").text


def test_names_are_escaped(app: Flask, market: Market) -> None:
    with database().writing() as session:
        session.get_one(Company, market.company_id).name = "<script>alert(1)</script>"
        session.get_one(User, market.people["manager"].id).name = "<img src=x>"
    page = market.client(app, "manager").get("/companies/own")
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
