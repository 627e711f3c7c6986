"""A bound on each level that anybody can check: dual values of the divisible relaxation.

Fixed and opening costs are spread over the most that could ever pass (M. L. Balinski, *Fixed-cost
transportation problems*, Naval Research Logistics Quarterly 8, 1961); minimums and whole lots are
let go. For any whole u, v, w ≥ 0

    bound = Σ S u + Σ D v + Σ capacity · max(0, rc) − Σ w V

holds whatever they are, so they may be rounded; see ``matching/README.md`` for rc.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.assignment.circle import Circle, best, potentials
from matching.assignment.highs import Programme, relax
from matching.assignment.measure import dot
from matching.assignment.parts import WHOLE, Parts
from matching.assignment.settle import arc_gain, ends
from matching.network import Flow, Gain, Ints, Proof

#: Trials of one multiplier; the bound is convex in it.
TRIALS = 14
PASSES = 2


@dataclass(frozen=True, slots=True)
class Priced:
    """Dual values for one combination of levels, the bound before − Σ w V, and a relaxed plan."""

    supply: Ints
    demand: Ints
    bound: int
    flow: Flow


class Certifier:
    """The divisible relaxation of a component, priced for any combination of its levels."""

    def __init__(self, parts: Parts, gains: Sequence[Gain]) -> None:
        self.parts = parts
        self.gains = tuple(spread(parts, gain) for gain in gains)
        self._known: dict[tuple[int, ...], Priced] = {}

    def proof(self, values: Sequence[int], level: int, claimed: int | None = None) -> Proof:
        """The proof of a level of a plan with these values."""
        weights = self._weights(level, values)
        priced = self.priced(level, weights)
        bound = priced.bound - _sum(weights, values)
        claim = None if claimed is None or claimed >= bound else max(claimed, values[level])
        return Proof(values[level], bound, priced.supply, priced.demand, weights, claim)

    def priced(self, level: int, weights: tuple[int, ...]) -> Priced:
        """The level plus each level before times its weight, at its best."""
        key = (*weights, level)
        if key not in self._known:
            self._known[key] = self._price(self._combined(level, weights))
        return self._known[key]

    def _combined(self, level: int, weights: Sequence[int]) -> Gain:
        lane = np.array(self.gains[level].lane, dtype=np.int64)
        held = np.array(self.gains[level].held, dtype=np.int64)
        for weight, gain in zip(weights, self.gains, strict=False):
            lane += weight * gain.lane
            held += weight * gain.held
        return Gain(lane, held)

    def _price(self, gain: Gain) -> Priced:
        return (
            _priced_by_rows(self.parts, gain)
            if self.parts.drying.any()
            else _priced_by_flow(self.parts, gain)
        )

    def _weights(self, level: int, values: Sequence[int]) -> tuple[int, ...]:
        """Multipliers of the levels before, one after the other at its best."""
        weights = [0] * level
        for _ in range(PASSES if level > 1 else 1):
            for k in reversed(range(level)):
                weights[k] = self._best_weight(level, weights, k, values)
        return tuple(weights)

    def _best_weight(self, level: int, weights: list[int], k: int, values: Sequence[int]) -> int:
        """The bound is convex in one multiplier: narrow it down by the lines that support it."""
        left: tuple[int, int, int] | None = None
        right: tuple[int, int, int] | None = None
        tried: dict[int, int] = {}
        weight = weights[k]
        for _ in range(TRIALS):
            trial = (*weights[:k], weight, *weights[k + 1 :])
            priced = self.priced(level, trial)
            tried[weight] = priced.bound - _sum(trial, values)
            slope = _slope(self.gains[k], priced.flow, values[k])
            if slope == 0:
                break
            line = (weight, tried[weight], slope)
            left, right = (line, right) if slope < 0 else (left, line)
            weight = self._next(weight, left, right)
            if weight in tried:
                break
        return min(tried, key=lambda known: (tried[known], known))

    def _next(
        self,
        weight: int,
        left: tuple[int, int, int] | None,
        right: tuple[int, int, int] | None,
    ) -> int:
        """Where two supporting lines cross; without one on the right, further out."""
        if right is None:
            return min(max(1, 4 * weight), self._farthest)
        if left is None:
            return 0
        rise = right[1] - left[1] - right[2] * right[0] + left[2] * left[0]
        crossing = rise // (left[2] - right[2])
        return crossing if left[0] < crossing < right[0] else crossing + 1

    @property
    def _farthest(self) -> int:
        """A weight that keeps combined gains inside the solver's range."""
        steepest = max(int(np.abs(gain.lane).max(initial=1)) for gain in self.gains)
        nodes = len(self.parts.network.supply_kg) + len(self.parts.network.demand_kg) + 2
        return max(1, 2**60 // (max(1, steepest) * nodes))


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


def _slope(gain: Gain, flow: Flow, value: int) -> int:
    return dot(gain.lane, flow.lane) + dot(gain.held, flow.supply_held) - value


def _sum(weights: Sequence[int], values: Sequence[int]) -> int:
    return sum(weight * value for weight, value in zip(weights, values, strict=False))


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
    network = parts.network
    supplies, hub = len(network.supply_kg), len(network.supply_kg) + len(network.demand_kg)
    tail, head = ends(network)
    held = [network.supply_held_kg, network.demand_held_kg]
    high = np.concatenate([parts.natural, *held, network.supply_kg, network.demand_kg])
    # Goods may be given up and needs met from nowhere, at no gain: dual values are not negative.
    free = np.full(hub, int(high.sum()))
    nodes = np.arange(hub)
    hubs = np.full(hub, hub)
    tail = np.concatenate([tail, nodes[:supplies], hubs[supplies:]])
    head = np.concatenate([head, hubs[:supplies], nodes[supplies:]])
    high = np.concatenate([high, free])
    circle = Circle(tail, head, np.zeros_like(high), high, np.zeros(hub + 1, dtype=np.int64))
    gains = np.concatenate([arc_gain(network, gain), np.zeros_like(free)])
    kg = best(circle, [gains])
    assert kg is not None, "nothing at all is a circulation"
    distance = potentials(circle, gains, kg)
    supply = np.maximum(0, distance[:supplies] - distance[hub])
    demand = np.maximum(0, distance[hub] - distance[supplies:hub])
    lanes, onward = parts.lanes, parts.lanes + len(network.supply_held)
    flow = Flow(kg[:lanes], kg[lanes:onward], kg[onward : onward + len(network.demand_held)])
    return Priced(supply, demand, bound_of(parts, gain, supply, demand), flow)


def _priced_by_rows(parts: Parts, gain: Gain) -> Priced:
    """Row prices of the linear programme, rounded to whole numbers in the way that proves most."""
    network = parts.network
    solved = relax(_relaxation(parts, gain))
    supplies, demands = len(network.supply_kg), len(network.demand_kg)
    if solved is None:
        high = np.full(supplies, max(0, int(gain.lane.max(initial=0))))
        nothing = np.zeros(demands, dtype=np.int64)
        return Priced(high, nothing, bound_of(parts, gain, high, nothing), parts.empty())
    price = np.maximum(0.0, solved.price)
    best_yet: Priced | None = None
    kg = np.floor(solved.x).astype(np.int64)
    lanes, onward = parts.lanes, parts.lanes + len(network.supply_held)
    flow = Flow(kg[:lanes], kg[lanes:onward], kg[onward:])
    for rounded in (np.rint(price), np.ceil(price - 1e-9), np.floor(price)):
        supply, demand = np.split(rounded.astype(np.int64), [supplies])
        bound = bound_of(parts, gain, supply, demand)
        if best_yet is None or bound < best_yet.bound:
            best_yet = Priced(supply, demand, bound, flow)
    assert best_yet is not None
    return best_yet


def _relaxation(parts: Parts, gain: Gain) -> Programme:
    """Rows for what supply nodes give and demand nodes take; columns in kilograms."""
    from scipy.sparse import csr_array  # noqa: PLC0415  (a slow import)

    network = parts.network
    supplies, demands = len(network.supply_kg), len(network.demand_kg)
    lanes, near, far = (np.arange(len(a)) for a in _columns(network.lane_supply, parts))
    near, far = near + len(lanes), far + len(lanes) + len(near)
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


def _columns(lane_supply: Ints, parts: Parts) -> tuple[Ints, Ints, Ints]:
    return lane_supply, parts.network.supply_held, parts.network.demand_held
