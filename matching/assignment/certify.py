"""A proof of each level: the multipliers of the levels before that make its bound least."""

from collections.abc import Sequence

import numpy as np

from matching.assignment.measure import dot
from matching.assignment.parts import Parts
from matching.assignment.relaxation import Priced, price, spread
from matching.network import Flow, Gain, Proof

#: Trials of one multiplier; the bound is convex in it.
TRIALS = 14
PASSES = 2
#: A multiplier where the bound was found, the bound, and its slope there.
Line = tuple[int, int, int]


class Certifier:
    """The divisible relaxation of a component, priced for any combination of its levels."""

    def __init__(self, parts: Parts, gains: Sequence[Gain]) -> None:
        self.parts = parts
        self.gains = tuple(spread(parts, gain) for gain in gains)
        self._known: dict[tuple[int, ...], Priced] = {}

    def proof(self, values: Sequence[int], level: int, claimed: int | None = None) -> Proof:
        """The proof of a level of a plan with these values."""
        weights = self._weights(level, values)
        priced = self.priced(level, weights)
        bound = priced.bound - _sum(weights, values)
        claim = None if claimed is None or claimed >= bound else max(claimed, values[level])
        return Proof(values[level], bound, priced.supply, priced.demand, weights, claim)

    def priced(self, level: int, weights: tuple[int, ...]) -> Priced:
        """The level plus each level before times its weight, at its best."""
        key = (*weights, level)
        if key not in self._known:
            self._known[key] = price(self.parts, self._combined(level, weights))
        return self._known[key]

    def _combined(self, level: int, weights: Sequence[int]) -> Gain:
        lane = np.array(self.gains[level].lane, dtype=np.int64)
        held = np.array(self.gains[level].held, dtype=np.int64)
        for weight, gain in zip(weights, self.gains, strict=False):
            lane += weight * gain.lane
            held += weight * gain.held
        return Gain(lane, held)

    def _weights(self, level: int, values: Sequence[int]) -> tuple[int, ...]:
        """Multipliers of the levels before, one after the other at its best."""
        weights = [0] * level
        for _ in range(PASSES if level > 1 else 1):
            for k in reversed(range(level)):
                weights[k] = self._best_weight(level, weights, k, values)
        return tuple(weights)

    def _best_weight(self, level: int, weights: list[int], k: int, values: Sequence[int]) -> int:
        """The bound is convex in one multiplier: narrow it down by the lines that support it."""
        left: Line | None = None
        right: Line | None = None
        tried: dict[int, int] = {}
        weight = weights[k]
        for _ in range(TRIALS):
            trial = (*weights[:k], weight, *weights[k + 1 :])
            priced = self.priced(level, trial)
            tried[weight] = priced.bound - _sum(trial, values)
            slope = _slope(self.gains[k], priced.flow, values[k])
            if abs(slope) <= self._rounding(k):
                break
            line = (weight, tried[weight], slope)
            left, right = (line, right) if slope < 0 else (left, line)
            weight = self._next(weight, left, right)
            if weight in tried:
                break
        return min(tried, key=lambda known: (tried[known], known))

    def _next(
        self,
        weight: int,
        left: Line | None,
        right: Line | None,
    ) -> int:
        """Where two supporting lines cross; without one on the right, further out."""
        if right is None:
            return min(max(1, 4 * weight), self._farthest)
        if left is None:
            return 0
        rise = right[1] - left[1] - right[2] * right[0] + left[2] * left[0]
        crossing = rise // (left[2] - right[2])
        return crossing if left[0] < crossing < right[0] else crossing + 1

    def _rounding(self, level: int) -> int:
        """What a relaxed plan, rounded to kilograms, may miss: it has few broken lanes."""
        if not self.parts.drying.any():
            return 0
        nodes = len(self.parts.network.supply_kg) + len(self.parts.network.demand_kg)
        return nodes * int(np.abs(self.gains[level].lane).max(initial=0))

    @property
    def _farthest(self) -> int:
        """A weight that keeps combined gains inside the solver's range."""
        steepest = max(int(np.abs(gain.lane).max(initial=1)) for gain in self.gains)
        nodes = len(self.parts.network.supply_kg) + len(self.parts.network.demand_kg) + 2
        return max(1, 2**60 // (max(1, steepest) * nodes))


def _slope(gain: Gain, flow: Flow, value: int) -> int:
    return dot(gain.lane, flow.lane) + dot(gain.held, flow.supply_held) - value


def _sum(weights: Sequence[int], values: Sequence[int]) -> int:
    return sum(weight * value for weight, value in zip(weights, values, strict=False))
