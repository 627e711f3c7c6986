"""Levers: at what limit an order's rest would have been placed, as its owner may be told it.

Exact levers follow the limit prices of others. They stay here: what leaves is rounded, and only
where enough owners compete that it follows no single one of them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from app.clearing.engine import Place, month_at, road_metres, run_apart
from app.clearing.rules import FEWEST_FOR_LEVERS, may_show_lever, shown_lever
from app.companies.rules import GroupKey
from app.listings.rules import Side
from matching import (
    Demand,
    OrderResult,
    Outcome,
    Problem,
    Reason,
    Supply,
    outcome_to_json,
    problem_to_json,
)

COMMAND = (sys.executable, "-m", "app.clearing.lever_process")
MOST_ROWS = 200
MOST_SECONDS = 5.0
PRICED_OUT = (Reason.PRICE, Reason.FULL, Reason.TIE, Reason.SILO, Reason.COSTS)
"""Reasons that another price may change."""

Order = Supply | Demand
RowName = tuple[str, int | None]
"""A row of the problem: the order's id and the index of the month."""
Limits = dict[tuple[str, date], int]
"""Limits in fen per tonne, by order and month."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many other owners stand around an order: against whom it competes, and with whom."""

    rivals: int
    counterparts: int


def shown(
    problem: Problem,
    outcome: Outcome,
    owners: Mapping[str, GroupKey],
    months: Sequence[date],
    still_wanted: Callable[[], None] = lambda: None,
) -> Limits:
    """The limits that owners may read: of each order the month with most left open, largest first.

    `owners` is who is behind each order. What takes longer than the time for it stays out; so
    do problems with lots, where a single lever may take as long as the run.
    """
    rows = _rows(problem)
    if any(_is_lot(row) for row in rows.values()):
        return {}
    field = Field(problem, owners)
    hidden = (line for line in _worst(outcome) if field.hides(rows[line.id, line.month]))
    asked = list(islice(hidden, MOST_ROWS))
    found: Limits = {}
    for line, limit in _exact(problem, outcome, asked, still_wanted):
        side = Side.OFFER if isinstance(rows[line.id, line.month], Supply) else Side.REQUIREMENT
        found[line.id, month_at(months, line.month)] = shown_lever(side, limit)
    return found


def _is_lot(row: Order) -> bool:
    return row.min_lot_kg > 0 or (isinstance(row, Supply) and row.single)


def _rows(problem: Problem) -> dict[RowName, Order]:
    orders: tuple[Order, ...] = (*problem.supplies, *problem.demands)
    return {(row.id, row.month): row for row in orders}


def _worst(outcome: Outcome) -> list[OrderResult]:
    """Of each order the row with most left open that a price may place; the largest first."""
    lines = [line for line in outcome.orders if line.reason in PRICED_OUT]
    worst: dict[str, OrderResult] = {}
    for line in sorted(lines, key=lambda line: (line.placed - line.kg, line.id, line.month or 0)):
        worst.setdefault(line.id, line)
    return list(worst.values())


def _exact(
    problem: Problem,
    outcome: Outcome,
    lines: Sequence[OrderResult],
    still_wanted: Callable[[], None],
) -> list[tuple[OrderResult, int]]:
    """The limits at which the rest of these rows is placed, fen per tonne, as far as there are."""
    if not lines:
        return []
    asked = {
        "problem": json.loads(problem_to_json(problem)),
        "outcome": json.loads(outcome_to_json(outcome)),
        "rows": [(line.id, line.month) for line in lines],
        "seconds": MOST_SECONDS,
    }
    answer = run_apart(COMMAND, json.dumps(asked).encode(), still_wanted)
    limits: list[int | None] = json.loads(answer)
    pairs = zip(lines, limits, strict=True)
    return [(line, limit) for line, limit in pairs if limit is not None]


class Field:
    """Who could trade with whom in each month, whatever the prices; counted up to what matters."""

    def __init__(self, problem: Problem, owners: Mapping[str, GroupKey]) -> None:
        self._settings = problem.settings
        self._owners = owners
        self._rows: dict[tuple[bool, int | None], list[Order]] = {}
        for row in _rows(problem).values():
            if row.kg:
                self._rows.setdefault((isinstance(row, Supply), row.month), []).append(row)

    def around(self, row: Order) -> Crowd:
        """The owners around a row, its own left out."""
        there = self._in_reach(row)
        counterparts = self._others(row, there)
        rivals: set[GroupKey] = set()
        for counterpart in there:
            rivals |= self._others(row, self._in_reach(counterpart))
            if len(rivals) >= FEWEST_FOR_LEVERS:
                break
        return Crowd(len(rivals), len(counterparts))

    def hides(self, row: Order) -> bool:
        """Whether enough owners stand around a row to tell its owner a lever."""
        crowd = self.around(row)
        return may_show_lever(crowd.rivals, crowd.counterparts)

    def _others(self, row: Order, rows: Iterable[Order]) -> set[GroupKey]:
        return {self._owners[each.id] for each in rows} - {self._owners[row.id]}

    def _in_reach(self, row: Order) -> list[Order]:
        """The rows of the other side and the same month that material and distance allow."""
        opposite = self._rows.get((not isinstance(row, Supply), row.month), [])
        near = [each for each in opposite if _fit(row, each)]
        pairs = [(_place(row), _place(each)) for each in near]
        metres = road_metres(pairs, self._settings.detour_milli)
        return [
            each
            for each, road_m in zip(near, metres, strict=True)
            if road_m <= min(self._reach(row), self._reach(each))
        ]

    def _reach(self, row: Order) -> float:
        if row.max_m is not None:
            return row.max_m
        return float("inf") if isinstance(row, Supply) else self._settings.max_m


def _fit(row: Order, other: Order) -> bool:
    """Whether the demand of the two takes the material of the supply."""
    supply, demand = (row, other) if isinstance(row, Supply) else (other, row)
    assert isinstance(supply, Supply)
    assert isinstance(demand, Demand)
    return demand.accepts(supply.material)


def _place(row: Order) -> Place:
    assert row.lon is not None
    assert row.lat is not None
    return row.lon, row.lat
