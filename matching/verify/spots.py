"""How near each lane comes to taking a lot, in an empty market and in what a plan leaves open."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from matching.outcome import Reason
from matching.problem import Side
from matching.verify.exact import Bools, Ints
from matching.verify.market import Market, Shelf
from matching.verify.residual import Loads


class Spot(NamedTuple):
    """One lane; the least spot is the one that comes nearest to taking something.

    ``gap`` is how many kilograms the room lacks of the need, ``unpaid`` what would have to be paid
    first in thousandths of a fen, ``lot`` the undivided row that has to go over it, if any.
    """

    gap: int
    unpaid: int
    need: int
    minus_room: int
    minus_lot: int

    def told(self) -> tuple[Reason, dict[str, int]]:
        """What a row whose nearest lane this is must be told."""
        room, lot = -self.minus_room, -self.minus_lot
        if self.gap == 0:
            return Reason.COSTS, {"room_kg": room, "unpaid_fen": self.unpaid // 1_000}
        if lot > room:
            return Reason.LOT_TOO_LARGE, {"lot_kg": lot, "room_kg": room}
        return Reason.LOT_TOO_SMALL, {"minimum_kg": self.need, "room_kg": room}


def spot(room: int, lot: int, least: int, unpaid: int) -> Spot:
    """A lane that has so much room for a lot or a least match."""
    need = max(1, lot, least)
    return Spot(max(0, need - room), unpaid, need, -room, -lot)


def empty_spots(market: Market, lanes: Ints) -> Iterable[Spot]:
    """These lanes as if nothing had been shipped."""
    supply = market.lanes.supply[lanes]
    lot = np.where(market.single[supply], market.supply.kg[supply], 0)
    rows = (market.lane_room(lanes), lot, market.lanes.min_kg[lanes])
    figures = zip(*(each.tolist() for each in rows), strict=True)
    return [spot(room, lot, least, 0) for room, lot, least in figures]


def spare_spots(
    market: Market, loads: Loads, open_kg: dict[Side, Ints]
) -> dict[Side, dict[int, Spot]]:
    """For each node the best of its lanes that still has something open at both ends."""
    lanes = market.lanes
    first = len(market.supply.kg)
    give = passable(market.supply, open_kg[Side.SUPPLY], loads.held[:first], Side.SUPPLY)
    take = passable(market.demand, open_kg[Side.DEMAND], loads.held[first:], Side.DEMAND)
    ends_open = (give[lanes.supply] > 0) & (take[lanes.demand] > 0)
    at = np.flatnonzero((lanes.failed == 0) & ends_open & (loads.lane < lanes.kg))
    unpaid = _unpaid(market, loads.lane > 0)
    nearest: dict[Side, dict[int, Spot]] = {side: {} for side in Side}
    for lane in at.tolist():
        supply, demand = int(lanes.supply[lane]), int(lanes.demand[lane])
        fits = int(take[demand]) * 1_000 // int(lanes.use_milli[lane])
        shipped = int(loads.lane[lane])
        found = spot(
            min(fits, int(give[supply]), int(lanes.kg[lane]) - shipped),
            int(market.supply.kg[supply]) if market.single[supply] else 0,
            0 if shipped else int(lanes.min_kg[lane]),
            int(unpaid[lane]),
        )
        for side, node in ((Side.SUPPLY, supply), (Side.DEMAND, demand)):
            nearest[side][node] = min(found, nearest[side].get(node, found))
    return nearest


def passable(shelf: Shelf, open_kg: Ints, held: Ints, side: Side) -> Ints:
    """What each node could send or take if its own silo alone were run differently.

    Goods can be held on as far as the silo has room, and what is held on can be held on no more.
    """
    room = np.where(shelf.holds, shelf.held_kg - held, 0)[:-1]
    back = np.where(shelf.holds, held, 0)[:-1]
    later, earlier = (room, back) if side is Side.DEMAND else (back, room)
    ahead, behind = open_kg.copy(), open_kg.copy()
    while True:
        more = open_kg[:-1] + np.minimum(later, ahead[1:])
        less = open_kg[1:] + np.minimum(earlier, behind[:-1])
        if (more == ahead[:-1]).all() and (less == behind[1:]).all():
            return np.asarray(ahead + behind - open_kg)
        ahead[:-1], behind[1:] = more, less


def _unpaid(market: Market, used: Bools) -> Ints:
    """Fixed and opening costs that using each lane would add, thousandths of a fen."""
    lanes = market.lanes
    order = market.demand_order[lanes.demand]
    pairs = np.bincount(lanes.pair[used], minlength=len(lanes.pair_fixed)) > 0
    orders = np.bincount(order[used], minlength=len(market.open_cost)) > 0
    fixed = np.where(pairs[lanes.pair], 0, lanes.pair_fixed[lanes.pair])
    return np.asarray(fixed + np.where(orders[order], 0, market.open_cost[order]))
