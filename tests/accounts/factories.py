"""People for tests, made by the product's own operations."""

from __future__ import annotations

from functools import cache
from itertools import count

from flask.testing import FlaskClient
from sqlalchemy import inspect
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.accounts import operations
from app.accounts.models import User
from app.accounts.operations import UserDraft
from app.accounts.passwords import hash_password
from app.accounts.queries import actor_of
from app.companies.models import Company
from app.core.actor import SYSTEM, ActorKind, CompanyRole
from app.core.transactions import database
from tests.conftest import NOW

PASSWORD = "correct-horse-battery"
_numbers = count(1)

__all__ = [
    "PASSWORD",
    "actor_of",
    "auditor_user",
    "operator_user",
    "regulator",
    "settled",
    "sign_in",
    "user_of",
]


def user_of(session: Session, company: Company, role: CompanyRole = CompanyRole.MANAGER) -> User:
    """One more person of a company."""
    return _user(session, ActorKind.COMPANY, company_id=company.id, company_role=role)


def regulator(session: Session, region: str = "371500") -> User:
    """A regulator of a county, or of the whole city."""
    return _user(session, ActorKind.REGULATOR, region=region)


def operator_user(session: Session) -> User:
    return _user(session, ActorKind.OPERATOR)


def auditor_user(session: Session) -> User:
    return _user(session, ActorKind.AUDITOR)


def settled(session: Session, user: User) -> User:
    """The person as plain values that outlive the session."""
    session.flush()
    session.refresh(user)
    session.expunge(user)
    return user


def sign_in(client: FlaskClient, user: User, password: str = PASSWORD) -> TestResponse:
    """Sign in through the real form. The user must have been committed."""
    fields = {"email": _email_of(user), "password": password}
    response = client.post("/accounts/sign-in", data=fields)
    assert response.status_code == 303, response.get_data(as_text=True)
    return response


def _email_of(user: User) -> str:
    """The address, also of a person whose session has ended and who can no longer be read."""
    identity = inspect(user).identity
    assert identity, "commit the user first"
    with database().reading() as session:
        return session.get_one(User, identity[0]).email


def _user(session: Session, kind: ActorKind, **changes: object) -> User:
    number = next(_numbers)
    draft = UserDraft(
        email=f"person{number}@test.example",
        name=f"试验人员 {number}",
        kind=kind,
        **changes,  # type: ignore[arg-type]
    )
    user = operations.create_user(session, SYSTEM, draft, NOW)
    user.password_hash = _password_hash()
    return user


@cache
def _password_hash() -> str:
    """Hashing is slow on purpose; one hash does for everybody here."""
    return hash_password(PASSWORD)
