"""Firms under one control: when they count as one, who says so, and the form for it."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies import grouping, queries
from app.companies.groups import group_of, groups_of
from app.core.actor import PUBLIC, Actor, ActorKind
from app.core.audit import AuditEvent
from app.core.errors import Forbidden, NotFound, Refused
from app.core.transactions import database
from tests.accounts.factories import operator_user, settled, sign_in
from tests.companies.factories import approved_company
from tests.conftest import NOW
from tests.html import CheckedClient

OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=1)
JUNE, JULY, AUGUST = (date(2026, month, 1) for month in (6, 7, 8))


def test_firms_of_one_group_count_as_one_and_others_each_by_itself(any_session: Session) -> None:
    first, second, third = (approved_company(any_session).id for _ in range(3))
    for firm in (first, second):
        grouping.join_group(any_session, OPERATOR, firm, "示例集团", JUNE, NOW)
    groups = groups_of(any_session, JULY)
    assert group_of(first, groups) == group_of(second, groups) != group_of(third, groups)


def test_a_firm_is_in_its_group_from_its_first_day_to_its_last(any_session: Session) -> None:
    firm = approved_company(any_session).id
    grouping.join_group(any_session, OPERATOR, firm, "示例集团", JUNE, NOW)
    grouping.leave_group(any_session, OPERATOR, firm, JULY, NOW)
    days = (date(2026, 5, 31), JUNE, JULY, date(2026, 7, 2))
    assert [firm in groups_of(any_session, day) for day in days] == [False, True, True, False]


def test_a_firm_is_in_one_group_at_a_time(any_session: Session) -> None:
    firm = approved_company(any_session).id
    grouping.join_group(any_session, OPERATOR, firm, "示例集团", JULY, NOW)
    for day in (JUNE, AUGUST):
        with pytest.raises(Refused, check=lambda error: error.field == "since"):
            grouping.join_group(any_session, OPERATOR, firm, "另一集团", day, NOW)
    grouping.leave_group(any_session, OPERATOR, firm, date(2026, 7, 31), NOW)
    with pytest.raises(Refused, check=lambda error: error.field == "since"):
        grouping.join_group(any_session, OPERATOR, firm, "另一集团", date(2026, 7, 31), NOW)
    grouping.join_group(any_session, OPERATOR, firm, "另一集团", AUGUST, NOW)
    times = queries.group_times(any_session, firm)
    assert [(time.name, time.since, time.until) for time in times] == [
        ("另一集团", AUGUST, None),
        ("示例集团", JULY, date(2026, 7, 31)),
    ]


def test_nobody_leaves_a_group_before_joining_it(any_session: Session) -> None:
    firm = approved_company(any_session).id
    with pytest.raises(Refused, check=lambda error: error.field == "until"):
        grouping.leave_group(any_session, OPERATOR, firm, JULY, NOW)
    grouping.join_group(any_session, OPERATOR, firm, "示例集团", JULY, NOW)
    with pytest.raises(Refused, check=lambda error: error.field == "until"):
        grouping.leave_group(any_session, OPERATOR, firm, JUNE, NOW)


def test_who_joins_and_leaves_is_on_record(any_session: Session) -> None:
    firm = approved_company(any_session).id
    grouping.join_group(any_session, OPERATOR, firm, "示例集团", JUNE, NOW)
    grouping.leave_group(any_session, OPERATOR, firm, JULY, NOW)
    verbs = any_session.scalars(select(AuditEvent.verb).order_by(AuditEvent.id)).all()
    assert verbs[-2:] == ["company.joined_group", "company.left_group"]


def test_only_the_operator_says_who_belongs_to_whom(any_session: Session) -> None:
    firm = approved_company(any_session).id
    with pytest.raises(Forbidden):
        grouping.join_group(any_session, PUBLIC, firm, "示例集团", JUNE, NOW)
    with pytest.raises(Forbidden):
        grouping.leave_group(any_session, PUBLIC, firm, JUNE, NOW)
    with pytest.raises(NotFound):
        grouping.join_group(any_session, OPERATOR, 999_999, "示例集团", JUNE, NOW)


@pytest.fixture
def page(app: Flask, client: CheckedClient) -> str:
    """The address of a firm's page, before an operator who has signed in."""
    with database().writing() as session:
        firm, person = approved_company(session).id, operator_user(session)
        settled(session, person)
    sign_in(client, person)
    return f"/companies/{firm}"


def test_the_operator_enters_and_ends_a_firms_group_on_its_page(
    client: CheckedClient, page: str
) -> None:
    joined = {"group_name": "示例集团", "since": "2026-06-01"}
    assert client.post(f"{page}/group", data=joined).status_code == 303
    text = client.get(page).text
    assert "示例集团" in text
    assert "记下离开集团" in text
    assert client.post(f"{page}/group/end", data={"until": "2026-07-31"}).status_code == 303
    assert "记入集团" in client.get(page).text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"group_name": "", "since": "2026-06-01"}, "这一项必须填写"),
        ({"group_name": "示例集团", "since": ""}, "这一项必须填写"),
        ({"group_name": "示例集团", "since": "六月"}, "“六月”不是日期"),
    ],
)
def test_what_is_missing_or_unreadable_comes_back_with_its_message(
    client: CheckedClient, page: str, data: dict[str, str], message: str
) -> None:
    answer = client.post(f"{page}/group", data=data)
    assert answer.status_code == 422
    assert message in answer.text
    assert data["group_name"] in answer.text


def test_what_the_rules_refuse_is_said_at_its_field(client: CheckedClient, page: str) -> None:
    joined = {"group_name": "示例集团", "since": "2026-06-01"}
    client.post(f"{page}/group", data=joined)
    answer = client.post(f"{page}/group", data=joined)
    assert answer.status_code == 422
    assert "已经属于一个集团" in answer.text
    ended = client.post(f"{page}/group/end", data={"until": "2026-05-31"})
    assert ended.status_code == 422
    assert "离开的日期早于加入的日期" in ended.text
