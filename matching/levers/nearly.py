"""The lanes a market nearly has: pairs that lose money, or lie up to twice as far as they may."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matching.lanes import Book, Failed, Nodes, lane_cost
from matching.lanes.pairs import node_at
from matching.lanes.reach import Sites
from matching.problem import MAX_ROAD_M, Demand, Mode, Problem, Settings, Supply

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: How many times its limit a pair may lie apart and still be looked at.
STRETCH = 2


@dataclass(frozen=True, slots=True)
class Nearly:
    """Lanes only price or distance keeps shut, in (supply node, demand node) order.

    Attributes
    ----------
    supply, demand
        The two nodes.
    pair
        Equal for the months of one pair of orders.
    failed
        Bits of :class:`~matching.lanes.Failed`.
    missing
        Fen per tonne the pair lacks; 0 where price is no hindrance.
    beyond_m
        Road metres past the limit of the pair; 0 within it.
    """

    supply: Ints
    demand: Ints
    pair: Ints
    failed: Ints
    missing: Ints
    beyond_m: Ints

    def __len__(self) -> int:
        return len(self.supply)


def nearly(problem: Problem, book: Book, supplies: Bools, demands: Bools) -> Nearly:
    """The nearly permitted lanes from some supply nodes to some demand nodes.

    Parameters
    ----------
    supplies, demands
        Shapes (supply nodes,) and (demand nodes,): which may be at their ends.
    """
    if problem.lanes is None:
        found = _in_space(problem, book, supplies, demands)
    else:
        found = _listed(problem, book)
    keep = (found.failed != 0) & supplies[found.supply] & demands[found.demand]
    columns = (found.supply, found.demand, found.pair, found.failed, found.missing, found.beyond_m)
    return Nearly(*(column[keep] for column in columns))


def _listed(problem: Problem, book: Book) -> Nearly:
    """Listed lanes that lose money and break no other rule."""
    lanes = book.lanes
    shut = np.flatnonzero(lanes.failed == Failed.PRICE)
    return Nearly(
        lanes.supply[shut],
        lanes.demand[shut],
        lanes.pair[shut],
        lanes.failed[shut].astype(np.int64),
        _missing(problem, lanes.surplus[shut]),
        np.zeros(len(shut), dtype=np.int64),
    )


def _in_space(problem: Problem, book: Book, supplies: Bools, demands: Bools) -> Nearly:
    """Pairs within the stretched limits, between orders that have one of these nodes."""
    giving, taking = np.unique(book.supply.order[supplies]), np.unique(book.demand.order[demands])
    offers = [problem.supplies[row] for row in _rows(book.supply, giving)]
    needs = [problem.demands[row] for row in _rows(book.demand, taking)]
    first, second, road_m = _stretched(offers, needs, problem.settings).pairs()
    limit = Sites(offers, needs, problem.settings).pair_limit(first, second)
    margin = _prices(book.demand, taking)[second] - _prices(book.supply, giving)[first]
    missing = _missing(problem, margin - lane_cost(road_m, problem.settings))
    beyond = np.maximum(0, road_m - limit)
    failed = Failed.DISTANCE * (beyond > 0) + Failed.PRICE * (missing > 0)
    supply, demand, pair = _in_months(book, giving[first], taking[second])
    return Nearly(supply, demand, pair, failed[pair], missing[pair], beyond[pair])


def _stretched(offers: Sequence[Supply], needs: Sequence[Demand], settings: Settings) -> Sites:
    """The same orders with limits that many times as far."""
    return Sites(
        [replace(each, max_m=_far(each.max_m)) for each in offers],
        [replace(each, max_m=_far(each.max_m)) for each in needs],
        replace(settings, max_m=min(settings.max_m * STRETCH, MAX_ROAD_M)),
    )


def _far(max_m: int | None) -> int | None:
    return None if max_m is None else min(max_m * STRETCH, MAX_ROAD_M)


def _in_months(book: Book, first: Ints, second: Ints) -> tuple[Ints, Ints, Ints]:
    """The nodes of pairs of orders in every month both have one, and which pair each is of."""
    width = book.horizon.last - book.horizon.first + 1
    month = np.tile(np.arange(width) + book.horizon.first, len(first))
    pair = np.repeat(np.arange(len(first)), width)
    supply = node_at(book.supply, first[pair], month)
    demand = node_at(book.demand, second[pair], month)
    met = (supply >= 0) & (demand >= 0)
    return supply[met], demand[met], pair[met]


def _rows(nodes: Nodes, orders: Ints) -> list[int]:
    rows: list[int] = nodes.terms[nodes.starts[orders]].tolist()
    return rows


def _prices(nodes: Nodes, orders: Ints) -> Ints:
    return nodes.price[nodes.starts[orders]]


def _missing(problem: Problem, surplus: Ints) -> Ints:
    """Fen per tonne a market lacks; a plan asks for none."""
    if problem.settings.mode is Mode.PLAN:
        return np.zeros(len(surplus), dtype=np.int64)
    return np.maximum(0, -surplus - problem.settings.support)
