"""Messages on their way through a real mail server."""

from __future__ import annotations

import mailbox
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import User
from app.core.actor import CompanyRole
from app.core.jobs import schedule
from app.core.jobs.models import Job
from app.core.jobs.operations import enqueue_periodic
from app.core.jobs.queries import JobRow, row_of
from app.core.jobs.rules import JobState
from app.core.jobs.runner import run_job
from app.core.mail import MAILDIR
from app.core.transactions import database
from app.notifications import mailing
from app.notifications.jobs import GIVE_UP, MAIL, SCHEDULE
from app.notifications.rules import FIRST_RETRY, LONGEST_RETRY, MAIL_LIFE
from app.settings import Settings
from tests.installations import build, dispose
from tests.notifications.factories import firm_of, send_mail, tell_match, told
from tests.notifications.mail_server import MailServer, serving

SECOND = timedelta(seconds=1)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with serving() as server:
        yield server


@pytest.fixture
def market(any_app: Flask, server: MailServer, tmp_path: Path) -> Iterator[Flask]:
    """A market whose mail leaves through the server, once on each database."""
    settings: Settings = any_app.extensions["gufei.settings"]
    found = build(tmp_path / "other", DATABASE_URL=settings.database_url, GUFEI_SMTP_URL=server.url)
    with found.app_context():
        yield found
    dispose(found)


def address_of(user_id: int) -> str:
    with database().reading() as session:
        return session.get_one(User, user_id).email


def owed() -> list[int]:
    """Whose letters are owed."""
    return [message.user_id for message in told() if message.mail_due]


def given_up(at: datetime) -> JobRow:
    """Let the job run that gives up what nobody takes; how it ended."""
    (entry,) = [entry for entry in SCHEDULE if entry.kind == GIVE_UP]
    with database().writing() as session:
        identity = enqueue_periodic(session, entry, at).id
    run_job(identity)
    with database().reading() as session:
        return row_of(session.get_one(Job, identity))


def mail_jobs() -> int:
    with database().reading() as session:
        return session.scalar(select(func.count()).where(Job.kind == MAIL)) or 0


def test_each_person_gets_a_letter_of_their_own(
    market: Flask, frozen: datetime, server: MailServer
) -> None:
    company_id, ids = firm_of(CompanyRole.MANAGER, CompanyRole.TRADER)
    tell_match(company_id, frozen)
    assert (owed(), server.received) == (ids, [])
    assert send_mail().state is JobState.DONE
    assert [letter["To"] for letter in server.received] == server.recipients
    assert len(set(server.recipients)) == 2
    assert "粉煤灰" in server.received[0].get_content()
    assert [message.mailed_at for message in told()] == [frozen, frozen]
    assert owed() == []


def test_all_letters_that_are_owed_leave_over_one_connection_in_the_order_they_were_told(
    market: Flask, frozen: datetime, server: MailServer
) -> None:
    company_id, _ids = firm_of(*[CompanyRole.TRADER] * 5)
    tell_match(company_id, frozen, "a")
    tell_match(company_id, frozen, "b")
    send_mail()
    assert len(server.received) == 10
    assert server.conversations == 1
    with database().reading() as session:
        names = [session.get_one(User, message.user_id).email for message in told()]
    assert server.recipients == names


def test_an_address_the_server_refuses_costs_nobody_else_a_letter(
    market: Flask, frozen: datetime, server: MailServer
) -> None:
    company_id, ids = firm_of(*[CompanyRole.TRADER] * 3)
    server.unknown = {address_of(ids[0])}
    tell_match(company_id, frozen)
    ended = send_mail()
    assert (ended.state, ended.error) == (JobState.FAILED, "letters_refused")
    assert sorted(message.user_id for message in told()) == sorted(ids)
    assert len(server.received) == 2
    assert server.conversations == 1
    assert owed() == ids[:1]


def test_a_refused_letter_is_tried_again_later_and_later(
    market: Flask, frozen: datetime, server: MailServer, freeze: Callable[[datetime], None]
) -> None:
    company_id, ids = firm_of(CompanyRole.MANAGER)
    server.unknown = {address_of(ids[0])}
    tell_match(company_id, frozen)
    for wait in (timedelta(0), FIRST_RETRY, 2 * FIRST_RETRY):
        moment = told()[0].mail_due
        assert moment is not None
        freeze(moment - SECOND)
        assert wait == timedelta(0) or send_mail().state is JobState.DONE
        freeze(moment)
        assert send_mail().error == "letters_refused"
    assert told()[0].mail_tries == 3
    server.unknown = set()
    freeze(frozen + 7 * FIRST_RETRY)
    assert send_mail().state is JobState.DONE
    assert len(server.received) == 1


def test_a_mail_server_that_breaks_off_undoes_nothing_and_costs_no_letter(
    market: Flask, frozen: datetime, server: MailServer, freeze: Callable[[datetime], None]
) -> None:
    company_id, ids = firm_of(CompanyRole.MANAGER, CompanyRole.TRADER)
    tell_match(company_id, frozen)
    server.breaks_off = True
    ended = send_mail()
    assert (ended.state, ended.error) == (JobState.FAILED, "mail_server_away")
    assert [message.user_id for message in told()] == ids
    assert (server.received, owed()) == ([], ids)
    server.breaks_off = False
    freeze(frozen + FIRST_RETRY)
    assert send_mail().state is JobState.DONE
    assert (len(server.received), owed()) == (2, [])


def test_a_letter_at_which_the_server_breaks_off_holds_up_no_other(
    market: Flask, frozen: datetime, server: MailServer
) -> None:
    company_id, ids = firm_of(CompanyRole.MANAGER, CompanyRole.TRADER)
    tell_match(company_id, frozen)
    server.breaks_off = True
    send_mail()
    server.breaks_off = False
    assert send_mail().state is JobState.DONE
    assert [letter["To"] for letter in server.received] == [address_of(ids[1])]
    assert owed() == ids[:1]


def test_a_mail_server_that_is_away_is_not_asked_again_at_once(
    market: Flask, frozen: datetime, server: MailServer, freeze: Callable[[datetime], None]
) -> None:
    company_id, ids = firm_of(CompanyRole.MANAGER)
    tell_match(company_id, frozen)
    server.shutdown()
    server.server_close()
    assert send_mail().error == "mail_server_away"
    schedule.add_recurring(frozen + FIRST_RETRY - SECOND)
    assert (owed(), mail_jobs()) == (ids, 1)
    schedule.add_recurring(frozen + FIRST_RETRY)
    assert mail_jobs() == 2


def test_a_letter_nobody_takes_is_given_up_and_the_operator_learns_of_it(
    market: Flask, frozen: datetime, server: MailServer, freeze: Callable[[datetime], None]
) -> None:
    company_id, ids = firm_of(CompanyRole.MANAGER)
    server.unknown = {address_of(ids[0])}
    tell_match(company_id, frozen)
    freeze(frozen + MAIL_LIFE - SECOND)
    assert send_mail().error == "letters_refused"
    assert given_up(frozen).state is JobState.DONE
    server.unknown = set()
    later = frozen + MAIL_LIFE
    freeze(later)
    with database().reading() as session:
        assert not mailing.is_due(session, later + LONGEST_RETRY)
    assert owed() == ids
    ended = given_up(frozen + MAIL_LIFE)
    assert (ended.state, ended.error) == (JobState.FAILED, "letters_given_up")
    assert (owed(), server.received) == ([], [])
    assert [message.mailed_at for message in told()] == [None]


def test_who_has_left_meanwhile_gets_no_letter(
    market: Flask, frozen: datetime, server: MailServer
) -> None:
    company_id, ids = firm_of(CompanyRole.MANAGER, CompanyRole.TRADER)
    tell_match(company_id, frozen)
    with database().writing() as session:
        session.get_one(User, ids[0]).is_active = False
    send_mail()
    assert server.recipients == [address_of(ids[1])]
    assert owed() == []


def test_a_letter_is_the_same_message_whenever_it_is_written(
    market: Flask, frozen: datetime, server: MailServer, freeze: Callable[[datetime], None]
) -> None:
    company_id, _ids = firm_of(CompanyRole.MANAGER)
    tell_match(company_id, frozen)
    send_mail()
    with database().writing() as session:
        session.merge(told()[0]).mail_due = frozen
    freeze(frozen + LONGEST_RETRY)
    send_mail()
    first, second = server.received
    assert first["Message-ID"].startswith("<notification-")
    assert first.as_bytes() == second.as_bytes()


def test_the_clock_calls_for_mail_only_when_a_letter_is_owed(
    any_app: Flask, frozen: datetime
) -> None:
    company_id, _ids = firm_of(CompanyRole.MANAGER)
    schedule.add_recurring(frozen)
    assert mail_jobs() == 0
    tell_match(company_id, frozen)
    for _tick in range(2):
        schedule.add_recurring(frozen)
    assert mail_jobs() == 1


def test_without_a_server_mail_lies_in_a_maildir(app: Flask, frozen: datetime) -> None:
    settings: Settings = app.extensions["gufei.settings"]
    company_id, _ids = firm_of(CompanyRole.MANAGER)
    tell_match(company_id, frozen)
    send_mail()
    found = mailbox.Maildir(settings.data_dir / MAILDIR, create=False)
    assert len(found) == 1
