"""What a plan makes of each node: how much is shipped there, and how much stays open."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.network import Flow, Network
from matching.problem import MILLI, Side

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Balance:
    """Kilograms per node of each side.

    Attributes
    ----------
    used
        What enters at a supply node, or what a demand node uses up; where a lane takes more or
        less room than it ships, a begun kilogram of room counts as used.
    open
        What is left of the node's own kilograms.
    """

    used: dict[Side, Ints]
    open: dict[Side, Ints]

    @classmethod
    def of(cls, network: Network, flow: Flow) -> "Balance":
        """The balance of a plan."""
        entered = _sums(network.lane_supply, flow.lane, len(network.supply_kg))
        _hold(entered, network.supply_held, flow.supply_held)
        taken = _taken(network, flow)
        _hold(taken, network.demand_held, -flow.demand_held)
        return cls(
            {Side.SUPPLY: entered, Side.DEMAND: taken},
            {Side.SUPPLY: network.supply_kg - entered, Side.DEMAND: network.demand_kg - taken},
        )


def reachable(open_kg: Ints, held: Ints, onward: Ints, back: Ints) -> Ints:
    """The most that one node can pass on to the open kilograms of its own order, shape (nodes,).

    Parameters
    ----------
    open_kg
        Shape (nodes,).
    held
        The nodes whose goods may be held over to the next node, in order.
    onward, back
        Shape (held arcs,): how much more can move from each of those nodes to the next, and back.
    """
    later, earlier = open_kg.tolist(), open_kg.tolist()
    nodes, ahead, behind = held.tolist(), onward.tolist(), back.tolist()
    for k, room in zip(reversed(nodes), reversed(ahead), strict=True):
        later[k] += min(room, later[k + 1])
    for k, room in zip(nodes, behind, strict=True):
        earlier[k + 1] += min(room, earlier[k])
    return np.array(later, np.int64) + np.array(earlier, np.int64) - open_kg


def _taken(network: Network, flow: Flow) -> Ints:
    nodes = len(network.demand_kg)
    if network.lots is None:
        return _sums(network.lane_demand, flow.lane, nodes)
    room = flow.lane * network.lots.lane_use_milli
    return -(-_sums(network.lane_demand, room, nodes) // MILLI)


def _hold(balance: Ints, held: Ints, kg: Ints) -> None:
    """Add what is held over from each node, and take it off the next."""
    balance[held] += kg
    balance[held + 1] -= kg


def _sums(index: Ints, values: Ints, length: int) -> Ints:
    """Σ values per index, shape (length,), without passing through floats."""
    total = np.zeros(length, dtype=np.int64)
    np.add.at(total, index, values)
    return total
