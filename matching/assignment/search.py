"""The search over indivisible parts: levels one after the other, rounds within each.

A round either runs branch and cut on the whole component, each time over more nodes, or frees a
neighbourhood of the plan and lets branch and cut decide it again. Rounds are numbered and bounded
by nodes, never by time, so that equal inputs meet equal rounds.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from matching.assignment import highs
from matching.assignment.budget import Budget
from matching.assignment.certify import Certifier
from matching.assignment.highs import Answer
from matching.assignment.measure import may_stand, values
from matching.assignment.model import Model
from matching.assignment.neighbours import neighbourhood, restricted
from matching.assignment.parts import Parts
from matching.assignment.settle import settle
from matching.network import Flow, Gain, Plan

#: Programmes with more whole columns, or more columns, are only ever solved in neighbourhoods.
MOST_WHOLE = 12_000
MOST_COLUMNS = 40_000
#: Up to so many columns the whole is tried before any neighbourhood.
QUICK = 600
#: Above this even their relaxation is left alone.
MOST_RELAXED = 200_000
#: Columns times nodes of the first run on the whole, and how the runs after it grow.
FIRST_EFFORT = 40_000
GROWTH = 32
LAST_GROWTH = 3
NEIGHBOUR_NODES = 200
#: A relaxed column above this counts as used.
BROKEN = 1e-6
#: Stages of a level before the next, each a run on the whole and so many neighbourhoods.
RUNS = 2
NEIGHBOURHOODS = 6


@dataclass
class Search:
    """The best plan so far and what is known about it."""

    parts: Parts
    gains: tuple[Gain, ...]
    budget: Budget
    flow: Flow
    certifier: Certifier
    reached: tuple[int, ...] = ()
    done: int = 0
    claims: dict[int, int] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    model: Model | None = None

    @classmethod
    def of(
        cls, parts: Parts, gains: Sequence[Gain], budget: Budget, start: Iterable[Flow]
    ) -> "Search":
        gains = tuple(gains)
        search = cls(parts, gains, budget, parts.empty(), Certifier(parts, gains))
        search.reached = values(parts, gains, search.flow)
        for flow in start:
            search.offer(flow)
        return search

    def offer(self, flow: Flow | None) -> bool:
        """Take a plan if it may stand and is better than the one before."""
        if flow is None or not may_stand(self.parts, flow):
            return False
        reached = values(self.parts, self.gains, flow)
        if reached <= self.reached:
            return False
        # A level after the first that changed may now be reached anew.
        first = next(k for k in range(len(reached)) if reached[k] != self.reached[k])
        self.ended = {level for level in self.ended if level <= first}
        self.flow, self.reached = flow, reached
        self.budget.on_plan(flow)
        return True

    def run(self) -> None:
        """Every level in turn; where somebody else decides the end, round after round of that."""
        for level in range(len(self.gains)):
            for stage in range(RUNS):
                self._close(level, stage)
        stage = RUNS
        while not self.budget.own and self._may_go_on():
            for level in range(len(self.gains)):
                self._close(level, stage)
            stage += 1

    def _may_go_on(self) -> bool:
        levels = range(len(self.gains))
        return self.budget.allows(self.done) and not all(map(self._closed, levels))

    def _close(self, level: int, stage: int) -> None:
        """The rounds of one stage of a level, until it is closed or the budget is spent."""
        for play in self._rounds(level, stage):
            if self._closed(level) or not self.budget.allows(self.done) or not play():
                return
            self.done += 1

    def _rounds(self, level: int, stage: int) -> Iterator[Callable[[], bool]]:
        """Each tells whether it ended before the deadline."""
        columns = self._model(level).columns
        small = int(columns.whole.sum()) <= MOST_WHOLE and columns.count <= MOST_COLUMNS
        effort = FIRST_EFFORT * GROWTH ** min(stage, LAST_GROWTH)
        whole = partial(self._whole, level, max(1, effort // max(1, columns.count)))
        if columns.count <= QUICK:
            yield whole
        elif not stage and columns.count <= MOST_RELAXED:
            yield partial(self._relaxed, level)
        for number in range(stage * NEIGHBOURHOODS, (stage + 1) * NEIGHBOURHOODS):
            yield partial(self._near, level, number)
        if small and columns.count > QUICK:
            yield whole

    def _closed(self, level: int) -> bool:
        """Whether nothing more can come: the bound is reached, or every branch was looked at."""
        if level in self.ended:
            return True
        proof = self.certifier.proof(self.reached, level)
        return min(proof.bound, self.claims.get(level, proof.bound)) <= self.reached[level]

    def _model(self, level: int) -> Model:
        floors = self.reached[:level]
        if self.model is None or self.model.floors != floors:
            self.model = Model.of(self.parts, self.gains, floors)
        return self.model

    def _relaxed(self, level: int) -> bool:
        """Bound the level without whole numbers, then branch on what that plan or ours uses.

        T. Berthold, *RENS: the optimal rounding*, Mathematical Programming Computation 6, 2014.
        """
        model = self._model(level)
        programme = model.programme
        relaxed = replace(programme, whole=np.zeros_like(programme.whole))
        answer = highs.search(relaxed, 1, self.budget.seconds_left)
        if self._cut_short(answer):
            return False
        self._claim(level, model, answer.bound)
        if answer.x is None:
            return True
        written = model.columns.written(self.flow)
        free = ~programme.whole | (answer.x > BROKEN) | (written > 0)
        return self._again(model, np.where(free, written, 0.0), free)

    def _whole(self, level: int, nodes: int) -> bool:
        """Branch and cut on the component."""
        model = self._model(level)
        answer = highs.search(model.programme, nodes, self.budget.seconds_left)
        if self._cut_short(answer):
            return False
        fits = answer.x is not None and self._take(model, answer.x)
        self._claim(level, model, answer.bound)
        if answer.closed:
            self.ended.add(level)
            if fits and _alike(self.claims.get(level, 0), self.reached[level]):
                self.claims[level] = self.reached[level]
        return True

    def _near(self, level: int, number: int) -> bool:
        """Decide one neighbourhood again."""
        model = self._model(level)
        free = neighbourhood(model.columns, self.flow, number)
        return self._again(model, model.columns.written(self.flow), free)

    def _again(self, model: Model, written: highs.Floats, free: highs.Bools) -> bool:
        """Branch on the free columns alone."""
        answer = restricted(model, written, free, NEIGHBOUR_NODES, self.budget.seconds_left)
        if self._cut_short(answer):
            return False
        if answer.x is not None:
            self._take(model, answer.x)
        return True

    def _cut_short(self, answer: Answer) -> bool:
        """A round that the deadline ended could not be repeated."""
        return answer.timed_out or self.budget.late

    def _take(self, model: Model, x: highs.Floats) -> bool:
        """Offer what columns decide, settled in whole kilograms; whether any of it may stand."""
        stands = False
        for choice in model.columns.read(x):
            flow = settle(self.parts, self.gains, choice)
            stands |= flow is not None and may_stand(self.parts, flow)
            self.offer(flow)
        return stands

    def _claim(self, level: int, model: Model, said: float) -> None:
        """What branch and cut says cannot be passed, in whole steps of the level."""
        if not np.isfinite(said):
            return
        objective = model.objective
        bound = said * objective.per
        loose = max(1e-6 * objective.per, 1e-9 * abs(bound))
        claim = int((bound + loose) // objective.step) * objective.step
        self.claims[level] = min(claim, self.claims.get(level, claim))


def _alike(claim: int, value: int) -> bool:
    """Whether two values differ by no more than floats can tell."""
    return abs(claim - value) <= 1e-7 * max(abs(claim), abs(value))


def plan_of(search: Search) -> Plan:
    """The plan with a proof of each level."""
    levels = range(len(search.gains))
    proofs = tuple(search.certifier.proof(search.reached, k, search.claims.get(k)) for k in levels)
    gaps = [(p.bound if p.claimed is None else min(p.bound, p.claimed)) - p.value for p in proofs]
    status = "feasible" if any(gap > 0 for gap in gaps) else "optimal"
    return Plan(search.flow, proofs, status, "highs", search.done)
