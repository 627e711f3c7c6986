"""The months of each order, and how much can pass there.

A node is one order in one month. An order without a silo has a node per row. What a producer may
store can leave in any later month, so its nodes run from its first row to the end of the horizon;
what a consumer may store can arrive in any earlier one, so its nodes run from the start of the
horizon to its last row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.problem import Demand, Problem, Side, Supply

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes of one side in (id, month) order; arrays have shape (nodes,) unless they say so.

    Attributes
    ----------
    ids
        The orders' ids, sorted.
    starts
        Shape (orders + 1,): the nodes of order k are ``starts[k]:starts[k + 1]``.
    order, month
        Position in ``ids``, and index of the horizon (0 in a problem without months).
    row
        Position in ``problem.supplies`` or ``problem.demands``, or −1 where the order has no row
        in that month.
    terms
        The same, with the order's last row before it (a consumer's first, if it is the first)
        where it has none: whose terms hold.
    kg
        What the row says, 0 without one.
    own_kg
        What the node gives or needs: a producer's opening stock enters its first node, a
        consumer's meets its own need first, in month order.
    held_kg
        How much can be held over to the next node of the same order; 0 where none may.
    held
        Shape (held arcs,): the nodes from which goods may be held over.
    most
        The most that could ever leave a supply node (its own and what is held over to it), or that
        a demand node could ever take (its own need and what it may hold on).
    price
        The order's ask or bid, fen per tonne.
    """

    ids: tuple[str, ...]
    starts: Ints
    order: Ints
    month: Ints
    row: Ints
    terms: Ints
    kg: Ints
    own_kg: Ints
    held_kg: Ints
    held: Ints
    most: Ints
    price: Ints

    def __len__(self) -> int:
        return len(self.order)


@dataclass(frozen=True, slots=True)
class Horizon:
    """The months a problem spans, both included; ``dated`` is whether its rows name them."""

    first: int
    last: int
    dated: bool

    @classmethod
    def of(cls, problem: Problem) -> "Horizon":
        """From the least to the greatest month of any row."""
        named = [supply.month for supply in problem.supplies]
        named += [demand.month for demand in problem.demands]
        months = {month for month in named if month is not None}
        return cls(min(months, default=0), max(months, default=0), bool(months))


def of_side(problem: Problem, side: Side, horizon: Horizon) -> Nodes:
    """The nodes of one side."""
    orders = problem.orders(side)
    ids, first_row, rows = _ids(orders)
    silo = _column(orders, [order.silo_kg for order in orders])[first_row]
    stock = _column(orders, [order.stock_kg for order in orders])[first_row]
    month = _column(orders, [order.month or 0 for order in orders])
    starts, order, months, row = _months(side, horizon, first_row, rows, month, silo > 0)
    kg = np.zeros(len(order), dtype=np.int64)
    kg[row >= 0] = _column(orders, [each.kg for each in orders])
    held = np.flatnonzero((silo[order] > 0) & (np.arange(len(order)) + 1 < starts[order + 1]))
    own, held_kg = _storage(side, kg, silo[order], stock, starts, order, held)
    return Nodes(
        ids=ids,
        starts=starts,
        order=order,
        month=months,
        row=row,
        terms=_terms(row, first_row[order]),
        kg=kg,
        own_kg=own,
        held_kg=held_kg,
        held=held,
        most=_most(side, own, held_kg),
        price=_column(orders, [_price(each) for each in orders])[first_row][order],
    )


def _ids(orders: Sequence[Supply | Demand]) -> tuple[tuple[str, ...], Ints, Ints]:
    """The distinct ids with each one's first row and number of rows; rows are in id order."""
    ids = [order.id for order in orders]
    first = [k for k, each in enumerate(ids) if k == 0 or each != ids[k - 1]]
    starts = np.array(first, dtype=np.int64)
    return tuple(ids[k] for k in first), starts, np.diff(starts, append=len(ids))


def _column(orders: Sequence[Supply | Demand], values: list[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64, count=len(orders))


def _price(order: Supply | Demand) -> int:
    return order.ask if isinstance(order, Supply) else order.bid


def _spans(
    side: Side, horizon: Horizon, first_row: Ints, rows: Ints, month: Ints, stores: Bools
) -> tuple[Ints, Ints]:
    """First month and number of nodes of each order."""
    first, last = month[first_row], month[first_row + rows - 1]
    if side is Side.SUPPLY:
        begin, end = first, np.full(len(first), horizon.last)
    else:
        begin, end = np.full(len(first), horizon.first), last
    return np.where(stores, begin, first), np.where(stores, end - begin + 1, rows)


def _months(
    side: Side, horizon: Horizon, first_row: Ints, rows: Ints, month: Ints, stores: Bools
) -> tuple[Ints, Ints, Ints, Ints]:
    """Where each order's nodes start; and the order, month and row of each node, −1 for no row."""
    begin, count = _spans(side, horizon, first_row, rows, month, stores)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(count)])
    order = np.repeat(np.arange(len(rows)), count)
    of_row = np.repeat(np.arange(len(rows)), rows)
    rank = np.arange(len(month)) - first_row[of_row]
    at = starts[of_row] + np.where(stores[of_row], month - begin[of_row], rank)
    row = np.full(len(order), -1, dtype=np.int64)
    row[at] = np.arange(len(month))
    months = begin[order] + np.arange(len(order)) - starts[order]
    months[at] = month
    return starts, order, months, row


def _terms(row: Ints, first_row: Ints) -> Ints:
    """Rows grow along the nodes, so the greatest so far is the last; none is before the first."""
    last: Ints = np.maximum(np.maximum.accumulate(row), first_row) if len(row) else row
    return last


def _storage(
    side: Side, kg: Ints, silo: Ints, stock: Ints, starts: Ints, order: Ints, held: Ints
) -> tuple[Ints, Ints]:
    """What each node gives or needs, and what may be held over from it."""
    held_kg = np.zeros(len(kg), dtype=np.int64)
    own = kg.copy()
    if side is Side.SUPPLY:
        own[starts[:-1]] += stock
        held_kg[held] = silo[held]
        return own, held_kg
    covered = _covered(kg, stock, starts, order)
    before = np.where(np.arange(len(kg)) == starts[order], 0, np.roll(covered, 1))
    left = stock[order] - covered
    held_kg[held] = silo[held] - left[held]
    return kg - (covered - before), held_kg


def _covered(kg: Ints, stock: Ints, starts: Ints, order: Ints) -> Ints:
    """How much of the needs up to each node the order's opening stock has met."""
    total = np.cumsum(kg)
    before = (total - kg)[starts[:-1]] if len(kg) else kg
    covered: Ints = np.minimum(total - before[order], stock[order])
    return covered


def _most(side: Side, own: Ints, held_kg: Ints) -> Ints:
    beside = held_kg if side is Side.DEMAND else np.roll(held_kg, 1)
    most: Ints = own + beside
    return most
