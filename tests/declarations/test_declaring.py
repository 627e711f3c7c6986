"""A month is declared once, corrected in versions, and made ready from records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core import once
from app.core.actor import SYSTEM
from app.core.audit import AuditEvent
from app.core.errors import Conflict, GufeiError, NotFound, Refused
from app.declarations import operations
from app.declarations.declared import activities, versions
from app.declarations.declaring import declare, declare_activity
from app.declarations.duties import duties_of, duty, first_month
from app.declarations.evidence import evidence, loads
from app.declarations.models import Activity, Declaration
from app.declarations.monthly import State
from app.declarations.prefill import Tally, prefilled
from app.declarations.rules import ActivityKind, EventKind
from tests.companies.factories import DONGCHANGFU, approved_company, site_draft
from tests.conftest import NOW
from tests.declarations.factories import (
    DECEMBER_5,
    NOVEMBER,
    TONNE,
    Yard,
    declared,
    recorded,
    source_draft,
    statement,
    yard_of,
)
from tests.listings.factories import published_offer
from tests.shipments.factories import received, rejected
from tests.trades.factories import contracted_trade

DECEMBER = date(2026, 12, 1)
JANUARY_5 = datetime(2027, 1, 5, 1, 0, tzinfo=UTC)
TODAY = DECEMBER_5.date()


@pytest.fixture
def yard(any_session: Session) -> Yard:
    return yard_of(any_session)


def count(session: Session, model: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def refusal_of(deed: Callable[[], object]) -> tuple[str | None, str]:
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.field, str(refused.value.message)


def test_a_month_is_declared_with_where_the_site_stood(any_session: Session, yard: Yard) -> None:
    made = declared(any_session, yard)
    assert (made.number, made.version, made.declared_at) == ("D-2611-00001", 1, DECEMBER_5)
    assert (made.company_id, made.adcode, made.declared_by) == (
        yard.company_id,
        "371503",
        "company:1",
    )
    assert made.balance.closes
    event = any_session.scalars(
        select(AuditEvent).where(AuditEvent.verb == "declaration.made")
    ).one()
    assert (event.object_id, event.detail["version"]) == (made.number, 1)


def test_a_correction_is_a_version_of_its_own_with_a_reason(
    any_session: Session, yard: Yard
) -> None:
    declared(any_session, yard)
    field, _message = refusal_of(
        lambda: declared(any_session, yard, based_on=1, generated_kg=90, self_used_kg=50)
    )
    assert field == "reason"
    made = declared(
        any_session, yard, based_on=1, reason="地磅读错", generated_kg=90, self_used_kg=50
    )
    assert (made.number, made.version, made.reason) == ("D-2611-00002", 2, "地磅读错")
    newest, first = versions(any_session, yard.site_id, "fly_ash", NOVEMBER)
    assert [(one.name, one.before_kg, one.after_kg) for one in newest.changes] == [
        ("generated_kg", 100 * TONNE, 90 * TONNE),
        ("self_used_kg", 60 * TONNE, 50 * TONNE),
    ]
    assert (newest.version, first.version, first.changes) == (2, 1, ())


def test_a_correction_that_changes_nothing_is_refused(any_session: Session, yard: Yard) -> None:
    declared(any_session, yard)
    deed = lambda: declared(any_session, yard, based_on=1, reason="再报一次")  # noqa: E731
    assert "D-2611-00001 完全一样" in refusal_of(deed)[1]
    assert count(any_session, Declaration) == 1


@pytest.mark.parametrize("based_on", [0, 2])
def test_who_did_not_see_the_version_in_force_is_told(
    any_session: Session, yard: Yard, based_on: int
) -> None:
    declared(any_session, yard)
    with pytest.raises(Conflict) as conflict:
        declared(any_session, yard, based_on=based_on, generated_kg=101, reason="没有看到")
    assert "D-2611-00001" in str(conflict.value.message)


def test_an_open_balance_is_taken_in_with_an_explanation(any_session: Session, yard: Yard) -> None:
    field, message = refusal_of(lambda: declared(any_session, yard, self_used_kg=65))
    assert (field, "1 处没有对上" in message) == ("explanation", True)
    made = declared(any_session, yard, self_used_kg=65, explanation=" 皮带秤检修 ")
    assert (made.explanation, made.balance.flow_gap_kg) == ("皮带秤检修", -5 * TONNE)
    (row,) = duties_of(any_session, yard.company_id, NOVEMBER, TODAY)
    assert row.state is State.UNBALANCED


def test_what_cannot_be_is_refused_whatever_is_explained(any_session: Session, yard: Yard) -> None:
    deed = lambda: declared(any_session, yard, old_used_kg=5, explanation="请接收")  # noqa: E731
    assert refusal_of(deed)[0] == "opening_kg"
    assert count(any_session, Declaration) == 0


def test_a_month_begins_with_what_the_one_before_ended_with(
    any_session: Session, yard: Yard
) -> None:
    declared(any_session, yard)
    december: dict[str, Any] = {"month": DECEMBER, "now": JANUARY_5, "closing_kg": 80}
    field, _message = refusal_of(lambda: declared(any_session, yard, opening_kg=39, **december))
    assert field == "explanation"
    declared(any_session, yard, opening_kg=40, **december)
    declared(
        any_session,
        yard,
        based_on=1,
        reason="上月少报",
        closing_kg=30,
        stored_kg=30,
        self_used_kg=70,
        now=JANUARY_5,
    )
    (row,) = duties_of(any_session, yard.company_id, DECEMBER, JANUARY_5.date())
    assert (row.opening_gap_kg, row.state) == (10 * TONNE, State.UNBALANCED)


def test_a_form_sent_twice_declares_once(any_session: Session, yard: Yard) -> None:
    key = once.new_key()
    made = [declare(any_session, yard.actor, statement(yard), DECEMBER_5, key=key) for _ in "ab"]
    assert made[0].number == made[1].number
    assert count(any_session, Declaration) == 1


@pytest.mark.parametrize(
    ("month", "now"), [(NOVEMBER, NOW), (DECEMBER, NOW), (date(2020, 1, 1), NOW)]
)
def test_a_month_that_runs_or_is_long_past_is_not_declared(
    any_session: Session, yard: Yard, month: date, now: datetime
) -> None:
    _field, message = refusal_of(lambda: declared(any_session, yard, month=month, now=now))
    assert "还没有结束" in message


@pytest.mark.parametrize(
    "changes", [{"material": "red_mud"}, {"site_id": 999_999}, {"material": "nothing"}]
)
def test_what_a_site_does_not_have_is_not_declared(
    any_session: Session, yard: Yard, changes: dict[str, Any]
) -> None:
    with pytest.raises(NotFound):
        declared(any_session, yard, **changes)


def test_another_firm_declares_nothing_of_it(any_session: Session, yard: Yard) -> None:
    stranger = yard_of(any_session)
    with pytest.raises(NotFound):
        declare(any_session, stranger.actor, statement(yard), DECEMBER_5)
    with pytest.raises(NotFound):
        declare_activity(any_session, stranger.actor, yard.site_id, NOVEMBER, COAL, 1, DECEMBER_5)
    assert count(any_session, Declaration) == count(any_session, Activity) == 0


def test_the_system_loads_what_was_declared_long_ago(any_session: Session, yard: Yard) -> None:
    made = declare(any_session, SYSTEM, statement(yard, month=date(2024, 12, 1)), NOW)
    assert (made.number, made.declared_by) == ("D-2412-00001", "system")
    where = Site.company_id == yard.company_id
    assert first_month(any_session, where, TODAY) == date(2024, 12, 1)


COAL = ActivityKind.COAL_BURNT


def test_what_was_burnt_is_declared_in_versions(any_session: Session, yard: Yard) -> None:
    def burnt(tonnes: int, month: date = NOVEMBER) -> int:
        kg = tonnes * TONNE
        return declare_activity(any_session, yard.actor, yard.site_id, month, COAL, kg, DECEMBER_5)

    assert [burnt(500), burnt(500), burnt(510)] == [1, 1, 2]
    assert activities(any_session, yard.site_id, NOVEMBER) == {COAL: 510 * TONNE}
    assert refusal_of(lambda: burnt(-1))[0] == "coal_burnt"
    assert refusal_of(lambda: burnt(3_100_001))[0] == "coal_burnt"
    with pytest.raises(GufeiError):
        burnt(1, DECEMBER)


def test_every_month_since_a_waste_was_registered_is_due(any_session: Session, yard: Yard) -> None:
    own = (any_session, yard.company_id)
    assert duties_of(*own, date(2026, 10, 1), TODAY) == []
    (row,) = duties_of(*own, NOVEMBER, TODAY)
    assert (row.material.code, row.state, row.deadline.due_on) == (
        "fly_ash",
        State.DUE,
        date(2026, 12, 10),
    )
    operations.change_source(any_session, yard.actor, yard.source_id, source_draft(), DECEMBER_5)
    (row,) = duties_of(*own, NOVEMBER, date(2026, 12, 16))
    assert (row.state, row.deadline.days_late, row.deadline.is_escalated) == (State.LATE, 6, True)
    declared(any_session, yard)
    (row,) = duties_of(*own, NOVEMBER, date(2026, 12, 16))
    assert (row.state, row.is_open) == (State.DECLARED, False)
    assert row.declared is not None
    assert row.declared.number == "D-2611-00001"


def test_what_was_offered_or_received_is_due_though_nobody_registered_it(
    any_session: Session,
) -> None:
    site = approved_company(any_session, site_draft(*DONGCHANGFU)).sites[0]
    offer = published_offer(any_session, site)
    trade = contracted_trade(any_session, offer)
    own = (any_session, site.company_id)
    january = date(2027, 1, 1)
    assert duties_of(*own, NOVEMBER, TODAY) == []
    assert [row.material.code for row in duties_of(*own, january, date(2027, 2, 1))] == ["fly_ash"]
    received(any_session, trade)
    any_session.flush()
    (row,) = duties_of(*own, NOVEMBER, TODAY)
    assert row.material.code == "fly_ash"
    with pytest.raises(NotFound):
        duty(any_session, SYSTEM, site.id, "fly_ash", date(2026, 10, 1), TODAY)


def test_a_statement_is_made_ready_from_log_and_tickets(any_session: Session, yard: Yard) -> None:
    site = any_session.get_one(Site, yard.site_id)
    recorded(any_session, yard, EventKind.STORED, 7, days_ago=30)
    recorded(any_session, yard, EventKind.GENERATED, 80, days_ago=3)
    recorded(any_session, yard, EventKind.GENERATED, 20, days_ago=2)
    wrong = recorded(any_session, yard, EventKind.GENERATED, 5, days_ago=2).event.number
    operations.reverse(any_session, yard.actor, wrong, NOW)
    recorded(any_session, yard, EventKind.SELF_USED, 10, days_ago=2)
    recorded(any_session, yard, EventKind.ENTRUSTED_DISPOSED, 5, days_ago=1)
    recorded(any_session, yard, EventKind.STORED, 25, days_ago=1)
    trade = contracted_trade(any_session, published_offer(any_session, site))
    received(any_session, trade, 30_000)
    received(any_session, trade, 30_000)
    rejected(any_session, trade)
    any_session.flush()
    found = evidence(any_session, site, "fly_ash", NOVEMBER)
    assert found.of(EventKind.GENERATED) == Tally(100 * TONNE, 2)
    assert (found.ticketed, found.stock) == (Tally(60 * TONNE, 2), Tally(7 * TONNE, 1))
    ready = prefilled(found)
    assert (ready.generated_kg, ready.self_used_kg) == (100 * TONNE, 10 * TONNE)
    assert (ready.entrusted_used_kg, ready.disposed_kg) == (60 * TONNE, 5 * TONNE)
    assert (ready.opening_kg, ready.closing_kg) == (7 * TONNE, 32 * TONNE)
    assert ready.closes
    rows = loads(any_session, site, "fly_ash", NOVEMBER)
    assert sum(row.received_kg for row in rows) == ready.entrusted_used_kg
    assert {row.trade for row in rows} == {trade.number}


def test_the_months_of_china_part_the_records(any_session: Session, yard: Yard) -> None:
    site = any_session.get_one(Site, yard.site_id)
    midnight = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    for at in (midnight - timedelta(minutes=1), midnight):
        recorded(any_session, yard, EventKind.GENERATED, 1, now=DECEMBER_5, happened_at=at)
    any_session.flush()
    for month in (NOVEMBER, DECEMBER):
        found = evidence(any_session, site, "fly_ash", month)
        assert found.of(EventKind.GENERATED) == Tally(TONNE, 1)


def test_the_last_statement_gives_the_opening_stock(any_session: Session, yard: Yard) -> None:
    site = any_session.get_one(Site, yard.site_id)
    made = declared(any_session, yard)
    found = evidence(any_session, site, "fly_ash", DECEMBER)
    assert (found.last_closing_kg, found.last_number) == (40 * TONNE, made.number)
    assert prefilled(found).opening_kg == 40 * TONNE


def test_less_than_the_tickets_show_has_to_be_explained(any_session: Session, yard: Yard) -> None:
    site = any_session.get_one(Site, yard.site_id)
    received(any_session, contracted_trade(any_session, published_offer(any_session, site)))
    any_session.flush()
    assert refusal_of(lambda: declared(any_session, yard))[0] == "explanation"
    made = declared(any_session, yard, self_used_kg=30, entrusted_used_kg=30)
    assert made.explanation == ""
