"""Markets as arrays, made up from a seed: what the flow rows and the peers are measured on.

Prices are fen per tonne with negative asks among them, as for waste somebody pays to be rid of.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.network import NO_LIMIT, Gain, Network

Ints = npt.NDArray[np.int64]
Draw = np.random.Generator

#: Fen per tonne for loading, and for a kilometre.
LOADING, PER_KM = 1_200, 65
#: Side of the square the sites lie in, km.
SQUARE_KM = 1_000
NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Market:
    """A network without indivisible parts, its levels, and the prices behind them.

    Attributes
    ----------
    ask, bid, cost
        Shapes (supply nodes,), (demand nodes,) and (lanes,), fen per tonne.
    """

    network: Network
    gains: tuple[Gain, ...]
    ask: Ints
    bid: Ints
    cost: Ints


def scattered(supplies: int, demands: int, lanes: int, seed: int, plenty: float = 1.0) -> Market:
    """Lanes between random nodes at random prices; ``plenty`` times as much supply as demand."""
    draw = np.random.default_rng(seed)
    keys = np.unique(draw.integers(0, supplies * demands, lanes))
    ends = keys // demands, keys % demands
    prices = (
        draw.integers(-8_000, 4_000, supplies),
        draw.integers(4_000, 16_000, demands),
        draw.integers(0, 8_000, len(keys)),
    )
    return _two_levels(*_masses(draw, supplies, demands, plenty), *ends, *prices)


def geographic(supplies: int, demands: int, lanes: int, seed: int, plenty: float = 1.0) -> Market:
    """Every supply reaches the demands nearest to it, at a cost that grows with the distance."""
    from scipy.spatial import KDTree  # noqa: PLC0415

    draw = np.random.default_rng(seed)
    here, there = (draw.random((count, 2)) * SQUARE_KM for count in (supplies, demands))
    reach = min(demands, -(-lanes // supplies))
    far, near = (each.reshape(supplies, reach) for each in KDTree(there).query(here, reach))
    order = np.argsort(near, axis=1)
    supply, demand = np.repeat(np.arange(supplies), reach), np.take_along_axis(near, order, 1)
    km = np.take_along_axis(far, order, 1).ravel()
    cost = np.floor(LOADING + PER_KM * km + 0.5).astype(np.int64)
    prices = draw.integers(-8_000, 2_000, supplies), draw.integers(10_000, 20_000, demands), cost
    ends = supply, demand.ravel()
    return _two_levels(*_masses(draw, supplies, demands, plenty), *ends, *prices)


def families(parts: Sequence[Market], seed: int) -> Market:
    """Markets nothing joins as one, their nodes shuffled among each other."""
    draw = np.random.default_rng(seed)
    supply = draw.permutation(sum(len(part.ask) for part in parts))
    demand = draw.permutation(sum(len(part.bid) for part in parts))
    supply_start = np.cumsum([0, *(len(part.ask) for part in parts)])
    demand_start = np.cumsum([0, *(len(part.bid) for part in parts)])
    lanes = [
        (supply[part.network.lane_supply + i], demand[part.network.lane_demand + j])
        for part, i, j in zip(parts, supply_start, demand_start, strict=False)
    ]
    lane_supply, lane_demand = (np.concatenate(ends) for ends in zip(*lanes, strict=True))
    order = np.lexsort((lane_demand, lane_supply))
    by_supply, by_demand = np.argsort(supply), np.argsort(demand)
    return _two_levels(
        np.concatenate([part.network.supply_kg for part in parts])[by_supply],
        np.concatenate([part.network.demand_kg for part in parts])[by_demand],
        lane_supply[order],
        lane_demand[order],
        np.concatenate([part.ask for part in parts])[by_supply],
        np.concatenate([part.bid for part in parts])[by_demand],
        np.concatenate([part.cost for part in parts])[order],
    )


def over_months(market: Market, months: int, seed: int) -> Market:
    """The market in every month, amounts varying, with a silo of half a month at both ends."""
    draw, network = np.random.default_rng(seed), market.network
    supply_kg = _seasonal(draw, network.supply_kg, months)
    demand_kg = _seasonal(draw, network.demand_kg, months)
    month = np.arange(months)
    lane_supply = (network.lane_supply[:, None] * months + month).ravel()
    lane_demand = (network.lane_demand[:, None] * months + month).ravel()
    order = np.lexsort((lane_demand, lane_supply))
    cost = np.repeat(market.cost, months)[order]
    ask, bid = np.repeat(market.ask, months), np.repeat(market.bid, months)
    lane_supply, lane_demand = lane_supply[order], lane_demand[order]
    supply_held, demand_held = (_held(kg, months) for kg in (supply_kg, demand_kg))
    held = np.full(len(supply_held), -200)
    surplus = bid[lane_demand] - ask[lane_supply] - cost
    expanded = Network(
        supply_kg,
        demand_kg,
        lane_supply,
        lane_demand,
        _unlimited(len(cost)),
        supply_held,
        np.repeat(network.supply_kg // 2, months - 1),
        demand_held,
        np.repeat(network.demand_kg // 2, months - 1),
    )
    gains = Gain(_alike(len(cost)), np.zeros_like(held)), Gain(surplus, held)
    return Market(expanded, gains, ask, bid, cost)


def assorted(seed: int, most: int = 12) -> Market:
    """A small market with some of everything: silos, capacities, weights, empty and closed sides.

    Levels are one to three of tonnes, weighted tonnes, surplus and cost, in any order.
    """
    draw = np.random.default_rng(seed)
    supplies, demands = draw.integers(0 if seed % 8 == 0 else 1, most, 2).tolist()
    pairs = np.flatnonzero(draw.random(supplies * demands) < draw.choice([0.2, 0.6, 1.0]))
    ends = pairs // max(1, demands), pairs % max(1, demands)
    supply_kg, demand_kg = (_some(draw, count) for count in (supplies, demands))
    supply_held, demand_held = (
        np.flatnonzero(draw.random(max(0, count - 1)) < 0.4) for count in (supplies, demands)
    )
    network = Network(
        supply_kg,
        demand_kg,
        *ends,
        np.where(draw.random(len(pairs)) < 0.3, draw.integers(0, 40, len(pairs)), NO_LIMIT),
        supply_held,
        draw.integers(0, 50, len(supply_held)),
        demand_held,
        draw.integers(0, 50, len(demand_held)),
    )
    ask, bid = draw.integers(-40, 20, supplies), draw.integers(-10, 60, demands)
    cost = draw.integers(-5, 50, len(pairs))
    return Market(network, _some_levels(draw, network, ask, bid, cost), ask, bid, cost)


def _some(draw: Draw, count: int) -> Ints:
    """Kilograms, some of them none at all."""
    return draw.integers(0, draw.choice([4, 100, 10_000]), count) * (draw.random(count) < 0.85)


def _some_levels(
    draw: Draw, network: Network, ask: Ints, bid: Ints, cost: Ints
) -> tuple[Gain, ...]:
    surplus = bid[network.lane_demand] - ask[network.lane_supply] - cost
    weight = draw.choice([500, 1_000, 3_000], len(ask))[network.lane_supply]
    held = -draw.integers(0, 9, len(network.supply_held))
    free = np.zeros_like(held)
    tonnes = Gain(_alike(len(cost)), free) if draw.random() < 0.5 else Gain(weight, free)
    menu = [tonnes, Gain(surplus, held), Gain(-cost, held)]
    order = draw.permutation(len(menu))[: draw.integers(1, len(menu) + 1)]
    usual = draw.random() < 0.4
    return tuple(menu[:2]) if usual else tuple(menu[k] for k in order)


def _masses(draw: Draw, supplies: int, demands: int, plenty: float) -> tuple[Ints, Ints]:
    supply_kg = draw.integers(1_000, 1_000_000, supplies)
    demand_kg = draw.integers(1_000, 1_000_000, demands) * (supplies / demands / plenty)
    return supply_kg, demand_kg.astype(np.int64)


def _two_levels(
    supply_kg: Ints,
    demand_kg: Ints,
    lane_supply: Ints,
    lane_demand: Ints,
    ask: Ints,
    bid: Ints,
    cost: Ints,
) -> Market:
    """One month without silos: most tonnes, then most surplus."""
    surplus = bid[lane_demand] - ask[lane_supply] - cost
    limits = _unlimited(len(cost)), NONE, NONE, NONE, NONE
    network = Network(supply_kg, demand_kg, lane_supply, lane_demand, *limits)
    return Market(network, (Gain(_alike(len(cost)), NONE), Gain(surplus, NONE)), ask, bid, cost)


def _unlimited(lanes: int) -> Ints:
    return np.broadcast_to(np.int64(NO_LIMIT), (lanes,))


def _alike(lanes: int) -> Ints:
    return np.broadcast_to(np.int64(1_000), (lanes,))


def _seasonal(draw: Draw, kg: Ints, months: int) -> Ints:
    """Kilograms per node and month, up to half more or less."""
    share = draw.integers(500, 1_500, (len(kg), months))
    return (kg[:, None] * share // 1_000).ravel()


def _held(kg: Ints, months: int) -> Ints:
    """The nodes whose goods may be held on to the next month of the same order."""
    return np.flatnonzero(np.arange(len(kg)) % months != months - 1)
