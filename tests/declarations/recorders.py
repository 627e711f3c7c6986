"""What a process of its own does in the tests of concurrent recording."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier

from app.core.errors import Conflict, Refused
from app.core.transactions import Database
from app.declarations import operations
from app.declarations.rules import EventKind
from tests.conftest import NOW
from tests.declarations.factories import Yard, declared, recorded


def take_out(database_url: str, yard: Yard, tries: int, start: Barrier) -> int:
    """Take a tonne out of the store so many times; how often it was there."""
    database, taken = Database(database_url), 0
    start.wait(timeout=60)
    for number in range(tries):
        later = NOW + timedelta(minutes=number)
        try:
            with database.writing() as session:
                recorded(session, yard, EventKind.TAKEN_OUT, 1, now=later, happened_at=later)
            taken += 1
        except Refused:
            continue
    database.engine.dispose()
    return taken


def undo(database_url: str, yard: Yard, numbers: list[str], start: Barrier) -> int:
    """Reverse each event at the same instant as the other processes; how often this one did."""
    database, undone = Database(database_url), 0
    for number in numbers:
        start.wait(timeout=60)
        try:
            with database.writing() as session:
                operations.reverse(session, yard.actor, number, NOW)
            undone += 1
        except Conflict:
            continue
    database.engine.dispose()
    return undone


def declare_months(database_url: str, yard: Yard, months: list[date], start: Barrier) -> int:
    """Declare each month at the same instant as the other processes; how often this one did."""
    database, made = Database(database_url), 0
    for month in months:
        start.wait(timeout=60)
        try:
            with database.writing() as session:
                declared(session, yard, now=NOW, month=month, opening_kg=0)
            made += 1
        except Conflict:
            continue
    database.engine.dispose()
    return made
