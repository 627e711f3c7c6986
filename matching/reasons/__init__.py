"""Why a row of an order, or what is left of it, was not placed.

A row passes stages and carries the code of the one it fell at: is there anybody for the material
and within reach, in this month, at a price that leaves a surplus, for lots of this size, at costs
that are covered, and with room left, here or through a silo. A code and its details are facts about
the problem and the plan that the verifier looks up again; ``matching/README.md`` lists them.

The lanes of a row are those of its own month and of the months its own silo joins to it: later ones
for a producer, earlier ones for a consumer.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from matching.lanes import Book, Failed, near
from matching.network import Flow, Network
from matching.outcome import OrderResult, Reason
from matching.problem import Mode, Problem, Side
from matching.reasons import crowding, rooms
from matching.reasons.balance import Balance
from matching.reasons.chains import Chains
from matching.reasons.crowding import Because, Crowding

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def explain(problem: Problem, book: Book, network: Network, flow: Flow) -> tuple[OrderResult, ...]:
    """One line per row, supplies first, each side in (id, month) order.

    Parameters
    ----------
    book
        All lanes in reach, permitted or not.
    network, flow
        The permitted lanes, in the book's order, and the plan on them.
    """
    balance = Balance.of(network, flow)
    crowded = crowding.both_sides(problem, book, network, flow, balance)
    return tuple(
        line for side in Side for line in _lines(problem, book, side, balance, crowded[side])
    )


def placed(book: Book, balance: Balance, side: Side) -> tuple[Ints, Ints]:
    """Kilograms of each node's row that are shipped, and kilograms of its order's opening stock.

    A producer's stock leaves first: what of it is shipped. A consumer's meets its own need first:
    what of the row's need it met.
    """
    nodes, used = book.nodes(side), balance.used[side]
    if side is Side.DEMAND:
        return used, nodes.kg - nodes.own_kg
    from_stock = np.minimum(used, nodes.own_kg - nodes.kg)
    return used - from_stock, from_stock


def _lines(
    problem: Problem, book: Book, side: Side, balance: Balance, crowded: Crowding
) -> Iterator[OrderResult]:
    nodes, orders = book.nodes(side), problem.orders(side)
    shipped, from_stock = placed(book, balance, side)
    left = nodes.kg - shipped - (from_stock if side is Side.DEMAND else 0)
    rows = np.flatnonzero(nodes.row >= 0)
    because = _Stages(problem, book, side, crowded).of(rows[left[rows] > 0])
    columns = (rows, nodes.row[rows], nodes.kg[rows], shipped[rows], from_stock[rows])
    for node, row, kg, done, stock in zip(*(each.tolist() for each in columns), strict=True):
        reason, detail = because.get(node) or (_settled(side, kg, done), {})
        told = {"from_stock": stock, **detail} if stock else detail
        yield OrderResult(side, orders[row].id, kg, done, reason, told, orders[row].month)


def _settled(side: Side, kg: int, shipped: int) -> Reason:
    """The code of a row of which nothing is open."""
    if not kg:
        return Reason.ZERO
    return Reason.PLACED if shipped or side is Side.SUPPLY else Reason.STOCK


class _Stages:
    """The stages that open rows of one side pass, in order."""

    def __init__(self, problem: Problem, book: Book, side: Side, crowded: Crowding) -> None:
        pairs = book.pairs
        self.problem, self.book, self.side, self.crowded = problem, book, side, crowded
        self.order, self.orders = book.nodes(side).order, len(book.nodes(side).ids)
        self.pair = pairs.supply if side is Side.SUPPLY else pairs.demand
        self.chains = Chains(book, side)
        self.live = _live(book, side)
        self.pays = self.live & (book.lanes.failed & Failed.PRICE == 0)
        self.free = self.live & (book.lanes.failed == 0)

    def of(self, nodes: Ints) -> dict[int, Because]:
        """The reason of each of these nodes, whose rows have something open."""
        tell = (self._alone, self._another_month, self._unpaid, self._misfit, self._crowded)
        stage = np.select(self._fallen(nodes), range(len(tell) - 1), len(tell) - 1)
        found: dict[int, Because] = {}
        for k, told in enumerate(tell):
            found.update(told(nodes[stage == k]))
        return found

    def _fallen(self, nodes: Ints) -> list[Bools]:
        """Which nodes do not pass each stage but the last."""
        paying = self.pair[_missing(self.problem, self.book) <= 0]
        meets = np.bincount(self.pair, minlength=self.orders)[self.order[nodes]] > 0
        elsewhere = np.bincount(paying, minlength=self.orders)[self.order[nodes]] > 0
        here = self.chains.any(self.live, nodes)
        return [
            ~meets,
            ~here & elsewhere,
            ~self.chains.any(self.pays, nodes),
            ~self.chains.any(self.free, nodes),
        ]

    def _alone(self, nodes: Ints) -> dict[int, Because]:
        """Nobody is in reach in any month."""
        listed = self.problem.lanes is not None
        code = Reason.NO_LANE_LISTED if listed else Reason.NO_LANE_MATERIAL
        found: dict[int, Because] = {node: (code, {}) for node in nodes.tolist()}
        if not listed and len(nodes):
            found.update(_nearest(self.problem, self.book, self.side, nodes))
        return found

    def _another_month(self, nodes: Ints) -> dict[int, Because]:
        """Somebody is in reach and pays, but has no lane or no tonnes in this month."""
        paying = self.pair[_missing(self.problem, self.book) <= 0]
        count = np.bincount(paying, minlength=self.orders)[self.order[nodes]]
        return _each(nodes, Reason.MONTH, counterparts=count)

    def _unpaid(self, nodes: Ints) -> dict[int, Because]:
        """Every lane loses money, or every pair where this month has no lane."""
        here = self.chains.any(self.live, nodes)
        order = self.order[nodes]
        count = np.bincount(self.pair, minlength=self.orders)[order]
        count[here] = self.chains.counterparts(self.live, nodes[here])
        least = np.full(self.orders, np.iinfo(np.int64).max)
        np.minimum.at(least, self.pair, _missing(self.problem, self.book))
        missing = least[order]
        best = self.chains.greatest(self.book.lanes.surplus, self.live, nodes[here])
        missing[here] = -best - self.problem.settings.support
        return _each(nodes, Reason.PRICE, counterparts=count, missing=missing)

    def _misfit(self, nodes: Ints) -> dict[int, Because]:
        """No counterpart could take a lot of the size, were it empty."""
        lanes, asking = self.chains.lanes(nodes)
        paying = self.pays[lanes]
        fits = rooms.at_most(self.problem, self.book, lanes[paying]).nearest(asking[paying])
        return self._with_counterparts(nodes, self.pays, fits.__getitem__)

    def _crowded(self, nodes: Ints) -> dict[int, Because]:
        """A lane is permitted: the plan itself is in the way."""
        return self._with_counterparts(nodes, self.free, self.crowded.because)

    def _with_counterparts(
        self, nodes: Ints, lanes: Bools, because: Callable[[int], Because]
    ) -> dict[int, Because]:
        count = self.chains.counterparts(lanes, nodes).tolist()
        found: dict[int, Because] = {}
        for node, counterparts in zip(nodes.tolist(), count, strict=True):
            reason, detail = because(node)
            found[node] = reason, {"counterparts": counterparts, **detail}
        return found


def _live(book: Book, side: Side) -> Bools:
    """Lanes whose other end has tonnes in the month; all of them in a problem without months."""
    if not book.horizon.dated:
        return np.ones(len(book.lanes), dtype=np.bool_)
    there = book.nodes(side.opposite).most[book.lanes.ends(side.opposite)]
    return (there > 0) & (book.lanes.kg > 0)


def _missing(problem: Problem, book: Book) -> Ints:
    """Fen per tonne that each pair of orders lacks; nothing is lacking in a plan."""
    pairs = book.pairs
    if problem.settings.mode is Mode.PLAN:
        return np.zeros(len(pairs), dtype=np.int64)
    ask = book.supply.price[book.supply.starts[pairs.supply]]
    bid = book.demand.price[book.demand.starts[pairs.demand]]
    return ask + pairs.cost - bid - problem.settings.support


def _nearest(problem: Problem, book: Book, side: Side, nodes: Ints) -> dict[int, Because]:
    """Rows whose material somebody handles, but too far away."""
    found = near(problem, book, side, nodes)
    far = found.counterparts > 0
    return _each(
        found.node[far],
        Reason.NO_LANE_DISTANCE,
        counterparts=found.counterparts[far],
        limit_m=(found.road_m - found.metres)[far],
        nearest_m=found.road_m[far],
    )


def _each(nodes: Ints, reason: Reason, **columns: Ints) -> dict[int, Because]:
    """The same code for several nodes, with their figures."""
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return {
        node: (reason, dict(zip(columns, row, strict=True)))
        for node, row in zip(nodes.tolist(), rows, strict=True)
    }
