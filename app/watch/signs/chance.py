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
"""Gross and tare in steps of their scale."""


def coincidence(cells: Sequence[Cell], reach: int) -> float:
    """The chance that two honest weighings show the same gross and the same tare.

    Taken from those that nearly do: where weights vary by more than a few steps of the scale, two
    that lie `reach` steps apart or less are as likely to differ by one amount as by another, so the
    exact repeats are to be as many as there are near ones per amount. Estimated over both weights,
    over gross alone among equal tares and the other way round (a yard may keep a truck's tare);
    the largest counts. The commonest pair of weights is left out, so that copies do not excuse
    themselves; one near pair is added, so that a few weighings prove little.
    """
    others = _without_commonest(cells)
    return _highest_rate(_near_pairs(others, reach), comb(len(others), 2), reach)


def coincidence_between(trucks: Iterable[Sequence[Cell]], reach: int) -> float:
    """The same of weighings of different trucks: one truck's own resemble each other more."""
    trucks = list(trucks)
    commonest = _commonest(cell for cells in trucks for cell in cells)
    trucks = [[cell for cell in cells if cell != commonest] for cells in trucks]
    every = [cell for cells in trucks for cell in cells]
    near = _near_pairs(every, reach)
    for cells in trucks:
        near.subtract(_near_pairs(cells, reach))
    pairs = comb(len(every), 2) - sum(comb(len(cells), 2) for cells in trucks)
    return _highest_rate(near, pairs, reach)


def _near_pairs(cells: Iterable[Cell], reach: int) -> Counter[Cell]:
    """How many pairs differ by each amount; of an amount and its opposite only one is counted."""
    counts = Counter(cells)
    return Counter({offset: _pairs_apart(counts, offset) for offset in _offsets(reach)})


def _without_commonest(cells: Sequence[Cell]) -> list[Cell]:
    commonest = _commonest(cells)
    return [cell for cell in cells if cell != commonest]


def _commonest(cells: Iterable[Cell]) -> Cell | None:
    found = Counter(cells).most_common(1)
    return found[0][0] if found else None


def _offsets(reach: int) -> list[Cell]:
    span = range(-reach, reach + 1)
    return [(gross, tare) for gross in span for tare in span if (gross, tare) > (0, 0)]


def _pairs_apart(counts: dict[Cell, int], offset: Cell) -> int:
    moved = ((cell, (cell[0] + offset[0], cell[1] + offset[1])) for cell in counts)
    return sum(counts[cell] * counts[there] for cell, there in moved if there in counts)


def _highest_rate(near: Counter[Cell], pairs: int, reach: int) -> float:
    offsets = _offsets(reach)
    same_gross = [offset for offset in offsets if offset[0] == 0]
    same_tare = [offset for offset in offsets if offset[1] == 0]
    return max(_rate(near, line, pairs) for line in (offsets, same_gross, same_tare))


def _rate(near: Counter[Cell], line: list[Cell], pairs: int) -> float:
    """Per signed amount: every unsigned offset of the line stands for two of them."""
    found = max(0, sum(near[offset] for offset in line))
    return min(1.0, (found + 1) / (2 * len(line) * max(1, pairs)))


def repeats(times: int, weighings: int, chance: float) -> float:
    """How many groups of so many equal weighings are to be expected among honest ones.

    `chance` is that of a pair. Weights gather round a middle; where they do so as two normal
    weights, a group of `times` has the chance (2 · chance)^(times − 1) ÷ times.
    """
    groups = lgamma(weighings + 1) - lgamma(times + 1) - lgamma(weighings - times + 1)
    return exp(min(groups + (times - 1) * log(min(1.0, 2 * chance)) - log(times), 700))


def odds(chance: float) -> int:
    """One in so many."""
    one_in = 1 / chance if chance > 0 else inf
    return int(min(one_in, MOST_ODDS))
