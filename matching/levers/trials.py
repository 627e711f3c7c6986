"""Solving a market again with one thing changed, to see whether a row is placed whole.

Only the deciding part of a solve runs (lanes, flow, search); nothing is priced, told or written.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matching import lanes, network, reasons, search
from matching.assignment import Budget
from matching.lanes import Book, Failed
from matching.network import Flow, Gain, Network
from matching.problem import Mode, Problem, Side
from matching.reasons.balance import Balance
from matching.reasons.rooms import at_most, left
from matching.transport import components
from matching.transport.proofs import exact_dot

Ints = npt.NDArray[np.int64]


#: So many rooms are worth a solve each.
MOST_ROOMS = 6


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an order: the side and id it stands under, and its month."""

    side: Side
    id: str
    month: int | None = None

    def node(self, book: Book) -> int:
        """Its node in a book that holds it."""
        nodes, order = book.nodes(self.side), self.order(book)
        months = nodes.month[nodes.starts[order] : nodes.starts[order + 1]]
        return int(nodes.starts[order] + np.searchsorted(months, self.month or 0))

    def order(self, book: Book) -> int:
        """The position of its id."""
        return bisect_left(book.nodes(self.side).ids, self.id)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a market made of a row.

    Attributes
    ----------
    places
        Whether all kilograms of the row are placed, or met from its own stock.
    order_kg
        What its order ships or takes in all months.
    surplus
        The value of the level ``surplus``; ``None`` where it is not pursued.
    """

    places: bool
    order_kg: int
    surplus: int | None


class Trials:
    """Trials of growing changes, each run once."""

    def __init__(self, run: Callable[[int], Trial]) -> None:
        self._run, self._known = run, dict[int, Trial]()

    def at(self, change: int) -> Trial:
        """The trial of one change."""
        if change not in self._known:
            self._known[change] = self._run(change)
        return self._known[change]

    def places(self, change: int) -> bool:
        """Whether the row is placed whole; not so without a change, or nobody would ask."""
        return change > 0 and self.at(change).places


def run(problem: Problem, row: Row, book: Book | None = None) -> Trial:
    """Solve a market, whose book may be given, and look at one row."""
    known = lanes.build(problem) if book is None else book
    net = network.of(problem, known)
    flow, surplus = _planned(problem, known, net)
    nodes, node = known.nodes(row.side), row.node(known)
    shipped, from_stock = reasons.placed(known, Balance.of(net, flow), row.side)
    done = shipped[node] + (from_stock[node] if row.side is Side.DEMAND else 0)
    end = net.lane_supply if row.side is Side.SUPPLY else net.lane_demand
    own = nodes.order[end] == row.order(known)
    return Trial(bool(done == nodes.kg[node]), int(flow.lane[own].sum()), surplus)


def rooms(problem: Problem, row: Row, book: Book) -> list[int]:
    """Kilograms that single lanes of a row could take whole, empty or beside a plan, most first.

    Where everything can be divided they decide nothing, and there are none.
    """
    net = network.of(problem, book)
    node, own = row.node(book), np.flatnonzero(book.lanes.ends(row.side) == row.node(book))
    fits = at_most(problem, book, own).kg
    if net.lots is not None:
        flow, _ = _planned(problem, book, net)
        beside = left(net, flow, Balance.of(net, flow))
        end = beside.supply if row.side is Side.SUPPLY else beside.demand
        fits = np.concatenate([fits, beside.kg[end == node]])
    elif not (book.lanes.failed[own] & (Failed.LOT | Failed.MINIMUM)).any():
        return []
    return sorted(set(fits.tolist()), reverse=True)[:MOST_ROOMS]


def repriced(problem: Problem, book: Book, row: Row, fen: int) -> Book:
    """The book with the row's ask lowered, or its bid raised, by so much: no pair is sought again.

    The price of the nodes stays: nothing that decides a plan looks at it.
    """
    nodes, own = book.nodes(row.side), book.lanes.ends(row.side)
    mine = nodes.order[own] == row.order(book)
    surplus = book.lanes.surplus + np.where(mine, fen, 0)
    failed = book.lanes.failed.copy()
    if problem.settings.mode is Mode.MARKET:
        pays = surplus + problem.settings.support >= 0
        failed[mine & pays] &= np.uint8(~Failed.PRICE & 0xFF)
    return replace(book, lanes=replace(book.lanes, surplus=surplus, failed=failed))


def _planned(problem: Problem, book: Book, net: Network) -> tuple[Flow, int | None]:
    """The plan, and its value at the level ``surplus`` if that is pursued."""
    gains = network.gains(problem, book, net)
    pursued = problem.settings.levels
    level = pursued.index("surplus") if "surplus" in pursued else None
    if net.lots is None:
        flow = components.best(net, gains)
        return flow, None if level is None else _value(gains[level], flow)
    budget = Budget(problem.settings.iterations)
    proven = search.solve(net, gains, budget, workers=1, on_plan=lambda _: None)
    values = None if level is None else sum(proof.value for proof in proven.blocks(level))
    return proven.flow, values


def _value(gain: Gain, flow: Flow) -> int:
    return exact_dot(gain.lane, flow.lane) + exact_dot(gain.held, flow.supply_held)
