"""Publishing, changing, withdrawing and renewing, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies import operations as companies
from app.companies.models import Site
from app.companies.standing import Barred, OnlyDrives
from app.core.actor import SYSTEM
from app.core.audit import AuditEvent
from app.core.clock import add_months, months_between
from app.core.errors import Conflict, NotFound
from app.ledger import operations as ledger
from app.ledger.queries import balances, check
from app.listings import operations
from app.listings.book import has_orders
from app.listings.models import Listing
from app.listings.operations import AwaitingApproval, ListingRefused
from app.listings.rules import ListingStatus
from tests.companies.factories import CHIPING, approved_company, site_draft, waiting_company
from tests.conftest import NOW
from tests.listings.factories import (
    DECEMBER,
    MARCH,
    offer_draft,
    published_offer,
    published_requirement,
    requirement_draft,
    trader,
)

JANUARY = date(2027, 1, 1)


def open_by_month(session: Session, listing: Listing) -> dict[date, int]:
    return {month: row.open for (_, month), row in balances(session, [listing.number]).items()}


def reserve(session: Session, listing: Listing, month: date, kg: int) -> None:
    ledger.reserve(session, SYSTEM, {(listing.number, month): kg}, "T-2612-0001", NOW)


def test_a_published_offer_puts_its_tonnes_on_the_ledger_for_every_month(
    any_session: Session,
) -> None:
    offer = published_offer(any_session)
    months = months_between(DECEMBER, MARCH)
    assert open_by_month(any_session, offer) == dict.fromkeys(months, 1_200_000)
    assert check(any_session) == []


def test_numbers_run_within_side_and_month(any_session: Session) -> None:
    first, second = published_offer(any_session), published_offer(any_session)
    need = published_requirement(any_session)
    assert [first.number, second.number, need.number] == [
        "S-2611-0001",
        "S-2611-0002",
        "D-2611-0001",
    ]


def test_a_requirement_accepts_several_materials_in_their_order(any_session: Session) -> None:
    need = published_requirement(any_session, materials=("red_mud", "fly_ash", "red_mud"))
    any_session.expire(need)
    assert need.materials == ("red_mud", "fly_ash")


@pytest.mark.parametrize(
    "name", ["生活垃圾焚烧飞灰", "飞　灰", "二次铝灰", "电解铝大修渣", "HW48 废物"]
)
def test_a_hazardous_look_alike_is_refused_with_the_reason_of_its_row(
    session: Session, name: str
) -> None:
    site = approved_company(session).sites[0]
    with pytest.raises(ListingRefused) as refusal:
        published_offer(session, site, waste_name=name)
    assert refusal.value.field == "waste_name"
    assert "不得发布" in str(refusal.value.problems[0][1])


def test_a_hazardous_waste_hidden_in_the_note_is_refused_there(session: Session) -> None:
    with pytest.raises(ListingRefused) as refusal:
        published_offer(session, note="另有少量铝灰")
    assert refusal.value.field == "note"


@pytest.mark.parametrize("code", ["HW08", "900-249-08", "90024908", "９００ 249.08", "粉煤灰 HW08"])
def test_a_hazardous_code_is_refused_with_the_row_of_its_category(
    session: Session, code: str
) -> None:
    with pytest.raises(ListingRefused) as refusal:
        published_offer(session, waste_code=code)
    ((field, notice),) = refusal.value.problems
    assert field == "waste_code"
    assert "HW08 废矿物油与含矿物油废物" in str(notice)
    assert "HW08 类经营许可证" in str(notice)


@pytest.mark.parametrize("material", ["fly_ash", "red_mud", "smelting_slag", "bottom_ash"])
def test_a_lawful_material_hides_no_hazardous_name(session: Session, material: str) -> None:
    with pytest.raises(ListingRefused) as refusal:
        published_offer(session, material=material, waste_name="电解铝大修渣")
    assert refusal.value.field == "waste_name"


def test_a_listing_is_not_changed_into_a_hazardous_one(session: Session) -> None:
    offer = published_offer(session, waste_name="二级粉煤灰")
    draft = offer_draft(offer.site, waste_name="二级飞灰")
    with pytest.raises(ListingRefused):
        operations.change(session, trader(offer.company), offer.number, draft, NOW)
    assert offer.waste_name == "二级粉煤灰"


def test_a_listing_that_the_block_list_refuses_by_now_is_not_renewed(session: Session) -> None:
    offer = published_offer(session)
    offer.note = "另有少量铝灰"
    with pytest.raises(ListingRefused) as refusal:
        operations.renew(session, trader(offer.company), offer.number, 3, NOW)
    assert refusal.value.field == "note"
    assert offer.last_month == MARCH


def test_every_fault_of_a_draft_is_told_at_once(session: Session) -> None:
    with pytest.raises(ListingRefused) as refusal:
        published_offer(
            session,
            material="飞机",
            kg_per_month=-5,
            last_month=date(2026, 1, 1),
            waste_code="HW18",
        )
    fields = [name for name, _ in refusal.value.problems]
    assert fields == ["materials", "tonnes", "last_month", "waste_code"]


def test_a_firm_that_waits_for_approval_cannot_publish(any_session: Session) -> None:
    site = waiting_company(any_session).sites[0]
    with pytest.raises(AwaitingApproval):
        published_offer(any_session, site)


def test_a_suspended_firm_cannot_change_but_can_withdraw(session: Session) -> None:
    offer = published_offer(session)
    companies.suspend(session, SYSTEM, offer.company_id, "资料过期", NOW)
    owner = trader(offer.company)
    with pytest.raises(AwaitingApproval):
        operations.change(session, owner, offer.number, offer_draft(offer.site), NOW)
    assert operations.withdraw(session, owner, offer.number, NOW) == 4 * 1_200_000


def test_another_firms_site_is_not_there(session: Session) -> None:
    mine, theirs = approved_company(session), approved_company(session)
    with pytest.raises(NotFound):
        operations.publish_offer(session, trader(mine), offer_draft(theirs.sites[0]), NOW)


def test_another_firms_listing_is_not_there(session: Session) -> None:
    offer, stranger = published_offer(session), trader(approved_company(session))
    draft = offer_draft(stranger_site(session, stranger.company_id))
    with pytest.raises(NotFound):
        operations.change(session, stranger, offer.number, draft, NOW)
    with pytest.raises(NotFound):
        operations.withdraw(session, stranger, offer.number, NOW)
    with pytest.raises(NotFound):
        operations.renew(session, stranger, offer.number, 1, NOW)


def stranger_site(session: Session, company_id: int | None) -> Site:
    found = session.scalar(select(Site).where(Site.company_id == company_id))
    assert found is not None
    return found


def test_a_change_moves_the_tonnes_of_every_month(any_session: Session) -> None:
    offer = published_offer(any_session)
    draft = offer_draft(offer.site, kg_per_month=900_000, first_month=JANUARY)
    operations.change(any_session, trader(offer.company), offer.number, draft, NOW)
    assert open_by_month(any_session, offer) == {
        DECEMBER: 0,
        **dict.fromkeys(months_between(JANUARY, MARCH), 900_000),
    }
    assert check(any_session) == []


def test_a_change_below_what_is_reserved_is_refused_with_the_figures(
    any_session: Session,
) -> None:
    offer = published_offer(any_session)
    reserve(any_session, offer, JANUARY, 800_000)
    draft = offer_draft(offer.site, kg_per_month=700_000)
    with pytest.raises(ListingRefused) as refusal:
        operations.change(any_session, trader(offer.company), offer.number, draft, NOW)
    assert refusal.value.field == "tonnes"
    assert "2027 年 1 月" in str(refusal.value.problems[0][1])
    assert "800" in str(refusal.value.problems[0][1])
    assert open_by_month(any_session, offer)[JANUARY] == 400_000


def test_a_month_with_reserved_tonnes_stays_in_the_window(session: Session) -> None:
    offer = published_offer(session)
    reserve(session, offer, DECEMBER, 1)
    draft = offer_draft(offer.site, first_month=JANUARY)
    with pytest.raises(ListingRefused) as refusal:
        operations.change(session, trader(offer.company), offer.number, draft, NOW)
    assert refusal.value.field == "first_month"


def test_a_traded_listing_keeps_its_material_and_its_site(session: Session) -> None:
    need = published_requirement(session)
    other = companies.add_site(session, SYSTEM, need.company_id, site_draft(*CHIPING), NOW)
    reserve(session, need, DECEMBER, 1)
    owner = trader(need.company)
    wider = requirement_draft(need.site, materials=("fly_ash", "bottom_ash", "red_mud"))
    operations.change(session, owner, need.number, wider, NOW)
    narrower = requirement_draft(other, materials=("fly_ash",))
    with pytest.raises(ListingRefused) as refusal:
        operations.change(session, owner, need.number, narrower, NOW)
    assert [name for name, _ in refusal.value.problems] == ["materials", "site_id"]


def test_a_running_listing_may_keep_a_first_month_that_has_passed(session: Session) -> None:
    offer = published_offer(session)
    later = NOW.replace(year=2027, month=2)
    draft = offer_draft(offer.site, kg_per_month=2_000_000)
    operations.change(session, trader(offer.company), offer.number, draft, later)
    assert open_by_month(session, offer)[DECEMBER] == 1_200_000
    assert open_by_month(session, offer)[MARCH] == 2_000_000


def test_withdrawing_takes_what_is_open_and_leaves_what_is_taken(any_session: Session) -> None:
    offer = published_offer(any_session, last_month=JANUARY)
    reserve(any_session, offer, DECEMBER, 200_000)
    kg = operations.withdraw(any_session, trader(offer.company), offer.number, NOW)
    assert kg == 2 * 1_200_000 - 200_000
    assert offer.status is ListingStatus.WITHDRAWN
    assert balances(any_session, [offer.number])[offer.number, DECEMBER].reserved == 200_000
    assert check(any_session) == []


def test_what_is_withdrawn_cannot_be_withdrawn_changed_or_renewed(session: Session) -> None:
    offer = published_offer(session)
    owner = trader(offer.company)
    operations.withdraw(session, owner, offer.number, NOW)
    with pytest.raises(Conflict):
        operations.withdraw(session, owner, offer.number, NOW)
    with pytest.raises(Conflict):
        operations.change(session, owner, offer.number, offer_draft(offer.site), NOW)
    with pytest.raises(Conflict):
        operations.renew(session, owner, offer.number, 1, NOW)


def test_renewing_adds_months_at_the_end(any_session: Session) -> None:
    offer = published_offer(any_session)
    operations.renew(any_session, trader(offer.company), offer.number, 3, NOW)
    assert offer.last_month == add_months(MARCH, 3)
    assert len(open_by_month(any_session, offer)) == 7


def test_an_expired_listing_begins_anew_this_month(session: Session) -> None:
    offer = published_offer(session)
    later = NOW.replace(year=2027, month=6)
    operations.renew(session, trader(offer.company), offer.number, 3, later)
    assert (offer.first_month, offer.last_month) == (date(2027, 6, 1), date(2027, 8, 1))
    assert open_by_month(session, offer)[date(2027, 8, 1)] == 1_200_000
    assert date(2027, 5, 1) not in open_by_month(session, offer)


def test_nobody_renews_beyond_two_years(session: Session) -> None:
    offer = published_offer(session, last_month=add_months(DECEMBER, 20))
    with pytest.raises(ListingRefused):
        operations.renew(session, trader(offer.company), offer.number, 12, NOW)


def test_the_audit_trail_names_the_deed_and_never_a_limit(session: Session) -> None:
    offer = published_offer(session, limit_price=98_765_4)
    draft = replace(offer_draft(offer.site), limit_price=87_654_3)
    operations.change(session, trader(offer.company), offer.number, draft, NOW)
    session.flush()
    events = session.scalars(select(AuditEvent).where(AuditEvent.object_id == offer.number)).all()
    assert [event.verb for event in events] == ["listing.publish", "listing.change"]
    details = repr([event.detail for event in events])
    assert "987654" not in details
    assert "876543" not in details


def test_a_barred_firm_publishes_nothing_and_is_in_no_book_until_it_is_released(
    any_session: Session,
) -> None:
    offer = published_offer(any_session)
    assert has_orders(any_session, DECEMBER)
    offer.company.barred_at = NOW
    any_session.flush()
    assert not has_orders(any_session, DECEMBER)
    with pytest.raises(Barred):
        published_offer(any_session, offer.site)
    offer.company.barred_at = None
    published_offer(any_session, offer.site)
    assert has_orders(any_session, DECEMBER)


@pytest.mark.parametrize("publish", [published_offer, published_requirement])
def test_a_firm_that_only_drives_lists_nothing(
    any_session: Session, publish: Callable[..., object]
) -> None:
    firm = approved_company(any_session, is_producer=False, is_consumer=False, is_carrier=True)
    with pytest.raises(OnlyDrives) as refused:
        publish(any_session, firm.sites[0])
    assert "承运企业" in str(refused.value.message)
