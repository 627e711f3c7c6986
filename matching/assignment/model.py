"""One level of a component as a mixed-integer programme.

Each lane is held below its capacity times its own switch, its pair's and its order's: the
formulation with one row per lane, whose relaxation is far tighter than one row per order
(J. Krarup, P. M. Pruzan, *The simple plant location problem*, EJOR 12, 1983). What a level before
leaves no room to drop becomes an equation, from which HiGHS derives stronger cuts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from matching.assignment.columns import NONE, Columns, common_factor
from matching.assignment.forced import implied, least_given, least_taken
from matching.assignment.highs import Bools, Floats, Programme
from matching.assignment.parts import WHOLE, Parts
from matching.assignment.rows import Rows
from matching.network import Gain, Ints

#: HiGHS works best where no coefficient of the objective passes this.
STEEPEST = 10_000_000


@dataclass(frozen=True, slots=True)
class Objective:
    """A level in columns: ``per`` · coefficients · columns is its value, in steps of ``step``."""

    coefficients: Floats
    per: float
    step: int


@dataclass(frozen=True)
class Model:
    """The rows that hold at every level, and the objectives of the levels up to one."""

    columns: Columns
    gains: tuple[Gain, ...]
    floors: tuple[int, ...]
    rows: Any
    low: Floats
    high: Floats

    @classmethod
    def of(cls, parts: Parts, gains: Sequence[Gain], floors: Sequence[int]) -> "Model":
        """The level after so many floors, none of which may be undercut."""
        gains = tuple(gains[: len(floors) + 1])
        pays = any(gain.spends for gain in gains) or parts.lots.lane_margin is not None
        columns = Columns.of(parts, pays=pays)
        rows = Rows(columns.count)
        given = least_given(parts, gains, floors)
        _supplies(rows, columns, given)
        _demands(rows, columns, least_taken(parts, gains, floors))
        _switches(rows, columns)
        _margins(rows, columns)
        for gain, floor in zip(gains, floors, strict=False):
            if not implied(parts, gain, floor, given):
                _floor(rows, objective_of(columns, gain), floor)
        return cls(columns, gains, tuple(floors), *rows.built())

    @cached_property
    def objective(self) -> Objective:
        return objective_of(self.columns, self.gains[len(self.floors)])

    @cached_property
    def programme(self) -> Programme:
        columns = self.columns
        least = np.zeros(columns.count)
        gain = self.objective.coefficients
        return Programme(gain, self.rows, self.low, self.high, least, columns.most, columns.whole)


def _floor(rows: Rows, objective: Objective, floor: int) -> None:
    """A level before keeps what it reached, but for what floats cannot tell."""
    wanted = floor / objective.per
    rows.dense(objective.coefficients, wanted - 1e-9 * abs(wanted), np.inf)


def objective_of(columns: Columns, gain: Gain) -> Objective:
    """A level's coefficients, in whole numbers where the columns allow."""
    parts = columns.parts
    per_kg = np.zeros(len(columns.scale), dtype=np.int64)
    held = parts.lanes + len(parts.network.supply_held)
    per_kg[: parts.lanes] = gain.lane
    per_kg[parts.lanes : held] = gain.held
    spent = _spending(columns) if gain.spends else [0] * columns.count
    if not columns.exact:
        carried = per_kg.astype(np.float64) * columns.scale
        floats = np.concatenate([carried, np.zeros(columns.count - len(carried))])
        return _in_range(floats + np.array(spent, dtype=np.float64), 1)
    whole = [int(a) * int(b) for a, b in zip(per_kg, columns.scale, strict=True)]
    whole += [0] * (columns.count - len(whole))
    whole = [a + b for a, b in zip(whole, spent, strict=True)]
    factor = common_factor(whole)
    return _in_range(np.array([a // factor for a in whole], dtype=np.float64), factor)


def _in_range(coefficients: Floats, step: int) -> Objective:
    steepest = float(np.abs(coefficients).max(initial=0.0))
    shrunk = max(1.0, steepest / STEEPEST)
    return Objective(coefficients / shrunk, step * shrunk, step)


def _spending(columns: Columns) -> list[int]:
    """What each switch costs when it is on, negative, per column."""
    spent = [0] * columns.count
    lots = columns.parts.lots
    for switches, costs in (
        (columns.pair_switch, lots.pair_fixed),
        (columns.order_switch, lots.open_cost),
    ):
        for k in np.flatnonzero(switches != NONE):
            spent[switches[k]] -= int(costs[k])
    return spent


def _supplies(rows: Rows, columns: Columns, least: Ints) -> None:
    """What a node gives is what leaves it less what was held on to it."""
    parts, network = columns.parts, columns.parts.network
    lanes, held = np.arange(parts.lanes), parts.lanes + np.arange(len(network.supply_held))
    per = np.where(parts.lots.single, np.maximum(network.supply_kg, 1), columns.unit)
    node = np.concatenate([network.lane_supply, network.supply_held, network.supply_held + 1])
    column = np.concatenate([lanes, held, held])
    sign = np.repeat([1.0, 1.0, -1.0], [len(lanes), len(held), len(held)])
    rows.add(
        node, column, sign * columns.scale[column] / per[node], least / per, network.supply_kg / per
    )


def _demands(rows: Rows, columns: Columns, least: Ints) -> None:
    """What a node takes of its need is what arrives, in room, and what it does not hold on."""
    parts, network = columns.parts, columns.parts.network
    lanes = np.arange(parts.lanes)
    held = parts.lanes + len(network.supply_held) + np.arange(len(network.demand_held))
    node = np.concatenate([network.lane_demand, network.demand_held, network.demand_held + 1])
    column = np.concatenate([lanes, held, held])
    room = np.concatenate(
        [parts.lots.lane_use_milli / WHOLE, -np.ones(len(held)), np.ones(len(held))]
    )
    kg = room * columns.scale[column] / columns.unit
    low = least.astype(np.float64)
    # Room that is begun is held on as a whole kilogram, so a little more may go than came.
    low[network.lane_demand[parts.drying]] -= 1 - 1 / WHOLE
    rows.add(node, column, kg, low / columns.unit, network.demand_kg / columns.unit)
    _opened(rows, columns, kg[: parts.lanes])


def _opened(rows: Rows, columns: Columns, kg: Floats) -> None:
    """Nothing arrives at an order that is not open: one row per node."""
    network, lots = columns.parts.network, columns.parts.lots
    switch = columns.order_switch[lots.demand_order]
    nodes = np.flatnonzero(switch != NONE)
    if not len(nodes):
        return
    room = network.demand_kg.astype(np.float64)
    np.add.at(room, network.demand_held, network.demand_held_kg)
    row_of = np.full(len(switch), NONE)
    row_of[nodes] = np.arange(len(nodes))
    lanes = np.flatnonzero(row_of[network.lane_demand] != NONE)
    rows.add(
        np.concatenate([row_of[network.lane_demand[lanes]], np.arange(len(nodes))]),
        np.concatenate([lanes, switch[nodes]]),
        np.concatenate([kg[lanes], -room[nodes] / columns.unit]),
        np.full(len(nodes), -np.inf),
        np.zeros(len(nodes)),
    )


def _switches(rows: Rows, columns: Columns) -> None:
    """A lane carries at most its capacity, and at least its minimum, times each of its switches."""
    parts, lots = columns.parts, columns.parts.lots
    lanes = np.arange(parts.lanes)
    carried = parts.most / columns.scale[: parts.lanes]
    pair, order = columns.pair_switch[lots.lane_pair], columns.order_switch[parts.lane_order]
    own = columns.lane_switch
    _below(rows, lanes, carried, own)
    _above(rows, lanes, parts.least / columns.scale[: parts.lanes], own)
    nearest, reach = _first(own, lanes), _first_reach(own, carried)
    _below(rows, nearest, reach, np.where(pair != nearest, pair, NONE))
    nearest = np.where(pair != NONE, pair, nearest)
    _below(rows, nearest, np.where(pair != NONE, 1.0, reach), order)


def _first(switch: Ints, lanes: Ints) -> Ints:
    return np.where(switch != NONE, switch, lanes)


def _first_reach(switch: Ints, carried: Floats) -> Floats:
    return np.where(switch != NONE, 1.0, carried)


def _below(rows: Rows, column: Ints, most: Floats, switch: Ints) -> None:
    """Rows column ≤ most · switch, wherever there is a switch and something to hold down."""
    k = np.flatnonzero((switch != NONE) & (most > 0))
    _pairwise(rows, column[k], -most[k], switch[k], (-np.inf, 0.0))


def _above(rows: Rows, column: Ints, least: Floats, switch: Ints) -> None:
    k = np.flatnonzero(switch != NONE)
    _pairwise(rows, column[k], -least[k], switch[k], (0.0, np.inf))


def _pairwise(
    rows: Rows, column: Ints, factor: Floats, switch: Ints, sides: tuple[float, float]
) -> None:
    count = np.arange(len(column))
    rows.add(
        np.concatenate([count, count]),
        np.concatenate([column, switch]),
        np.concatenate([np.ones(len(count)), factor]),
        np.full(len(count), sides[0]),
        np.full(len(count), sides[1]),
    )


def _margins(rows: Rows, columns: Columns) -> None:
    """In market mode the margins of a pair, and of an order, cover the fixed costs."""
    parts = columns.parts
    if parts.lots.lane_margin is None:
        return
    pairs, orders = np.flatnonzero(parts.pair_margin), np.flatnonzero(parts.order_margin)
    for pair in pairs:
        of = parts.lots.lane_pair == pair
        rows.dense(*_margin_row(columns, of, [int(pair)], []))
    for order in orders:
        of = parts.lane_order == order
        fixed = np.unique(parts.lots.lane_pair[of])
        rows.dense(*_margin_row(columns, of, list(map(int, fixed)), [int(order)]))


def _margin_row(
    columns: Columns, of: Bools, pairs: list[int], orders: list[int]
) -> tuple[Floats, float, float]:
    parts = columns.parts
    assert parts.lots.lane_margin is not None
    row = np.zeros(columns.count)
    margin = np.broadcast_to(parts.lots.lane_margin, of.shape)
    row[: parts.lanes] = np.where(of, margin, 0) * columns.scale[: parts.lanes]
    for pair in pairs:
        if columns.pair_switch[pair] != NONE:
            row[columns.pair_switch[pair]] -= float(parts.lots.pair_fixed[pair])
    for order in orders:
        row[columns.order_switch[order]] -= float(parts.lots.open_cost[order])
    return row / max(1.0, float(np.abs(row).max()) / 1_000), 0.0, np.inf
