"""The best circulation between bounds, level after level, in whole numbers.

Minimum-cost flow with lower bounds (R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows*,
1993, ch. 2.4): the bound is sent ahead and the rest is solved. Node potentials of the residual
graph then name the optimal face, on which the next level is solved: an arc whose reduced cost is
not zero keeps its kilograms.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.network import Ints


@dataclass(frozen=True, slots=True)
class Circle:
    """Arcs with bounds, all of shape (arcs,), and the kilograms that nodes add, (nodes,)."""

    tail: Ints
    head: Ints
    low: Ints
    high: Ints
    added: Ints


def best(circle: Circle, gains: Sequence[Ints]) -> Ints | None:
    """Kilograms on each arc, best at the first gain, then at the next; ``None`` if nothing fits."""
    low, high = circle.low, circle.high
    kg = None
    for gain in gains:
        stage = Circle(circle.tail, circle.head, low, high, circle.added)
        kg = _solve(stage, gain)
        if kg is None:
            return None
        held = reduced(stage, gain, kg, potentials(stage, gain, kg)) != 0
        low, high = np.where(held, kg, low), np.where(held, kg, high)
    return kg


def _solve(circle: Circle, gain: Ints) -> Ints | None:
    # Imported here: loading the library takes longer than most markets.
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415

    if (circle.low > circle.high).any():
        return None
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        circle.tail.astype(np.int32),
        circle.head.astype(np.int32),
        circle.high - circle.low,
        -_without_common_factor(gain),
    )
    balance = circle.added.copy()
    np.subtract.at(balance, circle.tail, circle.low)
    np.add.at(balance, circle.head, circle.low)
    solver.set_nodes_supplies(np.arange(len(balance), dtype=np.int32), balance)
    if solver.solve() != solver.OPTIMAL:
        return None
    return circle.low + np.asarray(solver.flows(arcs), dtype=np.int64)


def _without_common_factor(gain: Ints) -> Ints:
    """The same order of plans in smaller numbers: the solver's range is that of 64 bits."""
    factor = int(np.gcd.reduce(np.abs(gain))) if len(gain) else 0
    return gain // factor if factor > 1 else gain


def potentials(circle: Circle, gain: Ints, kg: Ints) -> Ints:
    """Shortest distances in the residual graph, shape (nodes,); every node starts at 0."""
    forward, backward = kg < circle.high, kg > circle.low
    tail = np.concatenate([circle.tail[forward], circle.head[backward]])
    head = np.concatenate([circle.head[forward], circle.tail[backward]])
    length = np.concatenate([-gain[forward], gain[backward]])
    order = np.argsort(head, kind="stable")
    tail, length = tail[order], length[order]
    heads, starts = np.unique(head[order], return_index=True)
    distance = np.zeros(len(circle.added), dtype=np.int64)
    for _ in range(len(distance) + 1 if len(heads) else 0):
        nearer = np.minimum.reduceat(distance[tail] + length, starts)
        if (nearer >= distance[heads]).all():
            break
        distance[heads] = np.minimum(distance[heads], nearer)
    return distance


def reduced(circle: Circle, gain: Ints, kg: Ints, distance: Ints) -> Ints:
    """Reduced cost of each arc; where it is not 0, every best circulation carries these kilograms.

    An arc at both bounds may show any sign; it cannot move anyway.
    """
    return np.asarray(distance[circle.tail] - gain - distance[circle.head])
