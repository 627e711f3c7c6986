"""The transport itself: min-cost flows in whole numbers, by one call of OR-Tools.

The cost-scaling push-relabel method (A. V. Goldberg, *An efficient implementation of a scaling
minimum-cost flow algorithm*, J. Algorithms 22, 1997) takes 64-bit integers. Its Python interface
cuts the fractions off floats without a word and saturates the sum of the costs, so a circulation
takes whole numbers only and values are reckoned from the flow.
"""

import numpy as np
import numpy.typing as npt

from matching.faults import EngineError
from matching.transport.circulation import Circulation

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int32]

#: The solver multiplies costs by the number of nodes and refuses twice this product. No path of
#: gains passes it either, so duals are safe in 64 bits.
COST_RANGE = 2**61
#: Nodes the solver adds of its own, and one for the sum.
EXTRA_NODES = 4
#: From here on it pays to put the nodes into an order of their neighbourhood first.
MANY_ARCS = 20_000
#: Where the ends of an arc still lie this share of all nodes apart, lanes follow no map, and the
#: order helps nothing.
FAR_APART = 0.12


def most_then_best(circulation: Circulation, gain: Ints) -> Ints:
    """Kilograms on each arc: most over all lanes, and of those plans one of most Σ gain · kg.

    One call finds both, because the solver ships the maximum flow at least cost.

    Parameters
    ----------
    gain
        Shape (arcs,): what a kilogram on each arc adds.

    Raises
    ------
    EngineError
        The gains pass the solver's range, or it ended without an optimum.
    """
    inner = slice(0, circulation.inner)
    balance = circulation.capacity[circulation.inner :].copy()
    balance[circulation.supplies :] *= -1
    kg = _solved(
        circulation.tail[inner],
        circulation.head[inner],
        circulation.capacity[inner],
        gain[inner],
        balance,
    )
    return circulation.with_hub(kg)


def best(circulation: Circulation, gain: Ints, free: Bools, kg: Ints) -> Ints:
    """Kilograms on each arc: most Σ gain · kg while the arcs that are not free keep theirs.

    Parameters
    ----------
    gain, free, kg
        Shape (arcs,); ``kg`` is any plan of the circulation.

    Raises
    ------
    EngineError
        As :func:`most_then_best`.
    """
    arcs = np.flatnonzero(free)
    fixed = np.where(free, 0, kg)
    balance = _surplus_of_inflow(circulation, fixed)
    found = fixed
    found[arcs] = _solved(
        circulation.tail[arcs],
        circulation.head[arcs],
        circulation.capacity[arcs],
        gain[arcs],
        balance,
    )
    return found


def _surplus_of_inflow(circulation: Circulation, kg: Ints) -> Ints:
    """What enters each node less what leaves it, shape (nodes,)."""
    busy = np.flatnonzero(kg)
    net = np.zeros(circulation.nodes, dtype=np.int64)
    np.add.at(net, circulation.head[busy], kg[busy])
    np.subtract.at(net, circulation.tail[busy], kg[busy])
    return net


def _solved(tail: Indices, head: Indices, capacity: Ints, gain: Ints, balance: Ints) -> Ints:
    """Kilograms on each arc of one call of the solver."""
    if not len(tail):
        return np.zeros(0, dtype=np.int64)
    if max(int(gain.max()), -int(gain.min())) * (len(balance) + EXTRA_NODES) >= COST_RANGE:
        raise EngineError("gain per kilogram times nodes passes the solver's range")
    gain = _without_common_factor(gain)
    if len(tail) < MANY_ARCS:
        return _call(tail, head, capacity, -gain, balance)
    rank = _near_each_other(tail, head, len(balance))
    if np.abs(rank[tail] - rank[head]).mean() > FAR_APART * len(balance):
        return _call(tail, head, capacity, -gain, balance)
    order = np.argsort(rank[tail], kind="stable")
    moved = np.empty_like(balance)
    moved[rank] = balance
    kg = np.empty(len(tail), dtype=np.int64)
    kg[order] = _call(rank[tail[order]], rank[head[order]], capacity[order], -gain[order], moved)
    return kg


def _near_each_other(tail: Indices, head: Indices, nodes: int) -> Indices:
    """A rank of each node that keeps neighbours close in memory: a third less time on a map.

    The order is that of E. Cuthill and J. McKee, *Reducing the bandwidth of sparse symmetric
    matrices*, 1969.
    """
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.csgraph import reverse_cuthill_mckee  # noqa: PLC0415

    ends = np.concatenate([tail, head]), np.concatenate([head, tail])
    joined = coo_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(nodes, nodes))
    rank = np.empty(nodes, dtype=np.int32)
    rank[reverse_cuthill_mckee(joined.tocsr(), symmetric_mode=True)] = np.arange(nodes)
    return rank


def _call(tail: Indices, head: Indices, capacity: Ints, cost: Ints, balance: Ints) -> Ints:
    # Imported here: loading the library takes longer than most readings of a problem.
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415

    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    del tail, head, capacity, cost
    solver.set_nodes_supplies(np.arange(len(balance), dtype=np.int32), balance)
    status = solver.solve_max_flow_with_min_cost()
    if status != solver.OPTIMAL:
        raise EngineError(f"min-cost flow ended as {status}")
    return np.asarray(solver.flows(arcs), dtype=np.int64)


def _without_common_factor(gain: Ints) -> Ints:
    """Smaller numbers in the same proportions; most gains show in a few values that have none."""
    factor = int(np.gcd.reduce(gain[:1_000]))
    if factor != 1:
        factor = int(np.gcd.reduce(gain, initial=factor))
    return gain // factor if factor > 1 else gain
