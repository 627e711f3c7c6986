"""Whether every reason is true, with its figures, looked up again from the problem and the plan."""

from collections.abc import Iterator, Mapping

import numpy as np

from matching.lanes import Book, Failed, near
from matching.outcome import Outcome, Reason
from matching.problem import Mode, Problem, Side
from matching.verify.claims import Claim
from matching.verify.exact import Bools, Ints
from matching.verify.lines import FROM_STOCK, Served
from matching.verify.market import Market
from matching.verify.pressure import Pressure
from matching.verify.properties import Property, Violation
from matching.verify.reading import Names, order_name
from matching.verify.residual import Loads, tame
from matching.verify.spans import Spans
from matching.verify.spots import Spot, empty_spots, spare_spots
from matching.verify.transport import need_met, source_flow

Truth = tuple[Reason, dict[str, int]]


def violations(
    problem: Problem,
    market: Market,
    names: Names,
    claim: Claim,
    served: Mapping[Side, Served],
    outcome: Outcome,
) -> Iterator[Violation]:
    """Every line whose reason or whose details are not what the plan shows."""
    plan = _Plan.of(market, claim)
    true = {side: _Truths(problem, names.book, plan, served[side], side) for side in Side}
    for line in outcome.orders:
        node = names.node[line.side].get((line.id, line.month))
        if node is None or names.book.nodes(line.side).row[node] < 0:
            continue
        reason, detail = true[line.side].of(node)
        told = {key: value for key, value in line.detail.items() if key != FROM_STOCK}
        where = order_name(line.side, line.id)
        if line.reason is not reason:
            yield Violation(Property.REASON, where, line.reason, reason, line.month)
        elif told != detail:
            yield Violation(Property.REASON_DETAIL, where, str(told), str(detail), line.month)


class _Plan:
    """A claim as loads, with what it leaves open at each node."""

    def __init__(self, market: Market, loads: Loads, open_kg: dict[Side, Ints]) -> None:
        self.market, self.loads, self.open_kg = market, loads, open_kg
        self.spare = spare_spots(market, loads, open_kg)

    @classmethod
    def of(cls, market: Market, claim: Claim) -> "_Plan":
        open_kg = {
            Side.SUPPLY: market.supply.kg - tame(source_flow(market, claim)),
            Side.DEMAND: market.demand.kg - tame(need_met(market, claim)),
        }
        return cls(market, Loads.of(market, claim), open_kg)


class _Truths:
    """What is true of the rows of one side; arrays of shape (nodes of the side,)."""

    def __init__(
        self, problem: Problem, book: Book, plan: _Plan, served: Served, side: Side
    ) -> None:
        market, self.nodes, self.side = plan.market, book.nodes(side), side
        self.problem, self.book, self.market = problem, book, market
        shelf = market.supply if side is Side.SUPPLY else market.demand
        self.placed = tame(served.placed)
        met = tame(served.from_stock) if side is Side.DEMAND else 0
        self.left = self.nodes.kg - self.placed - met
        self.spans = Spans(side, shelf, self.nodes, book.nodes(side.opposite), book.lanes)
        self.meets, self.pays, self.lacks = self._pairs()
        self.spare: dict[int, Spot] = plan.spare[side]
        self.pressure = Pressure(book, market, plan.loads, plan.open_kg, side)
        self._look_at_lanes()
        self.apart = self._apart()

    def of(self, node: int) -> Truth:
        """The reason of one row."""
        if self.left[node] <= 0:
            return self._settled(node), {}
        order = int(self.nodes.order[node])
        if not self.meets[order]:
            return self.apart[node]
        if not self.live[node]:
            return self._without_lane(order)
        if not self.paying[node]:
            missing = -int(self.best[node]) - self.problem.settings.support
            figures = {"counterparts": int(self.live[node]), "missing": missing}
            return Reason.PRICE, figures
        counterparts = int(self.free[node] or self.paying[node])
        code, figures = self._crowded(node) if self.free[node] else self._misfit(node)
        return code, {"counterparts": counterparts, **figures}

    def _settled(self, node: int) -> Reason:
        if not self.nodes.kg[node]:
            return Reason.ZERO
        if self.side is Side.DEMAND and self.placed[node] <= 0:
            return Reason.STOCK
        return Reason.PLACED

    def _without_lane(self, order: int) -> Truth:
        """Nobody has a lane or tonnes in any month the row can use, but some are in reach."""
        if self.pays[order]:
            return Reason.MONTH, {"counterparts": int(self.pays[order])}
        figures = {"counterparts": int(self.meets[order]), "missing": int(self.lacks[order])}
        return Reason.PRICE, figures

    def _misfit(self, node: int) -> Truth:
        """Whoever pays could not take the lot, were it empty."""
        first = last = node
        while self.side is Side.SUPPLY and self.spans.joined[last:][:1].any():
            last += 1
        while self.side is Side.DEMAND and first and self.spans.joined[first - 1]:
            first -= 1
        own = self.spans.own
        lanes = np.flatnonzero((own >= first) & (own <= last) & self._paying_lanes())
        return min(empty_spots(self.market, lanes)).told()

    def _crowded(self, node: int) -> Truth:
        if node in self.spare:
            return self.spare[node].told()
        if self.pressure.eased[node]:
            return Reason.COSTS, {"room_kg": 0, "unpaid_fen": 0}
        if self.pressure.eased_by_silos[node]:
            return Reason.SILO, self.pressure.region(node) | self.pressure.silos(node)
        if self.pressure.rivals[node]:
            return Reason.TIE, {"rivals": int(self.pressure.rivals[node])}
        return Reason.FULL, self.pressure.region(node)

    def _pairs(self) -> tuple[Ints, Ints, Ints]:
        """Per order: how many are in reach, how many of them pay, and what the best lacks."""
        pairs, orders = self.book.pairs, len(self.nodes.ids)
        ask = self.market.ask[self.book.supply.starts[pairs.supply]]
        bid = self.market.bid[self.book.demand.starts[pairs.demand]]
        short = ask + pairs.cost - bid - self.problem.settings.support
        if self.problem.settings.mode is Mode.PLAN:
            short = np.zeros_like(short)
        own = pairs.supply if self.side is Side.SUPPLY else pairs.demand
        lacks = np.full(orders, np.iinfo(np.int64).max)
        np.minimum.at(lacks, own, short)
        return (
            np.bincount(own, minlength=orders),
            np.bincount(own, weights=short <= 0, minlength=orders).astype(np.int64),
            lacks,
        )

    def _look_at_lanes(self) -> None:
        """With how many orders there is a live, a paying and a permitted lane."""
        live, lanes = self._live_lanes(), self.book.lanes
        self.live = self.spans.partners(live)
        self.paying = self.spans.partners(self._paying_lanes())
        self.free = self.spans.partners(live & (lanes.failed == 0))
        self.best = self.spans.best(lanes.surplus, live)

    def _live_lanes(self) -> Bools:
        """In a horizon, lanes with tonnes at their other end; without months, all."""
        lanes, market = self.book.lanes, self.market
        if not self.book.horizon.dated:
            return np.ones(len(lanes), dtype=np.bool_)
        supplied = market.supply.kg.copy()
        supplied[1:] += market.supply.held_kg[:-1]
        takes = market.demand.kg + market.demand.held_kg
        there = takes[lanes.demand] if self.side is Side.SUPPLY else supplied[lanes.supply]
        return np.asarray((there > 0) & (lanes.kg > 0))

    def _paying_lanes(self) -> Bools:
        return np.asarray(self._live_lanes() & (self.book.lanes.failed & Failed.PRICE == 0))

    def _apart(self) -> dict[int, Truth]:
        """Rows whose order meets nobody."""
        alone = (self.left > 0) & (self.nodes.row >= 0) & (self.meets[self.nodes.order] == 0)
        nodes = np.flatnonzero(alone)
        if self.problem.lanes is not None:
            return {node: (Reason.NO_LANE_LISTED, {}) for node in nodes.tolist()}
        truths: dict[int, Truth] = {node: (Reason.NO_LANE_MATERIAL, {}) for node in nodes.tolist()}
        found = near(self.problem, self.book, self.side, nodes)
        columns = (found.node, found.counterparts, found.road_m, found.metres)
        for node, others, road_m, beyond in zip(*(c.tolist() for c in columns), strict=True):
            if others:
                figures = {"counterparts": others, "limit_m": road_m - beyond, "nearest_m": road_m}
                truths[node] = Reason.NO_LANE_DISTANCE, figures
        return truths
