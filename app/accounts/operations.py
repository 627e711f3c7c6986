"""What is done to accounts: made, entered, left, given another password or role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import letters, passwords, policy, rules, throttle
from app.accounts.models import PasswordReset, SignInAttempt, SignInSession, User
from app.accounts.queries import actor_of
from app.accounts.words import SENTENCES, refusal, refuse_first
from app.companies.operations import Application, apply
from app.core import audit
from app.core.actor import Actor, ActorKind, CompanyRole
from app.core.errors import Forbidden, NotFound, Refused
from app.core.faults import Fault
from app.core.places import current_places


@dataclass(frozen=True, slots=True)
class UserDraft:
    """An account to be made. Without a password its owner must set one by mail first."""

    email: str
    name: str
    kind: ActorKind
    password: str | None = None
    phone: str = ""
    company_id: int | None = None
    company_role: CompanyRole | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """A company that applies and the person who will manage it: the application's contact."""

    application: Application
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class MemberDraft:
    email: str
    name: str
    role: CompanyRole
    phone: str = ""


def create_user(session: Session, actor: Actor, draft: UserDraft, now: datetime) -> User:
    """Make an account; raises `Refused` for a bad address, password or region."""
    email = rules.normal_email(draft.email)
    refuse_first(_draft_faults(draft, email))
    user = User(
        email=email,
        name=draft.name,
        phone=draft.phone,
        kind=draft.kind,
        company_id=draft.company_id,
        company_role=draft.company_role,
        region=draft.region,
        is_active=True,
        created_at=now,
        password_hash=passwords.hash_password(draft.password) if draft.password else "",
    )
    with _unique_email(session):
        session.add(user)
    audit.record(session, actor, "user.created", ("user", user.id), now, kind=str(draft.kind))
    return user


def register_firm(
    session: Session, actor: Actor, registration: Registration, now: datetime
) -> User:
    """Enter a company's application together with its first manager."""
    email = rules.normal_email(registration.email)
    company = apply(session, actor, _with_email(registration.application, email), now)
    contact = registration.application.particulars.contact
    draft = UserDraft(
        email=email,
        name=contact.name,
        kind=ActorKind.COMPANY,
        password=registration.password,
        phone=contact.phone,
        company_id=company.id,
        company_role=CompanyRole.MANAGER,
    )
    return create_user(session, actor, draft, now)


def sign_in(session: Session, email: str, password: str, now: datetime) -> str:
    """The token of a new session; raises `Refused`. Unknown addresses take the same time."""
    user = session.scalar(select(User).where(User.email == rules.normal_email(email)))
    if not passwords.matches(user.password_hash if user else "", password) or user is None:
        raise Refused(SENTENCES["wrong_sign_in"])
    if not user.is_active:
        raise Refused(SENTENCES["inactive"])
    if passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    return start_session(session, user.id, now)


def start_session(session: Session, user_id: int, now: datetime) -> str:
    """Enter a session for a person who has proved who they are; returns its token."""
    token = passwords.new_token()
    session.add(
        SignInSession(
            token_sha256=passwords.digest(token), user_id=user_id, started_at=now, touched_at=now
        )
    )
    return token


def touch(session: Session, token: str, now: datetime) -> None:
    """Note that a session is in use."""
    row = SignInSession.token_sha256 == passwords.digest(token)
    session.execute(update(SignInSession).where(row).values(touched_at=now))


def sign_out(session: Session, token: str) -> None:
    """End one session; its token opens nothing any more."""
    row = SignInSession.token_sha256 == passwords.digest(token)
    session.execute(delete(SignInSession).where(row))


def change_password(session: Session, actor: Actor, old: str, new: str, now: datetime) -> str:
    """Replace one's own password. Every session ends; returns the token of a new one."""
    user = session.get(User, actor.user_id)
    if user is None:
        raise NotFound
    if not passwords.matches(user.password_hash, old):
        raise refusal(Fault("old_password", "wrong_password"))
    _set_password(session, user, new)
    audit.record(session, actor, "user.password_changed", ("user", user.id), now)
    return start_session(session, user.id, now)


def ask_reset(session: Session, email: str, now: datetime) -> None:
    """Mail a link that sets a new password, if the address has an account."""
    user = session.scalar(select(User).where(User.email == rules.normal_email(email)))
    if user is not None and user.is_active:
        letters.send_reset(session, user, _new_link(session, user, rules.RESET_LIFE, now))


def reset_password(session: Session, token: str, password: str, now: datetime) -> User:
    """Use a link from a mail, once; raises `Refused`. Every session of the person ends."""
    digest = passwords.digest(token)
    wanted = select(PasswordReset).where(PasswordReset.token_sha256 == digest).with_for_update()
    link = session.scalar(wanted)
    if link is None or link.used_at is not None or now >= link.expires_at:
        raise Refused(SENTENCES["dead_link"])
    if not link.user.is_active:
        raise Refused(SENTENCES["inactive"])
    link.used_at = now
    session.flush()  # a used link must not be swept away with the unused ones
    _set_password(session, link.user, password)
    audit.record(session, actor_of(link.user), "user.password_reset", ("user", link.user_id), now)
    return link.user


def add_member(session: Session, actor: Actor, draft: MemberDraft, now: datetime) -> User:
    """Open an account for a colleague and mail them a link to set its password."""
    if not policy.manages_members(actor):
        raise Forbidden
    if not actor.company_approved:
        raise Refused(SENTENCES["unapproved"], field="email")
    account = UserDraft(
        email=draft.email,
        name=draft.name,
        kind=ActorKind.COMPANY,
        phone=draft.phone,
        company_id=actor.company_id,
        company_role=draft.role,
    )
    user = create_user(session, actor, account, now)
    letters.send_invitation(session, user, _new_link(session, user, rules.INVITATION_LIFE, now))
    return user


def change_member_role(
    session: Session, actor: Actor, user_id: int, role: CompanyRole, now: datetime
) -> User:
    """Give a colleague another role; a company always keeps a manager."""
    user = _colleague(session, actor, user_id)
    if user.is_active:
        _keep_a_manager(session, user, stays_manager=role is CompanyRole.MANAGER)
    user.company_role = role
    audit.record(session, actor, "user.role_changed", ("user", user.id), now, role=str(role))
    return user


def deactivate_member(session: Session, actor: Actor, user_id: int, now: datetime) -> User:
    """Shut a colleague's account; what they have open ends at once."""
    user = _colleague(session, actor, user_id)
    _keep_a_manager(session, user, stays_manager=False)
    user.is_active = False
    _end_sessions(session, user)
    audit.record(session, actor, "user.deactivated", ("user", user.id), now)
    return user


def reactivate_member(session: Session, actor: Actor, user_id: int, now: datetime) -> User:
    user = _colleague(session, actor, user_id)
    user.is_active = True
    audit.record(session, actor, "user.reactivated", ("user", user.id), now)
    return user


def tidy(session: Session, now: datetime) -> None:
    """Delete what has ended: sessions, links and counts of attempts."""
    idle, old = now - rules.IDLE_LIFE, now - rules.LONGEST_LIFE
    ended = or_(SignInSession.touched_at <= idle, SignInSession.started_at <= old)
    session.execute(delete(SignInSession).where(ended))
    session.execute(delete(PasswordReset).where(PasswordReset.expires_at <= now))
    longest = now - rules.LONGEST_WINDOW
    session.execute(delete(SignInAttempt).where(SignInAttempt.first_at <= longest))


def _draft_faults(draft: UserDraft, email: str) -> list[Fault]:
    faults = rules.email_faults(email)
    if draft.password is not None:
        faults += rules.password_faults(draft.password, email)
    if draft.region is not None and not current_places().covers(draft.region):
        faults.append(Fault("region", "region", {"value": draft.region}))
    return faults


@contextmanager
def _unique_email(session: Session) -> Iterator[None]:
    """Let the database decide whether the address is new, so that no race can slip past."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError:
        raise refusal(Fault("email", "email_taken")) from None


def _with_email(application: Application, email: str) -> Application:
    """Decisions are mailed to the person who registers, unless another address was given."""
    contact = application.particulars.contact
    if contact.email:
        return application
    particulars = replace(application.particulars, contact=replace(contact, email=email))
    return replace(application, particulars=particulars)


def _set_password(session: Session, user: User, password: str) -> None:
    refuse_first(rules.password_faults(password, user.email))
    user.password_hash = passwords.hash_password(password)
    _end_sessions(session, user)
    _revoke_links(session, user)
    throttle.forget(session, throttle.sign_in_counters(user.email, None)[0])


def _end_sessions(session: Session, user: User) -> None:
    session.execute(delete(SignInSession).where(SignInSession.user_id == user.id))


def _new_link(session: Session, user: User, life: timedelta, now: datetime) -> str:
    """The token of a link that sets a password; earlier links of the person die."""
    _revoke_links(session, user)
    token = passwords.new_token()
    session.add(
        PasswordReset(
            token_sha256=passwords.digest(token),
            user_id=user.id,
            made_at=now,
            expires_at=now + life,
        )
    )
    return token


def _revoke_links(session: Session, user: User) -> None:
    unused = (PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
    session.execute(delete(PasswordReset).where(*unused))


def _colleague(session: Session, actor: Actor, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None or not policy.may_manage(actor, user):
        raise NotFound
    return user


def _keep_a_manager(session: Session, changed: User, stays_manager: bool) -> None:
    """Raise `Refused` if nobody would manage the company; locks its people until the commit."""
    wanted = select(User).where(User.company_id == changed.company_id, User.is_active)
    people = session.scalars(wanted.order_by(User.id).with_for_update())
    managers = {user.id for user in people if user.company_role is CompanyRole.MANAGER}
    if not rules.keeps_a_manager(managers, changed.id, stays_manager):
        raise refusal(Fault("", "last_manager"))
