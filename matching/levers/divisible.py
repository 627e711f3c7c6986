"""A market as if everything in it could be divided: what levers are reckoned on."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matching import lanes, network
from matching.lanes import Book, Failed
from matching.network import Network
from matching.problem import MILLI, Problem

Ints = npt.NDArray[np.int64]

#: Rules that only indivisible orders know.
LOTS = Failed.MINIMUM | Failed.LOT


@dataclass(frozen=True, slots=True)
class Divisible:
    """The relaxation of a market.

    No plan of the market places more than the network can. ``exact`` is whether nothing had to be
    relaxed, so that the two place the same.
    """

    book: Book
    network: Network
    exact: bool


def of(problem: Problem, *, any_price: bool = False) -> Divisible:
    """The relaxation of a problem's permitted lanes, or of all whatever they lose."""
    book = lanes.build(problem)
    ignored = LOTS | Failed.PRICE if any_price else LOTS
    whole = not (book.lanes.failed & LOTS).any()
    opened = replace(book.lanes, failed=book.lanes.failed & np.uint8(~ignored & 0xFF))
    book = replace(book, lanes=opened)
    market = network.of(problem, book)
    roomy = replace(market, demand_kg=_room(market), lots=None)
    return Divisible(book, roomy, whole and market.lots is None)


def _room(market: Network) -> Ints:
    """What each demand could take of the goods that use the least of its room."""
    if market.lots is None or (market.lots.lane_use_milli >= MILLI).all():
        return market.demand_kg
    least = np.full(len(market.demand_kg), MILLI, dtype=np.int64)
    np.minimum.at(least, market.lane_demand, market.lots.lane_use_milli)
    return market.demand_kg * MILLI // least
