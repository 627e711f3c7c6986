"""The pairs of orders that may meet, and the months in which they can.

A pair is found once per two ids; its months are those in which both have a node.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.lanes.nodes import Nodes
from matching.lanes.reach import Sites, lane_cost
from matching.problem import MILLI, Lane, Problem

Ints = npt.NDArray[np.int64]

#: Capacity of a lane that has none of its own.
NO_LIMIT = 2**62


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two orders in reach of each other, in (supply, demand) order; shape (pairs,).

    Attributes
    ----------
    supply, demand
        Positions in the ids of the two sides.
    cost
        Freight, fen per tonne; the least where the months differ.
    fixed_milli
        Paid once if the pair trades at all, thousandths of a fen.
    line_pair, line_month
        Shape (lines,): when each pair is open, one line for every month (−1) or one for each.
    """

    supply: Ints
    demand: Ints
    cost: Ints
    fixed_milli: Ints
    line_pair: Ints
    line_month: Ints

    def __len__(self) -> int:
        return len(self.supply)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds on each lane, in (supply node, demand node) order; shape (lanes,)."""

    supply: Ints
    demand: Ints
    pair: Ints
    cost: Ints
    kg: Ints
    min_kg: Ints
    use_milli: Ints


def pairs_of(problem: Problem, supply: Nodes, demand: Nodes) -> tuple[Pairs, Terms]:
    """All pairs in reach, and their lanes."""
    if problem.lanes is not None:
        return _listed(problem.lanes, supply, demand)
    return _made(sites_of(problem, supply, demand), supply, demand)


def sites_of(problem: Problem, supply: Nodes, demand: Nodes) -> Sites:
    """Where each order lies and what it handles."""
    supplies = [problem.supplies[row] for row in supply.terms[supply.starts[:-1]].tolist()]
    demands = [problem.demands[row] for row in demand.terms[demand.starts[:-1]].tolist()]
    return Sites(supplies, demands, problem.settings)


def _made(sites: Sites, supply: Nodes, demand: Nodes) -> tuple[Pairs, Terms]:
    first, second, road_m = sites.pairs()
    cost = lane_cost(road_m, sites.settings)
    none, always = (np.broadcast_to(np.int64(value), (len(cost),)) for value in (0, -1))
    pairs = Pairs(first, second, cost, none, np.arange(len(cost)), always)
    start, end, pair = _over_months(supply, demand, first, second)
    terms = Terms(
        start,
        end,
        pair,
        cost if len(pair) == len(cost) else cost[pair],
        *(np.broadcast_to(np.int64(value), (len(pair),)) for value in (NO_LIMIT, 0, MILLI)),
    )
    return pairs, terms


def _over_months(
    supply: Nodes, demand: Nodes, first: Ints, second: Ints
) -> tuple[Ints, Ints, Ints]:
    """The lanes of pairs of orders in every month both have a node: the nodes, and which pair.

    Supply nodes are in order, and so are the pairs of each, so the lanes come out in order.
    """
    each = np.arange(len(first))
    if (
        len(supply) == len(supply.ids)
        and len(demand) == len(demand.ids)
        and _one_month(supply, demand)
    ):
        return first, second, each
    pair_starts = np.searchsorted(first, np.arange(len(supply.ids) + 1))
    count = np.diff(pair_starts)[supply.order]
    start = np.repeat(np.arange(len(supply)), count)
    rank = np.arange(len(start)) - np.repeat(np.cumsum(count) - count, count)
    pair = pair_starts[supply.order[start]] + rank
    end = node_at(demand, second[pair], supply.month[start])
    met = end >= 0
    return start[met], end[met], pair[met]


def _one_month(supply: Nodes, demand: Nodes) -> bool:
    """Whether all nodes stand in one month, so that a node is an order."""
    months = np.concatenate([supply.month, demand.month])
    return not len(months) or bool((months == months[0]).all())


def node_at(nodes: Nodes, order: Ints, month: Ints) -> Ints:
    """The node of each order in each month, −1 where it has none."""
    if not len(nodes):
        return np.full(len(order), -1, dtype=np.int64)
    width = int(max(nodes.month.max(), month.max(initial=0))) + 1
    keys, wanted = nodes.order * width + nodes.month, order * width + month
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)


def _listed(listed: Sequence[Lane], supply: Nodes, demand: Nodes) -> tuple[Pairs, Terms]:
    supplies = {each: k for k, each in enumerate(supply.ids)}
    demands = {each: k for k, each in enumerate(demand.ids)}
    first = _column(listed, [supplies[lane.supply] for lane in listed])
    second = _column(listed, [demands[lane.demand] for lane in listed])
    month = _column(listed, [-1 if lane.month is None else lane.month for lane in listed])
    pairs = _pairs(listed, first, second, month, len(demand.ids))
    start, end, line = _open_months(supply, demand, first, second, month)
    kg = [NO_LIMIT if lane.capacity_kg is None else lane.capacity_kg for lane in listed]
    return pairs, Terms(
        start,
        end,
        pairs.line_pair[line],
        _column(listed, [lane.cost for lane in listed])[line],
        _spread(kg, line, NO_LIMIT),
        _spread([lane.min_kg for lane in listed], line, 0),
        _spread([lane.use_milli for lane in listed], line, MILLI),
    )


def _pairs(listed: Sequence[Lane], first: Ints, second: Ints, month: Ints, demands: int) -> Pairs:
    """The pairs of listed lines, which are in order: the least cost, the greatest fixed cost."""
    _, begin, pair = np.unique(first * demands + second, return_index=True, return_inverse=True)
    fixed = _column(listed, [lane.fixed_fen * 1_000 for lane in listed])
    cost = _column(listed, [lane.cost for lane in listed])
    if len(begin) < len(first):
        cost, fixed = np.minimum.reduceat(cost, begin), np.maximum.reduceat(fixed, begin)
    return Pairs(first[begin], second[begin], cost, fixed, pair.astype(np.int64), month)


def _open_months(
    supply: Nodes, demand: Nodes, first: Ints, second: Ints, month: Ints
) -> tuple[Ints, Ints, Ints]:
    """The lanes of listed lines, each open in its month or in all: the nodes, and which line."""
    always = np.flatnonzero(month < 0)
    start, end, line = _over_months(supply, demand, first[always], second[always])
    line = always[line]
    dated = np.flatnonzero(month >= 0)
    if len(dated):
        here = node_at(supply, first[dated], month[dated])
        there = node_at(demand, second[dated], month[dated])
        met = (here >= 0) & (there >= 0)
        start = np.concatenate([start, here[met]])
        end = np.concatenate([end, there[met]])
        line = np.concatenate([line, dated[met]])
        order = np.lexsort((end, start))
        start, end, line = start[order], end[order], line[order]
    return start, end, line


def _column(listed: Sequence[Lane], values: list[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64, count=len(listed))


def _spread(values: list[int], line: Ints, default: int) -> Ints:
    """The values of the lines on their lanes; one number broadcast if all are the default."""
    if all(value == default for value in values):
        return np.broadcast_to(np.int64(default), (len(line),))
    return np.array(values, dtype=np.int64)[line]
