"""Several real processes at one store, and at one month."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.transactions import database
from app.declarations import queries
from app.declarations.models import Declaration, YardEvent
from app.declarations.rules import EventKind
from app.settings import Settings
from tests.declarations.factories import Yard, recorded, yard_of
from tests.declarations.recorders import declare_months, take_out, undo

PROCESSES = 4
STORED = 20


@pytest.fixture
def yard(any_app: Flask) -> Yard:
    with database().writing() as session:
        yard = yard_of(session)
        recorded(session, yard, EventKind.STORED, STORED, days_ago=1)
    return yard


def all_at_once(app: Flask, deed: Callable[..., int], *values: Any) -> int:
    """The sum of what the processes did."""
    settings: Settings = app.extensions["gufei.settings"]
    context = get_context("forkserver")
    with context.Manager() as manager, ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        start = manager.Barrier(PROCESSES)
        running = [
            pool.submit(deed, settings.database_url, *values, start) for _ in range(PROCESSES)
        ]
        return sum(future.result() for future in running)


def test_a_store_is_never_emptied_below_nothing(any_app: Flask, yard: Yard) -> None:
    assert all_at_once(any_app, take_out, yard, 10) == STORED
    with database().reading() as session:
        assert queries.stock_now(session, yard.store_id) == 0


def test_an_event_is_reversed_by_one_of_them(any_app: Flask, yard: Yard) -> None:
    with database().writing() as session:
        numbers = [recorded(session, yard, EventKind.GENERATED, 1).event.number for _ in range(5)]
    assert all_at_once(any_app, undo, yard, numbers) == len(numbers)
    with database().reading() as session:
        undone = select(func.count()).select_from(YardEvent).where(YardEvent.kg < 0)
        assert session.scalar(undone) == len(numbers)


def test_a_month_is_declared_by_one_of_them(any_app: Flask, yard: Yard) -> None:
    months = [date(2026, month, 1) for month in (1, 3, 5, 7, 9)]
    assert all_at_once(any_app, declare_months, yard, months) == len(months)
    with database().reading() as session:
        rows = session.execute(select(Declaration.month, Declaration.version))
        assert sorted((month, version) for month, version in rows) == [(m, 1) for m in months]
