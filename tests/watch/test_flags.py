"""Flags are raised once, go from hand to hand, and end with an outcome on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core.actor import SYSTEM, Actor, ActorKind, CompanyRole
from app.core.append_only import AppendOnly
from app.core.audit import AuditEvent
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.notifications.models import Notification
from app.watch import operations, queries
from app.watch.models import Flag
from app.watch.queries import FlagFilter
from app.watch.rules import TRANSITIONS, Deed, FlagStatus, Outcome, Owner
from app.watch.signs.facts import Evidence, Finding, Kind, Measure
from tests.accounts.factories import regulator, user_of
from tests.companies.factories import CHIPING, approved_company, site_draft
from tests.conftest import NOW

COUNTY = Actor(kind=ActorKind.REGULATOR, user_id=None, region="371503", person_name="县里的人")
OTHER_COUNTY = Actor(kind=ActorKind.REGULATOR, user_id=None, region="371521")
CITY = Actor(kind=ActorKind.REGULATOR, user_id=None, region="371500")
OTHER_CITY = Actor(kind=ActorKind.REGULATOR, user_id=None, region="371600")
OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=None)
OCTOBER = date(2026, 10, 1)


def finding(site: Site, kind: Kind = Kind.BALANCE_OPEN, **changes: object) -> Finding:
    gap = Evidence("gap", 40_000, Measure.KG)
    found = Finding(kind, site.id, OCTOBER, material="fly_ash", evidence=(gap,))
    return replace(found, **changes)  # type: ignore[arg-type]


def member(site: Site, role: CompanyRole = CompanyRole.MANAGER) -> Actor:
    return Actor(
        kind=ActorKind.COMPANY,
        user_id=None,
        company_id=site.company_id,
        company_role=role,
        company_approved=True,
        is_producer=True,
    )


@pytest.fixture
def site(any_session: Session) -> Site:
    return approved_company(any_session, site_draft(*CHIPING)).sites[0]


@pytest.fixture
def flag(any_session: Session, site: Site) -> Flag:
    return operations.raise_flags(any_session, SYSTEM, [finding(site)], NOW)[0]


def numbers(session: Session, actor: Actor, wanted: FlagFilter | None = None) -> list[str]:
    return [row.number for row in queries.flags(session, actor, wanted or FlagFilter(), NOW).rows]


def test_the_same_finding_is_flagged_once(any_session: Session, site: Site, flag: Flag) -> None:
    assert flag.number == "J-2611-00001"
    assert (flag.adcode, flag.company_id) == ("371503", site.company_id)
    again = [finding(site), finding(site, Kind.STOCK_OPEN)]
    fresh = operations.raise_flags(any_session, SYSTEM, again, NOW + timedelta(days=1))
    assert [one.kind for one in fresh] == [Kind.STOCK_OPEN]


def test_a_closed_flag_is_not_raised_again(any_session: Session, site: Site, flag: Flag) -> None:
    operations.take(any_session, COUNTY, flag.number, NOW)
    operations.close(any_session, COUNTY, flag.number, Outcome.DISMISSED, "规则误判", NOW)
    assert operations.raise_flags(any_session, SYSTEM, [finding(site)], NOW) == []


PILE = Kind.STOCK_TOO_OLD
NEXT_YEAR = [date(2027, month, 1) for month in (1, 9, 10)]


@pytest.mark.parametrize(
    ("is_closed", "raised"), [(False, [False, False, False]), (True, [False, False, True])]
)
def test_an_old_pile_is_asked_about_again_after_twelve_months_if_its_case_is_closed(
    any_session: Session, site: Site, is_closed: bool, raised: list[bool]
) -> None:
    (first,) = operations.raise_flags(any_session, SYSTEM, [finding(site, PILE)], NOW)
    if is_closed:
        operations.take(any_session, COUNTY, first.number, NOW)
        operations.close(any_session, COUNTY, first.number, Outcome.EXPLAINED, "待技改", NOW)
    found = [finding(site, PILE, month=month) for month in NEXT_YEAR]
    again = [operations.raise_flags(any_session, SYSTEM, [each], NOW) for each in found]
    assert [bool(each) for each in again] == raised


def test_one_old_pile_does_not_speak_for_another(any_session: Session, site: Site) -> None:
    operations.raise_flags(any_session, SYSTEM, [finding(site, PILE)], NOW)
    other = finding(site, PILE, month=NEXT_YEAR[0], material="fgd_gypsum")
    assert operations.raise_flags(any_session, SYSTEM, [other], NOW)


def test_a_flag_goes_from_the_office_to_a_person_to_the_firm_and_back(
    any_session: Session, site: Site, flag: Flag
) -> None:
    owners = []

    def step() -> None:
        row = queries.flag(any_session, CITY, flag.number, NOW).flag
        owners.append((row.owner, row.due))

    step()
    operations.take(any_session, COUNTY, flag.number, NOW)
    step()
    operations.ask(any_session, COUNTY, flag.number, "差 40 吨去了哪里？", NOW)
    step()
    operations.answer(any_session, member(site), flag.number, "含水率估高了。", NOW)
    step()
    operations.close(any_session, COUNTY, flag.number, Outcome.EXPLAINED, "已核对化验单", NOW)
    step()
    assert owners == [
        (Owner.OFFICE, date(2026, 11, 25)),
        (Owner.PERSON, date(2026, 12, 2)),
        (Owner.FIRM, date(2026, 11, 29)),
        (Owner.PERSON, date(2026, 12, 2)),
        (Owner.NOBODY, None),
    ]
    view = queries.flag(any_session, CITY, flag.number, NOW)
    assert view.flag.outcome is Outcome.EXPLAINED
    assert [event.deed for event in view.events] == list(Deed)
    verbs = any_session.scalars(select(AuditEvent.verb).where(AuditEvent.object_kind == "flag"))
    assert list(verbs) == [f"flag.{deed}" for deed in Deed]


def test_a_person_who_takes_a_flag_owns_it(any_session: Session, flag: Flag) -> None:
    person = regulator(any_session, region="371503")
    actor = Actor(kind=ActorKind.REGULATOR, user_id=person.id, region="371503")
    operations.take(any_session, actor, flag.number, NOW)
    assert queries.flag(any_session, CITY, flag.number, NOW).flag.person == person.name


def test_the_firm_is_told_what_it_is_asked(any_session: Session, site: Site, flag: Flag) -> None:
    clerk = user_of(any_session, site.company)
    operations.take(any_session, COUNTY, flag.number, NOW)
    operations.ask(any_session, COUNTY, flag.number, "请说明", NOW)
    told = any_session.scalars(select(Notification).where(Notification.user_id == clerk.id)).all()
    assert [one.path for one in told] == [f"/oversight/asked/{flag.number}"]


@pytest.mark.parametrize(
    ("actor", "sees"),
    [(COUNTY, True), (CITY, True), (OPERATOR, True), (OTHER_COUNTY, False), (OTHER_CITY, False)],
)
def test_a_regulator_sees_its_own_region(
    any_session: Session, flag: Flag, actor: Actor, sees: bool
) -> None:
    assert numbers(any_session, actor) == ([flag.number] if sees else [])
    if not sees:
        with pytest.raises(NotFound):
            operations.take(any_session, actor, flag.number, NOW)


def test_a_firm_sees_a_flag_once_it_is_asked(any_session: Session, site: Site, flag: Flag) -> None:
    stranger = approved_company(any_session, site_draft(*CHIPING)).sites[0]
    operations.take(any_session, COUNTY, flag.number, NOW)
    assert numbers(any_session, member(site)) == []
    operations.ask(any_session, COUNTY, flag.number, "请说明", NOW)
    assert numbers(any_session, member(site)) == [flag.number]
    assert numbers(any_session, member(stranger)) == []
    with pytest.raises(NotFound):
        operations.answer(any_session, member(stranger), flag.number, "不是我们", NOW)


def test_only_those_who_may_act_for_the_firm_answer(
    any_session: Session, site: Site, flag: Flag
) -> None:
    operations.take(any_session, COUNTY, flag.number, NOW)
    operations.ask(any_session, COUNTY, flag.number, "请说明", NOW)
    with pytest.raises(Forbidden):
        operations.answer(any_session, member(site, CompanyRole.VIEWER), flag.number, "好", NOW)
    with pytest.raises(Forbidden):
        operations.close(any_session, member(site), flag.number, Outcome.DISMISSED, "好", NOW)


@pytest.mark.parametrize("status", FlagStatus)
def test_a_deed_out_of_turn_is_refused(
    any_session: Session, flag: Flag, status: FlagStatus
) -> None:
    flag.status = status
    flag.outcome = Outcome.DISMISSED if status is FlagStatus.CLOSED else None
    any_session.flush()
    if (status, Deed.TAKE) not in TRANSITIONS:
        with pytest.raises(Conflict):
            operations.take(any_session, COUNTY, flag.number, NOW)
    if (status, Deed.CLOSE) not in TRANSITIONS:
        with pytest.raises(Conflict):
            operations.close(any_session, COUNTY, flag.number, Outcome.CONFIRMED, "证据", NOW)


def test_nothing_is_asked_or_closed_without_words(any_session: Session, flag: Flag) -> None:
    operations.take(any_session, COUNTY, flag.number, NOW)
    with pytest.raises(Refused):
        operations.ask(any_session, COUNTY, flag.number, "  ", NOW)
    with pytest.raises(Refused):
        operations.close(any_session, COUNTY, flag.number, Outcome.CONFIRMED, "", NOW)


def test_the_history_of_a_flag_stands(any_session: Session, flag: Flag) -> None:
    any_session.flush()
    flag.events[0].words = "另一句话"
    with pytest.raises(AppendOnly):
        any_session.flush()
    any_session.rollback()


def test_the_list_narrows_by_kind_county_and_state(
    any_session: Session, site: Site, flag: Flag
) -> None:
    other = operations.raise_flags(any_session, SYSTEM, [finding(site, Kind.DUMPED)], NOW)[0]
    operations.take(any_session, COUNTY, other.number, NOW)
    both = [flag.number, other.number]
    assert sorted(numbers(any_session, CITY)) == both
    assert numbers(any_session, CITY, FlagFilter(kind=Kind.DUMPED)) == [other.number]
    assert numbers(any_session, CITY, FlagFilter(status=FlagStatus.OPEN)) == [flag.number]
    assert sorted(numbers(any_session, CITY, FlagFilter(adcode="371503"))) == both
    assert numbers(any_session, CITY, FlagFilter(adcode="371521")) == []


def test_what_is_overdue_stands_first(any_session: Session, site: Site, flag: Flag) -> None:
    late = NOW + timedelta(days=9)
    other = operations.raise_flags(any_session, SYSTEM, [finding(site, Kind.DUMPED)], late)[0]
    rows = queries.flags(any_session, CITY, FlagFilter(), late).rows
    assert [(row.number, row.is_late) for row in rows] == [
        (flag.number, True),
        (other.number, False),
    ]
