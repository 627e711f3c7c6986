"""A network with indivisible parts, with what follows from them for each lane."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matching.network import Bools, Flow, Ints, Lots, Network

WHOLE = 1_000


@dataclass(frozen=True)
class Parts:
    """One component of a market.

    Attributes
    ----------
    network, lots
        The arcs, and what cannot be divided.
    natural
        Shape (lanes,): the most a lane could ever carry, as certificates use it.
    least, most
        Shape (lanes,): a lane in use carries no less and no more; ``most`` is 0 where it never can
        be in use.
    """

    network: Network
    lots: Lots
    natural: Ints
    least: Ints
    most: Ints

    @classmethod
    def of(cls, network: Network) -> "Parts":
        lots = network.lots if network.lots is not None else _divisible(network)
        natural = natural_capacity(network, lots)
        least = np.maximum(lots.lane_min_kg, _worthwhile(network, lots))
        whole = lots.single[network.lane_supply]
        mass = network.supply_kg[network.lane_supply]
        least = np.where(whole, np.maximum(least, mass), least)
        fits = (least <= natural) & (~whole | (least == mass))
        return cls(network, lots, natural, least, np.where(fits, natural, 0))

    @property
    def lanes(self) -> int:
        return len(self.network.lane_supply)

    @cached_property
    def single(self) -> Bools:
        """Lanes whose supply goes whole or not at all, shape (lanes,)."""
        return np.asarray(self.lots.single[self.network.lane_supply])

    @cached_property
    def drying(self) -> Bools:
        """Lanes that take other room than they carry, shape (lanes,)."""
        return np.asarray(self.lots.lane_use_milli != WHOLE)

    @cached_property
    def lane_order(self) -> Ints:
        """The demand order of each lane."""
        return np.asarray(self.lots.demand_order[self.network.lane_demand])

    @cached_property
    def order_margin(self) -> Bools:
        """Demand orders whose margins must cover their fixed costs, shape (demand orders,)."""
        due = self.lots.open_cost > 0
        return due if self.lots.lane_margin is not None else np.zeros_like(due)

    @cached_property
    def pair_margin(self) -> Bools:
        """Pairs whose margins must cover a fixed cost and that one minimum cannot express."""
        due = (self.lots.pair_fixed > 0) & (self._lanes_of_pair > 1)
        return due if self.lots.lane_margin is not None else np.zeros_like(due)

    @cached_property
    def pair_alone(self) -> Bools:
        """Pairs with one lane, shape (pairs,)."""
        return np.asarray(self._lanes_of_pair == 1)

    @cached_property
    def _lanes_of_pair(self) -> Ints:
        return np.bincount(self.lots.lane_pair, minlength=len(self.lots.pair_fixed))

    @cached_property
    def bound_by_margin(self) -> Bools:
        """Lanes that some sum of margins binds, shape (lanes,)."""
        pairs = np.asarray(self.pair_margin[self.lots.lane_pair])
        return pairs | self.order_margin[self.lane_order]

    @cached_property
    def apart(self) -> Bools:
        """Lanes whose kilograms no flow decides, because a margin or the room they take binds."""
        return np.asarray((self.drying | self.bound_by_margin) & ~self.single)

    def empty(self) -> Flow:
        """The plan that ships nothing."""
        network = self.network
        sizes = (self.lanes, len(network.supply_held), len(network.demand_held))
        return Flow(*(np.zeros(size, dtype=np.int64) for size in sizes))


def natural_capacity(network: Network, lots: Lots) -> Ints:
    """The most each lane could ever carry, shape (lanes,).

    What its supply node has and its silo could bring, what its demand node needs and its silo could
    hold on (in the room the lane takes), and its own capacity, whichever is least.
    """
    gives = network.supply_kg.copy()
    np.add.at(gives, network.supply_held + 1, network.supply_held_kg)
    takes = network.demand_kg.copy()
    np.add.at(takes, network.demand_held, network.demand_held_kg)
    room = takes[network.lane_demand] * WHOLE // lots.lane_use_milli
    return np.asarray(np.minimum(np.minimum(gives[network.lane_supply], room), network.lane_kg))


def _worthwhile(network: Network, lots: Lots) -> Ints:
    """The least at which a pair of one lane earns its fixed cost in market mode, shape (lanes,)."""
    least = np.zeros(len(network.lane_supply), dtype=np.int64)
    if lots.lane_margin is None:
        return least
    fixed = lots.pair_fixed[lots.lane_pair]
    alone = np.bincount(lots.lane_pair, minlength=len(lots.pair_fixed))[lots.lane_pair] == 1
    due = alone & (fixed > 0)
    margin = np.broadcast_to(lots.lane_margin, least.shape)
    paying = due & (margin > 0)
    least[due] = np.iinfo(np.int64).max
    least[paying] = -(-fixed[paying] // margin[paying])
    return least


def _divisible(network: Network) -> Lots:
    """Parts of a network that has none."""
    lanes, demands = len(network.lane_supply), len(network.demand_kg)
    nothing = np.zeros(lanes, dtype=np.int64)
    return Lots(
        single=np.zeros(len(network.supply_kg), dtype=np.bool_),
        lane_min_kg=nothing,
        lane_use_milli=np.full(lanes, WHOLE),
        lane_pair=np.arange(lanes),
        pair_fixed=nothing,
        demand_order=np.arange(demands),
        open_cost=np.zeros(demands, dtype=np.int64),
        lane_margin=None,
    )
