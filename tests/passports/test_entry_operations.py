"""What a firm may do with the quality of its offers, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.queries import actor_of
from app.assays import queries
from app.assays.models import Assay, AssayReport
from app.catalogue.quality import parameters
from app.core.actor import CompanyRole
from app.core.audit import AuditEvent
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.ledger.queries import balances
from app.listings import operations as listings
from app.listings.models import Offer
from app.listings.operations import ListingRefused
from app.listings.rules import ListingStatus
from app.notifications.models import Notification
from app.notifications.rules import Kind
from app.passports import entries, operations
from app.passports.operations import Entered, HazardFound, SheetRefused
from tests.accounts.factories import operator_user, regulator, user_of
from tests.assays.factories import assay_draft
from tests.conftest import NOW, TODAY
from tests.listings.factories import published_offer, published_requirement
from tests.passports.factories import report, trader

LATER = NOW + timedelta(hours=1)
CAUSTIC = {"ph": "13"}
"""An extract that GB 5085.1 calls corrosive."""


def entered(
    session: Session,
    offer: Offer,
    values: dict[str, str] | None = None,
    *others: Offer,
    knows_hazard: bool = False,
) -> Entered:
    numbers = [other.number for other in others]
    return operations.enter(
        session,
        trader(offer.company),
        offer.number,
        [assay_draft(values)],
        numbers,
        NOW,
        knows_hazard=knows_hazard,
    )


def open_kg(session: Session, offer: Offer) -> int:
    return sum(row.open for row in balances(session, [offer.number]).values())


def loi(session: Session, offer: Offer) -> bool:
    return "loi" in queries.readings(session, [offer.number], TODAY).get(offer.number, {})


def kept(session: Session, offer: Offer, content: bytes = b"%PDF-1.7") -> AssayReport:
    file = report(content)
    return operations.keep_report(session, trader(offer.company), offer.number, file, NOW)


def test_the_assays_of_a_sheet_speak_of_the_offers_that_were_ticked(any_session: Session) -> None:
    offer = published_offer(any_session)
    ticked, not_ticked = (published_offer(any_session, offer.site) for _ in range(2))
    later = date(2026, 11, 9)
    drafts = [assay_draft({"loi": "4.2"}), assay_draft({"loi": "4.4"}, sampled_on=later)]
    done = operations.enter(
        any_session, trader(offer.company), offer.number, drafts, [ticked.number], NOW
    )
    assert (len(done.assays), done.withdrawn) == (2, [])
    assert [loi(any_session, each) for each in (offer, ticked, not_ticked)] == [True, True, False]


def test_only_offers_of_the_same_material_of_the_site_may_be_ticked(any_session: Session) -> None:
    offer = published_offer(any_session)
    elsewhere = published_offer(any_session)
    another = published_offer(any_session, offer.site, material="bottom_ash")
    gone = published_offer(any_session, offer.site)
    listings.withdraw(any_session, trader(offer.company), gone.number, NOW)
    for other in (elsewhere, another, gone):
        with pytest.raises(Refused) as refusal:
            entered(any_session, offer, None, other)
        assert refusal.value.field == "offers"
    assert not loi(any_session, offer)


def test_everything_wrong_in_every_sample_is_told_and_nothing_entered(session: Session) -> None:
    offer = published_offer(session)
    drafts = [
        assay_draft({"loi": "140"}),
        assay_draft({"loi": "4"}),
        assay_draft({"ph": "19"}, sampled_on=date(2027, 1, 1)),
    ]
    with pytest.raises(SheetRefused) as refusal:
        operations.enter(session, trader(offer.company), offer.number, drafts, [], NOW)
    told = {(place, fault.field) for place, fault in refusal.value.faults}
    assert told == {(0, "values.loi"), (2, "values.ph"), (2, "sampled_on")}
    assert session.scalar(select(Assay.id)) is None


def test_a_hazard_is_told_before_anything_is_entered(any_session: Session) -> None:
    offer = published_offer(any_session)
    with pytest.raises(HazardFound) as found:
        entered(any_session, offer, CAUSTIC)
    assert found.value.numbers == [offer.number]
    assert [finding.limit.standard for finding in found.value.findings] == ["GB 5085.1-2007"]
    assert any_session.scalar(select(Assay.id)) is None
    assert offer.status is ListingStatus.ACTIVE


def test_a_hazard_is_kept_and_takes_the_offers_off_the_market(any_session: Session) -> None:
    offer = published_offer(any_session)
    ticked, other = (published_offer(any_session, offer.site) for _ in range(2))
    firm, operator = user_of(any_session, offer.company), operator_user(any_session)
    any_session.flush()
    done = entered(any_session, offer, CAUSTIC, ticked, knows_hazard=True)
    assert done.withdrawn == [offer.number, ticked.number]
    assert [each.status for each in (offer, ticked, other)] == [
        ListingStatus.WITHDRAWN,
        ListingStatus.WITHDRAWN,
        ListingStatus.ACTIVE,
    ]
    assert [open_kg(any_session, each) for each in (offer, ticked, other)] == [0, 0, 4_800_000]
    assert "ph" in queries.readings(any_session, [offer.number], TODAY)[offer.number]
    told = any_session.execute(
        select(Notification.user_id, Notification.path)
        .where(Notification.kind == Kind.HAZARD_FOUND)
        .order_by(Notification.id)
    ).all()
    pages = [f"/passports/{each.number}" for each in (offer, ticked)]
    assert [(row[0], row[1]) for row in told] == [
        (user, page) for page in pages for user in (firm.id, operator.id)
    ]


def test_an_older_reading_that_no_longer_decides_takes_nothing_off(session: Session) -> None:
    offer = published_offer(session)
    entered(session, offer, {"ph": "8"})
    old = assay_draft(CAUSTIC, sampled_on=date(2026, 10, 1))
    done = operations.enter(session, trader(offer.company), offer.number, [old], [], NOW)
    assert done.withdrawn == []


def test_nobody_but_the_people_who_trade_for_the_offers_firm_enters(session: Session) -> None:
    offer, stranger = published_offer(session), published_offer(session)
    need = published_requirement(session)
    viewer = trader(offer.company, CompanyRole.VIEWER)
    others = [trader(stranger.company), viewer]
    others += [actor_of(user) for user in (operator_user(session), regulator(session))]
    for actor in others:
        error = Forbidden if actor is viewer else NotFound
        for deed in (
            lambda actor: operations.enter(session, actor, offer.number, [assay_draft()], [], NOW),
            lambda actor: operations.carry_over(session, actor, offer.number, "S-2611-0009", NOW),
            lambda actor: operations.keep_report(session, actor, offer.number, report(), NOW),
            lambda actor: operations.throw_report(session, actor, offer.number, 1, NOW),
            lambda actor: operations.tell_facts(session, actor, offer.number, {}, NOW),
        ):
            with pytest.raises(error):
                deed(actor)
    with pytest.raises(NotFound):
        operations.enter(session, trader(need.company), need.number, [assay_draft()], [], NOW)


def test_assays_are_carried_to_a_later_offer_of_the_same_material(any_session: Session) -> None:
    offer = published_offer(any_session)
    entered(any_session, offer)
    later = published_offer(any_session, offer.site)
    rows = [(row.number, row.assays, row.newest) for row in entries.earlier(any_session, later)]
    assert rows == [(offer.number, 1, date(2026, 11, 5))]
    firm = trader(offer.company)
    assert operations.carry_over(any_session, firm, later.number, offer.number, LATER) == 1
    assert loi(any_session, later)
    assert entries.earlier(any_session, later) == []
    with pytest.raises(NotFound):
        operations.carry_over(any_session, firm, later.number, offer.number, LATER)


def test_nothing_is_carried_from_another_firm_site_or_material(session: Session) -> None:
    offer = published_offer(session)
    entered(session, offer)
    ash = published_offer(session, offer.site, material="bottom_ash")
    for other in (published_offer(session), ash):
        with pytest.raises(NotFound):
            operations.carry_over(session, trader(other.company), other.number, offer.number, NOW)


def test_hazardous_waste_is_not_carried_to_a_new_offer(any_session: Session) -> None:
    offer = published_offer(any_session)
    again = published_offer(any_session, offer.site)
    entered(any_session, offer, CAUSTIC, knows_hazard=True)
    with pytest.raises(Refused) as refusal:
        operations.carry_over(any_session, trader(offer.company), again.number, offer.number, NOW)
    assert "GB 5085.1-2007" in str(refusal.value.message)


def test_hazardous_waste_is_not_published_anew_until_its_assay_is_void(
    any_session: Session,
) -> None:
    offer = published_offer(any_session)
    (hazard,) = entered(any_session, offer, CAUSTIC, knows_hazard=True).assays
    with pytest.raises(ListingRefused) as refusal:
        published_offer(any_session, offer.site)
    assert (refusal.value.field, offer.number in str(refusal.value.message)) == ("materials", True)
    published_offer(any_session, offer.site, material="bottom_ash")
    published_offer(any_session)
    operator = actor_of(operator_user(any_session))
    operations.void(any_session, operator, offer.number, hazard.number, "更正报告", LATER)
    assert published_offer(any_session, offer.site).site_id == offer.site_id


def test_the_firm_voids_its_assay_and_the_operator_alone_one_that_shows_a_hazard(
    any_session: Session,
) -> None:
    offer = published_offer(any_session)
    (plain,) = entered(any_session, offer).assays
    (hazard,) = entered(any_session, offer, CAUSTIC, knows_hazard=True).assays
    firm, operator = trader(offer.company), actor_of(operator_user(any_session))
    done = operations.void(any_session, firm, offer.number, plain.number, "样品弄错", LATER)
    assert done.voided_at == LATER
    with pytest.raises(Refused):
        operations.void(any_session, firm, offer.number, hazard.number, "样品弄错", LATER)
    done = operations.void(any_session, operator, offer.number, hazard.number, "更正报告", LATER)
    assert done.voided_at == LATER


def test_an_assay_is_voided_only_where_it_speaks_of_the_offer(session: Session) -> None:
    offer, other = published_offer(session), published_offer(session)
    (assay,) = entered(session, offer).assays
    for own in (offer, other):
        with pytest.raises(NotFound):
            operations.void(
                session, trader(other.company), own.number, assay.number, "不是我的", LATER
            )


def test_the_same_file_leads_to_the_one_that_waits(any_session: Session) -> None:
    offer = published_offer(any_session)
    first = kept(any_session, offer)
    assert kept(any_session, offer) is first
    assert kept(any_session, offer, b"%PDF-1.8") is not first
    firm = trader(offer.company)
    operations.throw_report(any_session, firm, offer.number, first.id, NOW)
    assert first.content is None
    assert kept(any_session, offer) is not first
    with pytest.raises(NotFound):
        operations.throw_report(any_session, firm, offer.number, first.id, NOW)


def test_a_file_is_confirmed_once_unless_its_assays_were_voided(session: Session) -> None:
    offer = published_offer(session)
    file, firm = kept(session, offer), trader(offer.company)
    draft = assay_draft(None, report_id=file.id)
    (assay,) = operations.enter(session, firm, offer.number, [draft], [], NOW).assays
    with pytest.raises(Refused) as refusal:
        kept(session, offer)
    assert assay.number in str(refusal.value.message)
    with pytest.raises(Conflict):
        operations.throw_report(session, firm, offer.number, file.id, NOW)
    operations.void(session, firm, offer.number, assay.number, "换算有误", NOW)
    assert kept(session, offer) is file


def test_so_many_files_may_wait_and_no_more(session: Session) -> None:
    offer = published_offer(session)
    for count in range(operations.MOST_WAITING):
        kept(session, offer, f"%PDF-{count}".encode())
    with pytest.raises(Refused):
        kept(session, offer, b"%PDF-more")


def test_of_the_facts_those_are_kept_that_matter_and_are_new(any_session: Session) -> None:
    offer = published_offer(any_session)
    firm = trader(offer.company)
    told = {"boiler_type": "pulverised", "ore": "ordinary"}
    assert operations.tell_facts(any_session, firm, offer.number, told, NOW) == 1
    assert operations.tell_facts(any_session, firm, offer.number, told, NOW) == 0
    known = queries.facts(any_session, [offer.site_id])[offer.site_id]
    assert known == {"boiler_type": "pulverised"}
    with pytest.raises(Refused):
        operations.tell_facts(any_session, firm, offer.number, {"boiler_type": "solar"}, NOW)
    assert operations.tell_facts(any_session, firm, offer.number, {"boiler_type": ""}, NOW) == 1
    assert queries.facts(any_session, [offer.site_id])[offer.site_id] == {}


def test_the_kind_of_a_slag_is_named_once_and_noted(any_session: Session) -> None:
    slag = published_offer(any_session, material="smelting_slag")
    firm = trader(slag.company)
    assert "bf_slag" in [row.code for row in entries.kinds_to_name(any_session, slag)]
    version = slag.version
    with pytest.raises(ListingRefused):
        listings.name_kind(any_session, firm, slag.number, "red_mud", NOW)
    listings.name_kind(any_session, firm, slag.number, "bf_slag", NOW)
    assert (slag.kind, slag.version) == ("bf_slag", version + 1)
    assert entries.kinds_to_name(any_session, slag) == []
    with pytest.raises(Conflict):
        listings.name_kind(any_session, firm, slag.number, "steel_slag", NOW)
    stranger = trader(published_offer(any_session).company)
    with pytest.raises(NotFound):
        listings.name_kind(any_session, stranger, slag.number, "bf_slag", NOW)
    verbs = any_session.scalars(select(AuditEvent.verb)).all()
    assert verbs.count("listing.name_kind") == 1


def test_what_a_use_asks_for_stands_first_and_every_parameter_once(session: Session) -> None:
    found = entries.questionnaire(session, "fly_ash", TODAY)
    codes = [row.parameter.code for row in (*found.asked, *found.gates, *found.rest)]
    assert len(codes) == len(set(codes)) == len(parameters(session))
    asked = {row.parameter.code: row for row in found.asked}
    assert {"loi", "residue_45um", "so3"} <= set(asked)
    assert asked["loi"].use
    assert asked["loi"].limits
    assert "ph" in {row.parameter.code for row in found.gates}
