from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from app.core.actor import Actor, ActorKind
from app.core.errors import NotFound
from app.shipments import discrepancies, queries
from app.shipments.queries import ShipmentFilter
from app.shipments.rules import End, Next, ShipmentStatus, Step
from app.trades.rules import Party
from tests.companies.factories import approved_company
from tests.listings.factories import trader
from tests.shipments.factories import (
    LATEST,
    NET,
    carrier,
    confirmed,
    on_the_road,
    planned,
    received,
    rejected,
    vehicle,
    weigh,
)
from tests.trades.factories import consumer_of, contracted_trade, producer_of

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=9)


def test_the_note_shows_both_sides_and_the_carrier_to_each_of_them(any_session: Session) -> None:
    trade, company = contracted_trade(any_session), carrier(any_session)
    shipment = on_the_road(any_session, trade, truck=vehicle(any_session, company))
    for actor in (producer_of(trade), consumer_of(trade), trader(company), OPERATOR):
        view = queries.show(any_session, actor, shipment.number, LATEST)
        assert (view.producer.name, view.consumer.name) == (
            trade.producer.name,
            trade.consumer.name,
        )
        assert view.carrier is not None
        assert (view.carrier.name, view.load_kg, view.allowed_kg) == (company.name, 32_000, 300)
    mine = queries.show(any_session, consumer_of(trade), shipment.number, LATEST)
    assert mine.my_sides == {Party.CONSUMER}
    assert mine.steps == {Step.ARRIVE, Step.WEIGH_UNLOADING, Step.BOOK_UNLOADING}
    assert (mine.next, mine.left_kg) == (Next.ARRIVAL, 600_000 - NET)


def test_others_find_no_load(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    shipment = on_the_road(any_session, trade)
    regulator = Actor(kind=ActorKind.REGULATOR, user_id=8, region="371500")
    for actor in (Actor(), regulator, trader(approved_company(any_session))):
        with pytest.raises(NotFound):
            queries.show(any_session, actor, shipment.number, LATEST)
        assert queries.own(any_session, actor, ShipmentFilter(), LATEST).total == 0
        assert queries.by_plate(any_session, actor, shipment.plate, LATEST) == []
    with pytest.raises(NotFound):
        queries.of_trade(any_session, trader(approved_company(any_session)), trade.number, LATEST)


def test_a_list_counts_its_loads_and_finds_them_by_state_and_plate(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    first, second = planned(any_session, trade), on_the_road(any_session, trade)
    done = received(any_session, trade)
    actor = producer_of(trade)
    found = queries.own(any_session, actor, ShipmentFilter(), LATEST)
    assert [row.number for row in found.rows] == [done.number, second.number, first.number]
    assert (found.total, found.counts[ShipmentStatus.DRAFT]) == (3, 1)
    on_road = ShipmentFilter(status=ShipmentStatus.IN_TRANSIT)
    assert [row.number for row in queries.own(any_session, actor, on_road, LATEST).rows] == [
        second.number
    ]
    typed = second.plate.lower()[1:]
    assert [row.number for row in queries.by_plate(any_session, actor, typed, LATEST)] == [
        second.number
    ]
    assert queries.by_plate(any_session, actor, " ", LATEST) == []


def test_the_loads_of_a_trade_sum_to_what_the_ledger_holds(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    planned(any_session, trade, planned_kg=20_000)
    on_the_road(any_session, trade)
    short = received(any_session, trade, arrived=NET - 2_000)
    rejected(any_session, trade, part=5_000)
    number = short.number
    discrepancies.propose(any_session, producer_of(trade), number, NET, "", LATEST)
    discrepancies.agree(any_session, consumer_of(trade), number, NET, LATEST)
    loads = queries.of_trade(any_session, consumer_of(trade), trade.number, LATEST)
    assert len(loads.rows) == 4
    assert (loads.left.contracted_kg, loads.left.planned_kg) == (600_000 - 3 * NET, 20_000)
    assert (loads.in_transit_kg, loads.difference_kg, loads.rejected_kg) == (NET, 2_000, 5_000)
    assert (loads.received_kg, loads.paid_kg) == (2 * NET - 7_000, 2 * NET - 5_000)


def test_what_waits_for_a_firm_is_counted(session: Session) -> None:
    trade = contracted_trade(session)
    planned(session, trade)
    confirmed(session, trade)
    on_the_road(session, trade)
    received(session, trade)
    assert queries.waiting_for(session, consumer_of(trade), LATEST) == 2
    assert queries.waiting_for(session, producer_of(trade), LATEST) == 1


def test_the_events_of_a_month_are_those_of_china_time_at_either_end(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    shipment = confirmed(any_session, trade)
    loaded = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)
    unloaded = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    weigh(any_session, shipment, End.LOADING, weighed_at=loaded, at=unloaded)
    weigh(any_session, shipment, End.UNLOADING, weighed_at=unloaded, at=unloaded)
    for company in (trade.producer_company_id, trade.consumer_company_id):
        for month in (NOVEMBER, DECEMBER):
            (row,) = queries.events(any_session, company, month)
            assert (row.number, row.received_kg, row.paid_kg) == (shipment.number, NET, NET)
            assert (row.loading, row.returning) == (shipment.tickets[0].number, "")
    assert queries.events(any_session, trade.producer_company_id, date(2027, 1, 1)) == []
    assert len(queries.events(any_session, trade.producer_company_id, NOVEMBER, 0)) == 0
    site = trade.consumer_site_id
    assert len(queries.events(any_session, trade.producer_company_id, NOVEMBER, site)) == 1
