"""What each side of a match pays and gets.

The rule ``midpoint`` halves the match's surplus: for a margin m = bid − ask − cost + support ≥ 0
the producer gets ask + ⌈m/2⌉ and the consumer pays bid − ⌊m/2⌋, so the odd fen is the producer's
and consumer price − producer price = cost − support, to the fen.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.outcome import Match, Totals
from matching.problem import Mode, Settings

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Amounts:
    """The money of one match in fen: consumer + support = producer + freight."""

    consumer: int
    producer: int
    freight: int
    support: int


def support_per_tonne(settings: Settings, surplus: Ints) -> Ints:
    """Public money per tonne: the setting in market mode, in plan mode what the match needs."""
    if settings.mode is Mode.PLAN:
        return np.maximum(0, -surplus)
    return np.full(len(surplus), settings.support, dtype=np.int64)


def midpoint(ask: Ints, bid: Ints, cost: Ints, support: Ints) -> tuple[Ints, Ints]:
    """Producer and consumer price, fen per tonne, element by element."""
    margin = bid - ask - cost + support
    return ask + (margin + 1) // 2, bid - margin // 2


def amounts(match: Match) -> Amounts:
    """What changes hands: each sum rounded half up to the fen, the producer's is the difference."""
    consumer = _fen(match.kg, match.price_consumer)
    freight = _fen(match.kg, match.cost)
    support = _fen(match.kg, match.support)
    return Amounts(consumer, consumer + support - freight, freight, support)


def totals(matches: Iterable[Match]) -> Totals:
    """The sums over all matches of kilograms and of amounts already rounded."""
    kg = consumer = producer = freight = support = 0
    for match in matches:
        each = amounts(match)
        kg += match.kg
        consumer += each.consumer
        producer += each.producer
        freight += each.freight
        support += each.support
    return Totals(kg, consumer, producer, freight, support)


def _fen(kg: int, fen_per_tonne: int) -> int:
    return (2 * kg * fen_per_tonne + 1_000) // 2_000
