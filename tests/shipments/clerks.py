"""What the processes of the races do; imported by each of them anew."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from typing import Any

from app.core.actor import Actor
from app.core.errors import Conflict, Refused
from app.core.transactions import Database
from app.shipments import gates, weighing

DEEDS: dict[str, Callable[..., object]] = {"weigh": weighing.weigh, "book": gates.book_slot}
Call = tuple[str, Actor, tuple[Any, ...]]


def work(url: str, calls: list[Call], start: Any) -> list[str]:
    """Do each call at the same instant as the other process does its own of the same place.

    Returns for each `done`, or the name of the product's error that refused it.
    """
    database = Database(url)
    barrier: Barrier = start
    outcomes = []
    for deed, actor, facts in calls:
        barrier.wait()
        try:
            with database.writing() as session:
                DEEDS[deed](session, actor, *facts)
            outcomes.append("done")
        except (Conflict, Refused) as error:
            outcomes.append(type(error).__name__)
    database.engine.dispose()
    return outcomes
