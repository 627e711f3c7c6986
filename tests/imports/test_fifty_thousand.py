"""The largest table of tickets there may be, weighed by a process of its own that stays small."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import psutil
import pytest
from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.companies.models import Company
from app.core.actor import Actor
from app.core.clock import CHINA, now
from app.core.transactions import database
from app.imports.rules import MOST_ROWS, ImportKind, ImportMode, ImportState
from app.ledger.queries import check
from app.shipments.models import Shipment, Ticket
from app.trades.models import Trade
from tests.core.jobs.processes import start
from tests.imports.factories import job_of, member, received, shown, table, ticket_row, trucks
from tests.listings.factories import published_offer, published_requirement
from tests.programs import Program
from tests.shipments.factories import plate_of
from tests.trades.factories import contracted_trade

TICKETS = ImportKind.TICKETS
TRUCKS_A_TRADE = 250
LOAD_KG = 1_000
MOST_MIB = 400
"""The process itself, with every library of the product, takes about 200."""


@pytest.mark.soak
def test_fifty_thousand_tickets_enter_in_bounded_memory(any_app: Flask) -> None:
    with database().writing() as session:
        actor, rows = _a_busy_year(session, MOST_ROWS[TICKETS])
    number = received(actor, TICKETS, table(TICKETS, rows), ImportMode.VALID)
    began = time.monotonic()
    most = _most_mib(start(any_app, "jobs", "run", job_of(number)))
    view = shown(actor, number)
    seconds = time.monotonic() - began
    print(f"{view.file.entered} tickets in {seconds:.0f} s, at most {most} MiB")
    assert (view.file.state, view.file.entered) == (ImportState.DONE, len(rows))
    assert most < MOST_MIB
    with database().reading() as session:
        assert session.scalar(select(func.count()).select_from(Ticket)) == len(rows)
        assert not check(session)


def _a_busy_year(session: Session, count: int) -> tuple[Actor, list[dict[str, str]]]:
    """A producer with so many confirmed notes, and the rows of their tickets."""
    offer = published_offer(session, kg_per_month=1_000_000_000)
    taker = published_requirement(session, kg_per_month=1_000_000_000)
    rows: list[dict[str, str]] = []
    for first in range(0, count, TRUCKS_A_TRADE):
        kg = TRUCKS_A_TRADE * LOAD_KG
        trade = contracted_trade(session, offer, taker, origin=f"R-{first}", kg=kg)
        rows += _notes(session, trade, first)
    actor = member(session, session.get_one(Company, offer.company_id))
    return actor, rows


def _notes(session: Session, trade: Trade, first: int) -> list[dict[str, str]]:
    """One note made by the product, and its likes beside it."""
    (model,) = trucks(session, trade, 1, kg=LOAD_KG)
    session.flush()
    columns: dict[str, Any] = {
        column.name: getattr(model, column.name) for column in Shipment.__table__.columns
    }
    del columns["id"]
    numbers = [f"W-9{first + count:08d}" for count in range(1, TRUCKS_A_TRADE)]
    plates = [plate_of(10_000 + (first + count) % 80_000) for count in range(1, TRUCKS_A_TRADE)]
    copies = [
        columns | {"number": number, "plate": plate}
        for number, plate in zip(numbers, plates, strict=True)
    ]
    session.execute(insert(Shipment), copies)
    return [_row(model, number, first) for number in (model.number, *numbers)]


def _row(model: Shipment, number: str, first: int) -> dict[str, str]:
    """A ticket of today, by the clock of the process that reads it."""
    at = now().astimezone(CHINA) - timedelta(minutes=1)
    row: dict[str, str] = ticket_row(model, kg=LOAD_KG, weighed_at=f"{at:%Y-%m-%d %H:%M}")
    return row | {"note": number, "number": f"{first}-{number}"}


def _most_mib(process: Program) -> int:
    """The most memory the process had at once; waits for its end."""
    watched, most = psutil.Process(process.pid), 0
    while process.poll() is None:
        most = max(most, watched.memory_info().rss)
        time.sleep(0.5)
    assert process.poll() == 0
    return most >> 20
