"""Ties: where another order was chosen that is worth exactly as much."""

import numpy as np
import numpy.typing as npt

from matching.lanes import Book
from matching.network import Flow, Network
from matching.problem import Problem, Side

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def count(problem: Problem, book: Book, network: Network, flow: Flow, side: Side) -> Ints:
    """Per node of a side, with how many counterparts an equal trade of another order stands.

    Its own lane has room, and a kilogram on it is worth as much, at every level, as one that the
    same counterpart trades with another order in the same month: it could stand in that place at
    no loss. Lanes with lots or costs of their own are left out, for their kilograms cannot be
    exchanged one by one.
    """
    own, there = network.lane_supply, network.lane_demand
    if side is Side.DEMAND:
        own, there = there, own
    equal = _divisible(network, side)
    used = (flow.lane > 0) & equal
    counterpart = np.zeros(int(there.max(initial=-1)) + 1, dtype=np.bool_)
    counterpart[there[used]] = True
    lane = np.flatnonzero(equal & counterpart[there])
    kind = _kinds(there[lane], _worth(problem, book, network, lane))
    trading = np.bincount(kind[used[lane]], minlength=len(lane))
    open_lane = flow.lane[lane] < network.lane_kg[lane]
    tied = open_lane & (trading[kind] > used[lane])
    nodes = len(network.supply_kg if side is Side.SUPPLY else network.demand_kg)
    return np.bincount(own[lane[tied]], minlength=nodes)


def _divisible(network: Network, side: Side) -> Bools:
    """Lanes whose kilograms can be exchanged one by one."""
    lots = network.lots
    if lots is None:
        return np.ones(len(network.lane_supply), dtype=np.bool_)
    whole = lots.single[network.lane_supply] | (lots.lane_min_kg > 1)
    costs = lots.pair_fixed[lots.lane_pair] > 0
    if side is Side.DEMAND:
        costs |= lots.open_cost[lots.demand_order[network.lane_demand]] > 0
    return ~(whole | costs)


def _worth(problem: Problem, book: Book, network: Network, lane: Ints) -> list[Ints]:
    """What a kilogram on each lane adds to every level, and the room it takes."""
    permitted = np.flatnonzero(book.lanes.permitted)[lane]
    weight = np.array([supply.weight_milli for supply in problem.supplies], dtype=np.int64)
    column = {
        "tonnes": weight[book.supply.terms[network.lane_supply[lane]]],
        "surplus": book.lanes.surplus[permitted],
        "cost": book.lanes.cost[permitted],
    }
    worth = [column[level] for level in problem.settings.levels]
    return worth if network.lots is None else [*worth, network.lots.lane_use_milli[lane]]


def _kinds(counterpart: Ints, worth: list[Ints]) -> Ints:
    """A number per lane, equal where counterpart and worth are."""
    kind = counterpart
    for values in worth:
        _, rank = np.unique(values, return_inverse=True)
        _, kind = np.unique(kind * (len(rank) + 1) + rank, return_inverse=True)
    return kind
