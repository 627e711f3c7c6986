"""Sources, facilities and the log, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.companies.models import Company
from app.core.audit import AuditEvent
from app.core.errors import Conflict, NotFound, Refused
from app.declarations import operations, queries
from app.declarations.models import YardEvent
from app.declarations.rules import EventKind, FacilityKind
from tests.companies.factories import approved_company, site_of
from tests.conftest import NOW
from tests.declarations.factories import (
    TONNE,
    Yard,
    happening,
    recorded,
    source_draft,
    store_draft,
    yard_of,
)
from tests.listings.factories import trader


@pytest.fixture
def yard(any_session: Session) -> Yard:
    return yard_of(any_session)


def stock(session: Session, yard: Yard) -> int:
    return queries.stock_now(session, yard.store_id) // TONNE


def test_events_are_numbered_and_audited(any_session: Session, yard: Yard) -> None:
    numbers = [
        recorded(any_session, yard, EventKind.GENERATED, tonnes).event.number for tonnes in (1, 2)
    ]
    assert numbers == ["E-2611-00001", "E-2611-00002"]
    verbs = any_session.scalars(
        select(AuditEvent.verb).where(AuditEvent.object_id == "E-2611-00001")
    )
    assert list(verbs) == ["yard.recorded"]


def test_stock_is_what_came_in_less_what_went_out(any_session: Session, yard: Yard) -> None:
    recorded(any_session, yard, EventKind.STORED, 100, days_ago=2)
    recorded(any_session, yard, EventKind.TAKEN_OUT, 30, days_ago=1)
    recorded(any_session, yard, EventKind.SELF_USED, 5)
    assert stock(any_session, yard) == 70


def test_nothing_is_taken_out_that_is_not_there(any_session: Session, yard: Yard) -> None:
    recorded(any_session, yard, EventKind.STORED, 100)
    with pytest.raises(Refused) as refused:
        recorded(any_session, yard, EventKind.TAKEN_OUT, 101)
    assert "TS001 在 2026-11-22 16:42 只有 100 吨" in str(refused.value.message)
    assert stock(any_session, yard) == 100


def test_nothing_is_taken_out_before_it_came_in(any_session: Session, yard: Yard) -> None:
    recorded(any_session, yard, EventKind.STORED, 100, days_ago=1)
    with pytest.raises(Refused):
        recorded(any_session, yard, EventKind.TAKEN_OUT, 1, days_ago=2)


def test_what_is_entered_late_may_not_empty_a_later_day(any_session: Session, yard: Yard) -> None:
    recorded(any_session, yard, EventKind.STORED, 100, days_ago=9)
    recorded(any_session, yard, EventKind.TAKEN_OUT, 80, days_ago=1)
    recorded(any_session, yard, EventKind.STORED, 500, days_ago=0)
    with pytest.raises(Refused):
        recorded(any_session, yard, EventKind.TAKEN_OUT, 30, days_ago=5)
    recorded(any_session, yard, EventKind.TAKEN_OUT, 20, days_ago=5)


def test_a_full_store_is_reported_and_not_refused(any_session: Session, yard: Yard) -> None:
    assert recorded(any_session, yard, EventKind.STORED, 1_000).over_kg == 0
    assert recorded(any_session, yard, EventKind.STORED, 50).over_kg == 50 * TONNE


def test_a_reversal_takes_the_figures_back_once(any_session: Session, yard: Yard) -> None:
    stored = recorded(any_session, yard, EventKind.STORED, 100, days_ago=40).event
    undone = operations.reverse(any_session, yard.actor, stored.number, NOW).event
    assert (undone.kg, undone.happened_at, undone.recorded_at) == (
        -stored.kg,
        stored.happened_at,
        NOW,
    )
    assert stock(any_session, yard) == 0
    for number in (stored.number, undone.number):
        with pytest.raises(Conflict):
            operations.reverse(any_session, yard.actor, number, NOW)


def test_what_was_taken_out_since_stands_against_a_reversal(
    any_session: Session, yard: Yard
) -> None:
    stored = recorded(any_session, yard, EventKind.STORED, 100, days_ago=3).event
    recorded(any_session, yard, EventKind.TAKEN_OUT, 40, days_ago=2)
    with pytest.raises(Refused):
        operations.reverse(any_session, yard.actor, stored.number, NOW)


def test_a_reversal_counts_in_the_month_of_what_it_undoes(any_session: Session, yard: Yard) -> None:
    wrong = recorded(any_session, yard, EventKind.GENERATED, 900, days_ago=30).event
    recorded(any_session, yard, EventKind.GENERATED, 90, days_ago=30)
    operations.reverse(any_session, yard.actor, wrong.number, NOW)
    october = queries.month_sums(any_session, yard.company_id, NOW.date().replace(month=10, day=1))
    assert october[0].of(EventKind.GENERATED) == 90 * TONNE


def test_a_month_begins_and_ends_with_what_lies_in_the_stores(
    any_session: Session, yard: Yard
) -> None:
    recorded(any_session, yard, EventKind.STORED, 100, days_ago=30)
    recorded(any_session, yard, EventKind.STORED, 20, days_ago=2)
    recorded(any_session, yard, EventKind.TAKEN_OUT, 50, days_ago=1)
    (row,) = queries.month_sums(any_session, yard.company_id, NOW.date().replace(day=1))
    assert (row.opening_kg, row.closing_kg) == (100 * TONNE, 70 * TONNE)


def test_a_day_in_china_decides_the_month(any_session: Session, yard: Yard) -> None:
    first = NOW.replace(day=31, month=10, hour=16, minute=0)  # midnight of 1 November in China
    for moment in (first, first - timedelta(minutes=1)):
        recorded(any_session, yard, EventKind.GENERATED, 1, happened_at=moment)
    (row,) = queries.month_sums(any_session, yard.company_id, NOW.date().replace(day=1))
    assert row.of(EventKind.GENERATED) == TONNE


@pytest.mark.parametrize("code", ["772-002-18", "HW18", "HW18 772-002-18"])
def test_hazardous_codes_are_refused(any_session: Session, yard: Yard, code: str) -> None:
    draft = source_draft(waste_code=code)
    with pytest.raises(Refused) as refused:
        operations.change_source(any_session, yard.actor, yard.source_id, draft, NOW)
    assert refused.value.field == "waste_code"


@pytest.mark.parametrize("field", ["waste_name", "process", "composition"])
def test_hazardous_names_are_refused_wherever_they_stand(
    any_session: Session, yard: Yard, field: str
) -> None:
    draft = source_draft(**{field: "生活垃圾焚烧飞灰"})
    with pytest.raises(Refused) as refused:
        operations.change_source(any_session, yard.actor, yard.source_id, draft, NOW)
    assert refused.value.field == field


def test_a_waste_is_registered_once_at_a_site(any_session: Session, yard: Yard) -> None:
    add = (any_session, yard.actor, yard.site_id)
    with pytest.raises(Refused) as refused:
        operations.add_source(*add, "fly_ash", source_draft(), NOW)
    assert refused.value.field == "material"
    operations.add_source(*add, "fgd_gypsum", source_draft(waste_name="脱硫石膏"), NOW)


def test_a_facility_code_stands_once_at_a_site(any_session: Session, yard: Yard) -> None:
    with pytest.raises(Refused) as refused:
        operations.add_facility(any_session, yard.actor, yard.site_id, store_draft(), NOW)
    assert refused.value.field == "code"


def test_what_a_source_said_before_stays_in_the_trail(any_session: Session, yard: Yard) -> None:
    draft = source_draft(process="静电除尘")
    operations.change_source(any_session, yard.actor, yard.source_id, draft, NOW)
    events = any_session.scalars(
        select(AuditEvent).where(AuditEvent.object_kind == "waste_source").order_by(AuditEvent.id)
    )
    assert [event.detail["process"] for event in events] == ["锅炉除尘", "静电除尘"]


def test_a_store_may_be_enlarged(any_session: Session, yard: Yard) -> None:
    change = (any_session, yard.actor, yard.store_id, "新灰库")
    operations.change_facility(*change, 2_000 * TONNE, NOW)
    with pytest.raises(Refused):
        operations.change_facility(*change, None, NOW)


def test_another_firms_yard_is_not_there(any_session: Session, yard: Yard) -> None:
    stranger = trader(approved_company(any_session))
    number = recorded(any_session, yard, EventKind.GENERATED, 1).event.number
    what = happening(EventKind.STORED, 1)
    own = yard_of(any_session)
    for deed in (
        lambda: operations.record(any_session, stranger, yard.source_id, yard.store_id, what, NOW),
        lambda: operations.record(any_session, own.actor, own.source_id, yard.store_id, what, NOW),
        lambda: operations.reverse(any_session, stranger, number, NOW),
        lambda: operations.add_source(
            any_session, stranger, yard.site_id, "red_mud", source_draft(), NOW
        ),
        lambda: operations.change_source(
            any_session, stranger, yard.source_id, source_draft(), NOW
        ),
        lambda: operations.add_facility(any_session, stranger, yard.site_id, store_draft(), NOW),
        lambda: operations.change_facility(any_session, stranger, yard.store_id, "x", 1, NOW),
        lambda: queries.source(any_session, stranger.company_id or 0, yard.source_id, NOW.date()),
        lambda: queries.facility(any_session, stranger.company_id or 0, yard.store_id, NOW.date()),
    ):
        with pytest.raises(NotFound):
            deed()
    assert any_session.scalar(select(func.count()).select_from(YardEvent)) == 1


def test_a_facility_of_another_site_is_refused(any_session: Session, yard: Yard) -> None:
    company = any_session.get_one(Company, yard.company_id)
    second = site_of(any_session, company, 116.0, 36.5)
    any_session.flush()
    other = operations.add_facility(any_session, yard.actor, second.id, store_draft(), NOW)
    any_session.flush()
    with pytest.raises(Refused) as refused:
        operations.record(
            any_session,
            yard.actor,
            yard.source_id,
            other.id,
            happening(EventKind.STORED, 1),
            NOW,
        )
    assert refused.value.field == "facility_id"


def test_stores_of_several_materials_are_counted_apart(any_session: Session, yard: Yard) -> None:
    draft = store_draft("TS009", kind=FacilityKind.STORAGE, material=None)
    shared = operations.add_facility(any_session, yard.actor, yard.site_id, draft, NOW)
    gypsum = operations.add_source(
        any_session, yard.actor, yard.site_id, "fgd_gypsum", source_draft(), NOW
    )
    any_session.flush()
    stored = happening(EventKind.STORED, 10)
    operations.record(any_session, yard.actor, yard.source_id, shared.id, stored, NOW)
    with pytest.raises(Refused):
        operations.record(
            any_session, yard.actor, gypsum.id, shared.id, happening(EventKind.TAKEN_OUT, 1), NOW
        )
