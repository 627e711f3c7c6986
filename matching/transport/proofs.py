"""The certificate of a level: dual values, what earlier levels weigh in it, and the exact bound.

For any dual values u, v ≥ 0 and multipliers w ≥ 0, with

    gain_a    = gain_k(a) + Σ_l w_l · gain_l(a)
    reduced_a = gain_a − value_tail + value_head       (value is u at supply nodes, −v at demand
                                                        nodes and 0 at the hub)
    bound     = Σ supply_kg · u + Σ demand_kg · v + Σ capacity_a · max(0, reduced_a) − Σ_l w_l · V_l

no plan that reaches V_l at each earlier level has more than ``bound`` at level k (Lagrangian
duality: Ahuja, Magnanti, Orlin, *Network Flows*, 1993, ch. 16). The last sum runs over lanes and
held arcs. An optimal flow has ``bound`` = value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

import numpy as np
import numpy.typing as npt

from matching.network import Proof
from matching.transport.circulation import Circulation

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Duals and weighted gains stay below this, so that three of them add up in 64 bits.
DUAL_LIMIT = 2**60


@dataclass(frozen=True, slots=True)
class Weighted:
    """Values of the nodes, shape (nodes,), for level k with earlier levels weighed in.

    Attributes
    ----------
    weights
        One per level up to k, not negative; that of k itself is 1.
    """

    value: Ints
    weights: tuple[int, ...]

    def reduced(self, circulation: Circulation, gains: Sequence[Ints], arcs: Ints | slice) -> Ints:
        """Reduced gains of these arcs, where ``gains`` has shape (arcs,) for each level."""
        reduced = self.value[circulation.head[arcs]] - self.value[circulation.tail[arcs]]
        for weight, gain in zip(self.weights, gains, strict=False):
            if weight:
                reduced += gain[arcs] if weight == 1 else weight * gain[arcs]
        return reduced

    def plus(self, times: int, other: "Weighted") -> "Weighted":
        """These values with those of an earlier level's proof added so many times."""
        earlier = (*other.weights, *[0] * (len(self.weights) - len(other.weights)))
        weights = tuple(mine + times * its for mine, its in zip(self.weights, earlier, strict=True))
        return Weighted(self.value + times * other.value, weights)


def least_multiplier(now: Ints, step: Ints) -> int:
    """The least whole number ≥ 0 that, times ``step`` ≠ 0, leaves no ``now`` of the other sign."""
    against = np.flatnonzero((now != 0) & ((now < 0) != (step < 0)))
    if not len(against):
        return 0
    return int((-(-np.abs(now[against]) // np.abs(step[against]))).max())


def in_range(times: int, other: Weighted, to: Weighted, gains: Sequence[Ints]) -> int:
    """As much of this multiplier as keeps all numbers below :data:`DUAL_LIMIT`."""
    largest = [_largest(gain) for gain in gains]
    unit = _size(other, largest)
    return min(times, max(0, DUAL_LIMIT - _size(to, largest)) // unit) if unit else times


def _size(weighted: Weighted, largest: Sequence[int]) -> int:
    """An upper limit of the values and of the weighted gains."""
    gains: int = sum(map(mul, weighted.weights, largest))
    return _largest(weighted.value) + gains


def _largest(numbers: Ints) -> int:
    return int(np.abs(numbers).max(initial=0))


def prove(
    circulation: Circulation,
    gains: Sequence[Ints],
    weighted: Weighted,
    kg: Ints,
    reached: Sequence[int],
) -> Proof:
    """The proof of the last of these levels, on the nodes of the network.

    Parameters
    ----------
    gains
        Shape (arcs,) for each level up to this one.
    kg
        Shape (arcs,): the plan.
    reached
        What the plan reaches at each level up to this one.
    """
    supplies, hub = circulation.supplies, circulation.hub
    value = np.maximum(0, weighted.value * _sides(circulation))
    held = Weighted(value * _sides(circulation), weighted.weights)
    inner = slice(0, circulation.inner)
    reduced = np.maximum(0, held.reduced(circulation, gains, inner))
    bound = exact_dot(circulation.capacity[circulation.inner :], value[:hub])
    bound += exact_dot(circulation.capacity[inner], reduced)
    bound -= sum(map(mul, weighted.weights[:-1], reached))
    return Proof(reached[-1], bound, value[:supplies], value[supplies:hub], weighted.weights[:-1])


def _sides(circulation: Circulation) -> Ints:
    """+1 at supply nodes, whose dual is the value; −1 at the others, where it is the opposite."""
    side = np.full(circulation.nodes, -1)
    side[: circulation.supplies] = 1
    return side


def exact_dot(left: Ints, right: Ints) -> int:
    """The sum of products, also where it passes 64 bits."""
    busy = np.flatnonzero((left != 0) & (right != 0))
    left, right = left[busy], right[busy]
    if float(np.abs(left).astype(np.float64) @ np.abs(right).astype(np.float64)) < DUAL_LIMIT:
        return int(left @ right)
    return sum(map(mul, left.tolist(), right.tolist()))
