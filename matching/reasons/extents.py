"""How large each saturated region of a plan is, and what bounds it."""

import numpy as np
import numpy.typing as npt

from matching.lanes import Book, Nodes
from matching.network import Flow, Network
from matching.problem import Side
from matching.reasons.balance import Balance

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Extents:
    """The saturated regions that the open kilograms of one side lie in, by label."""

    def __init__(
        self, book: Book, network: Network, flow: Flow, balance: Balance, side: Side, label: Ints
    ) -> None:
        supplies = len(network.supply_kg)
        self.side, self.size = side, int(label.max(initial=-1)) + 1
        self.label = {Side.SUPPLY: label[:supplies], Side.DEMAND: label[supplies:]}
        self.orders = {each: self._orders(book.nodes(each), each) for each in Side}
        inside = self.label[side] >= 0
        self.shortage = np.zeros(self.size, dtype=np.int64)
        np.add.at(self.shortage, self.label[side][inside], balance.open[side][inside])
        self.full_lanes = self._leaving(
            self.label[Side.SUPPLY][network.lane_supply],
            self.label[Side.DEMAND][network.lane_demand],
            flow.lane >= network.lane_kg,
        )
        self.full_silos = self._full_silos(network, flow)

    def of(self, label: int) -> dict[str, int]:
        """One region: its orders on both sides, what finds no room, and the full lanes around."""
        told = {
            "region_demands": int(self.orders[Side.DEMAND][label]),
            "region_supplies": int(self.orders[Side.SUPPLY][label]),
            "shortage_kg": int(self.shortage[label]),
        }
        if self.full_lanes[label]:
            told["full_lanes"] = int(self.full_lanes[label])
        return told

    def silos(self, label: int) -> dict[str, int]:
        """The full silos around one region."""
        return {"full_silos": int(self.full_silos[label])}

    def _orders(self, nodes: Nodes, side: Side) -> Ints:
        """How many orders of a side have a node in each region."""
        label = self.label[side]
        inside = label >= 0
        key = np.unique(label[inside] * (len(nodes.ids) + 1) + nodes.order[inside])
        return np.bincount(key // (len(nodes.ids) + 1), minlength=self.size)

    def _leaving(self, tail: Ints, head: Ints, full: Bools) -> Ints:
        """How many full arcs lead out of each region, or, for demands, into it."""
        here, there = (tail, head) if self.side is Side.SUPPLY else (head, tail)
        out = full & (here >= 0) & (here != there)
        return np.bincount(here[out], minlength=self.size)

    def _full_silos(self, network: Network, flow: Flow) -> Ints:
        total = np.zeros(self.size, dtype=np.int64)
        for side, start, capacity, kg in (
            (Side.SUPPLY, network.supply_held, network.supply_held_kg, flow.supply_held),
            (Side.DEMAND, network.demand_held, network.demand_held_kg, flow.demand_held),
        ):
            label = self.label[side]
            total += self._leaving(label[start], label[start + 1], kg >= capacity)
        return total
