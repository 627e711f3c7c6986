"""Tables of weighbridge tickets: weighed as at the gate, each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, object_session

from app.companies.models import Company
from app.core.actor import Actor
from app.core.transactions import database
from app.imports import operations, rules
from app.imports.models import ImportFile
from app.imports.rules import ImportKind, ImportMode, ImportState
from app.ledger.queries import check
from app.shipments.models import Shipment, Ticket
from app.shipments.rules import End, ShipmentStatus
from app.trades.models import Trade
from tests.imports.factories import imported, member, table, ticket_row, told, trucks
from tests.shipments.factories import LATEST, TARE, confirmed, on_the_road, weigh
from tests.shipments.test_timekeeping import keep
from tests.trades.factories import contracted_trade

TICKETS = ImportKind.TICKETS
Row = dict[str, str]


@pytest.fixture(autouse=True)
def _afterwards(freeze: Callable[[datetime], None]) -> None:
    """The tables come in when every weighing of the factories is over."""
    freeze(LATEST)


def loading(count: int = 3, kg: int = 30_000) -> tuple[Actor, list[Row]]:
    """A producer with so many trucks to load, and the rows of their tickets."""
    with database().writing() as session:
        trade = contracted_trade(session)
        rows = [ticket_row(note, kg=kg) for note in trucks(session, trade, count)]
        return _member(session, trade, "producer"), rows


def _member(session: Session, trade: Trade, side: str) -> Actor:
    return member(session, session.get_one(Company, getattr(trade, f"{side}_company_id")))


def test_every_ticket_of_a_good_table_sends_its_truck_on_the_road(any_app: Flask) -> None:
    actor, rows = loading()
    view = imported(actor, TICKETS, table(TICKETS, rows))
    assert (view.file.state, view.file.entered) == (ImportState.DONE, 3), told(view)
    with database().reading() as session:
        states = session.scalars(select(Shipment.status)).all()
        assert set(states) == {ShipmentStatus.IN_TRANSIT}
        assert session.scalar(select(func.sum(Shipment.dispatched_kg))) == 90_000
        assert not check(session)


def test_loads_arrive_by_the_consumers_own_table_with_verdict_and_reason(any_app: Flask) -> None:
    with database().writing() as session:
        trade = contracted_trade(session)
        notes = [on_the_road(session, trade) for _ in range(2)]
        rows = [ticket_row(note, End.UNLOADING) for note in notes]
        rows[1] |= {"verdict": "部分拒收", "rejected_kg": "5,000", "reject_reason": "含水过高"}
        actor = _member(session, trade, "consumer")
    view = imported(actor, TICKETS, table(TICKETS, rows))
    assert view.file.entered == 2, told(view)
    with database().reading() as session:
        whole, part = session.scalars(select(Shipment).order_by(Shipment.id))
        assert (whole.status, whole.received_kg) == (ShipmentStatus.RECEIVED, 30_000)
        assert (part.received_kg, part.rejected_kg) == (25_000, 5_000)
        assert not check(session)


def test_a_table_sent_again_changes_nothing_and_says_so(any_app: Flask) -> None:
    actor, rows = loading()
    content = table(TICKETS, rows)
    imported(actor, TICKETS, content)
    again = imported(actor, TICKETS, content)
    assert (again.file.state, again.file.known, again.file.entered) == (ImportState.DONE, 3, 0)
    with database().reading() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == 3


@pytest.mark.parametrize(
    ("change", "column", "sentence"),
    [
        ({"note": "W-2611-99999"}, "所属运单号", "没有运单 W-2611-99999"),
        ({"note": ""}, "所属运单号", "请填运单号。"),
        ({"end": ""}, "过磅环节", "请填是哪一次过磅。"),
        ({"end": "空车过磅"}, "过磅环节", "没有“空车过磅”这一项"),
        ({"end": "收货过磅"}, "", "这张磅单由过磅的厂区录入"),
        ({"number": ""}, "磅单号", "请填磅单上的编号。"),
        ({"gross_kg": "46.24"}, "毛重（公斤）", "不是整公斤数"),
        ({"gross_kg": "14000"}, "毛重（公斤）", "毛重"),
        ({"net_kg": "31000"}, "净重（公斤）", "毛重减皮重是 30000 公斤"),
        ({"plate": "鲁A99999"}, "车牌号", "运单上的车是"),
        ({"weighed_at": "2027-01-01 08:00"}, "过磅时间", ""),
        ({"weighed_at": "上周"}, "过磅时间", "“上周”不是时间"),
        ({"gross_kg": "75000"}, "毛重（公斤）", ""),
    ],
)
def test_a_fault_is_told_at_its_row_and_column(
    app: Flask, change: Row, column: str, sentence: str
) -> None:
    actor, rows = loading(2)
    view = imported(actor, TICKETS, table(TICKETS, [rows[0], rows[1] | change]))
    assert view.file.state is ImportState.REFUSED
    assert [(row, found) for row, found, _ in told(view)] == [(3, column)], told(view)
    assert sentence in told(view)[0][2]
    with database().reading() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == 0


def test_a_recorded_ticket_is_not_replaced_by_another_one(any_app: Flask) -> None:
    actor, rows = loading(1)
    imported(actor, TICKETS, table(TICKETS, rows))
    other = rows[0] | {"gross_kg": str(TARE + 29_000)}
    view = imported(actor, TICKETS, table(TICKETS, [other]))
    assert "这张运单已有磅单" in told(view)[0][2]


def test_one_table_names_a_note_and_a_ticket_number_once(any_app: Flask) -> None:
    actor, rows = loading(3)
    doubled = [rows[0], rows[1] | {"number": rows[0]["number"]}, rows[2]]
    doubled.append(rows[2] | {"number": "P9"})
    view = imported(actor, TICKETS, table(TICKETS, doubled))
    assert [(row, column) for row, column, _ in told(view)] == [(3, "磅单号"), (5, "所属运单号")]


def test_a_truck_on_several_trips_of_the_past_is_believed_but_not_two_in_one_hour(
    any_app: Flask,
) -> None:
    with database().writing() as session:
        trade = contracted_trade(session)
        (first,) = trucks(session, trade, 1)
        truck = first.plate
        more = [confirmed(session, trade, None, planned_kg=30_000) for _ in range(2)]
        for note in more:
            note.plate = truck
        rows = [ticket_row(note) for note in (first, *more)]
        rows[1]["weighed_at"] = "2026-11-22 19:50"
        rows[2]["weighed_at"] = "2026-11-22 20:20"
        actor = _member(session, trade, "producer")
    view = imported(actor, TICKETS, table(TICKETS, rows), ImportMode.VALID)
    assert view.file.entered == 2, told(view)
    assert [(row, f"车辆 {truck} 在这前后一小时内" in said) for row, _, said in told(view)] == [
        (4, True)
    ]


def test_loads_beyond_what_the_trade_has_left_are_found_while_checking(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the rows before were tried in slices of their own and taken back."""
    monkeypatch.setattr("app.imports.running.SLICE", 2)
    with database().writing() as session:
        trade = contracted_trade(session, kg=100_000)
        notes = trucks(session, trade, 4, kg=20_000)
        rows = [ticket_row(note, kg=30_000) for note in notes]
        actor = _member(session, trade, "producer")
    view = imported(actor, TICKETS, table(TICKETS, rows))
    assert view.file.state is ImportState.REFUSED
    assert [(row, column) for row, column, _ in told(view)] == [(5, "毛重（公斤）")]


def test_a_table_larger_than_one_transaction_enters_whole(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.imports.running.SLICE", 2)
    monkeypatch.setattr("app.imports.running.WHOLE", 2)
    actor, rows = loading(5, kg=10_000)
    view = imported(actor, TICKETS, table(TICKETS, rows))
    assert (view.file.state, view.file.entered) == (ImportState.DONE, 5), told(view)


def test_somebody_faster_stops_a_large_table_and_what_is_entered_is_said(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second slice meets a note that was weighed by hand after the table had been checked."""
    monkeypatch.setattr("app.imports.running.WHOLE", 2)
    actor, rows = loading(5, kg=10_000)
    weigh_last_by_hand(monkeypatch, rows[3])
    view = imported(actor, TICKETS, table(TICKETS, rows))
    assert (view.file.state, view.file.entered) == (ImportState.STOPPED, 2)
    assert [row for row, _, _ in told(view)] == [5]
    with database().reading() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == 3
        assert not check(session)


def test_somebody_faster_keeps_a_table_of_one_transaction_out_wholly(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, rows = loading(5, kg=10_000)
    weigh_last_by_hand(monkeypatch, rows[3])
    view = imported(actor, TICKETS, table(TICKETS, rows))
    assert (view.file.state, view.file.entered) == (ImportState.REFUSED, 0)
    with database().reading() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == 1


def weigh_last_by_hand(monkeypatch: pytest.MonkeyPatch, row: Row) -> None:
    """Have a clerk weigh a row's truck, with another weight, when the checking is over."""
    begin = operations.begin_writing

    def meanwhile(found: ImportFile) -> None:
        session = object_session(found)
        assert session is not None
        note = session.scalars(select(Shipment).where(Shipment.number == row["note"])).one()
        weigh(session, note, End.LOADING, 9_000)
        begin(found)

    monkeypatch.setattr("app.imports.operations.begin_writing", meanwhile)


def test_at_most_fifty_thousand_tickets_come_at_once() -> None:
    assert rules.MOST_ROWS[TICKETS] == 50_000


def test_trucks_of_last_month_are_missing_only_once_there_was_time_to_say_they_came(
    any_app: Flask, freeze: Callable[[datetime], None]
) -> None:
    """The clock of a load runs from when its ticket came in, not from the day on the paper."""
    actor, rows = loading(2, kg=10_000)
    later = LATEST + timedelta(days=30)
    freeze(later)
    view = imported(actor, TICKETS, table(TICKETS, rows))
    assert view.file.entered == 2, told(view)
    patience = timedelta(days=12)
    for at, state in (
        (later, ShipmentStatus.IN_TRANSIT),
        (later + patience, ShipmentStatus.IN_TRANSIT),
        (later + patience + timedelta(seconds=1), ShipmentStatus.CLOSED),
    ):
        with database().writing() as session:
            keep(session, at)
            session.flush()
            assert set(session.scalars(select(Shipment.status))) == {state}, at
