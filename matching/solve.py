"""From a problem to its outcome: lanes → flow → prices → reasons → certificate."""

from collections.abc import Callable, Iterable
from operator import mul

import numpy as np
import numpy.typing as npt

from matching import duals, files, flow, prices, reasons
from matching import lanes as lane_rule
from matching.duals import Duals, Plan
from matching.lanes import Lanes
from matching.outcome import Certificate, Level, Match, Outcome
from matching.problem import Problem

Ints = npt.NDArray[np.int64]

#: The stages of a solve, in order, as told to ``on_stage``.
STAGES = ("lanes", "flow", "prices", "reasons", "certificate")


def solve(problem: Problem, on_stage: Callable[[str], None] = lambda stage: None) -> Outcome:
    """Clear a market.

    Places the most tonnes, and among the plans that do so one of most Σ (bid − ask − cost) · t.
    The same problem gives the same outcome, byte for byte.

    Parameters
    ----------
    on_stage
        Called with each name of :data:`STAGES` as that stage begins.

    Raises
    ------
    EngineError
        The flow solver failed; no input that a ``Problem`` admits is known to do this.
    """
    on_stage("lanes")
    reach = lane_rule.build(problem).lanes
    on_stage("flow")
    plan = _transport(problem, reach.only(reach.permitted))
    on_stage("prices")
    matches = _matches(problem, reach.only(reach.permitted), plan.x)
    on_stage("reasons")
    on_reach = np.zeros(len(reach), dtype=np.int64)
    on_reach[reach.permitted] = plan.x
    orders = reasons.explain(problem, reach, on_reach)
    on_stage("certificate")
    return Outcome(matches, orders, _certificate(problem, plan, matches))


def _transport(problem: Problem, lanes: Lanes) -> Plan:
    supply_kg = np.array([supply.kg for supply in problem.supplies], dtype=np.int64)
    demand_kg = np.array([demand.kg for demand in problem.demands], dtype=np.int64)
    x = flow.place(supply_kg, demand_kg, lanes.supply, lanes.demand, lanes.surplus)
    return Plan(supply_kg, demand_kg, lanes.supply, lanes.demand, lanes.surplus, x)


def _matches(problem: Problem, lanes: Lanes, x: Ints) -> tuple[Match, ...]:
    used = np.flatnonzero(x)
    supplies = [problem.supplies[i] for i in lanes.supply[used].tolist()]
    demands = [problem.demands[j] for j in lanes.demand[used].tolist()]
    ask = np.array([supply.ask for supply in supplies], dtype=np.int64)
    bid = np.array([demand.bid for demand in demands], dtype=np.int64)
    cost = lanes.cost[used]
    support = prices.support_per_tonne(problem.settings, lanes.surplus[used])
    producer, consumer = prices.midpoint(ask, bid, cost, support)
    columns = (values.tolist() for values in (x[used], cost, support, producer, consumer))
    return tuple(
        Match(supply.id, demand.id, *numbers)
        for supply, demand, *numbers in zip(supplies, demands, *columns, strict=True)
    )


def _certificate(problem: Problem, plan: Plan, matches: Iterable[Match]) -> Certificate:
    tonnes = int(plan.x.sum())
    surplus = _dot(plan.surplus, plan.x)
    levels = (
        _level("tonnes", tonnes, 0, plan, duals.tonnes_duals(plan)),
        _level("surplus", surplus, tonnes, plan, duals.surplus_duals(plan)),
    )
    return Certificate(files.problem_sha256(problem), prices.totals(matches), levels)


def _level(name: str, value: int, tonnes: int, plan: Plan, dual: Duals) -> Level:
    bound = _dot(plan.supply_kg, dual.u) + _dot(plan.demand_kg, dual.v) - dual.w * tonnes
    return Level(name, value, bound, tuple(dual.u.tolist()), tuple(dual.v.tolist()), dual.w)


def _dot(left: Ints, right: Ints) -> int:
    """The exact sum of products, which may pass 64 bits."""
    busy = np.flatnonzero((left != 0) & (right != 0))
    return sum(map(mul, left[busy].tolist(), right[busy].tolist()))
