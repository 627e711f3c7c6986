"""Telling people once, as they wish, by mail in both languages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy import event

from app.accounts.models import User
from app.core.actor import CompanyRole
from app.core.errors import Conflict
from app.core.transactions import database
from app.notifications import operations
from app.notifications.models import Preference
from app.notifications.rules import Kind
from tests.accounts.factories import operator_user
from tests.companies.mailbox import letters
from tests.notifications.factories import MATCH, PATH, firm_of, send_mail, tell_match, told


def test_a_firms_traders_and_managers_are_told_and_its_viewers_are_not(
    any_app: Flask, frozen: datetime
) -> None:
    company_id, ids = firm_of(*CompanyRole)
    tell_match(company_id, frozen)
    assert [message.user_id for message in told()] == ids[:2]


def test_the_same_thing_is_told_once(any_app: Flask, frozen: datetime) -> None:
    company_id, _ids = firm_of(CompanyRole.MANAGER)
    for key in ("a", "a", "b"):
        tell_match(company_id, frozen, key)
    assert [message.key for message in told()] == ["a", "b"]
    send_mail()
    assert len(letters(any_app)) == 2


def test_who_has_left_is_not_told(any_app: Flask, frozen: datetime) -> None:
    company_id, ids = firm_of(CompanyRole.MANAGER, CompanyRole.TRADER)
    with database().writing() as session:
        session.get_one(User, ids[1]).is_active = False
    tell_match(company_id, frozen)
    assert [message.user_id for message in told()] == ids[:1]


def test_a_firm_without_people_is_told_nothing(any_app: Flask, frozen: datetime) -> None:
    company_id, _ids = firm_of()
    tell_match(company_id, frozen)
    assert told() == []


def test_operators_are_told(any_app: Flask, frozen: datetime) -> None:
    with database().writing() as session:
        operator_user(session)
        values = {"number": "T-2611-0001", "step": _l("签合同")}
        operations.tell_operators(session, Kind.ESCALATED, "a", PATH, frozen, **values)
    assert [message.kind for message in told()] == [Kind.ESCALATED]


def test_a_mail_is_chinese_with_the_english_below_and_carries_the_link(
    app: Flask, frozen: datetime
) -> None:
    company_id, _ids = firm_of(CompanyRole.MANAGER)
    tell_match(company_id, frozen)
    send_mail()
    (letter,) = letters(app)
    chinese, english = letter.get_content().split("----")
    assert "粉煤灰 1,200 吨" in chinese
    assert "fly ash" in english
    assert chinese.count(f"http://127.0.0.1:8000{PATH}") == 1
    assert english.count(f"http://127.0.0.1:8000{PATH}") == 1
    assert letter["Subject"].startswith("固废通：新的成交意向 T-2611-0001 / ")


@pytest.mark.parametrize(("on_site", "by_mail"), [(True, False), (False, True), (False, False)])
def test_each_channel_can_be_turned_off(
    any_app: Flask, frozen: datetime, on_site: bool, by_mail: bool
) -> None:
    company_id, (user_id,) = firm_of(CompanyRole.MANAGER)
    with database().writing() as session:
        row = {"user_id": user_id, "kind": Kind.NEW_MATCH}
        session.add(Preference(**row, on_site=on_site, by_mail=by_mail))
    tell_match(company_id, frozen)
    assert [message.read_at is None for message in told()] == [on_site]
    send_mail()
    assert len(letters(any_app)) == int(by_mail)


def tell_and_fail(company_id: int, now: datetime) -> None:
    with database().writing() as session:
        operations.tell_company(session, company_id, Kind.NEW_MATCH, "a", PATH, now, **MATCH)
        raise Conflict


def test_nothing_is_mailed_when_the_deed_is_undone(app: Flask, frozen: datetime) -> None:
    company_id, _ids = firm_of(CompanyRole.MANAGER)
    with pytest.raises(Conflict):
        tell_and_fail(company_id, frozen)
    send_mail()
    assert (told(), letters(app)) == ([], [])


def test_what_somebody_typed_can_neither_add_a_header_nor_a_link(
    app: Flask, frozen: datetime
) -> None:
    company_id, _ids = firm_of(CompanyRole.MANAGER)
    evil = "T-1\r\nBcc: all@example.org\n\nhttps://evil.example/ \u202e" + "x" * 300
    with database().writing() as session:
        values: dict[str, Any] = {"number": evil, "reason": evil}
        operations.tell_company(session, company_id, Kind.CANCEL_ASKED, "a", PATH, frozen, **values)
    send_mail()
    (letter,) = letters(app)
    assert letter["Bcc"] is None
    assert "\u202e" not in letter["Subject"]
    assert "https://evil" not in letter.get_content()


@pytest.mark.parametrize(
    "path",
    ["trades", "//evil.example", "/\\evil.example", "/a\r\nb", "/a b", "https://evil", "/" * 300],
)
def test_a_path_that_leads_elsewhere_is_refused(app: Flask, frozen: datetime, path: str) -> None:
    with pytest.raises(ValueError, match="no page"), database().writing() as session:
        operations.tell_company(session, 1, Kind.NEW_MATCH, "a", path, frozen, **MATCH)


def test_a_sentence_that_lacks_a_value_is_refused(app: Flask, frozen: datetime) -> None:
    with (
        pytest.raises(ValueError, match="deadline, material, tonnes"),
        database().writing() as session,
    ):
        operations.tell_company(session, 1, Kind.NEW_MATCH, "a", PATH, frozen, number="T")


def test_each_firm_of_a_deed_costs_one_statement_and_its_waste_one_more_once(
    any_app: Flask, frozen: datetime
) -> None:
    firms = [firm_of(CompanyRole.MANAGER, CompanyRole.TRADER)[0] for _ in range(3)]
    sent: list[str] = []
    engine = database().engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement.split(maxsplit=1)[0])

    with database().writing() as session:
        session.connection()
        event.listen(engine, "before_cursor_execute", note)
        try:
            for firm in firms:
                operations.tell_company(session, firm, Kind.NEW_MATCH, "a", PATH, frozen, **MATCH)
        finally:
            event.remove(engine, "before_cursor_execute", note)
    assert sent == ["SELECT", "INSERT", "INSERT", "INSERT"]
    assert len(told()) == 6
