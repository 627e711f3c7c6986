"""Bounds for a plan that was cut short: valid, quick and wide.

If every supply could go over its best lane, or every demand be served over its best lane, no plan
would be better. As dual values: u (or v) covers the gain of every lane of the node and of those its
silo leads to, and the other side's are 0.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from matching import search
from matching.network import Flow, Gain, Lots, Network, Plan, Proof
from matching.problem import MILLI
from matching.search import Proven
from matching.transport.proofs import exact_dot

Ints = npt.NDArray[np.int64]

ENGINE = "cut short"


def proven(network: Network, gains: Sequence[Gain], told: Proven) -> Proven:
    """A plan told on the way, with a loose proof for each component that cannot be divided."""
    apart = [
        (part, _plan(part.network, [part.gain(gain) for gain in gains], part.flow(told.flow)))
        for part in search.indivisible(network)
    ]
    return replace(told, lots=tuple(apart))


def _plan(network: Network, gains: Sequence[Gain], flow: Flow) -> Plan:
    proofs = tuple(_proof(network, gain, flow, level) for level, gain in enumerate(gains))
    best = all(proof.value == proof.bound for proof in proofs)
    return Plan(flow, proofs, "optimal" if best else "feasible", ENGINE)


def _proof(network: Network, gain: Gain, flow: Flow, level: int) -> Proof:
    supply, demand = _supply_dual(network, gain), _demand_dual(network, gain)
    by_supply = exact_dot(network.supply_kg, supply)
    by_demand = exact_dot(network.demand_kg, demand)
    value = _value(network, gain, flow)
    none = (0,) * level
    if by_supply <= by_demand:
        return Proof(value, by_supply, supply, np.zeros_like(demand), none)
    return Proof(value, by_demand, np.zeros_like(supply), demand, none)


def _supply_dual(network: Network, gain: Gain) -> Ints:
    """The best lane of each supply node and of the later ones its silo leads to."""
    dual = np.zeros(len(network.supply_kg), dtype=np.int64)
    np.maximum.at(dual, network.lane_supply, gain.lane)
    for node in reversed(network.supply_held.tolist()):
        dual[node] = max(dual[node], dual[node + 1])
    return dual


def _demand_dual(network: Network, gain: Gain) -> Ints:
    """The best lane of each demand node and of the earlier ones whose silo leads to it."""
    dual = np.zeros(len(network.demand_kg), dtype=np.int64)
    value = gain.lane
    if network.lots is not None:
        value = -(-value * MILLI // network.lots.lane_use_milli)
    np.maximum.at(dual, network.lane_demand, value)
    for node in network.demand_held.tolist():
        dual[node + 1] = max(dual[node], dual[node + 1])
    return dual


def _value(network: Network, gain: Gain, flow: Flow) -> int:
    value = exact_dot(gain.lane, flow.lane) + exact_dot(gain.held, flow.supply_held)
    if gain.spends and network.lots is not None:
        value -= _spent(network, network.lots, flow)
    return value


def _spent(network: Network, lots: Lots, flow: Flow) -> int:
    """Fixed and opening costs of the lanes in use."""
    used = flow.lane > 0
    pairs = np.unique(lots.lane_pair[used])
    orders = np.unique(lots.demand_order[network.lane_demand[used]])
    spent: int = sum(lots.pair_fixed[pairs].tolist()) + sum(lots.open_cost[orders].tolist())
    return spent
