"""Messages on their way through a real mail server."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from app.accounts.models import User
from app.core.actor import CompanyRole
from app.core.mail import MAILDIR
from app.core.transactions import database
from app.settings import Settings
from tests.installations import build
from tests.notifications.factories import firm_of, tell_match, told
from tests.notifications.mail_server import MailServer, serving


@pytest.fixture
def server() -> Iterator[MailServer]:
    with serving() as server:
        yield server


@pytest.fixture
def breaking() -> Iterator[MailServer]:
    with serving(breaks_off=True) as server:
        yield server


def through(app: Flask, server: MailServer, folder: Path) -> Flask:
    """The same market, whose mail leaves through this server."""
    settings: Settings = app.extensions["gufei.settings"]
    return build(folder, DATABASE_URL=settings.database_url, GUFEI_SMTP_URL=server.url)


def test_each_person_gets_a_letter_of_their_own(
    app: Flask, frozen: datetime, server: MailServer, tmp_path: Path
) -> None:
    with through(app, server, tmp_path / "other").app_context():
        company_id, _ids = firm_of(CompanyRole.MANAGER, CompanyRole.TRADER)
        tell_match(company_id, frozen)
    assert [letter["To"] for letter in server.received] == server.recipients
    assert len(set(server.recipients)) == 2
    assert "粉煤灰" in server.received[0].get_content()


def test_all_letters_of_a_deed_leave_over_one_connection(
    app: Flask, frozen: datetime, server: MailServer, tmp_path: Path
) -> None:
    with through(app, server, tmp_path / "other").app_context():
        company_id, _ids = firm_of(*[CompanyRole.TRADER] * 5)
        tell_match(company_id, frozen)
    assert len(server.received) == 5
    assert server.conversations == 1


def test_an_address_the_server_refuses_costs_nobody_else_a_letter(
    app: Flask, frozen: datetime, server: MailServer, tmp_path: Path
) -> None:
    with through(app, server, tmp_path / "other").app_context():
        company_id, ids = firm_of(*[CompanyRole.TRADER] * 3)
        with database().reading() as session:
            server.unknown = {session.get_one(User, ids[0]).email}
        tell_match(company_id, frozen)
        assert sorted(message.user_id for message in told()) == sorted(ids)
    assert len(server.received) == 2
    assert server.conversations == 1


def test_a_mail_server_that_breaks_off_undoes_nothing(
    app: Flask, frozen: datetime, breaking: MailServer, tmp_path: Path
) -> None:
    with through(app, breaking, tmp_path / "other").app_context():
        company_id, ids = firm_of(CompanyRole.MANAGER)
        tell_match(company_id, frozen)
        assert [message.user_id for message in told()] == ids
    assert breaking.received == []


def test_without_a_server_mail_lies_in_a_maildir(app: Flask, frozen: datetime) -> None:
    settings: Settings = app.extensions["gufei.settings"]
    company_id, _ids = firm_of(CompanyRole.MANAGER)
    tell_match(company_id, frozen)
    found = mailbox.Maildir(settings.data_dir / MAILDIR, create=False)
    assert len(found) == 1
