"""What else could solve these networks: a bare min-cost flow call, scipy's HiGHS, PuLP with CBC.

Each takes a network without indivisible parts and its gains, level by level, as our own core does,
and gives the value reached at each level. Called in a process of its own (:mod:`.apart`): none of
them can be interrupted.

The linear programmes pursue the levels one after the other: level k + 1 is solved under one more
row that holds level k at its value. :func:`weighted` folds two levels into one by a weight. That
saves a solve, and may lose tonnes; where speed is compared it is granted to the peers all the same.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.network import NO_LIMIT, Gain, Ints, Network

Floats = npt.NDArray[np.float64]

#: CBC reads its rows with about ten digits: a level is held to this share of its value.
HELD = 1e-9


def weighted(gains: Sequence[Gain]) -> Gain:
    """All levels as one, each level outweighing the spread of a single arc of the next."""
    lane, held = gains[-1].lane.astype(np.int64), gains[-1].held.astype(np.int64)
    for gain in reversed(gains[:-1]):
        spread = 2 * int(np.abs(lane).max(initial=0)) + 1
        lane, held = gain.lane * spread + lane, gain.held * spread + held
    return Gain(lane, held)


def bare(network: Network, gain: Gain) -> int:
    """Kilograms placed by one call of OR-Tools' ``SimpleMinCostFlow``: most, at least cost.

    Only the call a programmer would write first: no duals, no prices, no certificate.
    """
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415

    tail, head, kg, cost = _arcs(network, gain)
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        tail.astype(np.int32), head.astype(np.int32), kg, cost
    )
    solver.set_nodes_supplies(
        np.arange(len(network.supply_kg) + len(network.demand_kg), dtype=np.int32),
        np.concatenate([network.supply_kg, -network.demand_kg]),
    )
    status = solver.solve_max_flow_with_min_cost()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"min-cost flow ended as {status}")
    shipped = np.asarray(solver.flows(arcs), dtype=np.int64)[: len(network.lane_supply)]
    return int(shipped.sum())


def highs(network: Network, gains: Sequence[Gain]) -> list[float]:
    """The value of each level by ``scipy.optimize.linprog(method="highs")``."""
    from scipy import sparse  # noqa: PLC0415
    from scipy.optimize import linprog  # noqa: PLC0415

    rows, room, bounds = _programme(network)
    values: list[float] = []
    for gain in gains:
        gains_of_arcs = _per_arc(network, gain)
        if not len(gains_of_arcs):
            values.append(0.0)
            continue
        answer = linprog(-gains_of_arcs, A_ub=rows, b_ub=room, bounds=bounds, method="highs")
        if answer.status:
            raise RuntimeError(f"linprog ended as {answer.status}: {answer.message}")
        values.append(-float(answer.fun))
        rows = sparse.vstack([rows, sparse.csr_array(-gains_of_arcs[None, :])], format="csr")
        room = np.append(room, answer.fun)
    return values


def cbc(network: Network, gains: Sequence[Gain]) -> list[float]:
    """The value of each level by PuLP's modelling and the CBC solver it ships."""
    import pulp  # noqa: PLC0415

    rows, room, bounds = _programme(network)
    model = pulp.LpProblem("network", pulp.LpMaximize)
    arcs = [
        model.add_variable(f"x{arc}", 0, None if np.isinf(most) else most)
        for arc, most in enumerate(bounds[:, 1].tolist())
    ]
    for row, most in enumerate(room.tolist()):
        span = slice(rows.indptr[row], rows.indptr[row + 1])
        terms = zip(rows.indices[span].tolist(), rows.data[span].tolist(), strict=True)
        model += pulp.LpAffineExpression([(arcs[arc], sign) for arc, sign in terms]) <= most
    return [_cbc_level(model, arcs, _per_arc(network, gain)) for gain in gains]


def _arcs(network: Network, gain: Gain) -> tuple[Ints, Ints, Ints, Ints]:
    """Tail, head, capacity and unit cost of every arc, supplies before demands."""
    supplies = len(network.supply_kg)
    held, ahead = network.supply_held, network.demand_held + supplies
    tail = np.concatenate([network.lane_supply, held, ahead])
    head = np.concatenate([network.lane_demand + supplies, held + 1, ahead + 1])
    kg = np.concatenate([network.lane_kg, network.supply_held_kg, network.demand_held_kg])
    total = int(network.supply_kg.sum())
    return tail, head, np.minimum(kg, total), -_per_arc(network, gain)


def _per_arc(network: Network, gain: Gain) -> Ints:
    ahead = np.zeros(len(network.demand_held), dtype=np.int64)
    lane = np.broadcast_to(gain.lane, network.lane_supply.shape)
    held = np.broadcast_to(gain.held, network.supply_held.shape)
    return np.concatenate([lane, held, ahead]).astype(np.int64)


def _programme(network: Network) -> tuple[Any, Floats, Floats]:
    """Rows A and room b of A x ≤ b, and the (0, capacity) bounds of every arc.

    A supply node: shipped + held on − held from before ≤ its kilograms. A demand node: received −
    taken ahead for later + taken ahead before ≤ its need.
    """
    from scipy import sparse  # noqa: PLC0415

    supplies, lanes = len(network.supply_kg), len(network.lane_supply)
    held, ahead = network.supply_held, network.demand_held + supplies
    first, second = np.arange(lanes), lanes + np.arange(len(held))
    third = lanes + len(held) + np.arange(len(ahead))
    row = [network.lane_supply, network.lane_demand + supplies, held, held + 1, ahead, ahead + 1]
    column = [first, first, second, second, third, third]
    sign = np.repeat([1.0, 1.0, 1.0, -1.0, -1.0, 1.0], [len(part) for part in column])
    room = np.concatenate([network.supply_kg, network.demand_kg]).astype(np.float64)
    size = (len(room), lanes + len(held) + len(ahead))
    rows = sparse.csr_array((sign, (np.concatenate(row), np.concatenate(column))), shape=size)
    most = np.concatenate([network.lane_kg, network.supply_held_kg, network.demand_held_kg])
    bounds = np.stack([np.zeros(len(most)), np.where(most >= NO_LIMIT, np.inf, most)], axis=1)
    return rows, room, bounds


def _cbc_level(model: Any, arcs: Sequence[Any], gains: Ints) -> float:
    """Solve one level and hold it from then on."""
    import pulp  # noqa: PLC0415

    if not arcs:
        return 0.0
    wanted = pulp.LpAffineExpression(list(zip(arcs, gains.tolist(), strict=True)))
    model.setObjective(wanted)
    solver = pulp.COIN_CMD(path=pulp.apis.coin_api.pulp_cbc_path, msg=False)
    if model.solve(solver) != pulp.LpStatusOptimal:
        raise RuntimeError(f"CBC ended as {pulp.LpStatus[model.status]}")
    value = float(pulp.value(wanted))
    model += wanted >= value - abs(value) * HELD
    return value
