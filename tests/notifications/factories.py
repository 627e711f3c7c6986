"""A firm's people and something they were told, for the tests of messages."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.core.actor import CompanyRole
from app.core.clock import now
from app.core.jobs import operations as jobs
from app.core.jobs.models import Job
from app.core.jobs.queries import JobRow, row_of
from app.core.jobs.runner import run_job
from app.core.transactions import database
from app.notifications import operations
from app.notifications.jobs import MAIL
from app.notifications.models import Notification
from app.notifications.rules import Kind
from tests.accounts.factories import user_of
from tests.companies.factories import approved_company

PATH = "/trades/T-2611-0001"
MATCH: dict[str, Any] = {
    "number": "T-2611-0001",
    "material": "fly_ash",
    "tonnes": "1,200",
    "deadline": "11-25",
}


def firm_of(*roles: CompanyRole) -> tuple[int, list[int]]:
    """A firm with one person of each role: its id and theirs."""
    with database().writing() as session:
        company = approved_company(session)
        people = [user_of(session, company, role) for role in roles]
        session.flush()
        return company.id, [user.id for user in people]


def tell_match(company_id: int, at: datetime, key: str = "T-2611-0001") -> None:
    with database().writing() as session:
        operations.tell_company(session, company_id, Kind.NEW_MATCH, key, PATH, at, **MATCH)


def send_mail() -> JobRow:
    """Let the job that sends what is owed run once; how it ended."""
    with database().writing() as session:
        identity = jobs.enqueue(session, MAIL, secrets.token_hex(8), {}, now()).id
    run_job(identity)
    with database().reading() as session:
        return row_of(session.get_one(Job, identity))


def told() -> list[Notification]:
    """Every message, oldest first."""
    with database().reading() as session:
        return list(session.scalars(select(Notification).order_by(Notification.id)))
