"""The list of messages and its settings, as a browser sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from html import unescape

import pytest
from flask import Flask

from app.accounts.models import User
from app.core.actor import CompanyRole
from app.core.jobs.operations import enqueue_periodic
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.notifications.jobs import SCHEDULE
from app.notifications.rules import KEPT, OFFICIAL_KINDS, Kind
from tests.accounts.factories import auditor_user, regulator, settled, sign_in
from tests.companies.mailbox import letters
from tests.html import CheckedClient
from tests.notifications.factories import PATH, firm_of, send_mail, tell_match, told


@pytest.fixture
def firm(app: Flask, client: CheckedClient) -> int:
    """A firm whose manager has signed in."""
    company_id, (user_id,) = firm_of(CompanyRole.MANAGER)
    with database().reading() as session:
        sign_in(client, session.get_one(User, user_id))
    return company_id


def page(client: CheckedClient, address: str = "/notifications") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.text)


def test_an_empty_list_says_what_will_come(client: CheckedClient, firm: int) -> None:
    assert "还没有通知" in page(client)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("zh", "T-2611-0001：粉煤灰 1,200 吨，请在 11-25 前答复。"), ("en", "fly ash")],
)
def test_a_message_is_read_in_either_language(
    client: CheckedClient, firm: int, frozen: datetime, language: str, sentence: str
) -> None:
    tell_match(firm, frozen)
    client.set_cookie("language", language)
    assert sentence in page(client)


def test_what_is_unread_comes_first_and_by_day(
    client: CheckedClient, firm: int, frozen: datetime
) -> None:
    for key, days in (("a", 0), ("b", 1), ("c", 2)):
        tell_match(firm, frozen + timedelta(days=days), key)
    client.post(f"/notifications/{told()[2].id}/read")
    shown = page(client)
    places = [shown.index(f"2026-11-{day}") for day in (23, 22, 24)]
    assert places == sorted(places)
    assert "未读 2 条" in shown


def test_opening_a_message_takes_note_of_it_and_goes_where_it_leads(
    client: CheckedClient, firm: int, frozen: datetime
) -> None:
    tell_match(firm, frozen)
    answer = client.post(f"/notifications/{told()[0].id}/open")
    assert (answer.status_code, answer.location) == (303, PATH)
    assert told()[0].read_at == frozen


def test_all_are_read_at_once_and_nobody_elses(
    client: CheckedClient, firm: int, frozen: datetime
) -> None:
    other, _ids = firm_of(CompanyRole.MANAGER)
    for company_id in (firm, other):
        tell_match(company_id, frozen)
    assert client.post("/notifications/read").status_code == 303
    assert [message.read_at is None for message in told()] == [False, True]


def test_somebody_elses_message_is_not_there(
    client: CheckedClient, firm: int, frozen: datetime
) -> None:
    other, _ids = firm_of(CompanyRole.MANAGER)
    tell_match(other, frozen)
    for deed in ("open", "read"):
        assert client.post(f"/notifications/{told()[0].id}/{deed}").status_code == 404
    assert told()[0].read_at is None


def test_the_list_has_pages(client: CheckedClient, firm: int, frozen: datetime) -> None:
    for number in range(51):
        tell_match(firm, frozen, str(number))
    assert "第 1–50 条，共 51 条" in page(client)
    assert "第 51–51 条，共 51 条" in page(client, "/notifications?page=2")
    assert "第 51–51 条，共 51 条" in page(client, "/notifications?page=99")


def test_a_kind_turned_off_is_neither_shown_nor_mailed(
    app: Flask, client: CheckedClient, firm: int, frozen: datetime
) -> None:
    tell_match(firm, frozen, "before")
    kept = [kind.value for kind in Kind if kind is not Kind.NEW_MATCH]
    answer = client.post("/notifications/settings", data={"on_site": kept, "by_mail": kept})
    assert answer.status_code == 303
    tell_match(firm, frozen, "after")
    send_mail()
    assert "还没有通知" in page(client)
    assert all(message.read_at for message in told())
    assert len(letters(app)) == 1


def test_the_settings_show_what_was_chosen(client: CheckedClient, firm: int) -> None:
    kinds = set(Kind) - OFFICIAL_KINDS
    assert page(client, "/notifications/settings").count("checked") == 2 * len(kinds)
    client.post("/notifications/settings", data={"on_site": ["silo_full"]})
    assert page(client, "/notifications/settings").count("checked") == 1


def test_a_kind_that_does_not_exist_is_refused(client: CheckedClient, firm: int) -> None:
    answer = client.post("/notifications/settings", data={"on_site": ["no_such_kind"]})
    assert answer.status_code == 422


@pytest.mark.parametrize("make", [partial(regulator, region="371503"), auditor_user])
def test_officials_who_are_told_nothing_have_no_list(
    app: Flask, client: CheckedClient, make: Callable[..., User]
) -> None:
    with database().writing() as session:
        person = settled(session, make(session))
    sign_in(client, person)
    assert client.get("/notifications").status_code == 403


def test_an_official_who_publishes_sets_what_officials_are_told_of_and_no_more(
    client: CheckedClient,
) -> None:
    with database().writing() as session:
        person = settled(session, regulator(session))
    sign_in(client, person)
    assert "公布的月份有申报或更正时" in page(client)
    assert page(client, "/notifications/settings").count("checked") == 2
    client.post("/notifications/settings", data={"by_mail": ["month_corrected"]})
    assert page(client, "/notifications/settings").count("checked") == 1


def test_messages_read_long_ago_are_deleted_and_unread_ones_are_not(
    any_app: Flask, freeze: Callable[[datetime], None], frozen: datetime
) -> None:
    company_id, _ids = firm_of(CompanyRole.MANAGER)
    for key in ("read", "unread"):
        tell_match(company_id, frozen, key)
    with database().writing() as session:
        session.merge(told()[0]).read_at = frozen
    later = frozen + KEPT + timedelta(seconds=1)
    freeze(later)
    with database().writing() as session:
        job_id = enqueue_periodic(session, SCHEDULE[0], later).id
    run_job(job_id)
    assert [message.key for message in told()] == ["unread"]
