"""The market as the verifier sees it: arrays worked out from the problem and its lanes alone.

What an opening stock gives, what a silo may still hold and what a demand still needs is reckoned
here once more, so that a slip of the solver cannot pass as the measure of itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from matching.lanes import Book, Lanes, Nodes
from matching.problem import Demand, Mode, Problem, Settings, Supply
from matching.verify.exact import Bools, Ints

Order = TypeVar("Order", Supply, Demand)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the nodes of one side hold before anything is shipped; every array of shape (nodes,).

    Attributes
    ----------
    kg
        What a supply node may give (the first of an order with its opening stock), or what a demand
        node still needs once its own stock is used.
    held_kg
        How much may be held on from the node to the next one of its order; 0 where nothing can.
    stores, holds
        Whether the order has a silo, and whether it has a next node as well.
    opening
        Kilograms of opening stock that lie in the silo when the node's month begins.
    closing
        Kilograms of opening stock that still lie there when it ends: of a consumer what its own
        needs have left, of a producer nothing, for its stock counts as goods of the first month.
    """

    kg: Ints
    held_kg: Ints
    stores: Bools
    holds: Bools
    opening: Ints
    closing: Ints


@dataclass(frozen=True, slots=True)
class Market:
    """All a plan is measured against. Nodes and lanes are in the order of the book.

    Attributes
    ----------
    supply, demand
        The two sides.
    ask, bid
        Shapes (supply nodes,) and (demand nodes,), fen per tonne.
    holding, weight_milli, single, min_lot_kg
        Shape (supply nodes,).
    demand_order, open_cost
        Shapes (demand nodes,) and (demand orders,); the cost in thousandths of a fen.
    """

    supply: Shelf
    demand: Shelf
    ask: Ints
    bid: Ints
    holding: Ints
    weight_milli: Ints
    single: Bools
    min_lot_kg: Ints
    demand_order: Ints
    open_cost: Ints
    lanes: Lanes
    settings: Settings

    @classmethod
    def of(cls, problem: Problem, book: Book) -> "Market":
        """The market of a problem."""
        supply, demand = book.supply, book.demand
        sellers, buyers = _by_node(supply, problem.supplies), _by_node(demand, problem.demands)
        rows = [problem.supplies[row] if row >= 0 else None for row in supply.row.tolist()]
        opened = dict(zip(demand.order.tolist(), buyers, strict=True))
        return cls(
            _giving(supply, sellers),
            _needing(demand, buyers),
            _ints(sellers, lambda order: order.ask),
            _ints(buyers, lambda order: order.bid),
            _ints(sellers, lambda order: order.holding),
            _ints(sellers, lambda order: order.weight_milli),
            np.array([row is not None and row.single for row in rows], dtype=np.bool_),
            np.array([row.min_lot_kg if row else 0 for row in rows], dtype=np.int64),
            demand.order,
            _ints([opened[at] for at in sorted(opened)], lambda order: order.open_fen * 1_000),
            book.lanes,
            problem.settings,
        )

    @property
    def pays_its_way(self) -> bool:
        """Whether each trade must pay for itself."""
        return self.settings.mode is Mode.MARKET

    def support_of(self, lanes: Ints) -> Ints:
        """Public money on each of these lanes, fen per tonne: the setting, or what a plan needs."""
        if self.pays_its_way:
            return np.full(len(lanes), self.settings.support, dtype=np.int64)
        return np.maximum(0, -self.lanes.surplus[lanes])

    def lane_room(self, lanes: Ints) -> Ints:
        """The most each of these lanes could ever carry, kilograms."""
        return np.asarray(np.minimum(self.lanes.kg[lanes], self.ends_room(lanes)))

    def ends_room(self, lanes: Ints) -> Ints:
        """The most that the two ends of each of these lanes could ever give and take, kilograms."""
        supply, demand = self.lanes.supply[lanes], self.lanes.demand[lanes]
        gives = self.supply.kg + _shifted(self.supply.held_kg)
        takes = self.demand.kg + self.demand.held_kg
        room: Ints = takes[demand] * 1_000 // self.lanes.use_milli[lanes]
        return np.asarray(np.minimum(gives[supply], room))

    def lane_at(self, supply: Ints, demand: Ints) -> Ints:
        """Position of the lane between each two nodes, −1 where there is none."""
        if not len(self.lanes):
            return np.full(len(supply), -1, dtype=np.int64)
        width = max(1, len(self.demand.kg))
        keys = self.lanes.supply * width + self.lanes.demand
        wanted = supply * width + demand
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        lane: Ints = np.where(keys[at] == wanted, at, -1)
        return lane


def _by_node(nodes: Nodes, orders: Sequence[Order]) -> list[Order]:
    """A row of each node's order: what holds for the order is the same in all of its rows."""
    any_row = {order.id: order for order in orders}
    return [any_row[nodes.ids[at]] for at in nodes.order.tolist()]


def _ints(orders: Sequence[Order], value: Callable[[Order], int]) -> Ints:
    return np.array([value(order) for order in orders], dtype=np.int64)


def _giving(nodes: Nodes, orders: Sequence[Supply]) -> Shelf:
    stock = np.where(_firsts(nodes), _ints(orders, lambda order: order.stock_kg), 0)
    silo = _ints(orders, lambda order: order.silo_kg)
    stores = silo > 0
    holds = _joined(nodes) & stores
    held_kg = np.where(holds, silo, 0)
    return Shelf(nodes.kg + stock, held_kg, stores, holds, stock, np.zeros_like(stock))


def _needing(nodes: Nodes, orders: Sequence[Demand]) -> Shelf:
    """A consumer's stock meets its own needs in month order, before any shipment does."""
    stock = _ints(orders, lambda order: order.stock_kg)
    silo = _ints(orders, lambda order: order.silo_kg)
    needed = np.cumsum(nodes.kg)
    before = needed - nodes.kg
    order_before = before[_first_of(nodes)]
    opening = np.maximum(0, stock - (before - order_before))
    closing = np.maximum(0, stock - (needed - order_before))
    stores = silo > 0
    holds = _joined(nodes) & stores
    held_kg = np.where(holds, silo - closing, 0)
    return Shelf(nodes.kg - (opening - closing), held_kg, stores, holds, opening, closing)


def _firsts(nodes: Nodes) -> Bools:
    return np.asarray(np.diff(nodes.order, prepend=-1) != 0)


def _first_of(nodes: Nodes) -> Ints:
    """For each node the first one of its order."""
    at = np.arange(len(nodes.order))
    return np.maximum.accumulate(np.where(_firsts(nodes), at, 0)) if len(at) else at


def _joined(nodes: Nodes) -> Bools:
    """Whether the next node is of the same order."""
    return np.asarray(np.diff(nodes.order, append=-1) == 0)


def _shifted(values: Ints) -> Ints:
    """Each node's value of the node before it."""
    return np.concatenate([np.zeros(1, dtype=np.int64), values])[:-1]
