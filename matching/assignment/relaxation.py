"""The divisible relaxation of a component, and dual values that bound it in whole numbers.

Fixed and opening costs are spread over the most that could ever pass (M. L. Balinski, *Fixed-cost
transportation problems*, Naval Research Logistics Quarterly 8, 1961); minimums and whole lots are
let go. For any whole u, v ≥ 0

    bound = Σ S u + Σ D v + Σ capacity · max(0, rc)

holds whatever they are, so they may be rounded; see ``matching/README.md`` for rc.
"""

from dataclasses import dataclass

import numpy as np

from matching.assignment.circle import Circle, best, potentials
from matching.assignment.highs import Programme, relax
from matching.assignment.measure import dot
from matching.assignment.parts import WHOLE, Parts
from matching.assignment.settle import arc_gain, ends
from matching.network import Flow, Gain, Ints


@dataclass(frozen=True, slots=True)
class Priced:
    """Dual values for one combination of levels, the bound before − Σ w V, and a relaxed plan."""

    supply: Ints
    demand: Ints
    bound: int
    flow: Flow


def spread(parts: Parts, gain: Gain) -> Gain:
    """The level with fixed and opening costs spread over what could ever pass."""
    lane = np.array(np.broadcast_to(gain.lane, parts.natural.shape), dtype=np.int64)
    if gain.spends:
        lane -= _share(parts.natural, parts.lots.lane_pair, parts.lots.pair_fixed)
        lane -= _share(parts.natural, parts.lane_order, parts.lots.open_cost)
    return Gain(lane, gain.held)


def _share(natural: Ints, group: Ints, cost: Ints) -> Ints:
    reach = np.zeros(len(cost), dtype=np.int64)
    np.add.at(reach, group, natural)
    return np.asarray((cost // np.maximum(reach, 1))[group])


def price(parts: Parts, gain: Gain) -> Priced:
    """Dual values for a gain without fixed costs, and the plan that relaxes it."""
    by = _priced_by_rows if parts.drying.any() else _priced_by_flow
    return by(parts, gain)


def bound_of(parts: Parts, gain: Gain, supply: Ints, demand: Ints) -> int:
    """The bound that dual values give to a gain without fixed costs."""
    network, lots = parts.network, parts.lots
    drawn = lots.lane_use_milli * demand[network.lane_demand] // WHOLE
    lane = gain.lane - supply[network.lane_supply] - drawn
    near = gain.held - supply[network.supply_held] + supply[network.supply_held + 1]
    far = demand[network.demand_held] - demand[network.demand_held + 1]
    return (
        dot(supply, network.supply_kg)
        + dot(demand, network.demand_kg)
        + dot(np.maximum(lane, 0), parts.natural)
        + dot(np.maximum(near, 0), network.supply_held_kg)
        + dot(np.maximum(far, 0), network.demand_held_kg)
    )


def _priced_by_flow(parts: Parts, gain: Gain) -> Priced:
    """Node potentials of the best flow: whole numbers that reach its value exactly."""
    supplies = len(parts.network.supply_kg)
    circle = _open_circle(parts)
    gains = np.zeros_like(circle.high)
    own = arc_gain(parts.network, gain)
    gains[: len(own)] = own
    kg = best(circle, [gains])
    assert kg is not None, "nothing at all is a circulation"
    distance = potentials(circle, gains, kg)
    supply = np.maximum(0, distance[:supplies] - distance[-1])
    demand = np.maximum(0, distance[-1] - distance[supplies:-1])
    return Priced(supply, demand, bound_of(parts, gain, supply, demand), _flow(parts, kg))


def _open_circle(parts: Parts) -> Circle:
    """Every arc up to its natural capacity.

    Goods may be given up and needs met from nowhere, at no gain: so no dual value is negative.
    """
    network = parts.network
    supplies, hub = len(network.supply_kg), len(network.supply_kg) + len(network.demand_kg)
    tail, head = ends(network)
    near, far, hubs = np.arange(supplies), np.arange(supplies, hub), np.full(hub, hub)
    held = [network.supply_held_kg, network.demand_held_kg]
    high = np.concatenate([parts.natural, *held, network.supply_kg, network.demand_kg])
    high = np.concatenate([high, np.full(hub, int(network.supply_kg.sum()))])
    return Circle(
        np.concatenate([tail, near, hubs[supplies:]]),
        np.concatenate([head, hubs[:supplies], far]),
        np.zeros_like(high),
        high,
        np.zeros(hub + 1, dtype=np.int64),
    )


def _flow(parts: Parts, kg: Ints) -> Flow:
    """The plan in kilograms on lanes, then on the held arcs of both sides."""
    onward = parts.lanes + len(parts.network.supply_held)
    end = onward + len(parts.network.demand_held)
    return Flow(kg[: parts.lanes], kg[parts.lanes : onward], kg[onward:end])


def _priced_by_rows(parts: Parts, gain: Gain) -> Priced:
    """Row prices of the linear programme, rounded to whole numbers in the way that proves most."""
    supplies = len(parts.network.supply_kg)
    solved = relax(_relaxation(parts, gain))
    if solved is None:
        return _priced_by_none(parts, gain)
    flow = _flow(parts, np.rint(solved.x).astype(np.int64))
    exact = np.maximum(0.0, solved.price)
    trials = []
    for rounded in (np.rint(exact), np.ceil(exact - 1e-9), np.floor(exact)):
        supply, demand = np.split(rounded.astype(np.int64), [supplies])
        trials.append(Priced(supply, demand, bound_of(parts, gain, supply, demand), flow))
    return min(trials, key=lambda priced: priced.bound)


def _priced_by_none(parts: Parts, gain: Gain) -> Priced:
    """What holds without any solver: every supply at the best gain there is."""
    high = np.full(len(parts.network.supply_kg), max(0, int(gain.lane.max(initial=0))))
    nothing = np.zeros(len(parts.network.demand_kg), dtype=np.int64)
    return Priced(high, nothing, bound_of(parts, gain, high, nothing), parts.empty())


def _relaxation(parts: Parts, gain: Gain) -> Programme:
    """Rows for what supply nodes give and demand nodes take; columns in kilograms."""
    from scipy.sparse import csr_array  # noqa: PLC0415  (a slow import)

    network = parts.network
    supplies, demands = len(network.supply_kg), len(network.demand_kg)
    lanes = np.arange(parts.lanes)
    near = parts.lanes + np.arange(len(network.supply_held))
    far = parts.lanes + len(near) + np.arange(len(network.demand_held))
    row = [
        network.lane_supply,
        network.lane_demand + supplies,
        network.supply_held,
        network.supply_held + 1,
        network.demand_held + supplies,
        network.demand_held + supplies + 1,
    ]
    column = [lanes, lanes, near, near, far, far]
    factor = [
        np.ones(len(lanes)),
        parts.lots.lane_use_milli / WHOLE,
        np.ones(len(near)),
        -np.ones(len(near)),
        -np.ones(len(far)),
        np.ones(len(far)),
    ]
    columns = len(lanes) + len(near) + len(far)
    rows = csr_array(
        (np.concatenate(factor), (np.concatenate(row), np.concatenate(column))),
        shape=(supplies + demands, columns),
    )
    most = np.concatenate([parts.natural, network.supply_held_kg, network.demand_held_kg])
    return Programme(
        np.concatenate([gain.lane, gain.held, np.zeros(len(far))]).astype(np.float64),
        rows,
        np.full(supplies + demands, -np.inf),
        np.concatenate([network.supply_kg, network.demand_kg]).astype(np.float64),
        np.zeros(columns),
        most.astype(np.float64),
        np.zeros(columns, dtype=np.bool_),
    )
