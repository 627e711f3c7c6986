"""SIGKILL at every point of a letter's way: none is lost, and one at most goes out twice."""

from __future__ import annotations

import secrets
import signal
from collections import Counter
from datetime import timedelta
from multiprocessing import get_context

import pytest
from flask import Flask
from sqlalchemy import update

from app.core.actor import CompanyRole
from app.core.clock import now
from app.core.jobs.rules import JobState
from app.core.transactions import database
from app.notifications.jobs import MAIL
from app.notifications.models import Notification
from app.settings import Settings
from tests.companies.mailbox import letters
from tests.core.jobs.processes import enqueued, expire_lease, job, start
from tests.notifications.factories import firm_of, send_mail, tell_match
from tests.notifications.mail_server import serving
from tests.notifications.tellers import tell_and_die

PEOPLE = 3


def let_letters_fall_due() -> None:
    """Let the time pass after which a letter that was taken up is tried again."""
    with database().writing() as session:
        past = now() - timedelta(seconds=1)
        owed = Notification.mail_due.is_not(None)
        session.execute(update(Notification).where(owed).values(mail_due=past))


def test_a_process_that_dies_right_after_its_deed_leaves_the_letter_owed(any_app: Flask) -> None:
    settings: Settings = any_app.extensions["gufei.settings"]
    company_id, _ids = firm_of(CompanyRole.MANAGER)
    doomed = get_context("forkserver").Process(
        target=tell_and_die, args=(settings.database_url, company_id, now())
    )
    doomed.start()
    doomed.join(timeout=60)
    assert doomed.exitcode == -signal.SIGKILL
    assert send_mail().state is JobState.DONE
    assert len(letters(any_app)) == 1


@pytest.mark.parametrize(
    ("point", "sent"),
    [("after_claim", 0), ("letters_taken", 0), ("letter_accepted", 1), ("letter_noted", 1)],
)
def test_killed_on_its_way_no_letter_is_lost(any_app: Flask, point: str, sent: int) -> None:
    company_id, _ids = firm_of(*[CompanyRole.TRADER] * PEOPLE)
    tell_match(company_id, now())
    identity = enqueued(MAIL, secrets.token_hex(8))
    with serving() as server:
        killing = {"GUFEI_SMTP_URL": server.url, "GUFEI_KILL_AT": point}
        killed = start(any_app, "jobs", "run", identity, **killing)
        assert killed.wait() == -signal.SIGKILL
        assert len(server.received) == sent
        expire_lease(identity)
        let_letters_fall_due()
        assert start(any_app, "jobs", "run", identity, GUFEI_SMTP_URL=server.url).wait() == 0
    assert job(identity).state is JobState.DONE
    twice = int(point == "letter_accepted")
    received = Counter(str(letter["Message-ID"]) for letter in server.received)
    assert sorted(received.values()) == [1] * (PEOPLE - twice) + [2] * twice
