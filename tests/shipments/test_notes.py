from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.operations import suspend
from app.core.actor import SYSTEM, CompanyRole
from app.core.audit import AuditEvent
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.ledger.queries import check
from app.shipments import gates, notes, vehicles
from app.shipments.gates import GateDraft
from app.shipments.models import Shipment
from app.shipments.notes import Haulage
from app.shipments.queries import left_of
from app.shipments.rules import EmissionClass, End, GateHours, ShipmentStatus, Verdict
from tests.companies.factories import approved_company
from tests.conftest import NOW
from tests.listings.factories import trader
from tests.shipments.factories import (
    LATEST,
    NET,
    PHONE,
    carrier,
    confirmed,
    on_the_road,
    plan_draft,
    planned,
    received,
    rejected,
    vehicle,
    weigh,
)
from tests.trades import factories as trades
from tests.trades.factories import consumer_of, contracted_trade, producer_of


def verbs(session: Session, shipment: Shipment) -> list[str]:
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.object_kind == "shipment", AuditEvent.object_id == shipment.number)
        .order_by(AuditEvent.id)
    )
    return [event.verb for event in events]


def test_a_planned_load_is_a_draft_that_keeps_who_drives_it(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    truck = vehicle(any_session, trade.producer, trailer_plate="鲁P1234挂")
    shipment = planned(any_session, trade, truck, via="经 G105")
    assert (shipment.number, shipment.status) == ("W-2611-00001", ShipmentStatus.DRAFT)
    assert (shipment.plate, shipment.trailer_plate) == (truck.plate, "鲁P1234挂")
    assert (shipment.driver, shipment.driver_phone, shipment.via) == ("司机甲", PHONE, "经 G105")
    assert (shipment.carrier, shipment.emission) == (trade.producer, EmissionClass.CHINA_6)
    assert verbs(any_session, shipment) == ["shipment.plan"]


def test_the_other_side_confirms_and_twice_is_once(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    shipment = planned(any_session, trade)
    for now in (NOW, LATEST):
        notes.confirm(any_session, consumer_of(trade), shipment.number, now)
    assert (shipment.status, shipment.confirmed_at) == (ShipmentStatus.CONFIRMED, NOW)
    assert verbs(any_session, shipment) == ["shipment.plan", "shipment.confirm"]


def test_the_carrier_confirms_too(any_session: Session) -> None:
    trade, company = contracted_trade(any_session), carrier(any_session)
    shipment = planned(any_session, trade, vehicle(any_session, company))
    notes.confirm(any_session, trader(company), shipment.number, NOW)
    assert shipment.status is ShipmentStatus.CONFIRMED


def test_nobody_confirms_a_load_of_its_own(session: Session) -> None:
    shipment = planned(session, contracted_trade(session))
    with pytest.raises(Forbidden) as refused:
        notes.confirm(session, producer_of(shipment.trade), shipment.number, NOW)
    assert "不能自己确认" in str(refused.value.message)


def test_strangers_find_no_load_and_viewers_change_none(session: Session) -> None:
    shipment = planned(session, contracted_trade(session))
    stranger = trader(approved_company(session))
    viewer = trader(shipment.trade.consumer, CompanyRole.VIEWER)
    for deed in (notes.confirm, notes.arrive, notes.close):
        with pytest.raises(NotFound):
            deed(session, stranger, shipment.number, NOW)
        with pytest.raises(Forbidden):
            deed(session, viewer, shipment.number, NOW)
    with pytest.raises(NotFound):
        notes.plan(session, stranger, shipment.trade.number, plan_draft(), NOW)


@pytest.mark.parametrize("trade_of", [trades.proposed_trade, trades.confirmed_trade])
def test_no_truck_is_planned_before_the_contract(session: Session, trade_of: object) -> None:
    trade = trade_of(session)  # type: ignore[operator]
    with pytest.raises(Conflict) as refused:
        planned(session, trade)
    assert trade.number in str(refused.value.message)


def test_no_more_is_planned_than_the_trade_has_left(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=70_000)
    planned(any_session, trade)
    received(any_session, trade)
    with pytest.raises(Refused) as refused:
        planned(any_session, trade, planned_kg=10_001)
    assert refused.value.field == "planned_kg"
    assert "只剩 10 吨" in str(refused.value.message)
    planned(any_session, trade, planned_kg=10_000)
    assert left_of(any_session, trade).unplanned_kg == 0


def test_a_truck_takes_no_more_than_its_licence_says(session: Session) -> None:
    trade = contracted_trade(session)
    truck = vehicle(session, trade.producer)
    for kg in (0, -1, 32_001):
        with pytest.raises(Refused) as refused:
            planned(session, trade, truck, planned_kg=kg)
        assert refused.value.field == "planned_kg"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"plate": "鲁P0O001"}, "plate"),
        ({"driver": " "}, "driver"),
        ({"driver_phone": "12"}, "driver_phone"),
    ],
)
def test_a_driver_has_a_plate_a_name_and_a_phone(
    session: Session, change: dict[str, str], field: str
) -> None:
    trade = contracted_trade(session)
    truck = vehicle(session, trade.producer)
    haulage = replace(Haulage(truck.plate, "司机甲", PHONE), **change)
    with pytest.raises(Refused) as refused:
        planned(session, trade, truck, haulage=haulage)
    assert refused.value.field == field


def test_only_registered_trucks_of_the_sides_and_of_carriers_are_sent(session: Session) -> None:
    trade = contracted_trade(session)
    foreign = vehicle(session, approved_company(session, is_carrier=False))
    retired = vehicle(session, trade.producer)
    vehicles.retire(session, producer_of(trade), retired.id, NOW)
    unknown = plan_draft(haulage=Haulage("鲁P99Z99", "司机甲", PHONE))
    for draft, word in [
        (unknown, "还没有登记"),
        (plan_draft(foreign), "还没有登记"),
        (plan_draft(retired), "已停用"),
    ]:
        with pytest.raises(Refused, match=r".*") as refused:
            notes.plan(session, producer_of(trade), trade.number, draft, NOW)
        assert word in str(refused.value.message)


def test_trucks_of_a_suspended_carrier_are_not_sent(session: Session) -> None:
    trade, company = contracted_trade(session), carrier(session)
    truck = vehicle(session, company)
    suspend(session, SYSTEM, company.id, "证照过期", NOW)
    with pytest.raises(Refused):
        planned(session, trade, truck)


@pytest.mark.parametrize("side", ["producer", "consumer"])
def test_a_gate_lets_no_older_engine_in(session: Session, side: str) -> None:
    trade = contracted_trade(session)
    site = getattr(trade, f"{side}_site")
    manager = trader(site.company, CompanyRole.MANAGER)
    draft = GateDraft(GateHours(8, 18, 30, 2), EmissionClass.CHINA_6)
    gates.set_gate(session, manager, site.id, draft, NOW)
    old = vehicle(session, trade.producer, emission=EmissionClass.CHINA_5)
    with pytest.raises(Refused) as refused:
        planned(session, trade, old)
    assert "只让国六及以上的车进厂" in str(refused.value.message)
    planned(session, trade, vehicle(session, trade.producer))


def test_another_truck_may_come_until_the_first_is_loaded(session: Session) -> None:
    trade = contracted_trade(session)
    shipment = confirmed(session, trade)
    other = Haulage(vehicle(session, trade.producer).plate, "司机乙", PHONE)
    notes.change_vehicle(session, producer_of(trade), shipment.number, other, NOW)
    assert (shipment.plate, shipment.driver) == (other.plate, "司机乙")
    weigh(session, shipment, End.LOADING)
    with pytest.raises(Conflict) as refused:
        notes.change_vehicle(session, producer_of(trade), shipment.number, other, NOW)
    assert "已在 2026-11-22 17:42 装车发出" in str(refused.value.message)


def test_a_note_becomes_void_before_departure_and_never_after(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    first, second = confirmed(any_session, trade), on_the_road(any_session, trade)
    notes.void(any_session, consumer_of(trade), first.number, "改日再发", NOW)
    assert (first.status, first.words) == (ShipmentStatus.VOID, "改日再发")
    with pytest.raises(Conflict):
        notes.void(any_session, consumer_of(trade), second.number, "", NOW)
    with pytest.raises(Conflict) as refused:
        notes.confirm(any_session, consumer_of(trade), first.number, NOW)
    assert "已在 2026-11-22 16:42 作废" in str(refused.value.message)


def test_the_carrier_does_not_cancel_for_the_sides(session: Session) -> None:
    trade, company = contracted_trade(session), carrier(session)
    shipment = planned(session, trade, vehicle(session, company))
    with pytest.raises(Forbidden):
        notes.void(session, trader(company), shipment.number, "", NOW)


def test_driver_or_gate_report_a_truck_once(any_session: Session) -> None:
    trade, company = contracted_trade(any_session), carrier(any_session)
    shipment = on_the_road(any_session, trade, truck=vehicle(any_session, company))
    notes.arrive(any_session, trader(company), shipment.number, NOW)
    notes.arrive(any_session, consumer_of(trade), shipment.number, LATEST)
    assert (shipment.status, shipment.arrived_at) == (ShipmentStatus.ARRIVED, NOW)


def test_a_note_is_closed_when_nothing_is_left_to_do(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    shipment = received(any_session, trade)
    for now in (LATEST, LATEST):
        notes.close(any_session, producer_of(trade), shipment.number, now)
    assert (shipment.status, shipment.closed_at) == (ShipmentStatus.CLOSED, LATEST)
    assert verbs(any_session, shipment)[-1] == "shipment.close"


def test_a_load_under_way_refused_or_disputed_is_not_closed(session: Session) -> None:
    trade = contracted_trade(session)
    for shipment, word in [
        (on_the_road(session, trade), "装车发出"),
        (rejected(session, trade), "还没有退回过磅"),
        (received(session, trade, arrived=NET - 2_000), "磅差还没有商定"),
    ]:
        with pytest.raises(Conflict) as refused:
            notes.close(session, producer_of(trade), shipment.number, NOW)
        assert word in str(refused.value.message)


def test_a_suspended_firm_still_receives_what_is_on_the_road(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    shipment, waiting = on_the_road(any_session, trade), confirmed(any_session, trade)
    suspend(any_session, SYSTEM, trade.consumer_company_id, "整改", NOW)
    suspend(any_session, SYSTEM, trade.producer_company_id, "整改", NOW)
    weigh(any_session, shipment, End.UNLOADING, verdict=Verdict.ACCEPT)
    assert shipment.status is ShipmentStatus.RECEIVED
    with pytest.raises(Forbidden):
        weigh(any_session, waiting, End.LOADING)
    assert check(any_session) == []
