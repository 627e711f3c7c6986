"""A network as a circulation: one list of arcs through one hub, for the flow and its duals.

Nodes are the supply nodes, then the demand nodes, then the hub. Arcs are the lanes, the held arcs
of producers, those of consumers, then hub → supply node for every supply node (what it gives) and
demand node → hub for every demand node (what it takes). A plan is a flow that conserves kilograms
at every node; what an order leaves open is room on its hub arc, so disposal is free.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.network import Flow, Gain, Network

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Circulation:
    """The arcs of a network; every array has shape (arcs,).

    Attributes
    ----------
    tail, head
        The node an arc leaves and the one it enters.
    capacity
        Kilograms; on a lane never more than its two ends could ever give and take, on a held arc
        never more than all supply.
    bounded
        Whether the capacity is the arc's own; the others could not be filled further anyway.
    lanes, supply_helds, demand_helds, supplies, demands
        How many there are.
    """

    tail: Indices
    head: Indices
    capacity: Ints
    bounded: Bools
    lanes: int
    supply_helds: int
    demand_helds: int
    supplies: int
    demands: int

    @classmethod
    def of(cls, network: Network) -> "Circulation":
        supplies, demands = len(network.supply_kg), len(network.demand_kg)
        hub = supplies + demands
        room = lane_room(network)
        total = int(network.supply_kg.sum())
        ends = (
            (network.lane_supply, network.lane_demand, supplies),
            (network.supply_held, network.supply_held + 1, 0),
            (network.demand_held + supplies, network.demand_held + 1, supplies),
            (np.full(supplies, hub), np.arange(supplies), 0),
            (np.arange(supplies, hub), np.full(demands, hub), 0),
        )
        held_kg = whole(np.concatenate([network.supply_held_kg, network.demand_held_kg]))
        orders = np.ones(hub, dtype=np.bool_)
        return cls(
            np.concatenate([tail.astype(np.int32) for tail, _, _ in ends]),
            np.concatenate([head.astype(np.int32) + np.int32(first) for _, head, first in ends]),
            np.concatenate(
                [
                    np.minimum(whole(network.lane_kg), room),
                    np.minimum(held_kg, total),
                    network.supply_kg,
                    network.demand_kg,
                ]
            ),
            np.concatenate([network.lane_kg < room, held_kg <= total, orders]),
            len(room),
            len(network.supply_held),
            len(network.demand_held),
            supplies,
            demands,
        )

    @property
    def hub(self) -> int:
        return self.supplies + self.demands

    @property
    def nodes(self) -> int:
        return self.hub + 1

    @property
    def arcs(self) -> int:
        return len(self.tail)

    @property
    def inner(self) -> int:
        """Where the hub arcs begin."""
        return self.arcs - self.hub

    def gain(self, gain: Gain) -> Ints:
        """A level's gain per kilogram, shape (arcs,)."""
        values = np.zeros(self.arcs, dtype=np.int64)
        values[: self.lanes] = whole(gain.lane)
        values[self.lanes : self.lanes + self.supply_helds] = whole(gain.held)
        return values

    def with_hub(self, inner: Ints) -> Ints:
        """Kilograms on every arc, from those on the arcs that are not the hub's."""
        net = sums(self.tail[: self.inner], inner, self.hub)
        net -= sums(self.head[: self.inner], inner, self.hub)
        net[self.supplies :] *= -1
        return np.concatenate([inner, net])

    def flow(self, kg: Ints) -> Flow:
        """The plan that kilograms of shape (arcs,) stand for."""
        lane, supply_held, demand_held, _ = np.split(
            kg, [self.lanes, self.lanes + self.supply_helds, self.inner]
        )
        return Flow(lane, supply_held, demand_held)


def whole(numbers: Ints) -> Ints:
    """The same numbers.

    Raises
    ------
    TypeError
        They are floats: the flow solver would cut their fractions off without a word.
    """
    if numbers.dtype.kind != "i":
        raise TypeError(f"a network takes whole numbers, not {numbers.dtype}")
    return numbers


def lane_room(network: Network) -> Ints:
    """The most each lane could ever carry if it had no capacity of its own, shape (lanes,).

    What a supply node has and its silo could bring, or what a demand node needs and its silo could
    hold on, whichever is less.
    """
    gives = whole(network.supply_kg).copy()
    gives[network.supply_held + 1] += network.supply_held_kg
    takes = whole(network.demand_kg).copy()
    takes[network.demand_held] += network.demand_held_kg
    return np.minimum(gives[network.lane_supply], takes[network.lane_demand])


def sums(index: Indices, kg: Ints, length: int) -> Ints:
    """Σ kg per index, shape (length,), without passing through floats."""
    total = np.zeros(length, dtype=np.int64)
    busy = np.flatnonzero(kg)
    np.add.at(total, index[busy], kg[busy])
    return total
