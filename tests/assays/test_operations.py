"""Entering, carrying over and voiding assays, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from app.assays import operations, queries
from app.assays.models import Assay
from app.assays.operations import AssayRefused
from app.assays.rules import AssayDraft, Evidence, ValueDraft
from app.catalogue.rules import Basis
from app.core.actor import SYSTEM
from app.core.errors import Conflict, NotFound, Refused
from app.eligibility.ranges import Range, exactly, read
from app.listings.models import Offer
from tests.assays.factories import assay_draft, recorded
from tests.conftest import NOW, TODAY
from tests.listings.factories import published_offer, trader

LATER = NOW + timedelta(hours=1)


def refused(session: Session, draft: AssayDraft) -> dict[str, str]:
    """What a draft is refused for: the code by field."""
    with pytest.raises(AssayRefused) as refusal:
        operations.check(session, draft, NOW)
    return {fault.field: fault.code for fault in refusal.value.faults}


def readings(session: Session, offer: Offer, on: date = TODAY) -> dict[str, Range]:
    return queries.readings(session, [offer.number], on).get(offer.number, {})


def entered(session: Session, *values: ValueDraft, **changes: object) -> Assay:
    offer = published_offer(session)
    draft = replace(assay_draft({}, **changes), values=values)
    return operations.record(session, SYSTEM, offer.company_id, [offer.number], draft, NOW)


def test_the_values_of_an_assay_are_the_readings_of_its_offer(any_session: Session) -> None:
    offer = published_offer(any_session)
    recorded(any_session, offer.company_id, offer.number, values={"loi": "4.9", "cl": "<0.01"})
    assert readings(any_session, offer) == {"loi": exactly(Decimal("4.9")), "cl": read("<0.01")}


def test_an_assay_of_one_offer_says_nothing_of_another(any_session: Session) -> None:
    offer, other = published_offer(any_session), published_offer(any_session)
    recorded(any_session, other.company_id, other.number, values={"loi": "9"})
    before = readings(any_session, other)
    recorded(any_session, offer.company_id, offer.number)
    assert readings(any_session, other) == before


def test_a_value_in_another_unit_is_kept_as_written_and_read_in_its_own(session: Session) -> None:
    assay = entered(session, ValueDraft(parameter="cl", text="100", unit="mg/kg"))
    (value,) = assay.values
    assert (value.text, value.unit) == ("100", "mg/kg")
    assert queries.range_of(value) == exactly(Decimal("0.01"))


def test_shares_of_the_mass_as_received_are_brought_to_the_dry_mass(session: Session) -> None:
    assay = entered(
        session,
        ValueDraft(parameter="loi", text="4.5"),
        ValueDraft(parameter="ira", text="0.4"),
        basis=Basis.AS_RECEIVED,
        moisture="10",
        batch_kg=2_000_000,
    )
    batch = queries.batch_of(assay)
    assert batch.readings == {"loi": exactly(Decimal("5")), "ira": exactly(Decimal("0.4"))}
    assert batch.dry_kg == 1_800_000


def test_the_newest_sample_decides_and_an_expired_one_counts_no_more(any_session: Session) -> None:
    offer = published_offer(any_session)
    for day, loi in ((date(2026, 11, 5), "4"), (date(2026, 9, 5), "6")):
        recorded(any_session, offer.company_id, offer.number, values={"loi": loi}, sampled_on=day)
    assert readings(any_session, offer)["loi"] == exactly(Decimal("4"))
    assert readings(any_session, offer, date(2026, 10, 1))["loi"] == exactly(Decimal("6"))
    last = date(2026, 11, 5) + timedelta(days=180)
    assert "loi" in readings(any_session, offer, last)
    assert readings(any_session, offer, last + timedelta(days=1)) == {}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"sampled_on": date(2026, 11, 23)}, {"sampled_on": "sampled_in_future"}),
        ({"sampled_on": date(2015, 1, 1)}, {"sampled_on": "sampled_long_ago"}),
        ({"certificate": "CMA 12"}, {"certificate": "no_certificate"}),
        ({"certificate": "CNAS L1234"}, {"laboratory": "laboratory_missing"}),
        ({"batch_kg": 0, "moisture": "1"}, {"batch": "batch_out_of_range"}),
        ({"batch_kg": 1000}, {"moisture": "moisture_missing"}),
        ({"basis": Basis.AS_RECEIVED}, {"moisture": "moisture_missing"}),
        ({"moisture": "100"}, {"moisture": "moisture_not_a_number"}),
        ({"moisture": "<1"}, {"moisture": "moisture_not_a_number"}),
        ({"moisture": "wet"}, {"moisture": "no_reading"}),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    session: Session, changes: dict[str, object], fault: dict[str, str]
) -> None:
    assert refused(session, assay_draft(None, **changes)) == fault


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({}, {"values": "no_values"}),
        ({"loi": "140"}, {"values.loi": "impossible"}),
        ({"ph": "19"}, {"values.ph": "impossible"}),
        ({"loi": "4 mg/L"}, {"values.loi": "no_such_unit"}),
        ({"loi": "many"}, {"values.loi": "no_reading"}),
        ({"gold": "1"}, {"values.gold": "no_such_parameter"}),
        ({"loi": "1" * 25}, {"values.loi": "no_reading"}),
        ({"sio2": "60", "al2o3": "40", "cao": "5.1"}, {"values": "too_much"}),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(
    session: Session, values: dict[str, str], fault: dict[str, str]
) -> None:
    assert refused(session, assay_draft(values)) == fault


def test_everything_that_is_wrong_is_told_at_once(session: Session) -> None:
    draft = assay_draft({"loi": "140", "ph": "19"}, sampled_on=date(2027, 1, 1))
    assert set(refused(session, draft)) == {"sampled_on", "values.loi", "values.ph"}


def test_a_void_assay_counts_no_more_and_still_did_before(any_session: Session) -> None:
    offer = published_offer(any_session)
    assay = recorded(any_session, offer.company_id, offer.number, values={"loi": "4"})
    operations.void(any_session, SYSTEM, assay.number, "样品弄错", LATER)
    assert readings(any_session, offer) == {}
    then = queries.readings(any_session, [offer.number], TODAY, as_of=NOW)
    assert then[offer.number] == {"loi": exactly(Decimal("4"))}
    with pytest.raises(Conflict):
        operations.void(any_session, SYSTEM, assay.number, "再一次", LATER)


def test_an_assay_is_voided_by_its_firm_alone_and_with_a_reason(session: Session) -> None:
    offer, other = published_offer(session), published_offer(session)
    number = recorded(session, offer.company_id, offer.number).number
    with pytest.raises(NotFound):
        operations.void(session, trader(other.company), number, "不是我的", LATER)
    with pytest.raises(Refused):
        operations.void(session, trader(offer.company), number, " ", LATER)
    assert operations.void(session, trader(offer.company), number, "样品弄错", LATER).voided_at


def test_assays_are_carried_to_another_offer_of_the_firm_once(any_session: Session) -> None:
    offer = published_offer(any_session)
    later = published_offer(any_session, offer.site)
    recorded(any_session, offer.company_id, offer.number, values={"loi": "4"})
    told = (any_session, SYSTEM, offer.company_id, offer.number, later.number)
    assert [operations.carry_over(*told, LATER) for _ in range(2)] == [1, 0]
    assert readings(any_session, later) == readings(any_session, offer)
    stranger = published_offer(any_session)
    own = (stranger.company_id, offer.number, stranger.number)
    assert operations.carry_over(any_session, SYSTEM, *own, LATER) == 0


def test_the_level_of_evidence_grows_with_what_stands_behind_the_values(
    any_session: Session,
) -> None:
    offer = published_offer(any_session)

    def level() -> Evidence:
        return queries.evidence(any_session, [offer.number], TODAY)[offer.number]

    told = (any_session, offer.company_id, offer.number)
    assert level() is Evidence.NONE
    recorded(*told, sampled_on=None)
    assert level() is Evidence.TYPED
    recorded(*told)
    assert level() is Evidence.DATED


def test_the_latest_word_on_an_origin_counts_and_can_be_taken_back(any_session: Session) -> None:
    site = published_offer(any_session).site_id
    operations.tell_facts(any_session, SYSTEM, site, {"boiler_type": "pulverised"}, NOW)
    operations.tell_facts(
        any_session, SYSTEM, site, {"boiler_type": "fluidised_bed", "ash_class": "C"}, LATER
    )
    assert queries.facts(any_session, [site])[site] == {
        "boiler_type": "fluidised_bed",
        "ash_class": "C",
    }
    assert queries.facts(any_session, [site], as_of=NOW)[site] == {"boiler_type": "pulverised"}
    operations.tell_facts(any_session, SYSTEM, site, {"ash_class": ""}, LATER)
    assert queries.facts(any_session, [site])[site] == {"boiler_type": "fluidised_bed"}
    with pytest.raises(Refused):
        operations.tell_facts(any_session, SYSTEM, site, {"boiler_type": "kiln"}, LATER)
