"""Whether the money of many clearings adds up to the fen."""

import time
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain, count, islice
from math import floor

from matching.bench import Row
from matching.generate import FLOW_KINDS, LOT_KINDS, generate
from matching.outcome import Match, Outcome
from matching.prices import amounts
from matching.problem import Problem
from matching.solver import solve

CLEARINGS = 10_000
#: Of them so many have indivisible parts, whose search takes longer.
WITH_LOTS = 100
ORDERS = 6


def rows() -> Iterator[Row]:
    """Small markets of every generated kind; those in which nothing trades count too."""
    begun = time.perf_counter()
    divisible = islice(_problems(FLOW_KINDS), CLEARINGS - WITH_LOTS)
    adds_up = [
        _adds_up(solve(problem))
        for problem in chain(divisible, islice(_problems(LOT_KINDS), WITH_LOTS))
    ]
    yield Row(
        f"money over {CLEARINGS:,} clearings",
        "in = out + freight − support, to the fen",
        f"adds up in {sum(adds_up):,}",
        all(adds_up),
        time.perf_counter() - begun,
    )


def _problems(kinds: Iterable[str]) -> Iterator[Problem]:
    for seed in count():
        for kind in kinds:
            yield generate(kind, seed, ORDERS, ORDERS)


def _adds_up(outcome: Outcome) -> bool:
    """Every match, with each sum rounded here on its own, and the totals over all of them."""
    paid = sum(_fen(match.kg, match.price_consumer) for match in outcome.matches)
    freight = sum(_fen(match.kg, match.cost) for match in outcome.matches)
    support = sum(_fen(match.kg, match.support) for match in outcome.matches)
    got = sum(amounts(match).producer for match in outcome.matches)
    totals = outcome.certificate.totals
    return (
        all(map(_is_fair, outcome.matches))
        and paid == got + freight - support
        and (totals.consumer, totals.producer) == (paid, got)
        and (totals.freight, totals.support) == (freight, support)
    )


def _is_fair(match: Match) -> bool:
    """The producer's amount is within a fen and a half of what its price comes to."""
    exact = Fraction(match.kg * match.price_producer, 1_000)
    return abs(amounts(match).producer - exact) <= Fraction(3, 2)


def _fen(kg: int, fen_per_tonne: int) -> int:
    """Rounded half up."""
    return floor(Fraction(kg * fen_per_tonne, 1_000) + Fraction(1, 2))
