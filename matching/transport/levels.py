"""The best plan of a market without indivisible parts: level after level, each one proven.

*Levels in order.* Level k is solved on the optimal face of the levels before it. With the values
that prove level k (:mod:`.duals`), the plans that reach its best are those which are empty
where reduced < 0 and full where reduced > 0 (complementary slackness), so these arcs are fixed and
the others left to level k + 1. This needs no weight that would have to be large enough, and keeps
arcs with a capacity, silos and the slack of orders apart. A first level that counts every kilogram
alike is found by the same call as the second, because the solver ships the maximum flow at least
cost.

*One certificate per level.* On its face, the values of level k say nothing about arcs fixed before.
With the proof P_l of an earlier level added ``multiplier`` times, its reduced gains there decide:

    dual   = value_k + Σ_l multiplier_l · dual(P_l)
    gains  = gain_k  + Σ_l multiplier_l · gains(P_l)

Going back from l = k − 1 to 0, each multiplier is the least that gives the arcs fixed by level l
the sign they need. What multiplies each level's own gain is the certificate's ``multipliers``.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from matching.network import Flow, Gain, Network, Plan, Proof
from matching.transport import flow as min_cost
from matching.transport.circulation import Circulation
from matching.transport.duals import Residual
from matching.transport.proofs import Weighted, exact_dot, in_range, least_multiplier, prove

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ENGINE = "min-cost flow"
#: Marks the arcs no level has fixed yet.
FREE = np.int8(-1)


def solve(
    network: Network, gains: Sequence[Gain], on_level: Callable[[Flow], None] = lambda flow: None
) -> Plan:
    """A plan that is best at the first level, among those at the second, and so on.

    Parameters
    ----------
    network
        Without ``lots``; any side may be empty, and any number of kilograms zero.
    gains
        One per level, at least one.
    on_level
        Called with the plan so far whenever a level is finished.

    Raises
    ------
    EngineError
        The gains pass the range of the flow solver.
    """
    search = _Search(Circulation.of(network), gains)
    for level in range(len(gains)):
        if search.place(level):
            on_level(search.circulation.flow(search.kg))
        search.close(level)
    flow, proofs = search.circulation.flow(search.kg), tuple(search.proofs)
    return Plan(flow, proofs, status(proofs), ENGINE)


def best(network: Network, gains: Sequence[Gain]) -> Flow:
    """The flow of :func:`solve` without its proofs, in half the time."""
    search = _Search(Circulation.of(network), gains)
    for level in range(len(gains)):
        search.place(level)
        if level < search.deciding:
            search.fix(level)
    return search.circulation.flow(search.kg)


def status(proofs: Sequence[Proof]) -> str:
    """Whether all levels are proven the best."""
    return "optimal" if all(proof.bound == proof.value for proof in proofs) else "feasible"


class _Search:
    """One pass over the levels: the plan so far, the arcs still free, and a proof per level."""

    def __init__(self, circulation: Circulation, gains: Sequence[Gain]) -> None:
        self.circulation = circulation
        self.gains = [circulation.gain(gain) for gain in gains]
        self.alike = _counts_alike(gains[0])
        self.kg = np.zeros(circulation.arcs, dtype=np.int64)
        self.fixed_by = np.full(circulation.arcs, FREE)
        self.raw: list[Ints] = []
        self.weighted: list[Weighted] = []
        self.proofs: list[Proof] = []

    @property
    def deciding(self) -> int:
        """How many levels are fixed before the last plan is found."""
        at_once = self.alike and len(self.gains) <= 2
        return 0 if at_once else len(self.gains) - 1

    def place(self, level: int) -> bool:
        """Find the level's plan; whether it is a new one."""
        if self.alike and level < 2:
            return level == 0 and self._place_most_then_best()
        self.kg = min_cost.best(self.circulation, self.gains[level], self.fixed_by == FREE, self.kg)
        return True

    def _place_most_then_best(self) -> bool:
        second = self.gains[1] if len(self.gains) > 1 else np.zeros_like(self.gains[0])
        self.kg = min_cost.most_then_best(self.circulation, second)
        return True

    def close(self, level: int) -> None:
        """Fix the level and prove it."""
        self.fix(level)
        self.weighted.append(self._weighted(level))
        self.proofs.append(self._proof(level))

    def fix(self, level: int) -> None:
        """Fix the arcs that no plan as good at the level may change."""
        free = self.fixed_by == FREE
        gain = self.gains[level]
        raw = Residual(self.circulation, self.kg, free).values(gain)
        self.raw.append(raw)
        reduced = gain - raw[self.circulation.tail] + raw[self.circulation.head]
        self.fixed_by[free & (reduced != 0)] = level

    def _weighted(self, level: int) -> Weighted:
        """The level's own values with the least of each earlier proof that covers its arcs."""
        weighted = Weighted(self.raw[level], (*[0] * level, 1))
        for earlier in reversed(range(level)):
            arcs = np.flatnonzero(self.fixed_by == earlier)
            step = Weighted(self.raw[earlier], (*[0] * earlier, 1))
            needed = least_multiplier(
                weighted.reduced(self.circulation, self.gains, arcs),
                step.reduced(self.circulation, self.gains, arcs),
            )
            other = self.weighted[earlier]
            weighted = weighted.plus(in_range(needed, other, weighted, self.gains), other)
        return weighted

    def _proof(self, level: int) -> Proof:
        gains = self.gains[: level + 1]
        reached = [exact_dot(gain, self.kg) for gain in gains]
        return prove(self.circulation, gains, self.weighted[level], self.kg, reached)


def _counts_alike(gain: Gain) -> bool:
    """Whether a level counts every kilogram on every lane alike, and holding it over not at all."""
    lane = gain.lane
    return bool(len(lane) and lane[0] > 0 and lane.min() == lane.max() and not gain.held.any())
