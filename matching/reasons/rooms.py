"""How much lanes could carry, and whether the lots on them fit.

The facts of a lane do not depend on who asks: what its supply could send, what its demand could
take, what the lane itself carries, and the least that a match on it may be. They are asked of an
empty market (:func:`at_most`) and of what a plan has left (:func:`left`).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.lanes import Book, capacity
from matching.network import Flow, Lots, Network
from matching.outcome import Reason
from matching.problem import MILLI, Problem, Side
from matching.reasons.balance import Balance, reachable

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Because = tuple[Reason, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Rooms:
    """Some lanes; arrays of shape (those lanes,).

    Attributes
    ----------
    supply, demand
        Their nodes.
    kg
        The most the lane could carry; 0 where less than a whole kilogram would fit.
    lot_kg
        The undivided row at its supply; 0 where that can be divided.
    least_kg
        The least that would have to be on it, or be added.
    unpaid
        Fixed and opening costs not paid yet, thousandths of a fen.
    """

    supply: Ints
    demand: Ints
    kg: Ints
    lot_kg: Ints
    least_kg: Ints
    unpaid: Ints

    def nearest(self, group: Ints) -> dict[int, Because]:
        """Of each group of lanes the one that comes nearest to taking something, and how near."""
        need = np.maximum(np.maximum(self.lot_kg, self.least_kg), 1)
        gap = np.maximum(0, need - self.kg)
        order = np.lexsort((-self.lot_kg, -self.kg, need, self.unpaid, gap, group))
        _, first = np.unique(group[order], return_index=True)
        lanes = order[first]
        columns = (group, gap, self.kg, self.lot_kg, need, self.unpaid)
        rows = zip(*(column[lanes].tolist() for column in columns), strict=True)
        return {each: _told(*figures) for each, *figures in rows}


def at_most(problem: Problem, book: Book, lane: Ints) -> Rooms:
    """Lanes of the book as if nothing had been shipped anywhere."""
    lanes = book.lanes
    start = lanes.supply[lane]
    single = np.array([supply.single for supply in problem.supplies], dtype=np.bool_)
    lot = np.where(single[book.supply.terms[start]], book.supply.own_kg[start], 0)
    none = np.zeros(len(lane), dtype=np.int64)
    return Rooms(start, lanes.demand[lane], capacity(book)[lane], lot, lanes.min_kg[lane], none)


def left(network: Network, flow: Flow, balance: Balance) -> Rooms:
    """The lanes of a plan both ends of which have something open."""
    send, take = _reach(network, flow, balance)
    start, end = network.lane_supply, network.lane_demand
    lane = np.flatnonzero((send[start] > 0) & (take[end] > 0) & (flow.lane < network.lane_kg))
    start, end = start[lane], end[lane]
    room = take[end]
    if network.lots is not None:
        room = room * MILLI // network.lots.lane_use_milli[lane]
    spare = network.lane_kg[lane] - flow.lane[lane]
    kg = np.minimum(np.minimum(room, spare), send[start])
    return Rooms(start, end, kg, *_needs(network, flow, lane))


def _told(gap: int, kg: int, lot: int, need: int, unpaid: int) -> Because:
    if not gap:
        return Reason.COSTS, {"room_kg": kg, "unpaid_fen": unpaid // MILLI}
    if lot > kg:
        return Reason.LOT_TOO_LARGE, {"lot_kg": lot, "room_kg": kg}
    return Reason.LOT_TOO_SMALL, {"minimum_kg": need, "room_kg": kg}


def _reach(network: Network, flow: Flow, balance: Balance) -> tuple[Ints, Ints]:
    """What each supply node could still send and each demand node still take, silos included."""
    send = reachable(
        balance.open[Side.SUPPLY],
        network.supply_held,
        flow.supply_held,
        network.supply_held_kg - flow.supply_held,
    )
    take = reachable(
        balance.open[Side.DEMAND],
        network.demand_held,
        network.demand_held_kg - flow.demand_held,
        flow.demand_held,
    )
    return send, take


def _needs(network: Network, flow: Flow, lane: Ints) -> tuple[Ints, Ints, Ints]:
    """Undivided row, least addition and unpaid costs of some lanes of a plan."""
    lots, none = network.lots, np.zeros(len(lane), dtype=np.int64)
    if lots is None:
        return none, none, none
    start = network.lane_supply[lane]
    lot = np.where(lots.single[start], network.supply_kg[start], 0)
    least = np.where(flow.lane[lane] > 0, 0, lots.lane_min_kg[lane])
    return lot, least, _unpaid(network, flow, lots)[lane]


def _unpaid(network: Network, flow: Flow, lots: Lots) -> Ints:
    """What using each lane would cost once, beyond what the plan has paid."""
    used = flow.lane > 0
    order = lots.demand_order[network.lane_demand]
    pair_paid = np.zeros(len(lots.pair_fixed), dtype=np.bool_)
    pair_paid[lots.lane_pair[used]] = True
    order_paid = np.zeros(len(lots.open_cost), dtype=np.bool_)
    order_paid[order[used]] = True
    fixed = np.where(pair_paid, 0, lots.pair_fixed)[lots.lane_pair]
    opening: Ints = fixed + np.where(order_paid, 0, lots.open_cost)[order]
    return opening
