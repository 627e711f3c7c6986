"""Whether the least change of a row does what it says: on generated flow markets, by ``solve``.

A case is one field of one open row for which ``explain`` names a change. The change is made in the
problem as its owner would make it, and the whole market is solved again, with the change and with
one unit less of it. One unit less of a window is every nearer month that is free.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import count, cycle, islice
from typing import Any, TypeVar

from matching.bench import Row
from matching.generate import generate
from matching.levers.explain import explain, open_of
from matching.outcome import OrderResult
from matching.problem import Demand, Problem, Side, Supply
from matching.solver import solve

CASES = 1_000
#: Generated kinds in which everything can be divided.
KINDS = ("market", "capacities", "seasons", "ties", "gate_fees", "listed")
ORDERS = 12
ROWS_OF_A_MARKET = 3
#: Share of the rows of a horizon that stay, so that there are months to move to.
KEPT = 0.5

Order = Supply | Demand
_Order = TypeVar("_Order", Supply, Demand)
Case = tuple[Problem, OrderResult, str, dict[str, Any]]


def rows() -> Iterator[Row]:
    """One line over all cases."""
    begun = time.perf_counter()
    tally: Counter[str] = Counter()
    for case in islice(_cases(), CASES):
        tally.update(_tried(*case))
    mix = ", ".join(f"{tally[name]} {name}" for name in sorted(EDITS))
    yield Row(
        f"smallest change, {CASES:,} random flow cases ({mix})",
        "the change places the remainder in 100 %, one unit less never does",
        f"places in {tally['places']:,}, one unit less in {tally['less places']:,}",
        tally["places"] == CASES and not tally["less places"],
        time.perf_counter() - begun,
    )


def _cases() -> Iterator[Case]:
    """Changes named for a few open rows of each generated market."""
    for kind, seed in zip(cycle(KINDS), count()):
        draw = random.Random(seed)
        problem = _varied(draw, generate(kind, seed, ORDERS, ORDERS))
        outcome = solve(problem)
        still_open = [line for line in outcome.orders if open_of(line)]
        some = draw.sample(still_open, min(ROWS_OF_A_MARKET, len(still_open)))
        for line in some:
            told = explain(problem, outcome, line.side, line.id, line.month)["changes"]
            yield from ((problem, line, name, change) for name, change in told.items() if change)


def _varied(draw: random.Random, problem: Problem) -> Problem:
    """The market with gaps in its months and producers who do not go far."""
    limit = {row.id: draw.choice((None, 60_000, 120_000)) for row in problem.supplies}
    supplies = [replace(row, max_m=limit[row.id]) for row in problem.supplies]
    return replace(
        problem, supplies=_thinned(draw, supplies), demands=_thinned(draw, problem.demands)
    )


def _thinned(draw: random.Random, rows: Sequence[_Order]) -> tuple[_Order, ...]:
    """Some of the rows, at least one of each id."""
    shuffled = draw.sample(rows, len(rows))
    first = {row.id: row for row in shuffled}
    return tuple(row for row in rows if first[row.id] is row or draw.random() < KEPT)


def _tried(problem: Problem, line: OrderResult, name: str, change: dict[str, Any]) -> Iterator[str]:
    """The field, and whether the change and what is less place the row."""
    yield name
    if places(problem, line, name, change["to"]):
        yield "places"
    if any(places(problem, line, name, value) for value in _less(problem, line, name, change)):
        yield "less places"


def _less(problem: Problem, line: OrderResult, name: str, change: dict[str, Any]) -> list[int]:
    """What the field holds after a change that is one unit less."""
    if name == "window":
        return _nearer_months(problem, line, abs(change["change"]))
    step = (change["to"] - change["from"]) // change["change"]
    return [change["to"] - step] if change["change"] > 1 else []


def _nearer_months(problem: Problem, line: OrderResult, distance: int) -> list[int]:
    assert line.month is not None
    first, last = problem.horizon
    taken = {row.month for row in problem.orders(line.side) if row.id == line.id}
    near = range(max(first, line.month - distance + 1), min(last, line.month + distance - 1) + 1)
    return [month for month in near if month not in taken]


def places(problem: Problem, line: OrderResult, name: str, value: int) -> bool:
    """Whether a whole solve leaves nothing of the row open once the field holds a value."""
    month = value if name == "window" else line.month
    edited = _edited(problem, line, partial(EDITS[name], value))
    wanted = line.side, line.id, month
    return any(
        not open_of(each)
        for each in solve(edited).orders
        if (each.side, each.id, each.month) == wanted
    )


def _edited(problem: Problem, line: OrderResult, edit: Callable[[Order, bool], Order]) -> Problem:
    """The problem with the order edited; the edit is told which of its rows is the line's."""
    rows = [
        edit(row, row.month == line.month) if (side, row.id) == (line.side, line.id) else row
        for side in Side
        for row in problem.orders(side)
    ]
    supplies = tuple(row for row in rows if isinstance(row, Supply))
    demands = tuple(row for row in rows if isinstance(row, Demand))
    return replace(problem, supplies=supplies, demands=demands)


def _price(value: int, row: Order, _: bool) -> Order:
    return replace(row, ask=value) if isinstance(row, Supply) else replace(row, bid=value)


def _reach(value: int, row: Order, _: bool) -> Order:
    return replace(row, max_m=value)


def _tonnes(value: int, row: Order, is_it: bool) -> Order:
    return replace(row, kg=value) if is_it else row


def _window(value: int, row: Order, is_it: bool) -> Order:
    return replace(row, month=value) if is_it else row


#: Field → (what it shall hold, a row of the order, whether it is the row asked about) → the row.
EDITS: dict[str, Callable[[int, Order, bool], Order]] = {
    "price": _price,
    "reach": _reach,
    "tonnes": _tonnes,
    "window": _window,
}
