from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.companies.models import Site
from app.core.actor import CompanyRole
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.shipments import gate_book, gates, notes, vehicles
from app.shipments.gates import GateDraft
from app.shipments.models import Gate
from app.shipments.rules import EmissionClass, End, GateHours
from app.shipments.vehicles import VehicleDraft
from app.trades.models import Trade
from tests.companies.factories import approved_company
from tests.conftest import NOW
from tests.listings.factories import trader
from tests.shipments.factories import (
    LATEST,
    carrier,
    on_the_road,
    planned,
    plate_of,
    received,
    rejected,
    vehicle,
)
from tests.trades.factories import consumer_of, contracted_trade, producer_of

NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""9:00 in China, the morning after `NOW`."""
HALF = timedelta(minutes=30)
MONDAY = date(2026, 11, 23)


def open_gate(session: Session, site: Site, trucks: int = 1) -> Gate:
    """A gate from 8 to 18 h with slots of half an hour."""
    draft = GateDraft(GateHours(8, 18, 30, trucks), EmissionClass.CHINA_5)
    return gates.set_gate(session, trader(site.company, CompanyRole.MANAGER), site.id, draft, NOW)


def test_a_manager_opens_and_changes_the_gate_of_an_own_site(session: Session) -> None:
    site = approved_company(session).sites[0]
    open_gate(session, site)
    gate = open_gate(session, site, trucks=3)
    assert (gate.trucks_per_slot, gate.least_emission) == (3, EmissionClass.CHINA_5)
    draft = GateDraft(GateHours(8, 8, 30, 1), EmissionClass.CHINA_5)
    manager = trader(site.company, CompanyRole.MANAGER)
    with pytest.raises(Refused):
        gates.set_gate(session, manager, site.id, draft, NOW)
    with pytest.raises(Forbidden):
        gates.set_gate(session, trader(site.company), site.id, draft, NOW)
    with pytest.raises(NotFound):
        gates.set_gate(session, trader(approved_company(session)), site.id, draft, NOW)


def test_a_slot_is_booked_moved_and_booked_once(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    open_gate(any_session, trade.producer_site)
    shipment = planned(any_session, trade)
    actor = producer_of(trade)
    for at in (NINE, NINE + HALF, NINE + HALF):
        gates.book_slot(any_session, actor, shipment.number, End.LOADING, at, NOW)
    assert shipment.load_slot_at == NINE + HALF
    taken = gate_book.booked(any_session, trade.producer_site_id, NINE, NINE + 2 * HALF)
    assert taken == {NINE + HALF: 1}


def test_a_full_slot_is_refused_with_the_next_free_ones(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    open_gate(any_session, trade.producer_site)
    first, second, third = (planned(any_session, trade) for _ in range(3))
    actor = producer_of(trade)
    gates.book_slot(any_session, actor, first.number, End.LOADING, NINE, NOW)
    gates.book_slot(any_session, actor, second.number, End.LOADING, NINE + HALF, NOW)
    with pytest.raises(Refused) as refused:
        gates.book_slot(any_session, actor, third.number, End.LOADING, NINE, NOW)
    message = str(refused.value.message)
    assert "2026-11-23 09:00 已约满" in message
    assert "2026-11-23 10:00、2026-11-23 10:30" in message
    assert third.load_slot_at is None
    notes.void(any_session, actor, first.number, "", NOW)
    gates.book_slot(any_session, actor, third.number, End.LOADING, NINE, NOW)


@pytest.mark.parametrize(
    ("at", "word"),
    [
        (NINE + timedelta(minutes=10), "不是可预约的时段"),
        (NINE + timedelta(hours=12), "不是可预约的时段"),
        (NINE - timedelta(days=1), "已经过去"),
    ],
)
def test_an_appointment_lies_in_the_hours_to_come(
    session: Session, at: datetime, word: str
) -> None:
    trade = contracted_trade(session)
    open_gate(session, trade.producer_site)
    shipment = planned(session, trade)
    with pytest.raises(Refused) as refused:
        gates.book_slot(session, producer_of(trade), shipment.number, End.LOADING, at, NOW)
    assert word in str(refused.value.message)


def test_a_load_is_put_on_before_it_is_taken_off(session: Session) -> None:
    trade = contracted_trade(session)
    open_gate(session, trade.producer_site)
    open_gate(session, trade.consumer_site)
    shipment = planned(session, trade)
    actor = producer_of(trade)
    gates.book_slot(session, actor, shipment.number, End.LOADING, NINE, NOW)
    with pytest.raises(Refused):
        gates.book_slot(session, actor, shipment.number, End.UNLOADING, NINE, NOW)
    gates.book_slot(session, actor, shipment.number, End.UNLOADING, NINE + HALF, NOW)
    with pytest.raises(Refused):
        gates.book_slot(session, actor, shipment.number, End.LOADING, NINE + HALF, NOW)


def test_a_truck_stands_at_one_gate_at_a_time(session: Session) -> None:
    trade = contracted_trade(session)
    open_gate(session, trade.producer_site, trucks=5)
    truck = vehicle(session, trade.producer)
    first, second = (planned(session, trade, truck) for _ in range(2))
    actor = producer_of(trade)
    gates.book_slot(session, actor, first.number, End.LOADING, NINE, NOW)
    with pytest.raises(Refused) as refused:
        gates.book_slot(session, actor, second.number, End.LOADING, NINE, NOW)
    assert first.number in str(refused.value.message)


def test_a_site_without_a_gate_and_a_load_that_left_need_no_slot(session: Session) -> None:
    trade = contracted_trade(session)
    number = planned(session, trade).number
    with pytest.raises(Refused):
        gates.book_slot(session, producer_of(trade), number, End.LOADING, NINE, NOW)
    open_gate(session, trade.producer_site)
    open_gate(session, trade.consumer_site)
    left, over = on_the_road(session, trade), received(session, trade)
    gates.book_slot(session, consumer_of(trade), left.number, End.UNLOADING, NINE, LATEST)
    for number, end in [
        (left.number, End.LOADING),
        (left.number, End.RETURN),
        (over.number, End.UNLOADING),
    ]:
        with pytest.raises(Conflict):
            gates.book_slot(session, producer_of(trade), number, end, NINE, LATEST)


def test_the_day_of_a_gate_shows_who_comes_when_and_who_comes_anyway(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    open_gate(any_session, trade.consumer_site)
    booked, unbooked = (on_the_road(any_session, trade) for _ in range(2))
    gates.book_slot(any_session, producer_of(trade), booked.number, End.UNLOADING, NINE, LATEST)
    back = rejected(any_session, trade)
    morning = NINE - timedelta(hours=1)

    def day_at(trade: Trade, site: Site, actor_of: object) -> gate_book.GateDay:
        actor = actor_of(trade)  # type: ignore[operator]
        return gate_book.gate_day(any_session, actor, site.id, MONDAY, morning)

    day = day_at(trade, trade.consumer_site, consumer_of)
    full = [(slot.at, [row.number for row in slot.rows]) for slot in day.slots if slot.rows]
    assert full == [(NINE, [booked.number])]
    assert [slot.is_free for slot in day.slots].count(False) == 1
    assert [row.number for row in day.unbooked] == [unbooked.number]
    home = day_at(trade, trade.producer_site, producer_of)
    assert (home.gate.hours, [row.number for row in home.unbooked]) == (None, [back.number])
    with pytest.raises(NotFound):
        day_at(trade, trade.consumer_site, producer_of)


def test_the_free_slots_of_a_day_leave_out_what_is_full_or_gone(session: Session) -> None:
    trade = contracted_trade(session)
    open_gate(session, trade.producer_site)
    first, second = (planned(session, trade) for _ in range(2))
    actor = producer_of(trade)
    gates.book_slot(session, actor, first.number, End.LOADING, NINE, NOW)
    free = gate_book.free_slots(session, actor, second.number, End.LOADING, MONDAY, NINE - HALF)
    assert free[0] == (NINE + HALF, 1)
    assert len(free) == 17
    assert gate_book.free_slots(session, actor, second.number, End.UNLOADING, MONDAY, NOW) == []


# --- vehicles ---------------------------------------------------------------------------


def test_a_plate_is_registered_once_however_it_is_typed(any_session: Session) -> None:
    company, other = carrier(any_session), approved_company(any_session)
    first = vehicle(any_session, company, plate="鲁p·5D827")
    assert first.plate == "鲁P5D827"
    with pytest.raises(Refused) as refused:
        vehicle(any_session, other, plate="鲁P 5D827")
    assert (refused.value.field, "已经登记过" in str(refused.value.message)) == ("plate", True)
    second = vehicle(any_session, other)
    taken = VehicleDraft("鲁P5D827", EmissionClass.CHINA_6, 32_000)
    with pytest.raises(Refused):
        vehicles.change(any_session, trader(other), second.id, taken, NOW)
    any_session.refresh(second)
    assert second.plate != "鲁P5D827"


def test_trucks_are_changed_retired_and_restored_by_their_own_firm(session: Session) -> None:
    company = carrier(session)
    truck = vehicle(session, company)
    better = VehicleDraft(plate_of(99_999), EmissionClass.CHINA_6, 30_000, "鲁P1234挂")
    vehicles.change(session, trader(company), truck.id, better, NOW)
    assert (truck.plate, truck.trailer_plate, truck.load_kg) == ("鲁P99999", "鲁P1234挂", 30_000)
    vehicles.retire(session, trader(company), truck.id, NOW)
    (row,) = gate_book.vehicles_of(session, trader(company), company.id)
    assert not row.is_active
    vehicles.restore(session, trader(company), truck.id, NOW)
    assert truck.is_active
    stranger = trader(approved_company(session))
    with pytest.raises(NotFound):
        vehicles.retire(session, stranger, truck.id, NOW)
    with pytest.raises(NotFound):
        gate_book.vehicles_of(session, stranger, company.id)
    viewer = trader(company, CompanyRole.VIEWER)
    with pytest.raises(Forbidden):
        vehicles.register(session, viewer, better, NOW)
