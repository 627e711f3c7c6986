"""Other ways to the best plan of a network, and an audit of proofs of its own."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from matching.bench.markets import Market
from matching.network import NO_LIMIT, Flow, Gain, Network, Plan

Ints = npt.NDArray[np.int64]
NONE = np.zeros(0, dtype=np.int64)


def network(
    supply_kg: Sequence[int],
    demand_kg: Sequence[int],
    lanes: Sequence[tuple[int, int]],
    *,
    lane_kg: Sequence[int] = (),
    supply_held: Sequence[tuple[int, int]] = (),
    demand_held: Sequence[tuple[int, int]] = (),
) -> Network:
    """A network from short lists; held arcs are (node, kilograms)."""
    ends = np.array(lanes, dtype=np.int64).reshape(-1, 2)
    held = [np.array(each, dtype=np.int64).reshape(-1, 2) for each in (supply_held, demand_held)]
    return Network(
        np.array(supply_kg, dtype=np.int64),
        np.array(demand_kg, dtype=np.int64),
        ends[:, 0],
        ends[:, 1],
        np.array(lane_kg or [NO_LIMIT] * len(ends), dtype=np.int64),
        held[0][:, 0],
        held[0][:, 1],
        held[1][:, 0],
        held[1][:, 1],
    )


def gain(*lane: int, held: Sequence[int] = ()) -> Gain:
    return Gain(np.array(lane, dtype=np.int64), np.array(held, dtype=np.int64))


def small(market: Market, most: int = 3) -> Network:
    """The same market cut down to a few kilograms, so that every plan can be tried."""
    whole = market.network
    return Network(
        whole.supply_kg % (most + 1),
        whole.demand_kg % (most + 1),
        whole.lane_supply,
        whole.lane_demand,
        np.where(whole.lane_kg == NO_LIMIT, NO_LIMIT, whole.lane_kg % most),
        whole.supply_held,
        whole.supply_held_kg % most,
        whole.demand_held,
        whole.demand_held_kg % most,
    )


def best_by_trying_everything(network: Network, gains: Sequence[Gain]) -> list[int]:
    """The best at each level over every whole-kilogram plan."""
    rows, room, most = constraints(network)
    if not len(most):
        return [0] * len(gains)
    plans = np.indices(tuple((most + 1).tolist())).reshape(len(most), -1).T
    used = plans @ rows.T
    plans = plans[((used <= room) & (used >= 0)).all(axis=1)]
    values = np.stack([plans @ per_arc(network, gain) for gain in gains], axis=1)
    best: list[int] = values[np.lexsort(values.T[::-1])[-1]].tolist()
    return best


def best_by_linear_programmes(network: Network, gains: Sequence[Gain]) -> list[int]:
    """The same from HiGHS, each level held before the next."""
    rows, room, most = constraints(network)
    bounds = np.stack([np.zeros(len(most)), most], axis=1)
    values = []
    for gain in gains:
        if not len(most):
            return [0] * len(gains)
        counted = per_arc(network, gain)
        answer = linprog(-counted, A_ub=rows, b_ub=room, bounds=bounds, method="highs")
        assert answer.status == 0, answer.message
        values.append(round(-answer.fun))
        rows, room = np.vstack([rows, -counted]), np.append(room, -values[-1])
    return values


def constraints(network: Network) -> tuple[Ints, Ints, Ints]:
    """Kilograms used at each node per kilogram on each arc, the room of nodes and of arcs."""
    supplies, lanes = len(network.supply_kg), len(network.lane_supply)
    first = lanes + len(network.supply_held)
    rows = np.zeros((supplies + len(network.demand_kg), first + len(network.demand_held)), int)
    for lane in range(lanes):
        rows[network.lane_supply[lane], lane] = 1
        rows[supplies + network.lane_demand[lane], lane] = 1
    for at, node in enumerate(network.supply_held):
        rows[node, lanes + at], rows[node + 1, lanes + at] = 1, -1
    for at, node in enumerate(network.demand_held):
        rows[supplies + node, first + at], rows[supplies + node + 1, first + at] = -1, 1
    return rows, np.concatenate([network.supply_kg, network.demand_kg]), capacities(network)


def capacities(network: Network) -> Ints:
    """What each arc could ever carry, reckoned lane by lane."""
    gives, takes = network.supply_kg.tolist(), network.demand_kg.tolist()
    for node, kg in zip(network.supply_held.tolist(), network.supply_held_kg.tolist(), strict=True):
        gives[node + 1] += kg
    for node, kg in zip(network.demand_held.tolist(), network.demand_held_kg.tolist(), strict=True):
        takes[node] += kg
    lanes = zip(
        network.lane_supply.tolist(),
        network.lane_demand.tolist(),
        network.lane_kg.tolist(),
        strict=True,
    )
    most = np.array([min(gives[i], takes[j], kg) for i, j, kg in lanes], dtype=np.int64)
    return np.concatenate([most, network.supply_held_kg, network.demand_held_kg])


def per_arc(network: Network, gain: Gain) -> Ints:
    return np.concatenate([gain.lane, gain.held, np.zeros(len(network.demand_held), int)])


def kilograms(flow: Flow) -> Ints:
    return np.concatenate([flow.lane, flow.supply_held, flow.demand_held])


def values(network: Network, gains: Sequence[Gain], flow: Flow) -> list[int]:
    return [int(per_arc(network, gain) @ kilograms(flow)) for gain in gains]


def audit(network: Network, gains: Sequence[Gain], plan: Plan) -> None:
    """A plan that can be carried out, and proofs whose bounds hold and are reached."""
    rows, room, most = constraints(network)
    kg = kilograms(plan.flow)
    assert ((kg >= 0) & (kg <= most)).all()
    assert ((rows @ kg >= 0) & (rows @ kg <= room)).all()
    assert [proof.value for proof in plan.proofs] == values(network, gains, plan.flow)
    for level, proof in enumerate(plan.proofs):
        dual = np.concatenate([proof.supply_dual, proof.demand_dual])
        assert (dual >= 0).all()
        assert len(proof.multipliers) == level
        assert all(each >= 0 for each in proof.multipliers)
        counted = per_arc(network, gains[level])
        for weight, earlier in zip(proof.multipliers, gains, strict=False):
            counted = counted + weight * per_arc(network, earlier)
        reduced = counted - dual @ rows
        reached = sum(
            weight * before.value
            for weight, before in zip(proof.multipliers, plan.proofs, strict=False)
        )
        assert proof.bound == room @ dual + most @ np.maximum(0, reduced) - reached
        assert proof.bound == proof.value
    assert plan.status == "optimal"
