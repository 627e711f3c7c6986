"""Accounts are made, entered, left and changed, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import operations, passwords, queries
from app.accounts.models import PasswordReset, SignInAttempt, SignInSession, User
from app.accounts.operations import MemberDraft, Registration, UserDraft
from app.companies.models import Company
from app.companies.operations import Contact
from app.core.actor import PUBLIC, SYSTEM, ActorKind, CompanyRole
from app.core.errors import Forbidden, NotFound, Refused
from app.core.transactions import database
from tests.accounts.factories import (
    PASSWORD,
    actor_of,
    operator_user,
    regulator,
    user_of,
)
from tests.companies.factories import application, approved_company
from tests.companies.mailbox import letters, link_in
from tests.conftest import NOW

NEW_PASSWORD = "another-long-password"


def token_in(app: Flask) -> str:
    """The token of the last letter's link."""
    return link_in(letters(app)[-1]).partition("token=")[2]


def test_a_registration_makes_a_company_that_waits_and_its_manager(any_session: Session) -> None:
    contact = Contact("张三", "0635-1234567")
    registration = Registration(application(contact=contact), "Boss@Firm.example", PASSWORD)
    user = operations.register_firm(any_session, PUBLIC, registration, NOW)
    actor = actor_of(user)
    assert (user.email, user.name) == ("boss@firm.example", "张三")
    assert actor.company_role is CompanyRole.MANAGER
    assert not actor.company_approved
    assert user.company is not None
    assert user.company.contact_email == "boss@firm.example"


def test_a_refused_registration_leaves_nothing(any_app: Flask) -> None:
    with database().writing() as session:
        taken = user_of(session, approved_company(session)).email
    registration = Registration(application(), taken.upper(), PASSWORD)
    with pytest.raises(Refused) as refused, database().writing() as session:
        operations.register_firm(session, PUBLIC, registration, NOW)
    assert refused.value.field == "email"
    with database().reading() as session:
        assert session.scalar(select(func.count()).select_from(Company)) == 1


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (UserDraft("no address", "A", ActorKind.OPERATOR, PASSWORD), "email"),
        (UserDraft("a@b.cn", "A", ActorKind.OPERATOR, "short"), "password"),
        (UserDraft("a@b.cn", "A", ActorKind.REGULATOR, PASSWORD, region="110000"), "region"),
    ],
)
def test_a_bad_account_is_refused_at_its_field(
    session: Session, draft: UserDraft, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        operations.create_user(session, SYSTEM, draft, NOW)
    assert refused.value.field == field


def test_every_kind_of_person_becomes_its_actor(any_session: Session) -> None:
    company = approved_company(any_session, is_consumer=False)
    trader = actor_of(user_of(any_session, company, CompanyRole.TRADER))
    assert trader.may_trade
    assert (trader.is_producer, trader.is_consumer) == (True, False)
    assert not actor_of(user_of(any_session, company, CompanyRole.VIEWER)).may_trade
    official = actor_of(regulator(any_session, "371503"))
    assert official.oversees("371503")
    assert not official.oversees("371502")
    assert actor_of(regulator(any_session)).oversees("371581")
    assert actor_of(operator_user(any_session)).is_operator


def test_the_right_password_opens_a_session(any_session: Session) -> None:
    user = operator_user(any_session)
    token = operations.sign_in(any_session, f" {user.email.upper()} ", PASSWORD, NOW)
    found = queries.live_session(any_session, token, NOW)
    assert found is not None
    assert found.actor == actor_of(user)


def test_the_tables_hold_no_token_and_no_password(any_session: Session) -> None:
    user = operator_user(any_session)
    token = operations.sign_in(any_session, user.email, PASSWORD, NOW)
    stored = any_session.scalars(select(SignInSession.token_sha256)).one()
    assert stored == passwords.digest(token) != token
    assert PASSWORD not in user.password_hash
    assert user.password_hash.startswith("$argon2id$")


def test_a_wrong_password_and_an_unknown_address_read_alike(session: Session) -> None:
    user = operator_user(session)
    messages = set()
    for email, password in ((user.email, "wrong-password"), ("nobody@test.example", PASSWORD)):
        with pytest.raises(Refused) as refused:
            operations.sign_in(session, email, password, NOW)
        messages.add(str(refused.value.message))
    assert len(messages) == 1


def test_an_unknown_address_costs_a_hash_as_well(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    real = passwords.matches

    def watched(stored: str, typed: str) -> bool:
        hashed.append(stored)
        return real(stored, typed)

    monkeypatch.setattr(passwords, "matches", watched)
    with pytest.raises(Refused):
        operations.sign_in(session, "nobody@test.example", PASSWORD, NOW)
    assert hashed == [""]
    assert not real("", PASSWORD)


def test_an_account_without_a_password_cannot_be_entered(session: Session) -> None:
    draft = UserDraft("new@test.example", "新人", ActorKind.OPERATOR)
    operations.create_user(session, SYSTEM, draft, NOW)
    for password in ("", "anything-at-all"):
        with pytest.raises(Refused):
            operations.sign_in(session, "new@test.example", password, NOW)


@pytest.mark.usefixtures("product_passwords")
def test_a_hash_with_old_parameters_is_renewed_at_sign_in(session: Session) -> None:
    from argon2 import PasswordHasher

    user = operator_user(session)
    user.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    operations.sign_in(session, user.email, PASSWORD, NOW)
    assert not passwords.is_outdated(user.password_hash)
    operations.sign_in(session, user.email, PASSWORD, NOW)


def test_signing_out_ends_that_session_alone(any_session: Session) -> None:
    user = operator_user(any_session)
    first = operations.sign_in(any_session, user.email, PASSWORD, NOW)
    second = operations.sign_in(any_session, user.email, PASSWORD, NOW)
    operations.sign_out(any_session, first)
    assert queries.live_session(any_session, first, NOW) is None
    assert queries.live_session(any_session, second, NOW) is not None


@pytest.mark.parametrize(
    ("later", "touched", "lives"),
    [
        (timedelta(hours=11), timedelta(0), True),
        (timedelta(hours=13), timedelta(0), False),
        (timedelta(hours=13), timedelta(hours=2), True),
        (timedelta(days=7), timedelta(days=6, hours=23), False),
    ],
)
def test_a_session_dies_of_age_or_idleness(
    session: Session, later: timedelta, touched: timedelta, lives: bool
) -> None:
    user = operator_user(session)
    token = operations.sign_in(session, user.email, PASSWORD, NOW)
    operations.touch(session, token, NOW + touched)
    assert (queries.live_session(session, token, NOW + later) is not None) is lives


def test_a_changed_password_ends_every_session_but_the_new_one(any_session: Session) -> None:
    user = operator_user(any_session)
    old = [operations.sign_in(any_session, user.email, PASSWORD, NOW) for _ in range(2)]
    actor = actor_of(user)
    token = operations.change_password(any_session, actor, PASSWORD, NEW_PASSWORD, NOW)
    assert [queries.live_session(any_session, each, NOW) for each in old] == [None, None]
    assert queries.live_session(any_session, token, NOW) is not None
    with pytest.raises(Refused):
        operations.sign_in(any_session, user.email, PASSWORD, NOW)


def test_the_present_password_is_asked_for(session: Session) -> None:
    user = operator_user(session)
    with pytest.raises(Refused) as refused:
        operations.change_password(session, actor_of(user), "wrong", NEW_PASSWORD, NOW)
    assert refused.value.field == "old_password"


def test_a_reset_link_works_once_and_ends_every_session(any_app: Flask) -> None:
    with database().writing() as session:
        user = operator_user(session)
        email = user.email
        old = operations.sign_in(session, email, PASSWORD, NOW)
        operations.ask_reset(session, f" {email.upper()}", NOW)
    token = token_in(any_app)
    with database().writing() as session:
        assert queries.link_works(session, token, NOW)
        operations.reset_password(session, token, NEW_PASSWORD, NOW)
        assert queries.live_session(session, old, NOW) is None
        assert not queries.link_works(session, token, NOW)
        with pytest.raises(Refused):
            operations.reset_password(session, token, PASSWORD, NOW)
        assert operations.sign_in(session, email, NEW_PASSWORD, NOW)


@pytest.mark.parametrize(
    ("later", "works"), [(timedelta(minutes=29), True), (timedelta(minutes=30), False)]
)
def test_a_reset_link_dies_after_half_an_hour(app: Flask, later: timedelta, works: bool) -> None:
    with database().writing() as session:
        operations.ask_reset(session, operator_user(session).email, NOW)
    with database().reading() as session:
        assert queries.link_works(session, token_in(app), NOW + later) is works


def test_a_newer_link_replaces_an_older_one(app: Flask) -> None:
    with database().writing() as session:
        email = operator_user(session).email
        operations.ask_reset(session, email, NOW)
    older = token_in(app)
    with database().writing() as session:
        operations.ask_reset(session, email, NOW)
    with database().reading() as session:
        assert not queries.link_works(session, older, NOW)
        assert queries.link_works(session, token_in(app), NOW)


def test_an_unknown_or_closed_account_gets_no_mail(app: Flask) -> None:
    with database().writing() as session:
        user = operator_user(session)
        user.is_active = False
        for email in ("nobody@test.example", user.email, ""):
            operations.ask_reset(session, email, NOW)
    assert letters(app) == []


def test_a_weak_new_password_leaves_the_link_alive(app: Flask) -> None:
    with database().writing() as session:
        operations.ask_reset(session, operator_user(session).email, NOW)
    token = token_in(app)
    with pytest.raises(Refused), database().writing() as session:
        operations.reset_password(session, token, "short", NOW)
    with database().reading() as session:
        assert queries.link_works(session, token, NOW)


def test_a_member_is_invited_and_sets_a_password(any_app: Flask) -> None:
    with database().writing() as session:
        manager = actor_of(user_of(session, approved_company(session, name="示例电厂 01")))
        draft = MemberDraft("New@Firm.example", "新成员", CompanyRole.TRADER)
        operations.add_member(session, manager, draft, NOW)
    letter = letters(any_app)[-1]
    assert letter["To"] == "new@firm.example"
    assert "示例电厂 01" in letter.get_content()
    with database().writing() as session:
        six_days = NOW + timedelta(days=6)
        user = operations.reset_password(session, token_in(any_app), NEW_PASSWORD, six_days)
        assert actor_of(user).may_trade
        assert user.company_id == manager.company_id


@pytest.mark.parametrize("role", [CompanyRole.TRADER, CompanyRole.VIEWER])
def test_only_a_manager_manages_members(session: Session, role: CompanyRole) -> None:
    company = approved_company(session)
    actor = actor_of(user_of(session, company, role))
    colleague = user_of(session, company, CompanyRole.VIEWER)
    draft = MemberDraft("x@test.example", "X", CompanyRole.VIEWER)
    with pytest.raises(Forbidden):
        operations.add_member(session, actor, draft, NOW)
    with pytest.raises(NotFound):
        operations.change_member_role(session, actor, colleague.id, CompanyRole.MANAGER, NOW)
    for switch in (operations.deactivate_member, operations.reactivate_member):
        with pytest.raises(NotFound):
            switch(session, actor, colleague.id, NOW)


def test_another_companys_people_are_not_there(session: Session) -> None:
    manager = actor_of(user_of(session, approved_company(session)))
    stranger = user_of(session, approved_company(session), CompanyRole.VIEWER)
    for user_id in (stranger.id, operator_user(session).id, 999_999):
        with pytest.raises(NotFound):
            operations.deactivate_member(session, manager, user_id, NOW)


def test_a_closed_account_is_out_at_once_and_may_come_back(any_session: Session) -> None:
    company = approved_company(any_session)
    manager = actor_of(user_of(any_session, company))
    member = user_of(any_session, company, CompanyRole.TRADER)
    token = operations.sign_in(any_session, member.email, PASSWORD, NOW)
    operations.deactivate_member(any_session, manager, member.id, NOW)
    assert queries.live_session(any_session, token, NOW) is None
    with pytest.raises(Refused) as refused:
        operations.sign_in(any_session, member.email, PASSWORD, NOW)
    assert "已停用" in str(refused.value.message)
    operations.reactivate_member(any_session, manager, member.id, NOW)
    assert queries.live_session(any_session, token, NOW) is None
    assert operations.sign_in(any_session, member.email, PASSWORD, NOW)


def test_a_new_role_counts_from_the_next_request(any_session: Session) -> None:
    company = approved_company(any_session)
    manager = actor_of(user_of(any_session, company))
    member = user_of(any_session, company, CompanyRole.VIEWER)
    token = operations.sign_in(any_session, member.email, PASSWORD, NOW)
    operations.change_member_role(any_session, manager, member.id, CompanyRole.TRADER, NOW)
    found = queries.live_session(any_session, token, NOW)
    assert found is not None
    assert found.actor.may_trade


def test_the_last_manager_stays(any_session: Session) -> None:
    company = approved_company(any_session)
    user = user_of(any_session, company)
    manager = actor_of(user)
    with pytest.raises(Refused):
        operations.deactivate_member(any_session, manager, user.id, NOW)
    with pytest.raises(Refused):
        operations.change_member_role(any_session, manager, user.id, CompanyRole.VIEWER, NOW)
    second = user_of(any_session, company)
    operations.change_member_role(any_session, manager, user.id, CompanyRole.VIEWER, NOW)
    with pytest.raises(Refused):
        operations.deactivate_member(any_session, actor_of(second), second.id, NOW)


def test_tidying_deletes_what_has_ended_and_nothing_else(any_session: Session) -> None:
    user = operator_user(any_session)
    old = operations.sign_in(any_session, user.email, PASSWORD, NOW - timedelta(days=1))
    live = operations.sign_in(any_session, user.email, PASSWORD, NOW)
    operations.ask_reset(any_session, user.email, NOW - timedelta(hours=1))
    any_session.add(SignInAttempt(key_sha256="a", tries=1, first_at=NOW - timedelta(hours=1)))
    any_session.add(SignInAttempt(key_sha256="b", tries=1, first_at=NOW))
    operations.tidy(any_session, NOW)
    tokens = any_session.scalars(select(SignInSession.token_sha256)).all()
    assert tokens == [passwords.digest(live)] != [passwords.digest(old)]
    assert any_session.scalars(select(PasswordReset)).all() == []
    assert any_session.scalars(select(SignInAttempt.key_sha256)).all() == ["b"]


def test_the_database_itself_refuses_people_without_their_place(any_session: Session) -> None:
    from sqlalchemy.exc import IntegrityError

    def person(kind: ActorKind, at: datetime = NOW) -> User:
        return User(email=f"{kind}@x.cn", name="A", kind=kind, is_active=True, created_at=at)

    for kind in (ActorKind.COMPANY, ActorKind.REGULATOR):
        with pytest.raises(IntegrityError), any_session.begin_nested():
            any_session.add(person(kind))
