"""Entering, leaving, registering, passwords and colleagues, as a browser sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import SignInAttempt, SignInSession, User
from app.companies.models import Company
from app.core.actor import CompanyRole
from app.core.transactions import database
from tests.accounts.factories import PASSWORD, operator_user, settled, sign_in, user_of
from tests.companies.factories import approved_company, credit_code
from tests.companies.mailbox import letters, link_in
from tests.conftest import NOW
from tests.html import CheckedClient

NEW_PASSWORD = "another-long-password"
REGISTRATION = {
    "credit_code": credit_code(55_000_000),
    "company_name": "示例新材料",
    "kind": "consumer",
    "contact_name": "张三",
    "contact_phone": "0635-1234567",
    "site_name": "一厂",
    "lon": "116.1538",
    "lat": "36.5776",
    "datum": "gcj02",
    "email": "boss@firm.example",
    "password": PASSWORD,
}


@pytest.fixture
def operator(app: Flask) -> User:
    with database().writing() as session:
        return settled(session, operator_user(session))


@pytest.fixture
def manager(app: Flask) -> User:
    with database().writing() as session:
        return settled(session, user_of(session, approved_company(session)))


def new_client(app: Flask) -> CheckedClient:
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    return client


def count(model: type) -> int:
    with database().reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def is_signed_in(client: CheckedClient) -> bool:
    return client.get("/accounts/me").status_code == 200


def test_a_person_signs_in_and_out(client: CheckedClient, operator: User) -> None:
    assert not is_signed_in(client)
    assert sign_in(client, operator).location.endswith("/desk")
    page = client.get("/accounts/me").text
    assert operator.name in page
    assert operator.email in page
    assert client.post("/accounts/sign-out").status_code == 303
    assert not is_signed_in(client)


def test_an_old_cookie_opens_nothing_after_signing_out(app: Flask, operator: User) -> None:
    client, thief = new_client(app), new_client(app)
    sign_in(client, operator)
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief.set_cookie("session", cookie.value)
    assert is_signed_in(thief)
    client.post("/accounts/sign-out")
    thief.set_cookie("session", cookie.value)
    assert not is_signed_in(thief)
    assert count(SignInSession) == 0


def test_the_cookie_names_nobody(app: Flask, client: CheckedClient, operator: User) -> None:
    sign_in(client, operator)
    with client.session_transaction() as cookie:
        held = dict(cookie)
    assert operator.email not in str(held)
    assert len(held["_user_id"]) > 40


def test_signing_in_drops_what_the_cookie_held(client: CheckedClient, operator: User) -> None:
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
        cookie["_user_id"] = "fixed"
    sign_in(client, operator)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["_user_id"] != "fixed"


def test_a_made_up_token_is_nobody(client: CheckedClient) -> None:
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "1"
    assert client.get("/accounts/me").location == "/accounts/sign-in?next=/accounts/me"


def test_the_way_leads_back_to_where_the_reader_was_going(
    client: CheckedClient, operator: User
) -> None:
    bounced = client.get("/companies/?status=applied")
    fields = {"email": operator.email, "password": PASSWORD}
    response = client.post(bounced.location, data=fields)
    assert response.location == "/companies/?status=applied"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:0",
    ],
)
def test_the_way_never_leads_elsewhere(client: CheckedClient, operator: User, target: str) -> None:
    fields = {"email": operator.email, "password": PASSWORD}
    response = client.post("/accounts/sign-in", query_string={"next": target}, data=fields)
    assert response.status_code == 303
    assert "evil" not in response.location
    assert "javascript" not in response.location


def test_a_wrong_password_comes_back_with_the_address(
    client: CheckedClient, operator: User
) -> None:
    fields = {"email": operator.email, "password": "wrong-password"}
    page = client.post("/accounts/sign-in", data=fields)
    assert page.status_code == 422
    assert "邮箱或密码不对" in page.text
    assert operator.email in page.text
    assert "wrong-password" not in page.text


def test_five_wrong_passwords_shut_the_address_for_a_while(
    client: CheckedClient, operator: User, freeze: Callable[[datetime], None]
) -> None:
    freeze(NOW)
    wrong = {"email": operator.email, "password": "wrong-password"}
    right = {"email": operator.email.upper(), "password": PASSWORD}
    statuses = [client.post("/accounts/sign-in", data=wrong).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    refused = client.post("/accounts/sign-in", data=right)
    assert refused.status_code == 429
    assert "15 分钟" in refused.text
    freeze(NOW + timedelta(minutes=15))
    assert client.post("/accounts/sign-in", data=right).status_code == 303
    assert [row.tries for row in stored_attempts()] == [0]


def stored_attempts() -> list[SignInAttempt]:
    with database().reading() as session:
        rows = list(session.scalars(select(SignInAttempt)))
        session.expunge_all()
        return rows


def test_thirty_tries_shut_a_network_whatever_the_address(client: CheckedClient) -> None:
    statuses = [
        client.post(
            "/accounts/sign-in", data={"email": f"p{number}@x.cn", "password": "x"}
        ).status_code
        for number in range(31)
    ]
    assert statuses == [422] * 30 + [429]


def test_a_session_ends_after_twelve_idle_hours(
    client: CheckedClient, operator: User, freeze: Callable[[datetime], None]
) -> None:
    freeze(NOW)
    sign_in(client, operator)
    freeze(NOW + timedelta(hours=11))
    assert is_signed_in(client)
    freeze(NOW + timedelta(hours=22))
    assert is_signed_in(client)
    freeze(NOW + timedelta(hours=34))
    assert not is_signed_in(client)


def test_reading_pages_notes_use_every_ten_minutes_only(
    client: CheckedClient, operator: User, freeze: Callable[[datetime], None]
) -> None:
    freeze(NOW)
    sign_in(client, operator)
    for minutes, noted in ((9, 0), (10, 10), (19, 10), (20, 20)):
        freeze(NOW + timedelta(minutes=minutes))
        client.get("/accounts/me")
        with database().reading() as session:
            touched = session.scalars(select(SignInSession.touched_at)).one()
        assert touched == NOW + timedelta(minutes=noted)


def test_a_company_registers_and_waits(client: CheckedClient, app: Flask) -> None:
    response = client.post("/accounts/register", data=REGISTRATION)
    assert response.location == "/companies/own"
    page = client.get("/companies/own").text
    assert "等待运营方审核" in page
    assert "示例新材料" in page
    with database().reading() as session:
        company = session.scalars(select(Company)).one()
        assert (company.is_producer, company.is_consumer) == (False, True)
        assert company.contact_email == "boss@firm.example"
        assert company.sites[0].lon_e6 < 116_153_800  # moved back west from GCJ-02
    again = new_client(app)
    fields = {"email": "BOSS@firm.example", "password": PASSWORD}
    assert again.post("/accounts/sign-in", data=fields).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("credit_code", "9137150012", "您填了 10 位"),
        ("credit_code", "9137150OT55OOOOOO1", "不用“O”"),
        ("credit_code", credit_code(55_000_000)[:-1] + "?", "不用“?”"),
        ("credit_code", "91371500T550000011", "校验码"),
        ("company_name", "", "这一项必须填写"),
        ("kind", "", "请选择企业是产废"),
        ("kind", "bank", "请选择企业是产废"),
        ("contact_phone", "打给我", "“打给我”不像电话号码"),
        ("site_name", "", "这一项必须填写"),
        ("lon", "36.58", "不在中国境内"),
        ("email", "张三", "“张三”不是邮箱地址"),
        ("password", "short", "至少 10 位"),
        ("password", "boss@firm.example", "不能与邮箱相同"),
    ],
)
def test_a_bad_registration_names_the_field_and_loses_nothing(
    client: CheckedClient, field: str, value: str, words: str
) -> None:
    response = client.post("/accounts/register", data=REGISTRATION | {field: value})
    page = unescape(response.text)
    assert response.status_code == 422
    assert words in page
    assert f'href="#{field}' in page
    kept = {name: text for name, text in REGISTRATION.items() if name not in (field, "password")}
    for name in ("company_name", "contact_name", "contact_phone", "site_name", "email"):
        assert kept.get(name, "") in page
    assert PASSWORD not in page
    assert count(Company) == count(User) == 0


def test_every_fault_of_a_registration_is_shown_at_once(client: CheckedClient) -> None:
    page = client.post("/accounts/register", data={}).text
    assert page.count('aria-invalid="true"') >= 8


def test_the_same_company_registers_once(app: Flask, client: CheckedClient) -> None:
    client.post("/accounts/register", data=REGISTRATION)
    again = new_client(app).post(
        "/accounts/register", data=REGISTRATION | {"email": "other@firm.example"}
    )
    assert again.status_code == 422
    assert "已经登记" in again.text
    assert count(User) == 1


def test_a_forgotten_password_is_reset_by_mail(
    app: Flask, client: CheckedClient, operator: User
) -> None:
    known = client.post("/accounts/forgot", data={"email": operator.email})
    unknown = client.post("/accounts/forgot", data={"email": "nobody@test.example"})
    assert known.status_code == unknown.status_code == 200
    same = unknown.text.replace("nobody@test.example", operator.email)
    assert same == known.text
    (letter,) = letters(app)
    link = link_in(letter)
    assert client.get(link).status_code == 200
    assert client.post(link, data={"password": "short"}).status_code == 422
    assert client.post(link, data={"password": NEW_PASSWORD}).location == "/accounts/sign-in"
    assert client.get(link).status_code == 410
    assert client.post(link, data={"password": PASSWORD}).status_code == 410
    sign_in(client, operator, NEW_PASSWORD)


def test_the_link_stands_on_the_public_address_whatever_host_was_asked(
    app: Flask, client: CheckedClient, operator: User
) -> None:
    fields = {"email": operator.email}
    client.post("/accounts/forgot", data=fields, headers={"Host": "evil.example"})
    assert "evil.example" not in letters(app)[0].get_content()


def test_nobodys_mailbox_is_flooded(app: Flask, client: CheckedClient, operator: User) -> None:
    fields = {"email": operator.email}
    statuses = [client.post("/accounts/forgot", data=fields).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert len(letters(app)) == 3


def test_a_reset_lets_a_throttled_person_in_again(
    app: Flask, client: CheckedClient, operator: User
) -> None:
    for _ in range(6):
        client.post("/accounts/sign-in", data={"email": operator.email, "password": "wrong"})
    client.post("/accounts/forgot", data={"email": operator.email})
    client.post(link_in(letters(app)[0]), data={"password": NEW_PASSWORD})
    sign_in(client, operator, NEW_PASSWORD)


@pytest.mark.parametrize("query", ["", "?token=", "?token=made-up"])
def test_a_made_up_link_says_what_to_do(client: CheckedClient, query: str) -> None:
    page = client.get("/accounts/reset" + query)
    assert page.status_code == 410
    assert "重新获取链接" in page.text


def test_a_changed_password_signs_out_everywhere_else(app: Flask, operator: User) -> None:
    here, elsewhere = new_client(app), new_client(app)
    sign_in(here, operator)
    sign_in(elsewhere, operator)
    wrong = {"old_password": "wrong-password", "password": NEW_PASSWORD}
    page = here.post("/accounts/me", data=wrong)
    assert page.status_code == 422
    assert "现在的密码不对" in page.text
    fields = {"old_password": PASSWORD, "password": NEW_PASSWORD}
    assert here.post("/accounts/me", data=fields).status_code == 303
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_the_present_password_cannot_be_guessed_at_leisure(
    client: CheckedClient, operator: User
) -> None:
    sign_in(client, operator)
    wrong = {"old_password": "wrong-password", "password": NEW_PASSWORD}
    statuses = [client.post("/accounts/me", data=wrong).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_a_manager_adds_a_colleague_and_looks_after_them(
    app: Flask, client: CheckedClient, manager: User
) -> None:
    sign_in(client, manager)
    fields = {"name": "李四", "email": "li@firm.example", "phone": "", "role": "viewer"}
    assert client.post("/accounts/members", data=fields).status_code == 303
    page = client.get("/accounts/members").text
    assert "李四" in page
    assert "待设密码" in page
    colleague = new_client(app)
    colleague.post(link_in(letters(app)[-1]), data={"password": NEW_PASSWORD})
    colleague.post("/accounts/sign-in", data={"email": fields["email"], "password": NEW_PASSWORD})
    assert colleague.get("/accounts/members").status_code == 403
    user_id = manager.id + 1
    assert client.post(f"/accounts/members/{user_id}/role", data={"role": "manager"}).location
    assert colleague.get("/accounts/members").status_code == 200
    client.post(f"/accounts/members/{user_id}/deactivate")
    assert not is_signed_in(colleague)
    client.post(f"/accounts/members/{user_id}/reactivate")
    assert not is_signed_in(colleague)
    assert "可以登录" in client.get("/accounts/members").text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "", "email": "li@firm.example", "role": "viewer"}, "这一项必须填写"),
        ({"name": "李四", "email": "li", "role": "viewer"}, "不是邮箱地址"),
        ({"name": "李四", "email": "li@firm.example", "role": "king"}, "aria-invalid"),
    ],
)
def test_a_bad_member_comes_back(
    client: CheckedClient, manager: User, fields: dict[str, str], words: str
) -> None:
    sign_in(client, manager)
    page = client.post("/accounts/members", data=fields)
    assert page.status_code == 422
    assert words in page.text
    assert fields["email"] in page.text


def test_a_taken_address_cannot_be_invited(client: CheckedClient, manager: User) -> None:
    sign_in(client, manager)
    fields = {"name": "李四", "email": manager.email, "role": "viewer"}
    page = client.post("/accounts/members", data=fields)
    assert page.status_code == 422
    assert "已经有账号" in page.text


def test_the_last_manager_cannot_be_lost(client: CheckedClient, manager: User) -> None:
    sign_in(client, manager)
    for deed, data in (("deactivate", {}), ("role", {"role": "viewer"}), ("role", {"role": "x"})):
        response = client.post(f"/accounts/members/{manager.id}/{deed}", data=data)
        assert response.status_code == 422
    assert is_signed_in(client)


def test_another_companys_people_answer_404(client: CheckedClient, manager: User) -> None:
    with database().writing() as session:
        stranger = user_of(session, approved_company(session), CompanyRole.VIEWER).id
    sign_in(client, manager)
    for deed in ("role", "deactivate", "reactivate"):
        path = f"/accounts/members/{stranger}/{deed}"
        assert client.post(path, data={"role": "viewer"}).status_code == 404


@pytest.mark.parametrize("role", [CompanyRole.TRADER, CompanyRole.VIEWER])
def test_only_managers_see_the_members(
    app: Flask, client: CheckedClient, manager: User, role: CompanyRole
) -> None:
    with database().writing() as session:
        company = session.get_one(Company, manager.company_id)
        colleague = user_of(session, company, role)
    sign_in(client, colleague)
    assert client.get("/accounts/members").status_code == 403
    assert client.post(f"/accounts/members/{manager.id}/deactivate").status_code == 403


def test_every_form_needs_its_token(app: Flask, operator: User) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = new_client(app)
    fields = {"email": operator.email, "password": PASSWORD}
    for path in ("/accounts/sign-in", "/accounts/sign-out", "/accounts/register"):
        assert client.post(path, data=fields).status_code == 400
    assert count(SignInSession) == 0


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "path",
    ["sign-in", "register", "forgot", "reset", "me", "members"],
)
def test_every_page_comes_in_both_languages(
    client: CheckedClient, manager: User, path: str, language: str
) -> None:
    if path in ("me", "members"):
        sign_in(client, manager)
    client.set_cookie("language", language)
    page = client.get(f"/accounts/{path}")
    assert page.status_code in (200, 410)
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in page.text
