"""Two firms whose tables touch the same trades at the same time."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from app.companies.models import Company
from app.core.actor import Actor
from app.core.clock import CHINA, now
from app.core.transactions import database
from app.imports.rules import ImportKind, ImportState
from app.ledger.queries import check
from app.shipments.models import Shipment
from app.shipments.rules import End
from app.trades.models import Trade
from tests.core.jobs.processes import job, start
from tests.imports.factories import (
    job_of,
    member,
    received,
    shown,
    table,
    ticket_row,
    told,
    trucks,
)
from tests.listings.factories import published_offer, published_requirement
from tests.shipments.factories import on_the_road
from tests.trades.factories import contracted_trade

TICKETS = ImportKind.TICKETS
TRUCKS = 12


def test_tables_over_the_same_trades_in_opposite_orders_both_enter_at_the_first_attempt(
    postgres_app: Flask,
) -> None:
    """Rows lock nothing that their slice has not locked in the common order before."""
    with database().writing() as session:
        trades = _two_trades(session)
        to_load = [note for trade in trades for note in trucks(session, trade, TRUCKS, kg=1_000)]
        to_unload = [
            on_the_road(session, trade, 1_000) for trade in trades[::-1] for _ in range(TRUCKS)
        ]
        tables = {
            "producer": [_row(note, End.LOADING) for note in to_load],
            "consumer": [_row(note, End.UNLOADING) for note in to_unload],
        }
        people = {side: _member(session, trades[0], side) for side in tables}
    numbers = {
        side: received(people[side], TICKETS, table(TICKETS, rows)) for side, rows in tables.items()
    }
    processes = [start(postgres_app, "jobs", "run", job_of(one)) for one in numbers.values()]
    assert [process.wait() for process in processes] == [0, 0]
    for side, number in numbers.items():
        view = shown(people[side], number)
        assert view.file.state is ImportState.DONE, told(view)
        assert job(job_of(number)).attempt == 1
    with database().reading() as session:
        assert not check(session)


def _two_trades(session: Session) -> list[Trade]:
    offer, taker = published_offer(session), published_requirement(session)
    return [
        contracted_trade(session, offer, taker, origin=f"R-{count}", kg=60_000)
        for count in range(2)
    ]


def _member(session: Session, trade: Trade, side: str) -> Actor:
    return member(session, session.get_one(Company, getattr(trade, f"{side}_company_id")))


def _row(note: Shipment, end: End) -> dict[str, str]:
    """A ticket of a moment ago, by the clock of the process that reads it."""
    at = now().astimezone(CHINA) - timedelta(minutes=1)
    row: dict[str, str] = ticket_row(note, end, 1_000, weighed_at=f"{at:%Y-%m-%d %H:%M}")
    return row
