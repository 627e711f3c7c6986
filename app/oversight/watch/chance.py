"""How likely honest weighings look like invented ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import comb, erf, exp, inf, lgamma, log, log1p, sqrt

MOST_ODDS = 10**12
"""Odds above are all written as this: nobody can tell them apart."""
DIVISIONS = (100, 50, 20, 10)
"""Steps of vehicle scales in kilograms: 1, 2 or 5 times a power of ten (GB/T 7723, OIML R 76)."""
ON_STEP = 0.95
"""The share of weights on a step from which on it is the scale's own; some are typed by hand."""


def division(weights: Sequence[int]) -> int:
    """The step in which a scale shows its weights, kilograms; 1 for one that shows none."""
    fitting = (
        step
        for step in DIVISIONS
        if sum(weight % step == 0 for weight in weights) >= ON_STEP * len(weights)
    )
    return next(fitting, 1)


def at_least(successes: int, trials: int, chance: float) -> float:
    """The probability of so many successes or more in independent trials."""
    if successes <= 0:
        return 1.0
    return min(1.0, sum(_exactly(k, trials, chance) for k in range(successes, trials + 1)))


def _exactly(successes: int, trials: int, chance: float) -> float:
    ways = lgamma(trials + 1) - lgamma(successes + 1) - lgamma(trials - successes + 1)
    return exp(ways + successes * log(chance) + (trials - successes) * log1p(-chance))


def commonest_share(spread_kg: int, step: int) -> float:
    """The share of the commonest reading of a normal weight with that standard deviation."""
    return erf(step / (2 * sqrt(2) * spread_kg))


Cell = tuple[int, int]


def coincidence(cells: Iterable[Cell], reach: int) -> float:
    """The chance that two honest weighings show the same gross and the same tare.

    Taken from those that nearly do: where weights vary by more than a few steps of the scale, two
    that lie `reach` steps apart or less are as likely to differ by one amount as by another, so the
    exact repeats are to be as many as there are near ones per amount. Estimated over both weights,
    over gross alone among equal tares and the other way round (a yard may keep a truck's tare);
    the largest counts. Copies of one ticket count twice at most, so that they do not excuse
    themselves; one near pair is added, so that a few weighings prove little.
    """
    counts = {cell: min(2, count) for cell, count in Counter(cells).items()}
    pairs = comb(sum(counts.values()), 2)
    if pairs == 0:
        return 1.0
    span = range(-reach, reach + 1)
    offsets = [(row, column) for row in span for column in span if (row, column) > (0, 0)]
    near = {offset: _pairs_apart(counts, offset) for offset in offsets}
    lines = (
        offsets,
        [offset for offset in offsets if offset[0] == 0],
        [offset for offset in offsets if offset[1] == 0],
    )
    return max(_rate(near, line, pairs) for line in lines)


def _pairs_apart(counts: dict[Cell, int], offset: Cell) -> int:
    moved = ((cell, (cell[0] + offset[0], cell[1] + offset[1])) for cell in counts)
    return sum(counts[cell] * counts[there] for cell, there in moved if there in counts)


def _rate(near: dict[Cell, int], line: list[Cell], pairs: int) -> float:
    """Per signed amount: every unsigned offset of the line stands for two of them."""
    return min(1.0, (sum(near[offset] for offset in line) + 1) / (2 * len(line) * pairs))


def repeats(times: int, weighings: int, chance: float) -> float:
    """How many groups of so many equal weighings are to be expected among honest ones."""
    ways = lgamma(weighings + 1) - lgamma(times + 1) - lgamma(weighings - times + 1)
    return exp(min(ways + (times - 1) * log(chance), 700))


def odds(chance: float) -> int:
    """One in so many."""
    one_in = 1 / chance if chance > 0 else inf
    return int(min(one_in, MOST_ODDS))
