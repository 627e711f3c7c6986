"""Where a plan is full: what open goods could still be moved to, kilogram by kilogram.

In the residual graph of a plan (lanes with room forward, lanes in use backward, held arcs both
ways) a supply node with open kilograms reaches certain demand nodes. Either one of them has room,
or the nodes it reaches are a saturated region: everything in it that could be moved already lies
where it must, and the open kilograms of its supplies are its shortage of room (a minimum cut; L. R.
Ford, D. R. Fulkerson, *Flows in Networks*, 1962). Open demands are told the same backward. One
search per side answers for every order.

A kilogram of an undivided row, or one that would leave a match below its minimum, cannot be moved.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.network import Flow, Network
from matching.problem import Side
from matching.reasons.balance import Balance
from matching.transport import clumps

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Arcs = tuple[Ints, Ints]


@dataclass(frozen=True, slots=True)
class Regions:
    """What the open kilograms of one side can reach.

    Attributes
    ----------
    room
        Shape (nodes of the side,): open kilograms of the other side can be reached.
    beyond
        The same were every silo without a limit.
    label
        Shape (all nodes,), supplies first: the saturated region a node lies in, or −1.
    """

    room: Bools
    beyond: Bools
    label: Ints


def of(network: Network, flow: Flow, balance: Balance) -> dict[Side, Regions]:
    """The regions of both sides."""
    residual = _Residual(network, flow)
    supplies = len(network.supply_kg)
    open_supply = np.flatnonzero(balance.open[Side.SUPPLY])
    open_demand = np.flatnonzero(balance.open[Side.DEMAND]) + supplies
    ahead, behind = residual.ahead(open_supply), residual.behind(open_demand)
    far_ahead, far_behind = ahead, behind
    if residual.full_silos:
        far_ahead = residual.ahead(open_supply, through_silos=True)
        far_behind = residual.behind(open_demand, through_silos=True)
    return {
        Side.SUPPLY: Regions(
            behind[:supplies], far_behind[:supplies], residual.labels(ahead & ~behind)
        ),
        Side.DEMAND: Regions(
            ahead[supplies:], far_ahead[supplies:], residual.labels(behind & ~ahead)
        ),
    }


class _Residual:
    """Arcs over which one more kilogram can pass, between supply nodes and, after them, demands."""

    def __init__(self, network: Network, flow: Flow) -> None:
        self.network, self.supplies = network, len(network.supply_kg)
        self.nodes = self.supplies + len(network.demand_kg)
        self.lanes = network.lane_supply, network.lane_demand + self.supplies
        self.held = (
            np.concatenate([network.supply_held, network.demand_held + self.supplies]),
            np.concatenate([network.supply_held_kg, network.demand_held_kg]),
            np.concatenate([flow.supply_held, flow.demand_held]),
        )
        more, less = movable(network, flow)
        start, capacity, kg = self.held
        onward, back = start[kg < capacity], start[kg > 0]
        self.full_silos = bool((kg >= capacity).any())
        self.arcs = (
            np.concatenate([self.lanes[0][more], self.lanes[1][less], onward, back + 1]),
            np.concatenate([self.lanes[1][more], self.lanes[0][less], onward + 1, back]),
        )

    def ahead(self, starts: Ints, *, through_silos: bool = False) -> Bools:
        """What a path from any of these nodes leads to, themselves included."""
        tail, head = self._arcs(through_silos)
        return _reached((tail, head), self.nodes, starts)

    def behind(self, ends: Ints, *, through_silos: bool = False) -> Bools:
        """From where a path leads to any of these nodes, themselves included."""
        tail, head = self._arcs(through_silos)
        return _reached((head, tail), self.nodes, ends)

    def labels(self, inside: Bools) -> Ints:
        """The connected pieces of a set of nodes, −1 outside it."""
        start, end = self.lanes
        held = self.held[0]
        tail, head = np.concatenate([start, held]), np.concatenate([end, held + 1])
        within = inside[tail] & inside[head]
        return np.where(inside, _pieces((tail[within], head[within]), self.nodes), -1)

    def _arcs(self, through_silos: bool) -> Arcs:
        if not through_silos:
            return self.arcs
        start, capacity, kg = self.held
        full = start[kg >= capacity]
        return np.concatenate([self.arcs[0], full]), np.concatenate([self.arcs[1], full + 1])


def movable(network: Network, flow: Flow) -> tuple[Bools, Bools]:
    """On which lanes one more kilogram could pass, and off which one could be taken."""
    more, less = flow.lane < network.lane_kg, flow.lane > 0
    if network.lots is not None:
        whole = network.lots.single[network.lane_supply]
        shipped = np.zeros(len(network.supply_kg), dtype=np.bool_)
        shipped[network.lane_supply[less]] = True
        more &= ~(whole & shipped[network.lane_supply])
        least = network.lots.lane_min_kg
        less &= ~whole & ((flow.lane > least) | (least <= 1))
    return more, less


def _reached(arcs: Arcs, nodes: int, starts: Ints) -> Bools:
    """What paths from these nodes lead to, breadth first: every arc is looked at once."""
    by_tail = np.argsort(arcs[0], kind="stable")
    head, first = arcs[1][by_tail], np.searchsorted(arcs[0][by_tail], np.arange(nodes + 1))
    reached = np.zeros(nodes, dtype=np.bool_)
    reached[starts] = True
    fresh = starts
    while len(fresh):
        count = first[fresh + 1] - first[fresh]
        rank = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        led_to = head[np.repeat(first[fresh], count) + rank]
        fresh = np.unique(led_to[~reached[led_to]])
        reached[fresh] = True
    return reached


def _pieces(arcs: Arcs, nodes: int) -> Ints:
    """The connected piece of each node, numbered by their least nodes."""
    return np.unique(clumps.of(*arcs, nodes).root, return_inverse=True)[1]
