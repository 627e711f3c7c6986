"""Which nodes of a market hang together, and which parts of it cannot be divided.

Nodes are numbered through: supply nodes first, demand nodes after them.
"""

from dataclasses import dataclass

import numpy as np

from matching.verify.claims import Breach, Breaches, Claim, Place
from matching.verify.exact import Bools, Ints
from matching.verify.market import Market
from matching.verify.properties import Property


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of a certificate.

    Attributes
    ----------
    count
        How many there are.
    supply, demand
        Shapes (supply nodes,) and (demand nodes,): the block of each.
    divisible
        Shape (blocks,): whether a block is a pure flow.
    """

    count: int
    supply: Ints
    demand: Ints
    divisible: Bools


def of(market: Market, claim: Claim) -> Blocks | None:
    """The blocks a claim states, or ``None`` where they are not those of its nodes."""
    count = len(claim.levels[0].multipliers) if claim.levels else 1
    sizes = len(market.supply.kg), len(market.demand.kg)
    supply, demand = claim.supply_block, claim.demand_block
    if not len(supply) and not len(demand):
        supply, demand = (np.zeros(size, dtype=np.int64) for size in sizes)
    if (len(supply), len(demand)) != sizes or not count:
        return None
    if any(((block < 0) | (block >= count)).any() for block in (supply, demand)):
        return None
    return Blocks(count, supply, demand, _divisible(market, supply, count))


def breaches(market: Market, blocks: Blocks | None) -> Breaches:
    """Whether nothing joins two blocks, and each with indivisible parts is one component."""
    if blocks is None or not _apart(market, blocks) or not _whole_components(market, blocks):
        yield Breach(Property.CERTIFICATE_BLOCK, Place.LEVEL, np.zeros(1, dtype=np.int64))


def components(market: Market) -> Ints:
    """For each node the least node it hangs together with, over permitted lanes and silos.

    The lanes of a pair that has a fixed cost, and those of an order that has an opening cost, hang
    together too.
    """
    tails, heads = (np.concatenate(ends) for ends in zip(*_joints(market), strict=True))
    return _least_of_component(len(market.supply.kg) + len(market.demand.kg), tails, heads)


def indivisible(market: Market) -> Bools:
    """Which permitted lanes are part of what cannot be divided, shape (lanes,)."""
    lanes = market.lanes
    lots = market.single | (market.min_lot_kg > 0)
    found = np.zeros(len(lanes), dtype=np.bool_)
    if lots.any():
        found |= lots[lanes.supply]
    for values, plain in ((lanes.min_kg, 0), (lanes.use_milli, 1_000)):
        found |= values != plain
    if lanes.pair_fixed.any():
        found |= lanes.pair_fixed[lanes.pair] > 0
    if market.open_cost.any():
        found |= market.open_cost[market.demand_order[lanes.demand]] > 0
    return np.asarray(found & (lanes.failed == 0))


def _divisible(market: Market, supply_block: Ints, count: int) -> Bools:
    lots = np.flatnonzero(indivisible(market))
    lots_in = np.bincount(supply_block[market.lanes.supply[lots]], minlength=count)
    return np.asarray(lots_in == 0)


def _joints(market: Market) -> list[tuple[Ints, Ints]]:
    """What joins two nodes: lanes, silos and shared costs, as tails and heads."""
    lanes, shift = market.lanes, len(market.supply.kg)
    permitted = np.flatnonzero(lanes.failed == 0)
    supply, demand = lanes.supply[permitted], lanes.demand[permitted] + shift
    giving, taking = (np.flatnonzero(side.holds) for side in (market.supply, market.demand))
    joints = [(supply, demand), (giving, giving + 1), (taking + shift, taking + shift + 1)]
    if lanes.pair_fixed.any():
        pair = lanes.pair[permitted]
        joints.append(_shared(supply, pair, lanes.pair_fixed))
    if market.open_cost.any():
        order = market.demand_order[lanes.demand[permitted]]
        joints.append(_shared(demand, order, market.open_cost))
    return joints


def _shared(nodes: Ints, group: Ints, cost: Ints) -> tuple[Ints, Ints]:
    """Joins each node to the first of its group, where the group has a cost to share."""
    has_cost = cost[group] > 0
    nodes, group = nodes[has_cost], group[has_cost]
    _, first, of_group = np.unique(group, return_index=True, return_inverse=True)
    return nodes, nodes[first][of_group]


def _apart(market: Market, blocks: Blocks) -> bool:
    if blocks.count == 1:
        return True
    block = np.concatenate([blocks.supply, blocks.demand])
    return all((block[tail] == block[head]).all() for tail, head in _joints(market))


def _whole_components(market: Market, blocks: Blocks) -> bool:
    """Whether the nodes of each block with indivisible parts form one component.

    Otherwise a pure flow could be left short of its best and hide in the gap of a block with lots.
    """
    if blocks.divisible.all():
        return True
    component = components(market)
    lane = np.flatnonzero(market.lanes.failed == 0)
    supply = market.lanes.supply[lane]
    mixed = ~blocks.divisible[blocks.supply[supply]]
    pairs = np.stack([blocks.supply[supply[mixed]], component[supply[mixed]]])
    return len(np.unique(pairs, axis=1).T) == int((~blocks.divisible).sum())


def _least_of_component(count: int, tails: Ints, heads: Ints) -> Ints:
    """Each node's least node it is joined to, by hooking roots and halving paths."""
    root = np.arange(count)
    while True:
        left, right = root[tails], root[heads]
        if np.array_equal(left, right):
            return root
        low = np.minimum(left, right)
        np.minimum.at(root, left, low)
        np.minimum.at(root, right, low)
        while not np.array_equal(root[root], root):
            root = root[root]
