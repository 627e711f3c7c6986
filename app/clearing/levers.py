"""Levers: at what limit an order's rest would have been placed, as its owner may be told it.

Exact levers follow the limit prices of others. They stay here: what leaves is rounded, and only
where enough firms compete that it follows no single one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.clearing.engine import Place, month_at, road_metres
from app.clearing.rules import FEWEST_FOR_LEVERS, may_show_lever, shown_lever
from app.listings.rules import Side
from matching import Demand, Outcome, Problem, Reason, Supply

Order = Supply | Demand
RowName = tuple[str, int | None]
"""A row of the problem: the listing's number and the index of the month."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many other firms stand around an order: against whom it competes, and with whom."""

    rivals: int
    counterparts: int


def exact(
    problem: Problem, outcome: Outcome, still_wanted: Callable[[], None]
) -> dict[RowName, int]:
    """The limits at which the rest of open rows is placed, fen per tonne."""
    rows = {(row.id, row.month): row for row in (*problem.supplies, *problem.demands)}
    found: dict[RowName, int] = {}
    for order in outcome.orders:
        still_wanted()
        if order.reason is Reason.PRICE:
            row = rows[order.id, order.month]
            missing = order.detail["missing"]
            found[order.id, order.month] = (
                row.ask - missing if isinstance(row, Supply) else row.bid + missing
            )
    return found


def shown(
    problem: Problem,
    exact: Mapping[RowName, int],
    firms: Mapping[str, int],
    months: Sequence[date],
) -> dict[tuple[str, date], int]:
    """The limits that owners may read, fen per tonne, by listing and month.

    `exact` are the limits at which the rest is placed, `firms` the company behind each listing.
    """
    field = Field(problem, firms)
    rows = {(row.id, row.month): row for row in (*problem.supplies, *problem.demands)}
    found: dict[tuple[str, date], int] = {}
    for name, limit in exact.items():
        crowd = field.around(rows[name])
        if may_show_lever(crowd.rivals, crowd.counterparts):
            side = Side.OFFER if isinstance(rows[name], Supply) else Side.REQUIREMENT
            found[name[0], month_at(months, name[1])] = shown_lever(side, limit)
    return found


class Field:
    """Who could trade with whom in each month, whatever the prices; counted up to what matters."""

    def __init__(self, problem: Problem, firms: Mapping[str, int]) -> None:
        self._settings = problem.settings
        self._firms = firms
        self._rows: dict[tuple[bool, int | None], list[Order]] = {}
        for row in (*problem.supplies, *problem.demands):
            if row.kg:
                self._rows.setdefault((isinstance(row, Supply), row.month), []).append(row)

    def around(self, row: Order) -> Crowd:
        """The firms around a row, its own left out."""
        there = self._in_reach(row)
        counterparts = self._others(row, there)
        rivals: set[int] = set()
        for counterpart in there:
            rivals |= self._others(row, self._in_reach(counterpart))
            if len(rivals) >= FEWEST_FOR_LEVERS:
                break
        return Crowd(len(rivals), len(counterparts))

    def _others(self, row: Order, rows: Iterable[Order]) -> set[int]:
        return {self._firms[each.id] for each in rows} - {self._firms[row.id]}

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
