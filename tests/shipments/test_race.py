"""Two clerks at one truck, in two real processes: one ticket, one movement, a clear answer."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import get_context

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.actor import CompanyRole
from app.core.transactions import database
from app.ledger.queries import check
from app.ledger.verification import verify
from app.settings import Settings
from app.shipments import gates
from app.shipments.gates import GateDraft
from app.shipments.models import Shipment, Ticket
from app.shipments.rules import EmissionClass, End, GateHours
from app.trades.masses import masses_of
from app.trades.models import Trade
from tests.conftest import NOW
from tests.listings.factories import trader
from tests.shipments.clerks import Call, work
from tests.shipments.factories import (
    LATEST,
    NET,
    carrier,
    confirmed,
    on_the_road,
    planned,
    ticket_draft,
    vehicle,
)
from tests.trades.factories import consumer_of, contracted_trade, producer_of

ROUNDS = 4
SLOT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def test_two_clerks_never_double_or_lose_a_tonne(any_app: Flask) -> None:
    with database().writing() as session:
        trade = contracted_trade(session)
        number = trade.number
        pairs = [
            *(_two_tickets_of_one_truck(session, trade) for _ in range(ROUNDS)),
            *(_one_ticket_sent_twice(session, trade) for _ in range(ROUNDS)),
            *(_two_verdicts_on_one_load(session, trade) for _ in range(ROUNDS)),
            _one_truck_on_two_notes(session, trade),
            _two_trucks_for_the_last_load(session),
            _two_trucks_for_the_last_place(session, trade),
        ]
    outcomes = list(zip(*_race(any_app, pairs), strict=True))
    once, twice = outcomes[:ROUNDS], outcomes[ROUNDS : 2 * ROUNDS]
    assert {tuple(sorted(pair)) for pair in once} == {("Conflict", "done")}
    assert set(twice) == {("done", "done")}
    assert all("done" in pair for pair in outcomes)
    assert {tuple(sorted(pair)) for pair in outcomes[2 * ROUNDS :]} <= {
        ("Conflict", "done"),
        ("Refused", "done"),
    }
    with database().reading() as session:
        assert check(session) == []
        assert verify(session) == []
        _the_loads_are_what_the_ledger_holds(session, number)


def _two_tickets_of_one_truck(session: Session, trade: Trade) -> tuple[Call, Call]:
    shipment = confirmed(session, trade)
    return _load(shipment), _load(shipment)


def _one_ticket_sent_twice(session: Session, trade: Trade) -> tuple[Call, Call]:
    call = _load(confirmed(session, trade))
    return call, call


def _two_verdicts_on_one_load(session: Session, trade: Trade) -> tuple[Call, Call]:
    shipment = on_the_road(session, trade)
    first, second = (ticket_draft(End.UNLOADING, net) for net in (NET, NET - 100))
    actor = consumer_of(trade)
    return (
        ("weigh", actor, (shipment.number, first, LATEST)),
        ("weigh", actor, (shipment.number, second, LATEST)),
    )


def _one_truck_on_two_notes(session: Session, trade: Trade) -> tuple[Call, Call]:
    """The second note belongs to another trade, whose lock cannot help."""
    truck = vehicle(session, carrier(session))
    return (
        _load(confirmed(session, trade, truck)),
        _load(confirmed(session, contracted_trade(session), truck)),
    )


def _two_trucks_for_the_last_load(session: Session) -> tuple[Call, Call]:
    """Each was planned for half of what each then carries."""
    trade = contracted_trade(session, kg=NET)
    first, second = (confirmed(session, trade, planned_kg=NET // 2) for _ in range(2))
    return _load(first), _load(second)


def _two_trucks_for_the_last_place(session: Session, trade: Trade) -> tuple[Call, Call]:
    site = trade.producer_site
    draft = GateDraft(GateHours(8, 18, 60, 1), EmissionClass.CHINA_4)
    gates.set_gate(session, trader(site.company, CompanyRole.MANAGER), site.id, draft, NOW)
    first, second = (planned(session, trade).number for _ in range(2))
    actor = producer_of(trade)
    return (
        ("book", actor, (first, End.LOADING, SLOT, NOW)),
        ("book", actor, (second, End.LOADING, SLOT, NOW)),
    )


def _load(shipment: Shipment) -> Call:
    draft = replace(ticket_draft(End.LOADING), client_key=f"key-{ticket_draft(End.LOADING).number}")
    return "weigh", producer_of(shipment.trade), (shipment.number, draft, LATEST)


def _race(app: Flask, pairs: list[tuple[Call, Call]]) -> list[list[str]]:
    settings: Settings = app.extensions["gufei.settings"]
    context = get_context("forkserver")
    with context.Manager() as manager, ProcessPoolExecutor(2, mp_context=context) as pool:
        start = manager.Barrier(2)
        hands = zip(*pairs, strict=True)
        running = [pool.submit(work, settings.database_url, list(hand), start) for hand in hands]
        return [future.result() for future in running]


def _the_loads_are_what_the_ledger_holds(session: Session, number: str) -> None:
    found = masses_of(session, [number])[number]
    sums = session.execute(
        select(func.sum(Shipment.dispatched_kg), func.sum(Shipment.received_kg))
        .join(Trade, Trade.id == Shipment.trade_id)
        .where(Trade.number == number)
    ).one()
    assert (found.dispatched, found.received) == tuple(sums)
    tickets = session.scalar(select(func.count()).select_from(Ticket))
    assert tickets == 4 * ROUNDS + 2
