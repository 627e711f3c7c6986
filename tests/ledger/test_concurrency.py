"""Real processes take from the same lot at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from typing import Any

from flask import Flask

from app.core.transactions import database
from app.ledger.chain import head
from app.ledger.queries import BalanceRow, balance
from app.ledger.verification import verify
from app.settings import Settings
from tests.ledger.factories import DECEMBER, issued
from tests.ledger.takers import move_two_lots, take_units

UNIT_KG = 1_000
UNITS = 500
PROCESSES = 8


def run_at_once(work: Callable[..., int], arguments: list[tuple[Any, ...]]) -> int:
    """One process per tuple of arguments, all starting together; the sum of their answers."""
    context = get_context("forkserver")
    with context.Manager() as manager:
        start = manager.Barrier(len(arguments))
        with ProcessPoolExecutor(len(arguments), mp_context=context) as pool:
            running = [pool.submit(work, *given, start) for given in arguments]
            return sum(future.result() for future in running)


def url_of(app: Flask) -> str:
    settings: Settings = app.extensions["gufei.settings"]
    return settings.database_url


def sell(app: Flask, tries_each: int) -> int:
    lot: tuple[str, date, int] = ("S-2611-0001", DECEMBER, UNIT_KG)
    with database().writing() as session:
        issued(session, lot[0], DECEMBER, UNITS * UNIT_KG)
    facts = [(url_of(app), lot, name, tries_each) for name in range(PROCESSES)]
    return run_at_once(take_units, facts)


def test_two_thousand_takes_by_eight_processes_sell_exactly_what_is_there(any_app: Flask) -> None:
    assert sell(any_app, tries_each=250) == UNITS
    with database().reading() as session:
        assert balance(session, "S-2611-0001", DECEMBER) == BalanceRow(reserved=UNITS * UNIT_KG)
        assert verify(session) == []
        assert head(session).position == 1 + UNITS


def test_transactions_over_two_lots_do_not_wait_for_each_other_forever(any_app: Flask) -> None:
    there, back = ("S-2611-0001", "D-2611-0001"), ("D-2611-0001", "S-2611-0001")
    with database().writing() as session:
        for number in there:
            issued(session, number, kg=1_000)
    tries, numbers = 20, (there, back, there, back)
    movers = [(url_of(any_app), pair, DECEMBER, name, tries) for name, pair in enumerate(numbers)]
    assert run_at_once(move_two_lots, movers) == len(numbers) * tries
    with database().reading() as session:
        for number in there:
            assert balance(session, number, DECEMBER) == BalanceRow(open=920, reserved=80)
        assert verify(session) == []
