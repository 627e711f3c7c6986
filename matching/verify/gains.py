"""What a kilogram on each arc adds to a level of the objective, and what a plan reaches."""

import numpy as np

from matching.verify.blocks import Blocks
from matching.verify.claims import Claim
from matching.verify.exact import NOTHING, Ints, Whole, plus, sums, times
from matching.verify.market import Market


def of_lanes(market: Market, name: str) -> Whole:
    """A kilogram's gain on each lane, fixed and opening costs apart; one number where all agree."""
    if name == "surplus":
        return market.lanes.surplus
    if name == "cost":
        return -market.lanes.cost
    weight = market.weight_milli
    if (weight == weight[:1]).all():
        return weight[:1] if len(weight) else NOTHING
    return weight[market.lanes.supply]


def of_silos(market: Market, name: str) -> Whole:
    """A kilogram's gain for each month it stays with its producer, shape (supply nodes,)."""
    return NOTHING if name == "tonnes" else -market.holding


def of_lanes_with_costs(market: Market, name: str) -> Whole:
    """The gain on each lane less its share of the costs paid once.

    A cost is spread over the most its lanes could ever carry, rounded down: no plan pays less.
    """
    gain = of_lanes(market, name)
    if name == "tonnes" or not (market.lanes.pair_fixed.any() or market.open_cost.any()):
        return gain
    lanes = market.lanes
    permitted = np.flatnonzero(lanes.failed == 0)
    room = market.lane_room(permitted)
    order = market.demand_order[lanes.demand]
    for group, cost in ((lanes.pair, lanes.pair_fixed), (order, market.open_cost)):
        most = sums(group[permitted], room, len(cost))
        share = np.where(most > 0, cost // np.maximum(most, 1), 0)
        gain = plus(gain, -share[group])
    return gain


def reached(market: Market, claim: Claim, blocks: Blocks, name: str) -> Whole:
    """What the plan reaches at a level, shape (blocks,). Matches without a lane count nothing."""
    matches = claim.matches
    known = np.flatnonzero(matches.lane >= 0)
    lane, gain = matches.lane[known], of_lanes(market, name)
    gain = gain if gain.shape == (1,) else gain[lane]
    shipped = times(matches.kg[known], gain)
    value = sums(blocks.supply[matches.supply[known]], shipped, blocks.count)
    stored = times(claim.supply_held, of_silos(market, name))
    value = plus(value, sums(blocks.supply, stored, blocks.count))
    return value if name == "tonnes" else plus(value, -_paid_once(market, lane, blocks))


def _paid_once(market: Market, lane: Ints, blocks: Blocks) -> Whole:
    """Fixed and opening costs of the lanes that are used, shape (blocks,)."""
    paid: Whole = np.zeros(blocks.count, dtype=np.int64)
    block = blocks.supply[market.lanes.supply[lane]]
    order = market.demand_order[market.lanes.demand[lane]]
    for group, cost in (
        (market.lanes.pair[lane], market.lanes.pair_fixed),
        (order, market.open_cost),
    ):
        used, first = np.unique(group, return_index=True)
        paid = plus(paid, sums(block[first], cost[used], blocks.count))
    return paid
