"""What the processes of the races do; imported by each of them anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from multiprocessing.synchronize import Barrier
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict
from app.core.transactions import Database
from app.trades import cases, delivery, keeping, operations
from app.trades.models import Trade
from app.trades.rules import DeclineReason

LOAD_KG = 40
"""The truck that wants to leave while the other side closes the case."""

Deed = Callable[[Session, Actor, str, datetime], object]


def _decline(session: Session, actor: Actor, number: str, now: datetime) -> object:
    return operations.decline(session, actor, number, DeclineReason.PRICE, now)


def _dispatch(session: Session, actor: Actor, number: str, now: datetime) -> object:
    return delivery.dispatch(session, actor, number, LOAD_KG, f"W-{number}", now)


def _keep(session: Session, _actor: Actor, number: str, now: datetime) -> None:
    """The clock, a moment after the deadline."""
    trade_id = session.scalars(select(Trade.id).where(Trade.number == number)).one()
    keeping.keep(session, trade_id, now)


DEEDS: dict[str, Deed] = {
    "confirm": operations.confirm,
    "decline": _decline,
    "complete": cases.complete,
    "dispatch": _dispatch,
    "keep": _keep,
}


def answer(
    url: str, actor: Actor, deed: str, numbers: list[str], now: datetime, start: Any
) -> list[str]:
    """Do the deed to each trade at the same instant as the other process does its own.

    Returns the numbers of the trades where nobody stood in the way.
    """
    database = Database(url)
    barrier: Barrier = start
    won = []
    for number in numbers:
        barrier.wait()
        try:
            with database.writing() as session:
                DEEDS[deed](session, actor, number, now)
            won.append(number)
        except Conflict:
            continue
    database.engine.dispose()
    return won
