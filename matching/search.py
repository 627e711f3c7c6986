"""The best plan of a whole network: one flow for all that can be divided, a search for the rest.

Every component with indivisible parts is searched on its own, those of few lanes first, within one
budget of iterations. A run that a deadline ended is found again with the iterations it reports:
each component takes what it needs, and the one that was cut takes what is left.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.pool import Pool

import numpy as np
import numpy.typing as npt

from matching import assignment, components
from matching.assignment import Budget
from matching.components import Component
from matching.lifeline import die_with_parent
from matching.network import Flow, Gain, Network, Plan, Proof

Ints = npt.NDArray[np.int64]
Job = tuple[Network, list[Gain], Budget]


@dataclass(frozen=True, slots=True)
class Proven:
    """A plan of a whole network with a proof per level and block.

    Attributes
    ----------
    divisible
        The proofs of everything that can be divided, on the nodes of the whole.
    lots
        The components that cannot, each with its plan and proofs.
    """

    flow: Flow
    divisible: Plan
    lots: tuple[tuple[Component, Plan], ...] = ()

    @property
    def status(self) -> str:
        """``optimal`` where every level of every block is proven the best."""
        return "optimal" if all(plan.status == "optimal" for plan in self._plans) else "feasible"

    @property
    def engine(self) -> str:
        """What found the plan."""
        names = dict.fromkeys(plan.engine for plan in self._plans)
        return " + ".join(names)

    @property
    def iterations(self) -> int:
        """Iterations over all components."""
        return sum(plan.iterations for plan in self._plans)

    @property
    def _plans(self) -> list[Plan]:
        return [self.divisible, *(plan for _, plan in self.lots)]

    def blocks(self, level: int) -> list[Proof]:
        """The proofs of a level, block 0 first."""
        return [plan.proofs[level] for plan in self._plans]


def solve(network: Network, gains: Sequence[Gain], budget: Budget, workers: int) -> Proven:
    """The best plan found, with its proofs."""
    lots = indivisible(network)
    whole = components.nothing(network)

    def tell(part: Component, flow: Flow) -> None:
        part.put(flow, whole)
        budget.on_plan(_copy(whole))

    with _processes(workers) as pool:
        divisible = components.solve(network, gains, budget.on_plan, pool.imap if pool else map)
        whole = _copy(divisible.flow)
        jobs = [(part, [part.gain(gain) for gain in gains]) for part in lots]
        plans = _together(jobs, pool, tell) if pool and budget.own else _in_turn(jobs, budget, tell)
    return Proven(whole, divisible, tuple(zip(lots, plans, strict=True)))


def indivisible(network: Network) -> list[Component]:
    """The components with indivisible parts, those of few lanes first."""
    if network.lots is None:
        return []
    parts = [part for part in components.split(network) if part.network.lots is not None]
    return sorted(parts, key=lambda part: len(part.lane))


def _together(
    jobs: Sequence[tuple[Component, list[Gain]]],
    pool: Pool,
    tell: Callable[[Component, Flow], None],
) -> list[Plan]:
    """All components at the same time, in other processes."""
    plans = []
    work = [(part.network, gains, Budget()) for part, gains in jobs]
    for (part, _), plan in zip(jobs, pool.imap(_assigned, work), strict=True):
        tell(part, plan.flow)
        plans.append(plan)
    return plans


def _in_turn(
    jobs: Sequence[tuple[Component, list[Gain]]],
    budget: Budget,
    tell: Callable[[Component, Flow], None],
) -> list[Plan]:
    """One component after the other; each leaves the rest of the iterations to the next."""
    plans, left = [], budget.iterations
    for part, gains in jobs:
        own = replace(budget, iterations=left, on_plan=partial(tell, part))
        plan = assignment.solve(part.network, gains, own)
        tell(part, plan.flow)
        plans.append(plan)
        left = None if left is None else max(0, left - plan.iterations)
    return plans


def _assigned(job: Job) -> Plan:
    """One component, for a process of a pool."""
    return assignment.solve(*job)


@contextmanager
def _processes(workers: int) -> Iterator[Pool | None]:
    """So many processes that share work; ``None`` for one."""
    if workers <= 1:
        yield None
        return
    with get_context("spawn").Pool(workers, initializer=die_with_parent) as pool:
        yield pool


def _copy(flow: Flow) -> Flow:
    return Flow(flow.lane.copy(), flow.supply_held.copy(), flow.demand_held.copy())
