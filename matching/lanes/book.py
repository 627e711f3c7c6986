"""Which nodes may trade, and what the way between them costs.

A lane joins a supply node and a demand node of the same month. Lanes come from the problem's own
list, or from material and distance. Those that a rule forbids stay in the book with a bit per
broken rule, so that reasons can be told.
"""

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
import numpy.typing as npt

from matching.lanes import nodes as node_rule
from matching.lanes.nodes import Horizon, Nodes
from matching.lanes.pairs import NO_LIMIT, Pairs, Terms, pairs_of
from matching.problem import MILLI, Mode, Problem, Side

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.uint8]


class Failed(IntFlag):
    """The rules a lane may break, in the order an order meets them.

    MATERIAL, DISTANCE and MONTH keep a pair from having a lane at all: only near-lanes carry them.
    MINIMUM is a least match above what the lane could ever carry, LOT an undivided row larger than
    that.
    """

    MATERIAL = 1
    DISTANCE = 2
    MONTH = 4
    PRICE = 8
    MINIMUM = 16
    LOT = 32


@dataclass(frozen=True, slots=True)
class Lanes:
    """Lanes in (supply node, demand node) order; arrays have shape (lanes,).

    A column that is the same on every lane is one number broadcast, and takes no memory.

    Attributes
    ----------
    supply, demand
        Positions of the two nodes.
    cost
        Freight, fen per tonne.
    surplus
        bid − ask − cost, fen per tonne.
    failed
        Bits of :class:`Failed`; 0 where the lane may carry a match.
    kg
        The most that can pass in the month, or :data:`~matching.lanes.NO_LIMIT`.
    min_kg
        A match carries at least this: the greatest of the lane's own minimum and its two ends'.
    use_milli
        Thousandths of a kilogram of the demand's room a kilogram takes.
    pair
        Position of the lane's pair in ``Book.pairs``.
    pair_fixed
        Shape (pairs,): paid once if the pair trades at all, thousandths of a fen.
    """

    supply: Ints
    demand: Ints
    cost: Ints
    surplus: Ints
    failed: Bits
    kg: Ints
    min_kg: Ints
    use_milli: Ints
    pair: Ints
    pair_fixed: Ints

    def __len__(self) -> int:
        return len(self.supply)

    @property
    def permitted(self) -> Bools:
        """Whether each lane may carry a match."""
        free: Bools = self.failed == 0
        return free

    def ends(self, side: Side) -> Ints:
        """The nodes on one side."""
        return self.supply if side is Side.SUPPLY else self.demand

    def only(self, keep: Bools) -> "Lanes":
        """Some of the lanes; the same arrays where all are kept."""
        if keep.all():
            return self
        return Lanes(
            self.supply[keep],
            self.demand[keep],
            self.cost[keep],
            self.surplus[keep],
            self.failed[keep],
            _kept(self.kg, keep),
            _kept(self.min_kg, keep),
            _kept(self.use_milli, keep),
            _kept(self.pair, keep),
            self.pair_fixed,
        )


@dataclass(frozen=True, slots=True)
class Book:
    """A problem's nodes, its lanes, permitted or not, and the pairs of orders they belong to."""

    horizon: Horizon
    supply: Nodes
    demand: Nodes
    lanes: Lanes
    pairs: Pairs

    def nodes(self, side: Side) -> Nodes:
        """The nodes of one side."""
        return self.supply if side is Side.SUPPLY else self.demand


def build(problem: Problem) -> Book:
    """The book of a problem."""
    horizon = Horizon.of(problem)
    supply = node_rule.of_side(problem, Side.SUPPLY, horizon)
    demand = node_rule.of_side(problem, Side.DEMAND, horizon)
    pairs, terms = pairs_of(problem, supply, demand)
    return Book(horizon, supply, demand, _lanes(problem, supply, demand, pairs, terms), pairs)


def capacity(book: Book) -> Ints:
    """The most each lane could ever carry in its month, kilograms, shape (lanes,).

    What the supply node could ever send, what the demand node could ever take, and the lane's own
    limit, whichever is least.
    """
    return _capacity(book.supply, book.demand, book.lanes)


def _capacity(supply: Nodes, demand: Nodes, lanes: Lanes) -> Ints:
    room = demand.most[lanes.demand]
    if not _is_constant(lanes.use_milli, MILLI):
        room = room * MILLI // lanes.use_milli
    np.minimum(room, supply.most[lanes.supply], out=room)
    return room if _is_constant(lanes.kg, NO_LIMIT) else np.minimum(room, lanes.kg)


def _lanes(problem: Problem, supply: Nodes, demand: Nodes, pairs: Pairs, terms: Terms) -> Lanes:
    surplus = demand.price[terms.demand] - supply.price[terms.supply] - terms.cost
    lanes = Lanes(
        supply=terms.supply,
        demand=terms.demand,
        cost=terms.cost,
        surplus=surplus,
        failed=_priced_out(problem, surplus),
        kg=terms.kg,
        min_kg=_least(problem, supply, demand, terms),
        use_milli=terms.use_milli,
        pair=terms.pair,
        pair_fixed=pairs.fixed_milli,
    )
    single = _single(problem, supply)
    if single.any() or not _is_constant(lanes.min_kg, 0):
        most = _capacity(supply, demand, lanes)
        lanes.failed[lanes.min_kg > most] |= int(Failed.MINIMUM)
        too_large = single[lanes.supply] & (supply.own_kg[lanes.supply] > most)
        lanes.failed[too_large] |= int(Failed.LOT)
    return lanes


def _priced_out(problem: Problem, surplus: Ints) -> Bits:
    failed = np.zeros(len(surplus), dtype=np.uint8)
    if problem.settings.mode is Mode.MARKET:
        failed[surplus + problem.settings.support < 0] = Failed.PRICE
    return failed


def _least(problem: Problem, supply: Nodes, demand: Nodes, terms: Terms) -> Ints:
    """The least that a match on each lane carries."""
    least = terms.min_kg
    for side, nodes, ends in (
        (problem.supplies, supply, terms.supply),
        (problem.demands, demand, terms.demand),
    ):
        min_lot = np.array([each.min_lot_kg for each in side], dtype=np.int64)
        if min_lot.any():
            least = np.maximum(min_lot[nodes.terms][ends], least)
    return least


def _single(problem: Problem, supply: Nodes) -> Bools:
    single = np.array([each.single for each in problem.supplies], dtype=np.bool_)
    return single[supply.row] & (supply.row >= 0) if len(single) else single


def _is_constant(column: Ints, value: int) -> bool:
    """Whether a column is one number broadcast, and this one."""
    return column.strides == (0,) and (not len(column) or int(column[0]) == value)


def _kept(column: Ints, keep: Bools) -> Ints:
    if column.strides == (0,):
        return np.broadcast_to(column[:1], (int(keep.sum()),)) if len(column) else column
    return column[keep]
