"""Applying, deciding, standing somewhere, on both databases."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies import operations, queries
from app.companies.models import Company
from app.companies.operations import Contact
from app.companies.rules import CompanyStatus
from app.core.actor import PUBLIC, SYSTEM, Actor, ActorKind, CompanyRole
from app.core.audit import AuditEvent
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.core.places import Datum
from app.core.transactions import database
from app.settings import Settings
from tests.accounts.factories import actor_of, user_of
from tests.companies.factories import (
    CHIPING,
    DONGCHANGFU,
    LINQING,
    application,
    approved_company,
    credit_code,
    particulars,
    site_draft,
    site_of,
    waiting_company,
)
from tests.companies.mailbox import letters
from tests.conftest import NOW

OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=1)


def manager_of(company: Company, role: CompanyRole = CompanyRole.MANAGER) -> Actor:
    return Actor(kind=ActorKind.COMPANY, user_id=9, company_id=company.id, company_role=role)


def test_a_company_that_applied_waits_and_may_not_trade(any_session: Session) -> None:
    company = waiting_company(any_session)
    assert company.status is CompanyStatus.APPLIED
    assert queries.waiting_for_approval(any_session) == 1
    assert not actor_of(user_of(any_session, company)).may_trade


def test_an_approved_company_may_trade(any_session: Session) -> None:
    company = approved_company(any_session)
    assert company.decided_at == NOW
    assert queries.waiting_for_approval(any_session) == 0
    assert actor_of(user_of(any_session, company)).may_trade


def test_a_suspended_company_may_not_trade_until_it_is_let_in_again(any_session: Session) -> None:
    company = approved_company(any_session)
    person = user_of(any_session, company)
    operations.suspend(any_session, OPERATOR, company.id, "三次未按约交付", NOW)
    assert not actor_of(person).may_trade
    assert company.refusal_reason == "三次未按约交付"
    operations.approve(any_session, OPERATOR, company.id, NOW)
    assert actor_of(person).may_trade
    assert company.refusal_reason == ""


def test_a_refused_company_amends_and_applies_again(any_session: Session) -> None:
    company = waiting_company(any_session)
    operations.refuse(any_session, OPERATOR, company.id, " 名称与执照不符 ", NOW)
    assert (company.status, company.refusal_reason) == (CompanyStatus.REFUSED, "名称与执照不符")
    with pytest.raises(Conflict):
        operations.approve(any_session, OPERATOR, company.id, NOW)
    changed = particulars(credit_code=company.credit_code, name="正确名称")
    operations.apply_again(any_session, manager_of(company), company.id, changed, NOW)
    assert (company.status, company.name) == (CompanyStatus.APPLIED, "正确名称")
    assert company.refusal_reason == ""


def test_an_approved_company_cannot_change_what_was_checked(any_session: Session) -> None:
    company = approved_company(any_session)
    with pytest.raises(Conflict):
        operations.apply_again(any_session, manager_of(company), company.id, particulars(), NOW)


def test_amending_keeps_an_invented_company_invented(any_session: Session) -> None:
    company = waiting_company(any_session, is_synthetic=True)
    operations.apply_again(any_session, SYSTEM, company.id, particulars(), NOW)
    assert company.is_synthetic
    assert queries.has_synthetic(any_session)


def test_no_company_is_invented_unless_one_is(any_session: Session) -> None:
    waiting_company(any_session)
    assert not queries.has_synthetic(any_session)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_refusal_needs_a_reason(session: Session, reason: str) -> None:
    company = waiting_company(session)
    with pytest.raises(Refused) as refused:
        operations.refuse(session, OPERATOR, company.id, reason, NOW)
    assert refused.value.field == "reason"


def test_the_same_credit_code_registers_once(any_session: Session) -> None:
    code = credit_code(77_000_000)
    waiting_company(any_session, credit_code=code)
    with pytest.raises(Refused) as refused:
        operations.apply(any_session, PUBLIC, application(credit_code=f" {code.lower()} "), NOW)
    assert refused.value.field == "credit_code"
    assert queries.waiting_for_approval(any_session) == 1  # the session still answers


def test_an_amendment_cannot_take_another_companys_code(any_session: Session) -> None:
    other = waiting_company(any_session)
    company = waiting_company(any_session)
    with pytest.raises(Refused):
        operations.apply_again(
            any_session, SYSTEM, company.id, particulars(credit_code=other.credit_code), NOW
        )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"credit_code": "911100006000373410"}, "credit_code"),
        ({"is_producer": False, "is_consumer": False}, "kind"),
        ({"contact": Contact("联系人", "none")}, "contact_phone"),
    ],
)
def test_bad_particulars_are_refused_at_their_field(
    session: Session, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        operations.apply(session, PUBLIC, application(**changes), NOW)  # type: ignore[arg-type]
    assert refused.value.field == field


@pytest.mark.parametrize(
    "actor", [PUBLIC, Actor(kind=ActorKind.REGULATOR, user_id=2, region="371500")]
)
def test_only_the_operator_decides(session: Session, actor: Actor) -> None:
    company = waiting_company(session)
    with pytest.raises(Forbidden):
        operations.approve(session, actor, company.id, NOW)
    for decide in (operations.refuse, operations.suspend):
        with pytest.raises(Forbidden):
            decide(session, actor, company.id, "原因", NOW)
    assert company.status is CompanyStatus.APPLIED


def test_a_company_cannot_decide_about_itself(session: Session) -> None:
    company = waiting_company(session)
    with pytest.raises(Forbidden):
        operations.approve(session, manager_of(company), company.id, NOW)


@pytest.mark.parametrize("role", [CompanyRole.TRADER, CompanyRole.VIEWER])
def test_only_the_manager_changes_the_company(session: Session, role: CompanyRole) -> None:
    company = approved_company(session)
    actor = manager_of(company, role)
    with pytest.raises(NotFound):
        operations.add_site(session, actor, company.id, site_draft(), NOW)
    with pytest.raises(NotFound):
        operations.change_contact(session, actor, company.id, Contact("A", "13800000000"), NOW)


def test_another_companys_site_is_not_there(session: Session) -> None:
    mine, other = approved_company(session), approved_company(session)
    with pytest.raises(NotFound):
        operations.change_site(session, manager_of(mine), other.sites[0].id, site_draft(), NOW)


def test_an_approved_site_stays_where_it_was_approved(session: Session) -> None:
    site = approved_company(session, site_draft(*CHIPING)).sites[0]
    with pytest.raises(Refused) as refusal:
        operations.change_site(session, SYSTEM, site.id, site_draft(*LINQING), NOW)
    assert (refusal.value.field, site.adcode) == ("lon", "371503")


@pytest.mark.parametrize("email", ["a@", "a@[b.cn", "one@x.cn, two@y.cn", "a@b.cn;c@d.cn"])
def test_a_contact_has_one_address_that_mail_can_reach(session: Session, email: str) -> None:
    company = approved_company(session)
    with pytest.raises(Refused) as refusal:
        operations.change_contact(
            session, SYSTEM, company.id, Contact("联系人", "13800000000", email), NOW
        )
    assert refusal.value.field == "contact_email"


@pytest.mark.parametrize(
    ("position", "adcode"), [(CHIPING, "371503"), (DONGCHANGFU, "371502"), (LINQING, "371581")]
)
def test_a_site_knows_its_county(
    any_session: Session, position: tuple[float, float], adcode: str
) -> None:
    site = site_of(any_session, approved_company(any_session), *position)
    assert site.adcode == adcode
    assert (site.lon, site.lat) == pytest.approx(position)


def test_a_position_is_converted_once_on_entry(any_session: Session) -> None:
    company = approved_company(any_session)
    draft = site_draft(115.990679, 36.456086, datum=Datum.GCJ02)
    site = operations.add_site(any_session, SYSTEM, company.id, draft, NOW)
    assert (site.lon_e6, site.lat_e6) == pytest.approx((115_985_000, 36_456_000), abs=1)
    assert site.source_datum is Datum.GCJ02
    before = site.lon_e6, site.lat_e6
    renamed = site_draft(site.lon, site.lat, name="二厂")  # as the form shows it: WGS-84
    operations.change_site(any_session, SYSTEM, site.id, renamed, NOW)
    assert (site.lon_e6, site.lat_e6) == before
    assert (site.name, site.source_datum) == ("二厂", Datum.GCJ02)


@pytest.mark.parametrize(
    ("position", "words"),
    [
        ((36.58, 116.15), "填反"),
        ((-0.1, 51.5), "不在中国境内"),
        ((117.0, 36.65), "不在本平台覆盖"),
    ],
)
def test_a_site_elsewhere_is_refused_with_a_guess(
    session: Session, position: tuple[float, float], words: str
) -> None:
    company = approved_company(session)
    with pytest.raises(Refused) as refused:
        operations.add_site(session, SYSTEM, company.id, site_draft(*position), NOW)
    assert words in str(refused.value.message)
    assert refused.value.field == "lon"


def test_every_deed_is_on_record(session: Session) -> None:
    company = approved_company(session)
    operations.suspend(session, OPERATOR, company.id, "原因", NOW)
    session.flush()
    trail = select(AuditEvent).where(AuditEvent.object_kind == "company")
    events = session.scalars(trail.order_by(AuditEvent.id)).all()
    assert [event.verb for event in events] == [
        "company.applied",
        "company.approved",
        "company.suspended",
    ]
    assert events[-1].actor == "operator:1"


def test_companies_are_found_by_name_code_and_state(session: Session) -> None:
    first = approved_company(session, name="茌平某电厂", name_en="Some Power 100%")
    waiting = waiting_company(session)
    assert [row.id for row in queries.find_companies(session, text="某电厂").rows] == [first.id]
    assert [row.id for row in queries.find_companies(session, text="power 100%").rows] == [first.id]
    assert queries.find_companies(session, text="%").total == 1
    found = queries.find_companies(session, CompanyStatus.APPLIED)
    assert [row.id for row in found.rows] == [waiting.id]
    assert queries.find_companies(session, text=first.credit_code[-6:]).rows[0].id == first.id
    assert queries.find_companies(session, text="没有").total == 0


def test_those_that_wait_stand_first_and_pages_never_run_out(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    waiting = waiting_company(session)
    for _ in range(2):
        approved_company(session)
    first = queries.find_companies(session)
    assert first.rows[0].id == waiting.id
    assert (first.first, first.last, first.total, first.has_next) == (1, 2, 3, True)
    last = queries.find_companies(session, page=99)
    assert (last.number, last.first, last.last, last.has_next) == (2, 3, 3, False)


def test_a_decision_is_mailed_in_both_languages_after_the_commit(app: Flask) -> None:
    settings: Settings = app.extensions["gufei.settings"]
    with database().writing() as session:
        contact = Contact("联系人", "0635-1234567", "firm@test.example")
        company = waiting_company(session, contact=contact)
        operations.refuse(session, OPERATOR, company.id, "名称与执照不符", NOW)
        assert letters(app) == []
    (letter,) = letters(app)
    assert letter["To"] == "firm@test.example"
    body = letter.get_content()
    assert body.count("名称与执照不符") == 2
    assert body.count(f"{settings.public_url}/companies/own") == 2


def test_without_an_address_no_mail_is_sent(app: Flask) -> None:
    with database().writing() as session:
        approved_company(session)
    assert letters(app) == []


def test_a_manager_asks_for_two_people_and_no_other_firm_may(session: Session) -> None:
    company, stranger = approved_company(session), approved_company(session)
    manager = manager_of(company)
    operations.ask_for_two_people(session, manager, company.id, True, NOW)
    assert company.needs_two_approvals
    with pytest.raises(NotFound):
        operations.ask_for_two_people(session, manager, stranger.id, True, NOW)


def test_a_carrier_alone_is_a_company_too(session: Session) -> None:
    company = approved_company(session, is_producer=False, is_consumer=False, is_carrier=True)
    assert (company.is_producer, company.is_consumer, company.is_carrier) == (False, False, True)
