"""Read-only questions about people and their sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts import rules
from app.accounts.models import PasswordReset, SignInSession, User
from app.accounts.passwords import digest
from app.core.actor import Actor, CompanyRole
from app.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class LiveSession:
    """Who a token stands for, and when it was last seen in use."""

    actor: Actor
    touched_at: datetime


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as they and their company's managers see them."""

    id: int
    email: str
    name: str
    phone: str
    role: CompanyRole | None
    is_active: bool
    has_password: bool


def live_session(session: Session, token: str, now: datetime) -> LiveSession | None:
    """The session behind a token, unless it has ended or its person may no longer enter."""
    wanted = (
        select(SignInSession)
        .where(SignInSession.token_sha256 == digest(token))
        .options(joinedload(SignInSession.user).joinedload(User.company))
    )
    found = session.scalar(wanted)
    if found is None or not found.user.is_active:
        return None
    if not rules.session_lives(found.started_at, found.touched_at, now):
        return None
    return LiveSession(actor_of(found.user), found.touched_at)


def actor_of(user: User) -> Actor:
    """The person as the one who acts."""
    company = user.company
    return Actor(
        kind=user.kind,
        user_id=user.id,
        person_name=user.name,
        company_id=user.company_id,
        company_name=company.display_name if company else "",
        company_role=user.company_role,
        company_approved=bool(company and company.is_approved),
        is_producer=bool(company and company.is_producer),
        is_consumer=bool(company and company.is_consumer),
        is_carrier=bool(company and company.is_carrier),
        region=user.region,
    )


def person(session: Session, user_id: int) -> PersonRow:
    """One person; raises `NotFound`."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound
    return _person_row(user)


def members(session: Session, company_id: int) -> list[PersonRow]:
    """A company's people, the active ones first, then as they came."""
    wanted = select(User).where(User.company_id == company_id)
    found = session.scalars(wanted.order_by(User.is_active.desc(), User.id))
    return [_person_row(user) for user in found]


def link_works(session: Session, token: str, now: datetime) -> bool:
    """Whether a link from a mail would still set a password."""
    found = session.scalar(select(PasswordReset).where(PasswordReset.token_sha256 == digest(token)))
    return found is not None and found.used_at is None and now < found.expires_at


def _person_row(user: User) -> PersonRow:
    return PersonRow(
        id=user.id,
        email=user.email,
        name=user.name,
        phone=user.phone,
        role=user.company_role,
        is_active=user.is_active,
        has_password=bool(user.password_hash),
    )
