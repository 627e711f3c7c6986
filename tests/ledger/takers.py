"""What the processes of the concurrency tests do; imported by each of them anew."""

from __future__ import annotations

from datetime import UTC, date, datetime
from multiprocessing.synchronize import Barrier
from typing import Any

from app.core.actor import SYSTEM
from app.core.transactions import Database
from app.ledger import operations
from app.ledger.operations import Oversold

NOW = datetime(2026, 11, 22, 8, 42, tzinfo=UTC)
"""As in the test kit, whose import would cost every process half a second."""


def take_units(url: str, lot: tuple[str, date, int], name: int, tries: int, start: Any) -> int:
    """Try to reserve one unit of a lot many times, each in a transaction of its own.

    Returns how often it succeeded. `lot` is number, month and kilograms of a unit.
    """
    number, month, unit_kg = lot
    database = Database(url)
    barrier: Barrier = start
    barrier.wait()
    sold = 0
    for attempt in range(tries):
        try:
            with database.writing() as session:
                reference = f"T-{name}-{attempt}"
                operations.reserve(session, SYSTEM, {(number, month): unit_kg}, reference, NOW)
            sold += 1
        except Oversold:
            continue
    database.engine.dispose()
    return sold


def move_two_lots(
    url: str, numbers: tuple[str, str], month: date, name: int, tries: int, start: Any
) -> int:
    """Reserve from two lots per transaction, in the order given."""
    database = Database(url)
    barrier: Barrier = start
    barrier.wait()
    for attempt in range(tries):
        with database.writing() as session:
            operations.lock(session, [(number, month) for number in numbers])
            for number in numbers:
                reference = f"T-{name}-{attempt}"
                operations.reserve(session, SYSTEM, {(number, month): 1}, reference, NOW)
    database.engine.dispose()
    return tries
