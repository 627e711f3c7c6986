"""The bound of a level, computed from its dual values by the published formula and nothing else."""

import numpy as np

from matching.network import Plan
from tests.matching.assignment.tiny import Case


def bound(one: Case, plan: Plan, level: int) -> int:
    """Σ S u + Σ D v + Σ capacity · max(0, rc) − Σ w V, in thousandths."""
    network, proof = one.network, plan.proofs[level]
    u, v = proof.supply_dual, proof.demand_dual
    assert (u >= 0).all()
    assert (v >= 0).all()
    assert all(w >= 0 for w in proof.multipliers)
    lane, held = _gains(one, proof.multipliers, level)
    lots = network.lots
    assert lots is not None
    lane = lane - u[network.lane_supply] - lots.lane_use_milli * v[network.lane_demand] // 1000
    near = held - u[network.supply_held] + u[network.supply_held + 1]
    far = v[network.demand_held] - v[network.demand_held + 1]
    total = network.supply_kg @ u + network.demand_kg @ v
    total += _capacity(one) @ np.maximum(lane, 0)
    total += network.supply_held_kg @ np.maximum(near, 0)
    total += network.demand_held_kg @ np.maximum(far, 0)
    before = (w * p.value for w, p in zip(proof.multipliers, plan.proofs, strict=False))
    return int(total) - sum(before)


def _capacity(one: Case) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The most each lane could ever carry."""
    network, lots = one.network, one.network.lots
    assert lots is not None
    most = []
    for i, j, kg, use in zip(
        network.lane_supply, network.lane_demand, network.lane_kg, lots.lane_use_milli, strict=True
    ):
        gives = network.supply_kg[i] + network.supply_held_kg[network.supply_held == i - 1].sum()
        takes = network.demand_kg[j] + network.demand_held_kg[network.demand_held == j].sum()
        most.append(min(gives, takes * 1000 // use, kg))
    return np.array(most, dtype=np.int64)


def _gains(
    one: Case, multipliers: tuple[int, ...], level: int
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The level plus the weighted levels before, fixed costs spread over the capacities."""
    lots, network, capacity = one.network.lots, one.network, _capacity(one)
    assert lots is not None
    order_of = lots.demand_order[network.lane_demand]
    spread = np.zeros(len(capacity), dtype=np.int64)
    for k in range(len(capacity)):
        for group, cost in ((lots.lane_pair, lots.pair_fixed), (order_of, lots.open_cost)):
            reach = int(capacity[group == group[k]].sum())
            spread[k] += int(cost[group[k]]) // reach if reach else 0
    lane, held = np.zeros_like(spread), np.zeros(len(network.supply_held), dtype=np.int64)
    for weight, gain in zip((*multipliers, 1), one.gains[: level + 1], strict=True):
        lane = lane + weight * (gain.lane - (spread if gain.spends else 0))
        held = held + weight * gain.held
    return lane, held
