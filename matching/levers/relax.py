"""Which single change would place the most more tonnes.

*Single arcs* are told from the residual graph without solving again (:mod:`.headroom`): one lane in
one month that a rule forbids or whose capacity is used up, and more need at one consumer in one
month. *Compound* changes are a
pair in all months, and a silo larger by half a month.

The tonnes are those of the divisible relaxation. Where orders have indivisible parts, what is
counted is the most the change could add, and the answer says so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from heapq import nlargest

import numpy as np
import numpy.typing as npt

from matching.lanes import Failed, Nodes
from matching.lanes.nodes import of_side
from matching.levers import divisible
from matching.levers.headroom import Headroom
from matching.levers.nearly import Nearly, nearly
from matching.network import Flow, Gain, Network
from matching.outcome import Outcome
from matching.problem import Problem, Side
from matching.transport import levels

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Change:
    """A change, the most kilograms it could add, and how to learn what it adds."""

    name: Mapping[str, object]
    bound: int
    adds: Callable[[], int]


def relax(problem: Problem, outcome: Outcome, top: int) -> dict[str, object]:
    """The best changes of each kind, most added kilograms first.

    Returns
    -------
    dict
        ``placed_kg`` of the outcome; ``most_kg`` that can be placed as things are; ``exact``,
        whether nothing indivisible stands in the way; ``lanes`` and ``needs`` (single arcs),
        ``pairs`` and ``silos`` (compound): lists of changes with the ``added_kg`` beyond
        ``placed_kg``, or ``at_most_kg`` where not exact.
    """
    market = _Market(problem)
    placed = outcome.certificate.totals.kg
    counted = "added_kg" if market.is_exact else "at_most_kg"

    def told(changes: Iterator[_Change]) -> list[dict[str, object]]:
        spare = market.most_kg - placed
        return [{**name, counted: kg + spare} for kg, name in _best(list(changes), top)]

    return {
        "placed_kg": placed,
        "most_kg": market.most_kg,
        "exact": market.is_exact,
        "lanes": told(market.lanes()),
        "needs": told(market.needs()),
        "pairs": told(market.pairs()),
        "silos": told(market.silos()),
    }


def _best(changes: Sequence[_Change], top: int) -> list[tuple[int, Mapping[str, object]]]:
    """The changes that add the most; those whose bound cannot reach the best are not measured."""
    found: list[tuple[int, int]] = []
    least = 0
    for index in sorted(range(len(changes)), key=lambda k: (-changes[k].bound, k)):
        if changes[index].bound <= least:
            break
        added = changes[index].adds()
        if added:
            found.append((added, -index))
        if len(found) >= top:
            least = nlargest(top, found)[-1][0]
    return [(added, changes[-index].name) for added, index in nlargest(top, found)]


class _Market:
    """A plan of the most tonnes of a problem, and what could be changed in it."""

    def __init__(self, problem: Problem) -> None:
        relaxed = divisible.of(problem)
        self.problem, self.is_exact = problem, relaxed.exact
        self.book, self.network = relaxed.book, relaxed.network
        self.flow = _most_tonnes(self.network)
        self.most_kg = int(self.flow.lane.sum())
        self.headroom = Headroom(self.network, self.flow)
        self.into, self.onward = self.headroom.bounds()
        self.supplies = len(self.network.supply_kg)
        self._nearly: Nearly | None = None

    def nearly(self) -> Nearly:
        """The nearly permitted lanes along which something could flow."""
        if self._nearly is None:
            giving, taking = self.into[: self.supplies] > 0, self._taking() > 0
            self._nearly = nearly(self.problem, self.book, giving, taking)
        return self._nearly

    def _taking(self) -> Ints:
        return self.onward[self.supplies : self.supplies + len(self.network.demand_kg)]

    def _lane_bounds(self) -> Ints:
        shut = self.nearly()
        return np.minimum(self.into[shut.supply], self._taking()[shut.demand])

    def lanes(self) -> Iterator[_Change]:
        """Pairs a rule keeps apart, and lanes whose capacity is used up, in one month."""
        yield from self._full_lanes()
        shut = self.nearly()
        for k, bound in enumerate(self._lane_bounds().tolist()):
            ends = int(shut.supply[k]), int(shut.demand[k])
            month = {"month": self._month(self.book.supply, ends[0])}
            name = {"kind": "lane", **self._ends_name(*ends), **month, **self._hindrance(k)}
            yield _Change(name, bound, partial(self._lane, *ends))

    def _full_lanes(self) -> Iterator[_Change]:
        """Lanes that could carry more if they had no capacity."""
        net = self.network
        for lane in np.flatnonzero(self.flow.lane == net.lane_kg).tolist():
            ends = int(net.lane_supply[lane]), int(net.lane_demand[lane])
            bound = int(min(self.into[ends[0]], self._taking()[ends[1]]))
            if bound:
                month = {"month": self._month(self.book.supply, ends[0])}
                name = {"kind": "lane", **self._ends_name(*ends), **month, "failed": ["capacity"]}
                yield _Change(name, bound, partial(self._lane, *ends))

    def _lane(self, supply: int, demand: int) -> int:
        headroom = self.headroom
        return min(headroom.into(supply), headroom.onward(self.supplies + demand))

    def needs(self) -> Iterator[_Change]:
        """Consumers that more could be brought to if they needed it.

        While a consumer lives on its own opening stock, more need would only use that up sooner.
        """
        nodes = self.book.demand
        stock = np.array([each.stock_kg for each in self.problem.demands], dtype=np.int64)
        bought = (nodes.row >= 0) & ((nodes.own_kg > 0) | (stock[nodes.terms] == 0))
        for node in np.flatnonzero(bought).tolist():
            at = self.supplies + node
            name = {"kind": "need", "demand": nodes.ids[nodes.order[node]]}
            name["month"] = self._month(nodes, node)
            bound = int(self.into[at])
            if bound:
                yield _Change(name, bound, partial(self.headroom.into, at))

    def pairs(self) -> Iterator[_Change]:
        """Pairs a rule keeps apart, in all months at once; none in a problem without months."""
        if not self.book.horizon.dated:
            return
        shut, bounds = self.nearly(), self._lane_bounds()
        order = np.argsort(shut.pair, kind="stable")
        starts = np.flatnonzero(np.diff(shut.pair[order], prepend=-1))
        for group in np.split(order, starts[1:]) if len(order) else ():
            ends = list(zip(shut.supply[group].tolist(), shut.demand[group].tolist(), strict=True))
            name = {"kind": "pair", **self._ends_name(*ends[0]), **self._hindrance(group[0])}
            bound = min(int(bounds[group].sum()), self.headroom.total)
            yield _Change(name, bound, partial(self.headroom.of_lanes, ends))

    def silos(self) -> Iterator[_Change]:
        """A silo larger by half of what the order's rows come to in a month."""
        yield from self._silos(Side.SUPPLY)
        yield from self._silos(Side.DEMAND)

    def _silos(self, side: Side) -> Iterator[_Change]:
        nodes = self.book.nodes(side)
        rows = np.diff(nodes.starts)
        means = np.add.reduceat(nodes.kg, nodes.starts[:-1]) // rows if len(nodes) else rows
        for order, half in enumerate((means // 2).tolist()):
            name = {"kind": "silo", "side": side.value, "id": nodes.ids[order], "silo_kg": half}
            bound = self._silo_bound(side, order, half)
            if half and bound:
                yield _Change(name, bound, partial(self._silo, side, order, half))

    def _silo_bound(self, side: Side, order: int, half: int) -> int:
        """No more than comes to, or goes on from, the order's nodes, or fits in its silo."""
        first = 0 if side is Side.SUPPLY else self.supplies
        begin, end = self.book.nodes(side).starts[order : order + 2] + first
        months = self.book.horizon.last - self.book.horizon.first
        into, onward = int(self.into[begin:end].sum()), int(self.onward[begin:end].sum())
        known = into if side is Side.SUPPLY else onward
        return min(known, half * months, self.headroom.total)

    def _silo(self, side: Side, order: int, half: int) -> int:
        """Along the residual graph if the order has all its nodes, else from a larger network."""
        nodes = self.book.nodes(side)
        begin, end = nodes.starts[order : order + 2].tolist()
        problem = _with_silo(self.problem, side, nodes.ids[order], half)
        if len(of_side(problem, side, self.book.horizon)) > len(nodes):
            larger = _most_tonnes(divisible.of(problem).network)
            return int(larger.lane.sum()) - self.most_kg
        first = 0 if side is Side.SUPPLY else self.supplies
        return self.headroom.of_arcs(
            [(first + node, first + node + 1, half) for node in range(begin, end - 1)]
        )

    def _ends_name(self, supply: int, demand: int) -> dict[str, object]:
        book = self.book
        return {
            "supply": book.supply.ids[book.supply.order[supply]],
            "demand": book.demand.ids[book.demand.order[demand]],
        }

    def _hindrance(self, k: int) -> dict[str, object]:
        """What keeps the pair apart, and by how much: fen per tonne, road metres."""
        shut = self.nearly()
        failed = [str(rule.name).lower() for rule in Failed if int(shut.failed[k]) & rule]
        slack = {"missing": int(shut.missing[k]), "beyond_m": int(shut.beyond_m[k])}
        return {"failed": failed, **slack}

    def _month(self, nodes: Nodes, node: int) -> int | None:
        return int(nodes.month[node]) if self.book.horizon.dated else None


def _most_tonnes(market: Network) -> Flow:
    one = np.broadcast_to(np.int64(1), (len(market.lane_supply),))
    free = np.zeros(len(market.supply_held), dtype=np.int64)
    return levels.solve(market, [Gain(one, free)]).flow


def _with_silo(problem: Problem, side: Side, order_id: str, more_kg: int) -> Problem:
    """The problem with so much more room at one order."""
    if side is Side.SUPPLY:
        supplies = (
            replace(each, silo_kg=each.silo_kg + more_kg) if each.id == order_id else each
            for each in problem.supplies
        )
        return replace(problem, supplies=tuple(supplies))
    demands = (
        replace(each, silo_kg=each.silo_kg + more_kg) if each.id == order_id else each
        for each in problem.demands
    )
    return replace(problem, demands=tuple(demands))
