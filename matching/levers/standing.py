"""A row in its market: its order, its lanes, and the part of the market that can touch it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matching import lanes
from matching.lanes import Book, lane_cost
from matching.lanes.pairs import sites_of
from matching.levers.trials import Row
from matching.problem import Demand, Mode, Problem, Side, Supply

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Order = Supply | Demand

#: Metres in the unit of a reach.
KM = 1_000


@dataclass(frozen=True)
class Standing:
    """A row, the market it stands in, and what a plan made of it.

    Attributes
    ----------
    book
        The nodes and lanes of the market.
    placed_kg
        What is placed of the row, or met by its own stock.
    horizon
        First and last month of the whole market.
    """

    problem: Problem
    book: Book
    row: Row
    placed_kg: int
    horizon: tuple[int, int]

    @cached_property
    def order(self) -> Order:
        """The row itself."""
        key = self.row.id, self.row.month
        return next(each for each in self._side if (each.id, each.month) == key)

    @cached_property
    def own_lanes(self) -> Bools:
        """Which lanes are of the order, in any month."""
        nodes, end = self.book.nodes(self.row.side), self.book.lanes.ends(self.row.side)
        return np.asarray(nodes.order[end] == self.row.order(self.book))

    @cached_property
    def reach_m(self) -> int | None:
        """How far the order goes; ``None`` where nothing of its own limits it."""
        if self.problem.lanes is not None:
            return None
        default = self.problem.settings.max_m if self.row.side is Side.DEMAND else None
        return default if self.order.max_m is None else self.order.max_m

    @cached_property
    def opens_km(self) -> list[int]:
        """By how many kilometres more the order would meet another that pays, growing."""
        found: list[int] = np.unique(self._beyond[1]).tolist()
        return found

    @cached_property
    def free_months(self) -> list[int]:
        """Months of the horizon in which the order has no row, nearest first, earlier first."""
        own = self.row.month
        if own is None:
            return []
        taken = {each.month for each in self._side if each.id == self.row.id}
        free = (m for m in range(self.horizon[0], self.horizon[1] + 1) if m not in taken)
        return sorted(free, key=lambda month: (abs(month - own), month))

    def edited(self, edit: Callable[[Order], Order]) -> Problem:
        """The market with every row of the order edited."""
        return self._with(edit(each) if each.id == self.row.id else each for each in self._side)

    def edited_row(self, edit: Callable[[Order], Order]) -> Problem:
        """The market with the row edited."""
        return self._with(edit(each) if each is self.order else each for each in self._side)

    def part(self, *, wider: bool) -> "Standing":
        """The row in the part of the market that can touch it, were it to reach further or not.

        Orders hang together by the pairs that pay; the row's own order by all its pairs.
        """
        keep = self._touching(wider=wider)
        if all(each.all() for each in keep.values()):
            return self
        supplies, demands = (
            {name for name, kept in zip(self.book.nodes(side).ids, keep[side], strict=True) if kept}
            for side in Side
        )
        problem = replace(
            self.problem,
            supplies=tuple(each for each in self.problem.supplies if each.id in supplies),
            demands=tuple(each for each in self.problem.demands if each.id in demands),
            lanes=None
            if self.problem.lanes is None
            else tuple(
                lane
                for lane in self.problem.lanes
                if lane.supply in supplies and lane.demand in demands
            ),
        )
        return replace(self, problem=problem, book=lanes.build(problem))

    @property
    def _side(self) -> tuple[Order, ...]:
        return tuple(self.problem.orders(self.row.side))

    def _with(self, rows: Iterable[Order]) -> Problem:
        supplies, demands = self.problem.supplies, self.problem.demands
        if self.row.side is Side.SUPPLY:
            supplies = tuple(each for each in rows if isinstance(each, Supply))
        else:
            demands = tuple(each for each in rows if isinstance(each, Demand))
        return replace(self.problem, supplies=supplies, demands=demands)

    @cached_property
    def _beyond(self) -> tuple[Ints, Ints]:
        """Orders that only the order's own limit keeps out of reach, and kilometres to them."""
        nothing = np.zeros(0, dtype=np.int64)
        if self.reach_m is None:
            return nothing, nothing
        side, own = self.row.side, self.row.order(self.book)
        sites = sites_of(self.problem, self.book.supply, self.book.demand)
        other = np.flatnonzero(self._fits())
        mine = np.full(len(other), own)
        supply, demand = (mine, other) if side is Side.SUPPLY else (other, mine)
        road_m = sites.road_m(supply, demand)
        far = (road_m > self.reach_m) & (road_m <= sites.limit[side.opposite][other])
        far &= self._pays(supply, demand, lane_cost(road_m, self.problem.settings))
        return other[far], -(-(road_m[far] - self.reach_m) // KM)

    def _fits(self) -> list[bool]:
        """Which orders of the other side handle what the order does."""
        nodes = self.book.nodes(self.row.side.opposite)
        others = self.problem.orders(self.row.side.opposite)
        rows = (others[row] for row in nodes.terms[nodes.starts[:-1]].tolist())
        return [_meet(self.order, each) for each in rows]

    def _pays(self, supply: Ints, demand: Ints, cost: Ints) -> Bools:
        """Whether pairs of orders may trade at such a cost."""
        if self.problem.settings.mode is Mode.PLAN:
            return np.ones(len(supply), dtype=np.bool_)
        ask = self.book.supply.price[self.book.supply.starts[supply]]
        bid = self.book.demand.price[self.book.demand.starts[demand]]
        return np.asarray(bid - ask - cost + self.problem.settings.support >= 0)

    def _touching(self, *, wider: bool) -> dict[Side, Bools]:
        """Per side, which orders the order's can come to compete with."""
        from scipy.sparse import coo_matrix  # noqa: PLC0415  (only explain asks for it)
        from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

        pairs, own = self.book.pairs, self.row.order(self.book)
        end = pairs.supply if self.row.side is Side.SUPPLY else pairs.demand
        kept = self._pays(pairs.supply, pairs.demand, pairs.cost) | (end == own)
        more = self._beyond[0] if wider else np.zeros(0, dtype=np.int64)
        mine = np.full(len(more), own)
        joined = (mine, more) if self.row.side is Side.SUPPLY else (more, mine)
        first = len(self.book.supply.ids)
        tail = np.concatenate([pairs.supply[kept], joined[0]])
        head = np.concatenate([pairs.demand[kept], joined[1]]) + first
        size = first + len(self.book.demand.ids)
        graph = coo_matrix((np.ones(len(tail), np.int8), (tail, head)), shape=(size, size))
        _, label = connected_components(graph, directed=False)
        inside = label == label[own if self.row.side is Side.SUPPLY else own + first]
        return {Side.SUPPLY: inside[:first], Side.DEMAND: inside[first:]}


def _meet(one: Order, other: Order) -> bool:
    """Whether two orders of opposite sides handle the same material."""
    supply, demand = (one, other) if isinstance(one, Supply) else (other, one)
    return (
        isinstance(supply, Supply)
        and isinstance(demand, Demand)
        and demand.accepts(supply.material)
    )
