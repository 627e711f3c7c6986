"""What each side of a match pays and gets.

The rule ``midpoint`` halves the match's surplus: for a margin m = bid − ask − cost + support ≥ 0
the producer gets ask + ⌈m/2⌉ and the consumer pays bid − ⌊m/2⌋, so the odd fen is the producer's
and consumer price − producer price = cost − support, to the fen. The rule ``midpoint_5`` moves
the producer price to the nearest whole multiple of 5 CNY/t, half way upwards, where one lies
inside both limits, so that a price tells neither side the other's limit to the fen. The rule
``shadow`` takes one price per order and month where there is one (:mod:`matching.shadow`), and the
midpoint elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching import shadow
from matching.lanes import Book
from matching.network import Flow, Gain, Network, holding
from matching.outcome import Match, Totals
from matching.problem import Mode, PriceRule, Problem, Settings

Ints = npt.NDArray[np.int64]

#: The step of the rule ``midpoint_5``, fen per tonne.
STEP = 500


@dataclass(frozen=True, slots=True)
class Amounts:
    """The money of one match in fen: consumer + support = producer + freight."""

    consumer: int
    producer: int
    freight: int
    support: int


@dataclass(frozen=True, slots=True)
class Posted:
    """Prices on the lanes in use, shape (used lanes,), fen per tonne.

    Attributes
    ----------
    components, shadow_components
        How many components trade, and on how many of them the rule ``shadow`` found its prices;
        both 0 under another rule.
    """

    producer: Ints
    consumer: Ints
    support: Ints
    components: int = 0
    shadow_components: int = 0


def post(problem: Problem, book: Book, network: Network, flow: Flow) -> Posted:
    """The prices of a plan on the network of the book's permitted lanes."""
    lanes = book.lanes.only(book.lanes.permitted)
    used = np.flatnonzero(flow.lane)
    ask, bid = book.supply.price[lanes.supply[used]], book.demand.price[lanes.demand[used]]
    support = support_per_tonne(problem.settings, lanes.surplus[used])
    split = in_steps if problem.settings.price_rule is PriceRule.MIDPOINT_5 else midpoint
    producer, consumer = split(ask, bid, lanes.cost[used], support)
    if problem.settings.price_rule is not PriceRule.SHADOW:
        return Posted(producer, consumer, support)
    margin = lanes.surplus + support_per_tonne(problem.settings, lanes.surplus)
    gain = Gain(margin, -holding(problem, book))
    one = shadow.one_price(network, gain, flow, book.supply.price, book.demand.price)
    inside = one.lane[used]
    producer[inside] = one.producer[lanes.supply[used[inside]]]
    consumer[inside] = one.consumer[lanes.demand[used[inside]]]
    return Posted(producer, consumer, support, one.trading, one.components)


def support_per_tonne(settings: Settings, surplus: Ints) -> Ints:
    """Public money per tonne: the setting in market mode, in plan mode what the match needs."""
    if settings.mode is Mode.PLAN:
        return np.maximum(0, -surplus)
    return np.full(len(surplus), settings.support, dtype=np.int64)


def midpoint(ask: Ints, bid: Ints, cost: Ints, support: Ints) -> tuple[Ints, Ints]:
    """Producer and consumer price, fen per tonne, element by element."""
    margin = bid - ask - cost + support
    return ask + (margin + 1) // 2, bid - margin // 2


def in_steps(ask: Ints, bid: Ints, cost: Ints, support: Ints) -> tuple[Ints, Ints]:
    """As :func:`midpoint`, with the producer price in whole steps where one keeps both limits.

    The step nearest to the middle is the first to lie inside, so no other need be tried.
    """
    spread = cost - support
    step = (ask + bid - spread + STEP) // (2 * STEP) * STEP
    inside = (ask <= step) & (step <= bid - spread)
    producer = np.where(inside, step, midpoint(ask, bid, cost, support)[0])
    return producer, producer + spread


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
