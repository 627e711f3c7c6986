"""What the processes of the race do; imported by each of them anew."""

from __future__ import annotations

from multiprocessing.synchronize import Barrier
from typing import Any

from app.core.actor import Actor
from app.core.errors import Conflict
from app.core.transactions import Database
from app.trades import operations
from app.trades.rules import DeclineReason
from tests.ledger.takers import NOW


def answer(url: str, actor: Actor, deed: str, numbers: list[str], start: Any) -> list[str]:
    """Confirm or decline each trade at the same instant as the other process does its deed.

    Returns the numbers of the trades where this process won.
    """
    database = Database(url)
    barrier: Barrier = start
    facts = (DeclineReason.PRICE,) if deed == "decline" else ()
    won = []
    for number in numbers:
        barrier.wait()
        try:
            with database.writing() as session:
                getattr(operations, deed)(session, actor, number, *facts, NOW)
            won.append(number)
        except Conflict:
            continue
    database.engine.dispose()
    return won
