"""Pairs a rule keeps apart, with the rules and by how much: what reasons are told from.

They are looked up only for the nodes that ask. A node whose order has pairs in reach gets its
rejected lanes and the pairs that are open in another month only; one whose order has none gets the
nearest order that handles its material; failing that, the nearest order of all.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from matching.lanes.book import Book, Failed, capacity
from matching.lanes.nodes import Nodes
from matching.lanes.pairs import sites_of
from matching.lanes.reach import Nearest, lane_cost
from matching.problem import Mode, Problem, Side

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Near:
    """Near-lanes in (node, other, month) order; every array has shape (near-lanes,).

    Attributes
    ----------
    node
        The node that asks.
    other
        The order it cannot trade with, as position in the ids of the opposite side.
    month
        The month of that order nearest to the node's own.
    failed
        Bits of :class:`~matching.lanes.Failed`, never 0.
    price
        Fen per tonne by which surplus and support fall short of nothing.
    metres
        Road metres beyond the limit of the pair.
    months
        Months apart.
    kg
        Kilograms by which the least match or the undivided row passes what the lane could carry.
    road_m
        Road metres between the two, where MATERIAL or DISTANCE failed; otherwise 0.
    counterparts
        Where DISTANCE failed, how many orders handle the material; otherwise 0.
    """

    node: Ints
    other: Ints
    month: Ints
    failed: Ints
    price: Ints
    metres: Ints
    months: Ints
    kg: Ints
    road_m: Ints
    counterparts: Ints

    def __len__(self) -> int:
        return len(self.node)


def near(problem: Problem, book: Book, side: Side, nodes: Ints) -> Near:
    """The near-lanes of these nodes of one side."""
    look = _Look(problem, book, side)
    parts = [look.rejected(nodes), look.other_months(nodes)]
    if problem.lanes is None:
        parts.append(look.beyond(nodes))
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Near)
    }
    order = np.lexsort((columns["month"], columns["other"], columns["node"]))
    return Near(**{name: column[order] for name, column in columns.items()})


class _Look:
    """One problem seen from one side."""

    def __init__(self, problem: Problem, book: Book, side: Side) -> None:
        self.problem, self.book, self.side = problem, book, side
        self.here, self.there = book.nodes(side), book.nodes(side.opposite)
        pairs = book.pairs
        self.own = pairs.supply if side is Side.SUPPLY else pairs.demand
        self.others = pairs.demand if side is Side.SUPPLY else pairs.supply

    def rejected(self, nodes: Ints) -> Near:
        """The book's lanes at these nodes that a rule forbids."""
        lanes, end = self.book.lanes, self.book.lanes.ends(self.side)
        asked = np.zeros(len(self.here), dtype=np.bool_)
        asked[nodes] = True
        lane = np.flatnonzero(asked[end] & (lanes.failed != 0))
        failed = lanes.failed[lane].astype(np.int64)
        other = lanes.ends(self.side.opposite)[lane]
        return _near(
            node=end[lane],
            other=self.there.order[other],
            month=self.there.month[other],
            failed=failed,
            price=self._missing(lanes.surplus[lane]),
            kg=self._too_large(lane, failed),
        )

    def other_months(self, nodes: Ints) -> Near:
        """Pairs in reach without a lane in the node's month: the nearest month they are open."""
        node, pair = self._pairs_of(nodes)
        shut = ~np.isin(self._key(node, pair), self._lane_keys(nodes))
        node, pair, month = self._nearest_open(node[shut], pair[shut])
        price = self._missing(self._margin(node, self.others[pair], self.book.pairs.cost[pair]))
        return _near(
            node=node,
            other=self.others[pair],
            month=month,
            failed=Failed.MONTH + Failed.PRICE * (price > 0),
            price=price,
            months=np.abs(month - self.here.month[node]),
        )

    def beyond(self, nodes: Ints) -> Near:
        """The nearest order in space, for nodes whose order has no pair at all."""
        alone = np.setdiff1d(self.here.order[nodes], self.own)
        sites = sites_of(self.problem, self.book.supply, self.book.demand)
        fits = sites.nearest(self.side, alone)
        stranger = np.setdiff1d(alone, np.array([*fits], dtype=np.int64))
        apart = sites.nearest_of_any(self.side, stranger)
        nodes = nodes[np.isin(self.here.order[nodes], np.array([*fits, *apart], dtype=np.int64))]
        return self._in_space(nodes, fits | apart, np.isin(self.here.order[nodes], [*apart]))

    def _in_space(self, nodes: Ints, nearest: dict[int, Nearest], stranger: Bools) -> Near:
        found = [nearest[order] for order in self.here.order[nodes].tolist()]
        other, road_m, limit_m, counterparts = (
            np.array([getattr(each, name) for each in found], dtype=np.int64)
            for name in ("order", "road_m", "limit_m", "counterparts")
        )
        cost = lane_cost(road_m, self.problem.settings)
        price = self._missing(self._margin(nodes, other, cost))
        month = _nearest_month(self.there, other, self.here.month[nodes])
        months = np.abs(month - self.here.month[nodes])
        failed = (
            Failed.MATERIAL * stranger
            + Failed.DISTANCE * (road_m > limit_m)
            + Failed.MONTH * (months > 0)
            + Failed.PRICE * (price > 0)
        )
        return _near(
            node=nodes,
            other=other,
            month=month,
            failed=failed,
            price=price,
            metres=np.maximum(0, road_m - limit_m),
            months=months,
            road_m=road_m,
            counterparts=np.where(stranger, 0, counterparts),
        )

    def _missing(self, surplus: Ints) -> Ints:
        """Fen per tonne that a market lacks; a plan asks for none."""
        if self.problem.settings.mode is Mode.PLAN:
            return np.zeros(len(surplus), dtype=np.int64)
        return np.maximum(0, -surplus - self.problem.settings.support)

    def _margin(self, node: Ints, other: Ints, cost: Ints) -> Ints:
        mine, theirs = self.here.price[node], self.there.price[self.there.starts[other]]
        return (theirs - mine if self.side is Side.SUPPLY else mine - theirs) - cost

    def _too_large(self, lane: Ints, failed: Ints) -> Ints:
        lanes, most = self.book.lanes, capacity(self.book)[lane]
        least = np.where(failed & Failed.MINIMUM, lanes.min_kg[lane], 0)
        lot = np.where(failed & Failed.LOT, self.book.supply.own_kg[lanes.supply[lane]], 0)
        return np.maximum(0, np.maximum(least, lot) - most)

    def _pairs_of(self, nodes: Ints) -> tuple[Ints, Ints]:
        """Every pair of the order of each node."""
        by_own = np.argsort(self.own, kind="stable")
        bounds = np.searchsorted(self.own[by_own], np.arange(len(self.here.ids) + 1))
        start = bounds[self.here.order[nodes]]
        count = bounds[self.here.order[nodes] + 1] - start
        return np.repeat(nodes, count), by_own[_ranges(start, count)]

    def _lane_keys(self, nodes: Ints) -> Ints:
        lanes, end = self.book.lanes, self.book.lanes.ends(self.side)
        asked = np.zeros(len(self.here), dtype=np.bool_)
        asked[nodes] = True
        return self._key(end, lanes.pair)[asked[end]]

    def _key(self, node: Ints, pair: Ints) -> Ints:
        return node * len(self.book.pairs) + pair

    def _nearest_open(self, node: Ints, pair: Ints) -> tuple[Ints, Ints, Ints]:
        """For each node and pair the nearest month in which the pair is open, if there is one."""
        pairs, own_month = self.book.pairs, self.here.month
        bounds = np.searchsorted(pairs.line_pair, np.arange(len(pairs) + 1))
        count = bounds[pair + 1] - bounds[pair]
        line = _ranges(bounds[pair], count)
        node, pair = np.repeat(node, count), np.repeat(pair, count)
        fixed = pairs.line_month[line]
        month = _nearest_month(
            self.there, self.others[pair], np.where(fixed < 0, own_month[node], fixed)
        )
        met = (fixed < 0) | (month == fixed)
        node, pair, month = node[met], pair[met], month[met]
        order = np.lexsort((np.abs(month - own_month[node]), pair, node))
        node, pair, month = node[order], pair[order], month[order]
        _, first = np.unique(self._key(node, pair), return_index=True)
        return node[first], pair[first], month[first]


def _near(node: Ints, other: Ints, month: Ints, failed: Ints, **slack: Ints) -> Near:
    """Near-lanes whose other slacks are 0."""
    none = np.zeros(len(node), dtype=np.int64)
    rest = {field.name: slack.get(field.name, none) for field in fields(Near)[4:]}
    return Near(node, other, month, failed.astype(np.int64), **rest)


def _nearest_month(nodes: Nodes, order: Ints, month: Ints) -> Ints:
    """The month nearest to the one asked for in which each order has a node."""
    if not len(order):
        return month
    width = int(max(nodes.month.max(), month.max())) + 1
    after = np.searchsorted(nodes.order * width + nodes.month, order * width + month)
    last, first = nodes.starts[order + 1] - 1, nodes.starts[order]
    later = nodes.month[np.minimum(after, last)]
    earlier = nodes.month[np.clip(after - 1, first, last)]
    return np.where(np.abs(later - month) <= np.abs(earlier - month), later, earlier)


def _ranges(start: Ints, count: Ints) -> Ints:
    """start, start + 1, … for each start, as many as its count."""
    return np.arange(int(count.sum())) + np.repeat(start - np.cumsum(count) + count, count)
