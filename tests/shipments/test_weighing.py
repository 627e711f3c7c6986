from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.ledger.queries import check
from app.notifications.models import Notification
from app.shipments import notes, weighing
from app.shipments.models import Discrepancy, Shipment, Ticket
from app.shipments.rules import (
    DiscrepancyStatus,
    End,
    RejectReason,
    ShipmentStatus,
    Verdict,
)
from app.trades.masses import Masses, masses_of
from app.trades.models import Trade
from app.trades.rules import EndReason, TradeStatus
from tests.companies.factories import approved_company
from tests.conftest import NOW
from tests.listings.factories import trader
from tests.shipments.factories import (
    BACK,
    LATEST,
    LOADED,
    NET,
    TARE,
    UNLOADED,
    carrier,
    confirmed,
    on_the_road,
    planned,
    received,
    rejected,
    ticket_draft,
    vehicle,
    weigh,
    weigher,
)
from tests.trades.factories import consumer_of, contracted_trade, producer_of

MINUTE = timedelta(minutes=1)


def masses(session: Session, trade: Trade) -> Masses:
    return masses_of(session, [trade.number])[trade.number]


def tickets(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Ticket)) or 0


def test_a_weighed_truck_leaves_and_its_kilograms_are_on_the_road(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    shipment = on_the_road(any_session, trade, 31_460)
    assert shipment.status is ShipmentStatus.IN_TRANSIT
    assert (shipment.dispatched_kg, shipment.loaded_at, shipment.departed_at) == (
        31_460,
        LOADED,
        LOADED,
    )
    assert trade.status is TradeStatus.DELIVERING
    found = masses(any_session, trade)
    assert (found.contracted, found.in_transit) == (600_000 - 31_460, 31_460)
    assert check(any_session) == []


def test_a_load_within_the_tolerance_is_received_as_weighed(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    shipment = received(any_session, trade, 31_460, arrived=31_420)
    assert shipment.status is ShipmentStatus.RECEIVED
    assert (shipment.received_kg, shipment.rejected_kg, shipment.paid_kg) == (31_420, 0, 31_420)
    assert (shipment.arrived_at, shipment.received_at) == (UNLOADED, UNLOADED)
    found = masses(any_session, trade)
    assert (found.received, found.difference, found.in_transit) == (31_420, 40, 0)
    assert not shipment.discrepancies
    assert check(any_session) == []


def test_a_little_more_than_was_sent_counts_as_sent(session: Session) -> None:
    trade = contracted_trade(session)
    shipment = received(session, trade, NET, arrived=NET + 300)
    assert shipment.received_kg == NET
    assert masses(session, trade).difference == 0


def test_more_than_was_sent_is_refused_with_both_numbers(session: Session) -> None:
    shipment = on_the_road(session, contracted_trade(session))
    with pytest.raises(Refused) as refused:
        weigh(session, shipment, End.UNLOADING, NET + 301)
    assert "30,301 kg" in str(refused.value.message)
    assert "30,000 kg" in str(refused.value.message)
    assert tickets(session) == 1


def test_a_short_load_opens_a_discrepancy_with_a_clock(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    shipment = received(any_session, trade, NET, arrived=NET - 301)
    (case,) = shipment.discrepancies
    assert (case.sent_kg, case.weighed_kg, case.allowed_kg) == (NET, NET - 301, 300)
    assert (case.status, case.deadline) == (DiscrepancyStatus.OPEN, LATEST + timedelta(days=3))
    assert masses(any_session, trade).difference == 301


def test_a_part_goes_back_and_the_rest_is_taken(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    shipment = rejected(any_session, trade, part=5_000)
    assert shipment.status is ShipmentStatus.PART_REJECTED
    assert (shipment.received_kg, shipment.rejected_kg) == (NET - 5_000, 5_000)
    assert shipment.reject_reason is RejectReason.MOISTURE
    found = masses(any_session, trade)
    assert (found.received, found.on_its_way_back) == (NET - 5_000, 5_000)


def test_a_refused_load_opens_again_when_it_is_home(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    shipment = rejected(any_session, trade)
    assert masses(any_session, trade).on_its_way_back == NET
    weigh(any_session, shipment, End.RETURN, NET - 100)
    assert (shipment.status, shipment.returned_at) == (ShipmentStatus.REJECTED, BACK)
    found = masses(any_session, trade)
    assert (found.returned, found.on_its_way_back, found.contracted) == (NET, 0, 600_000 - NET)
    assert not shipment.discrepancies
    assert check(any_session) == []


def test_what_is_missing_on_the_way_home_is_a_discrepancy_of_its_own(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    shipment = rejected(any_session, trade)
    weigh(any_session, shipment, End.RETURN, NET - 2_000)
    case = shipment.discrepancy(End.RETURN)
    assert case is not None
    assert (case.sent_kg, case.weighed_kg) == (NET, NET - 2_000)
    assert shipment.paid_kg == 0


def test_more_than_was_refused_does_not_come_home(session: Session) -> None:
    shipment = rejected(session, contracted_trade(session), part=5_000)
    with pytest.raises(Refused) as refused:
        weigh(session, shipment, End.RETURN, 5_301)
    assert "5,301 kg" in str(refused.value.message)


def test_the_last_load_completes_the_trade(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=2 * NET)
    received(any_session, trade)
    assert (trade.status, trade.ended_reason) == (TradeStatus.DELIVERING, None)
    received(any_session, trade)
    assert (trade.status, trade.ended_reason) == (TradeStatus.COMPLETED, EndReason.DELIVERED)


def test_a_trade_waits_for_its_refused_load_to_come_home(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=2 * NET)
    received(any_session, trade)
    shipment = rejected(any_session, trade)
    assert (trade.status, trade.ended_at) == (TradeStatus.DELIVERING, None)
    weigh(any_session, shipment, End.RETURN)
    assert (trade.status, trade.ended_at) == (TradeStatus.COMPLETED, LATEST)
    assert check(any_session) == []


def test_a_trade_waits_for_its_disputed_weight(session: Session) -> None:
    trade = contracted_trade(session, kg=NET)
    received(session, trade, arrived=NET - 2_000)
    assert trade.status is TradeStatus.DELIVERING


# --- bad input --------------------------------------------------------------------------


def test_a_ticket_sent_again_is_found_and_not_doubled(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    shipment = confirmed(any_session, trade)
    draft = ticket_draft(End.LOADING, client_key="gate-1")
    first, again = (
        weighing.weigh(any_session, producer_of(trade), shipment.number, draft, LATEST)
        for _ in range(2)
    )
    assert first.id == again.id
    assert (tickets(any_session), masses(any_session, trade).in_transit) == (1, NET)


def test_a_key_of_another_truck_is_no_ticket_of_this_one(session: Session) -> None:
    trade = contracted_trade(session)
    first, second = confirmed(session, trade), confirmed(session, trade)
    weigh(session, first, End.LOADING, client_key="gate-1")
    with pytest.raises(Conflict):
        weigh(session, second, End.LOADING, client_key="gate-1")
    assert second.status is ShipmentStatus.CONFIRMED


@pytest.mark.parametrize("end", End)
def test_the_second_clerk_is_told_of_the_first(any_session: Session, end: End) -> None:
    shipment = rejected(any_session, contracted_trade(any_session))
    weigh(any_session, shipment, End.RETURN)
    ticket = shipment.ticket(end)
    assert ticket is not None
    with pytest.raises(Conflict) as refused:
        weigh(any_session, shipment, end)
    assert ticket.number in str(refused.value.message)
    assert tickets(any_session) == 3
    assert check(any_session) == []


def test_a_ticket_number_is_used_once_at_a_site(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    first, second = confirmed(any_session, trade), confirmed(any_session, trade)
    weigh(any_session, first, End.LOADING, number="00123")
    with pytest.raises(Conflict) as refused:
        weigh(any_session, second, End.LOADING, number=" 00123 ")
    assert "00123" in str(refused.value.message)
    assert first.number in str(refused.value.message)
    weigh(any_session, first, End.UNLOADING, number="00123")
    with pytest.raises(Refused) as blank:
        weigh(any_session, second, End.LOADING, number=" ")
    assert blank.value.field == "number"


def test_a_truck_is_loaded_for_one_note_at_a_time(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    truck = vehicle(any_session, trade.producer)
    first, second = (confirmed(any_session, trade, truck) for _ in range(2))
    weigh(any_session, first, End.LOADING)
    with pytest.raises(Conflict) as refused:
        weigh(any_session, second, End.LOADING)
    assert first.number in str(refused.value.message)
    assert truck.plate in str(refused.value.message)
    weigh(any_session, first, End.UNLOADING)
    weigh(any_session, second, End.LOADING)


def test_a_refused_load_keeps_its_truck_until_it_is_home(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    truck = vehicle(any_session, trade.producer)
    first, second = (confirmed(any_session, trade, truck) for _ in range(2))
    weigh(any_session, first, End.LOADING)
    reason = RejectReason.MOISTURE
    weigh(any_session, first, End.UNLOADING, verdict=Verdict.REJECT, reject_reason=reason)
    with pytest.raises(Conflict):
        weigh(any_session, second, End.LOADING)
    weigh(any_session, first, End.RETURN)
    weigh(any_session, second, End.LOADING)


def test_an_overloaded_truck_does_not_leave(session: Session) -> None:
    shipment = confirmed(session, contracted_trade(session))
    with pytest.raises(Refused) as refused:
        weigh(session, shipment, End.LOADING, 32_001)
    assert "超了 1 kg" in str(refused.value.message)
    assert shipment.status is ShipmentStatus.CONFIRMED


def test_a_truck_loads_no_more_than_the_trade_has_left(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=NET)
    shipment = confirmed(any_session, trade)
    with pytest.raises(Refused) as refused:
        weigh(any_session, shipment, End.LOADING, NET + 460)
    assert "剩下的 30 吨" in str(refused.value.message)
    assert "卸下 0.46 吨" in str(refused.value.message)
    assert masses(any_session, trade).contracted == NET


@pytest.mark.parametrize("end", End)
def test_a_void_note_is_not_weighed(session: Session, end: End) -> None:
    trade = contracted_trade(session)
    shipment = confirmed(session, trade)
    notes.void(session, producer_of(trade), shipment.number, "", NOW)
    with pytest.raises(Conflict) as refused:
        weigh(session, shipment, end)
    assert "作废" in str(refused.value.message)
    assert tickets(session) == 0


def test_a_truck_is_weighed_in_its_order(session: Session) -> None:
    trade = contracted_trade(session)
    draft, ready = planned(session, trade), confirmed(session, trade)
    for shipment, end in [
        (draft, End.LOADING),
        (draft, End.UNLOADING),
        (ready, End.UNLOADING),
        (ready, End.RETURN),
        (received(session, trade), End.RETURN),
    ]:
        with pytest.raises(Conflict):
            weigh(session, shipment, end)


def test_each_end_is_weighed_by_the_firm_whose_weighbridge_it_is(session: Session) -> None:
    trade, company = contracted_trade(session), carrier(session)
    shipment = confirmed(session, trade, vehicle(session, company))
    draft = ticket_draft(End.LOADING)
    for actor in (consumer_of(trade), trader(company)):
        with pytest.raises(Forbidden):
            weighing.weigh(session, actor, shipment.number, draft, LATEST)
    stranger = trader(approved_company(session))
    with pytest.raises(NotFound):
        weighing.weigh(session, stranger, shipment.number, draft, LATEST)


@pytest.mark.parametrize(
    ("end", "changes", "field"),
    [
        (End.LOADING, {"tare_kg": 0}, "tare_kg"),
        (End.LOADING, {"gross_kg": TARE}, "gross_kg"),
        (End.LOADING, {"weighed_at": LATEST + 6 * MINUTE}, "weighed_at"),
        (End.LOADING, {"weighed_at": NOW - MINUTE}, "weighed_at"),
        (End.UNLOADING, {"weighed_at": LOADED - MINUTE}, "weighed_at"),
        (End.UNLOADING, {"verdict": None}, "verdict"),
        (End.UNLOADING, {"verdict": Verdict.REJECT}, "reject_reason"),
        (
            End.UNLOADING,
            {"verdict": Verdict.PART, "reject_reason": RejectReason.WEIGHT, "rejected_kg": NET},
            "rejected_kg",
        ),
    ],
)
def test_an_impossible_ticket_is_refused_at_its_field(
    session: Session, end: End, changes: dict[str, object], field: str
) -> None:
    shipment = confirmed(session, contracted_trade(session))
    if end is End.UNLOADING:
        weigh(session, shipment, End.LOADING)
    before = shipment.status
    with pytest.raises(Refused) as refused:
        weigh(session, shipment, end, **changes)  # type: ignore[arg-type]
    assert (refused.value.field, shipment.status) == (field, before)
    assert shipment.ticket(end) is None


def test_no_truck_leaves_for_a_trade_that_is_over(any_session: Session) -> None:
    trade = contracted_trade(any_session, kg=2 * NET)
    late = confirmed(any_session, trade)
    received(any_session, trade)
    notes.void(any_session, producer_of(trade), late.number, "", NOW)
    received(any_session, trade)
    assert trade.status is TradeStatus.COMPLETED
    with pytest.raises(Conflict):
        planned(any_session, trade)


def test_the_sum_of_the_loads_is_what_the_ledger_holds(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    received(any_session, trade, arrived=NET - 500)
    rejected(any_session, trade, part=7_000)
    weigh(any_session, rejected(any_session, trade), End.RETURN)
    on_the_road(any_session, trade)
    loads = list(any_session.scalars(select(Shipment)))
    found = masses(any_session, trade)
    assert found.dispatched == sum(load.dispatched_kg for load in loads)
    assert found.received == sum(load.received_kg for load in loads)
    assert found.rejected == sum(load.rejected_kg for load in loads)
    assert any_session.scalar(select(func.count()).select_from(Discrepancy)) == 1
    assert check(any_session) == []


def test_nobody_is_told_what_did_not_happen(session: Session) -> None:
    shipment = on_the_road(session, contracted_trade(session))
    before = session.scalar(select(func.count()).select_from(Notification))
    with pytest.raises(Refused):
        weigh(session, shipment, End.UNLOADING, verdict=Verdict.REJECT)
    assert session.scalar(select(func.count()).select_from(Notification)) == before
    assert weigher(shipment, End.UNLOADING) == consumer_of(shipment.trade)
