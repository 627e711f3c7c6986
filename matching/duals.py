"""Dual values: the numbers that prove a plan cannot be bettered, found without the solver.

Let x be the kilograms shipped over lanes (i, j), S_i and D_j the masses of the orders, p_ij the
surplus per tonne, T = Σ x.

*Tonnes.* u_i + v_j ≥ 1 on every lane with u, v ≥ 0 gives Σ x ≤ Σ S_i u_i + Σ D_j v_j. A minimum
cut gives u, v ∈ {0, 1} that reach equality.

*Surplus among plans of T.* u_i + v_j − w ≥ p_ij with u, v ≥ 0 and any w gives
Σ p x ≤ Σ S_i u_i + Σ D_j v_j − w T. Node potentials π, shortest distances in the residual graph,
give u_i = max(0, π_i − π_from), v_j = max(0, π_to − π_j), w = π_to − π_from, where *from* and *to*
stand for the source of all supplies and the sink of all demands (R. K. Ahuja, T. L. Magnanti,
J. B. Orlin, *Network Flows*, 1993, ch. 9).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.faults import EngineError

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Plan:
    """Kilograms ``x`` on permitted lanes in (supply, demand) order, with what bounds them."""

    supply_kg: Ints
    demand_kg: Ints
    supply: Ints
    demand: Ints
    surplus: Ints
    x: Ints


@dataclass(frozen=True, slots=True)
class Duals:
    """Values u of shape (supplies,), v of shape (demands,) and w of the formulas above."""

    u: Ints
    v: Ints
    w: int


def tonnes_duals(plan: Plan) -> Duals:
    """A minimum cut as 0/1 values.

    What can still be reached from an open supply, forward over any lane and backward over one in
    use, lies on one side of the cut. No open demand is reached, or the plan would not be maximal.
    """
    reached_supply = plan.supply_kg > _sums(plan.supply, plan.x, len(plan.supply_kg))
    reached_demand = np.zeros(len(plan.demand_kg), dtype=np.bool_)
    used = plan.x > 0
    while True:
        reached_demand[plan.demand[reached_supply[plan.supply]]] = True
        back = plan.supply[used & reached_demand[plan.demand]]
        if reached_supply[back].all():
            break
        reached_supply[back] = True
    return Duals((~reached_supply).astype(np.int64), reached_demand.astype(np.int64), 0)


def surplus_duals(plan: Plan) -> Duals:
    """Node potentials of the residual graph, turned into u, v and w.

    Raises
    ------
    EngineError
        The distances still fall after as many rounds as there are nodes: the plan is not optimal.
    """
    residual = _Residual(plan)
    rounds = len(plan.supply_kg) + len(plan.demand_kg) + 2
    if not any(not residual.relax() for _ in range(rounds)):
        raise EngineError("the residual graph has a negative cycle")
    start, end = residual.start, residual.end
    return Duals(
        np.maximum(0, residual.supply - start), np.maximum(0, end - residual.demand), end - start
    )


class _Residual:
    """Bellman-Ford over all residual arcs at once, from a root at distance 0 to every node.

    Residual arcs: i → j at cost −p on every lane, j → i at cost p where x > 0; between the source
    and a supply in both directions at cost 0, as far as it is open and as far as it is used; the
    same between a demand and the sink. An optimal plan leaves no negative cycle, so it ends.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        shipped = _sums(plan.supply, plan.x, len(plan.supply_kg))
        received = _sums(plan.demand, plan.x, len(plan.demand_kg))
        self.supply_open, self.supply_used = shipped < plan.supply_kg, shipped > 0
        self.demand_open, self.demand_used = received < plan.demand_kg, received > 0
        self.by_demand = np.argsort(plan.demand, kind="stable")
        self.tail = plan.supply[self.by_demand]
        self.length = -plan.surplus[self.by_demand]
        self.heads, self.head_starts = np.unique(plan.demand[self.by_demand], return_index=True)
        self.used = np.flatnonzero(plan.x > 0)
        self.supply = np.zeros(len(plan.supply_kg), dtype=np.int64)
        self.demand = np.zeros(len(plan.demand_kg), dtype=np.int64)
        self.start = self.end = 0

    def relax(self) -> bool:
        """One round over every arc; whether any distance fell."""
        before = self._sum()
        self._forward()
        self._through_the_sink()
        self._backward()
        self._through_the_source()
        return self._sum() != before

    def _sum(self) -> int:
        return int(self.supply.sum()) + int(self.demand.sum()) + self.start + self.end

    def _forward(self) -> None:
        if len(self.heads):
            reach = np.minimum.reduceat(self.supply[self.tail] + self.length, self.head_starts)
            self.demand[self.heads] = np.minimum(self.demand[self.heads], reach)

    def _backward(self) -> None:
        lane = self.used
        reach = self.demand[self.plan.demand[lane]] + self.plan.surplus[lane]
        np.minimum.at(self.supply, self.plan.supply[lane], reach)

    def _through_the_sink(self) -> None:
        self.end = int(np.min(self.demand[self.demand_open], initial=self.end))
        used = self.demand_used
        self.demand[used] = np.minimum(self.demand[used], self.end)

    def _through_the_source(self) -> None:
        self.start = int(np.min(self.supply[self.supply_used], initial=self.start))
        is_open = self.supply_open
        self.supply[is_open] = np.minimum(self.supply[is_open], self.start)


def _sums(index: Ints, values: Ints, length: int) -> Ints:
    """Σ values per index, shape (length,), without passing through floats."""
    total = np.zeros(length, dtype=np.int64)
    np.add.at(total, index, values)
    return total
