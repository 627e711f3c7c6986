"""The least support by an independent linear programme, written from the README of `matching`.

Shares with the engine only the rows of a problem and, where it lists none, its lanes.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, lil_array

from matching import Demand, Problem, Supply, lanes

#: So far, in fen, a linear programme in floats may miss a sum.
SLACK = 1e-6


class Way(NamedTuple):
    """A lane in a month: its ends, its need in fen per tonne, and the most it may carry."""

    supply: str
    demand: str
    month: int
    need: int
    capacity: int | None


class Store(NamedTuple):
    """What an order has or needs by month, kg, and how much it may keep after each month."""

    kg: dict[int, int]
    keep: dict[int, int]
    holding: int


class Programme:
    """Every plan of a problem with months and silos as a linear programme."""

    def __init__(self, problem: Problem, *, pays_holding: bool) -> None:
        self.supplies = {each: _supply(rows, problem) for each, rows in _by_id(problem.supplies)}
        self.demands = {each: _demand(rows, problem) for each, rows in _by_id(problem.demands)}
        self.ways = list(_ways(problem, self.supplies, self.demands))
        stores = (("supply", self.supplies), ("demand", self.demands))
        self.kept = [
            (side, each, month, kg, store.holding if pays_holding else 0)
            for side, orders in stores
            for each, store in orders.items()
            for month, kg in store.keep.items()
        ]
        self.columns = len(self.ways) + len(self.kept)
        self.matrix, self.most = self._balances()

    def most_kg(self, *, free_only: bool = False) -> int:
        """The most that can be shipped, over all lanes or over those that need nothing."""
        shut = [free_only and way.need > 0 for way in self.ways]
        return round(-self._solve(-self._ones(), shut=shut))

    def least_support(self, kg: int) -> float:
        """C(kg), thousandths of a fen."""
        return self._solve(self.cost(), equal=(self._ones(), kg))

    def least_change(self, kg: int, support: float, before: dict[tuple[str, str, int], int]) -> int:
        """The fewest kilograms by which lanes of a plan of this size and support can differ."""
        if not self.columns:
            return sum(before.values())
        ways, rows = len(self.ways), self.matrix.shape[0]
        kept = np.eye(ways)
        matrix = np.block(
            [
                [self.matrix.toarray(), np.zeros((rows, ways))],
                [-np.eye(ways, self.columns), kept],
                [self.cost()[None, :] / 1_000, np.zeros((1, ways))],
            ]
        )
        no_more = [(0, before.get(way[:3], 0)) for way in self.ways]
        done = linprog(
            [0] * self.columns + [-1] * ways,
            matrix,
            [*self.most, *[0] * ways, support / 1_000 + SLACK],
            np.concatenate([self._ones(), np.zeros(ways)])[None, :],
            [kg],
            [*self._bounds(), *no_more],
            method="highs",
        )
        assert done.status == 0
        return kg + sum(before.values()) + 2 * round(float(done.fun))

    def cost(self) -> np.ndarray:
        return np.array([way.need for way in self.ways] + [each[4] for each in self.kept], float)

    def _ones(self) -> np.ndarray:
        return np.array([1.0] * len(self.ways) + [0.0] * len(self.kept))

    def _bounds(self, shut: Iterable[bool] = ()) -> list[tuple[int, int | None]]:
        closed = list(shut) or [False] * len(self.ways)
        ways = [
            (0, 0 if is_shut else way.capacity)
            for way, is_shut in zip(self.ways, closed, strict=True)
        ]
        return ways + [(0, each[3]) for each in self.kept]

    def _solve(
        self,
        cost: np.ndarray,
        *,
        shut: Iterable[bool] = (),
        equal: tuple[np.ndarray, int] | None = None,
    ) -> float:
        if not self.columns:
            return 0.0
        sums = {} if equal is None else {"A_eq": equal[0][None, :], "b_eq": [equal[1]]}
        done = linprog(
            cost, self.matrix, self.most, bounds=self._bounds(shut), method="highs", **sums
        )
        assert done.status == 0
        return float(done.fun)

    def _balances(self) -> tuple[csr_array, list[int]]:
        """One row per order and month: what goes out of it is at most what comes to it."""
        spots = [
            (side, each, month)
            for side, orders in (("supply", self.supplies), ("demand", self.demands))
            for each, store in orders.items()
            for month in store.kg
        ]
        row = {spot: k for k, spot in enumerate(spots)}
        matrix = lil_array((len(spots), self.columns))
        for column, way in enumerate(self.ways):
            matrix[row["supply", way.supply, way.month], column] = 1
            matrix[row["demand", way.demand, way.month], column] = 1
        for column, (side, each, month, *_) in enumerate(self.kept, len(self.ways)):
            leaves, enters = row[side, each, month], row[side, each, month + 1]
            sign = 1 if side == "supply" else -1
            matrix[leaves, column], matrix[enters, column] = sign, -sign
        most = [
            (self.supplies if side == "supply" else self.demands)[each].kg[month]
            for side, each, month in spots
        ]
        return csr_array(matrix), most


def _by_id(rows: Iterable[Supply | Demand]) -> Iterable[tuple[str, list[Supply | Demand]]]:
    return [(each, list(group)) for each, group in groupby(rows, key=lambda row: row.id)]


def _supply(rows: list[Supply | Demand], problem: Problem) -> Store:
    first, (_, last) = rows[0], problem.horizon
    assert isinstance(first, Supply)
    kg = {row.month or 0: row.kg for row in rows}
    start = min(kg)
    if first.silo_kg:
        kg = {month: kg.get(month, 0) for month in range(start, last + 1)}
    kg[start] += first.stock_kg
    keep = {month: first.silo_kg for month in kg if first.silo_kg and month + 1 in kg}
    return Store(kg, keep, first.holding)


def _demand(rows: list[Supply | Demand], problem: Problem) -> Store:
    first, (begin, _) = rows[0], problem.horizon
    assert isinstance(first, Demand)
    need = {row.month or 0: row.kg for row in rows}
    if first.silo_kg:
        need = {month: need.get(month, 0) for month in range(begin, max(need) + 1)}
    stock, kg, keep = first.stock_kg, {}, {}
    for month in sorted(need):
        met = min(stock, need[month])
        stock -= met
        kg[month] = need[month] - met
        if first.silo_kg and month + 1 in need:
            keep[month] = first.silo_kg - stock
    return Store(kg, keep, 0)


def _ways(problem: Problem, supplies: dict[str, Store], demands: dict[str, Store]) -> Iterable[Way]:
    ask = {row.id: row.ask for row in problem.supplies}
    bid = {row.id: row.bid for row in problem.demands}
    for supply, demand, month, cost, capacity in _lanes(problem):
        need = max(0, ask[supply] + cost - bid[demand])
        for each in sorted(supplies[supply].kg.keys() & demands[demand].kg.keys()):
            if month in (None, each):
                yield Way(supply, demand, each, need, capacity)


def _lanes(problem: Problem) -> Iterable[tuple[str, str, int | None, int, int | None]]:
    if problem.lanes is not None:
        for lane in problem.lanes:
            yield lane.supply, lane.demand, lane.month, lane.cost, lane.capacity_kg
        return
    book = lanes.build(problem)
    pairs = book.pairs
    for start, end, cost in zip(pairs.supply, pairs.demand, pairs.cost, strict=True):
        yield book.supply.ids[start], book.demand.ids[end], None, int(cost), None
