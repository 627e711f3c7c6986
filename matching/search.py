"""The best plan of a whole network: one flow for all that can be divided, a search for the rest.

Every component with indivisible parts is searched on its own, those of few lanes first, each for
the engine's own number of iterations. What a budget leaves after that goes to those not proven the
best, one after the other. All of it counts in iterations, so a run that a deadline ended is found
again with the number it reports.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.pool import Pool

from matching import assignment
from matching.assignment import Budget
from matching.lifeline import die_with_parent
from matching.network import Flow, Gain, Network, Plan, Proof
from matching.transport import components
from matching.transport.components import Component

#: A component with indivisible parts, and its gain at each level.
Job = tuple[Component, list[Gain]]


@dataclass(frozen=True, slots=True)
class Proven:
    """A plan of a whole network with a proof per level and block.

    Attributes
    ----------
    divisible
        The proofs of everything that can be divided, on the nodes of the whole.
    lots
        The components that cannot, each with its plan and proofs; none in a plan told on the way
        (:func:`matching.loose.proven` bounds it).
    iterations
        Iterations of the search over all components.
    """

    flow: Flow
    divisible: Plan
    lots: tuple[tuple[Component, Plan], ...] = ()
    iterations: int = 0

    @property
    def status(self) -> str:
        """``optimal`` where every level of every block is proven the best."""
        return "optimal" if all(plan.status == "optimal" for plan in self._plans) else "feasible"

    @property
    def engine(self) -> str:
        """What found the plan."""
        return " + ".join(dict.fromkeys(plan.engine for plan in self._plans))

    @property
    def _plans(self) -> list[Plan]:
        return [self.divisible, *(plan for _, plan in self.lots)]

    def blocks(self, level: int) -> list[Proof]:
        """The proofs of a level, block 0 first."""
        return [plan.proofs[level] for plan in self._plans]


def solve(
    network: Network,
    gains: Sequence[Gain],
    budget: Budget,
    workers: int,
    on_plan: Callable[[Proven], None],
) -> Proven:
    """The best plan found, with its proofs.

    Parameters
    ----------
    budget
        For the search over indivisible parts.
    on_plan
        Called with the plan of all that can be divided, and with each better one after it.
    """
    jobs = [(part, [part.gain(gain) for gain in gains]) for part in indivisible(network)]
    with _processes(workers) as pool:
        divisible = components.solve(network, gains, each=pool.imap if pool else map)
        search = _Search(divisible, budget, on_plan)
        if pool and budget.own:
            search.together(jobs, pool)
        else:
            search.in_turn(jobs)
    return Proven(search.whole, divisible, tuple(search.found), search.iterations)


def indivisible(network: Network) -> list[Component]:
    """The components with indivisible parts, those of few lanes first."""
    if network.lots is None:
        return []
    parts = [part for part in components.split(network) if part.network.lots is not None]
    return sorted(parts, key=lambda part: len(part.lane))


class _Search:
    """The plan of the whole so far, and what was found of each component."""

    def __init__(self, divisible: Plan, budget: Budget, on_plan: Callable[[Proven], None]) -> None:
        self.divisible, self.whole = divisible, _copy(divisible.flow)
        self.budget, self.on_plan = budget, on_plan
        self.found: list[tuple[Component, Plan]] = []
        self.iterations = 0
        self._tell()

    def together(self, jobs: Sequence[Job], pool: Pool) -> None:
        """All components at the same time, in other processes."""
        work = [(part.network, gains) for part, gains in jobs]
        for (part, _), plan in zip(jobs, pool.imap(_assigned, work), strict=True):
            self.iterations += plan.iterations
            self.found.append((part, plan))
            self._hear(part, plan.flow)

    def in_turn(self, jobs: Sequence[Job]) -> None:
        """One component after the other; what is left over goes to those not proven the best."""
        alone = len(jobs) == 1
        for job in jobs:
            self.found.append((job[0], self._searched(job, patient=alone)))
        if alone or self.budget.own:
            return
        for number, job in enumerate(jobs):
            part, plan = self.found[number]
            if plan.status != "optimal" and self.budget.allows(self.iterations):
                better = max(plan, self._searched(job, patient=True), key=_worth)
                self.found[number] = part, better
                part.put(better.flow, self.whole)

    def _searched(self, job: Job, *, patient: bool) -> Plan:
        """One component, with what is left of the budget."""
        part, gains = job
        most = self.budget.iterations
        left = None if most is None else max(0, most - self.iterations)
        heard = partial(self._hear, part)
        budget = replace(self.budget, iterations=left, on_plan=heard, patient=patient)
        plan = assignment.solve(part.network, gains, budget)
        self.iterations += plan.iterations
        self._hear(part, plan.flow)
        return plan

    def _hear(self, part: Component, flow: Flow) -> None:
        part.put(flow, self.whole)
        self._tell()

    def _tell(self) -> None:
        self.on_plan(Proven(_copy(self.whole), self.divisible, (), self.iterations))


def _worth(plan: Plan) -> tuple[int, ...]:
    """What a plan reaches, and then how little more it could be."""
    reached = [proof.value for proof in plan.proofs]
    claims = [p.bound if p.claimed is None else min(p.claimed, p.bound) for p in plan.proofs]
    return (*reached, *(-claim for claim in claims))


def _assigned(work: tuple[Network, list[Gain]]) -> Plan:
    """One component, for a process of a pool."""
    return assignment.solve(*work)


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
