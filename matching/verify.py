"""An audit of an outcome that shares only the file reader and the lane rule with the solver.

An outcome that passes accounts for every order's tonnes exactly once, trades only on permitted
lanes at their cost, splits the money to the fen, gives true reasons, and carries dual values that
prove no other plan places more tonnes, or as many at more surplus.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from operator import mul

import numpy as np
import numpy.typing as npt

from matching import lanes as lane_rule
from matching.files import problem_sha256
from matching.lanes import Lanes, Nearest
from matching.outcome import Level, Match, OrderResult, Outcome, Reason
from matching.problem import Demand, Mode, Problem, Side, Supply

Ints = npt.NDArray[np.int64]

#: Dual values below this cannot overflow when two of them and a surplus are added.
DUAL_LIMIT = 2**60


class Property(StrEnum):
    """The promises an outcome keeps; a violation names the one it breaks."""

    ORDER_ONCE = "order_once"
    ORDER_TONNES = "order_tonnes"
    ORDER_PLACED = "order_placed"
    REASON = "reason"
    REASON_DETAIL = "reason_detail"
    MATCH_ORDERS = "match_orders"
    MATCH_ONCE = "match_once"
    MATCH_TONNES = "match_tonnes"
    SUPPLY_CAPACITY = "supply_capacity"
    DEMAND_CAPACITY = "demand_capacity"
    LANE_PERMITTED = "lane_permitted"
    LANE_COST = "lane_cost"
    SUPPORT = "support"
    PRICE_IDENTITY = "price_identity"
    PRICE_LIMITS = "price_limits"
    PRICE_RULE = "price_rule"
    TOTALS = "totals"
    CERTIFICATE_PROBLEM = "certificate_problem"
    CERTIFICATE_LEVELS = "certificate_levels"
    CERTIFICATE_VALUE = "certificate_value"
    CERTIFICATE_DUAL = "certificate_dual"
    CERTIFICATE_GAP = "certificate_gap"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise: which, and at which order, pair or level."""

    property: Property
    where: str
    found: str = ""
    expected: str = ""


def check(problem: Problem, outcome: Outcome) -> list[Violation]:
    """Every promise the outcome breaks; an empty list for an honest one.

    A match without a lane is named once and left out of what is reckoned from lanes.
    """
    book = _Book.of(problem)
    checks: Iterable[Callable[[_Book, Outcome], Iterator[Violation]]] = (
        _order_lines,
        _match_ends,
        _capacities,
        _prices,
        _reasons,
        _totals,
        _certificate,
    )
    return [violation for each in checks for violation in each(book, outcome)]


@dataclass(frozen=True, slots=True)
class _Book:
    """The problem with its lanes, looked up by id and by pair of ids."""

    problem: Problem
    lanes: Lanes
    supplies: dict[str, Supply]
    demands: dict[str, Demand]
    pair_keys: Ints
    position: dict[Side, dict[str, int]]

    @classmethod
    def of(cls, problem: Problem) -> "_Book":
        lanes = lane_rule.build(problem)
        return cls(
            problem,
            lanes,
            {supply.id: supply for supply in problem.supplies},
            {demand.id: demand for demand in problem.demands},
            lanes.supply * len(problem.demands) + lanes.demand,
            {
                Side.SUPPLY: {supply.id: i for i, supply in enumerate(problem.supplies)},
                Side.DEMAND: {demand.id: j for j, demand in enumerate(problem.demands)},
            },
        )

    def knows(self, match: Match) -> bool:
        return match.supply in self.supplies and match.demand in self.demands

    def lane(self, match: Match) -> int | None:
        """Position of the match's lane among those in reach, which are sorted by pair."""
        if not self.knows(match):
            return None
        supply = self.position[Side.SUPPLY][match.supply]
        key = supply * len(self.demands) + self.position[Side.DEMAND][match.demand]
        at = int(np.searchsorted(self.pair_keys, key))
        return at if at < len(self.pair_keys) and self.pair_keys[at] == key else None


def _pair(match: Match) -> str:
    return f"{match.supply} → {match.demand}"


def _placed(matches: Iterable[Match], side: Side) -> Counter[str]:
    placed: Counter[str] = Counter()
    for match in matches:
        placed[match.supply if side is Side.SUPPLY else match.demand] += match.kg
    return placed


def _order_lines(book: _Book, outcome: Outcome) -> Iterator[Violation]:
    for side in Side:
        lines = [line for line in outcome.orders if line.side is side]
        times = Counter(line.id for line in lines)
        for order_id in sorted(book.position[side].keys() | times.keys()):
            expected = int(order_id in book.position[side])
            if times[order_id] != expected:
                yield _violation(
                    Property.ORDER_ONCE, f"{side} {order_id}", times[order_id], expected
                )
        yield from _order_sums(book, outcome, side, lines)


def _order_sums(
    book: _Book, outcome: Outcome, side: Side, lines: Iterable[OrderResult]
) -> Iterator[Violation]:
    placed = _placed(outcome.matches, side)
    for line in lines:
        at = book.position[side].get(line.id)
        if at is None:
            continue
        where, kg = f"{side} {line.id}", book.problem.orders(side)[at].kg
        if line.kg != kg:
            yield _violation(Property.ORDER_TONNES, where, line.kg, kg)
        if line.placed != placed[line.id]:
            yield _violation(Property.ORDER_PLACED, where, line.placed, placed[line.id])


def _match_ends(book: _Book, outcome: Outcome) -> Iterator[Violation]:
    times = Counter((match.supply, match.demand) for match in outcome.matches)
    for match in outcome.matches:
        if times.pop((match.supply, match.demand), 1) > 1:
            yield Violation(Property.MATCH_ONCE, _pair(match))
        if match.kg <= 0:
            yield _violation(Property.MATCH_TONNES, _pair(match), match.kg, "> 0")
        if not book.knows(match):
            yield Violation(Property.MATCH_ORDERS, _pair(match))
            continue
        lane = book.lane(match)
        if lane is None or not book.lanes.permitted[lane]:
            yield Violation(Property.LANE_PERMITTED, _pair(match))
        if lane is not None and match.cost != book.lanes.cost[lane]:
            yield _violation(
                Property.LANE_COST, _pair(match), match.cost, int(book.lanes.cost[lane])
            )


def _capacities(book: _Book, outcome: Outcome) -> Iterator[Violation]:
    broken = {
        Side.SUPPLY: Property.SUPPLY_CAPACITY,
        Side.DEMAND: Property.DEMAND_CAPACITY,
    }
    for side in Side:
        placed = _placed(outcome.matches, side)
        for order in book.problem.orders(side):
            if placed[order.id] > order.kg:
                yield _violation(broken[side], order.id, placed[order.id], f"≤ {order.kg}")


def _prices(book: _Book, outcome: Outcome) -> Iterator[Violation]:
    for match in outcome.matches:
        lane = book.lane(match)
        if lane is not None:
            yield from _price(book, match, int(book.lanes.cost[lane]))


def _price(book: _Book, match: Match, cost: int) -> Iterator[Violation]:
    ask, bid = book.supplies[match.supply].ask, book.demands[match.demand].bid
    is_plan = book.problem.settings.mode is Mode.PLAN
    support = max(0, ask + cost - bid) if is_plan else book.problem.settings.support
    spread = match.price_consumer - match.price_producer
    if match.support != support:
        yield _violation(Property.SUPPORT, _pair(match), match.support, support)
    if spread != match.cost - match.support:
        yield _violation(Property.PRICE_IDENTITY, _pair(match), spread, match.cost - match.support)
    if match.price_producer < ask or match.price_consumer > bid:
        found = f"{match.price_producer}, {match.price_consumer}"
        yield _violation(Property.PRICE_LIMITS, _pair(match), found, f"≥ {ask}, ≤ {bid}")
    gain_producer, gain_consumer = match.price_producer - ask, bid - match.price_consumer
    if gain_producer - gain_consumer not in (0, 1):
        yield _violation(Property.PRICE_RULE, _pair(match), gain_producer - gain_consumer, "0, 1")


def _violation(broken: Property, where: str, found: object, expected: object) -> Violation:
    return Violation(broken, where, str(found), str(expected))


def _reasons(book: _Book, outcome: Outcome) -> Iterator[Violation]:
    for side in Side:
        true = _TrueReasons(book, outcome, side)
        for line in outcome.orders:
            at = book.position[side].get(line.id)
            if line.side is not side or at is None:
                continue
            reason, detail = true.of(at)
            where = f"{side} {line.id}"
            if line.reason is not reason:
                yield _violation(Property.REASON, where, line.reason, reason)
            elif dict(line.detail) != detail:
                yield _violation(Property.REASON_DETAIL, where, dict(line.detail), detail)


class _TrueReasons:
    """What is true of the open orders of one side, looked up again from the lanes."""

    def __init__(self, book: _Book, outcome: Outcome, side: Side) -> None:
        lanes, ends = book.lanes, book.lanes.ends(side)
        self.book, self.side, self.orders = book, side, book.problem.orders(side)
        self.placed = _placed(outcome.matches, side)
        self.starts = np.argsort(ends, kind="stable")
        self.bounds = np.searchsorted(ends[self.starts], np.arange(len(self.orders) + 1))
        alone = np.flatnonzero(np.diff(self.bounds) == 0)
        self.listed = book.problem.lanes is not None
        self.nearest: dict[int, Nearest] = {}
        if not self.listed:
            self.nearest = lane_rule.nearest_compatible(book.problem, side, alone)
        used = [lane for lane in map(book.lane, outcome.matches) if lane is not None]
        self.trading = Counter(self._trade(lane) for lane in used)
        self.own = Counter(used)
        self.permitted = lanes.permitted

    def of(self, at: int) -> tuple[Reason, dict[str, int]]:
        """The reason of one order and the facts that go with it."""
        order = self.orders[at]
        lanes = self.starts[self.bounds[at] : self.bounds[at + 1]]
        if order.kg == 0:
            return Reason.ZERO, {}
        if self.placed[order.id] == order.kg:
            return Reason.PLACED, {}
        if not len(lanes):
            return self._alone(at)
        if not self.permitted[lanes].any():
            best = int(self.book.lanes.surplus[lanes].max())
            missing = -best - self.book.problem.settings.support
            return Reason.PRICE, {"counterparts": len(lanes), "missing": missing}
        return self._crowded(lanes[self.permitted[lanes]])

    def _alone(self, at: int) -> tuple[Reason, dict[str, int]]:
        if self.listed:
            return Reason.NO_LANE_LISTED, {}
        if at not in self.nearest:
            return Reason.NO_LANE_MATERIAL, {}
        near = self.nearest[at]
        return Reason.NO_LANE_DISTANCE, {
            "counterparts": near.counterparts,
            "limit_m": near.limit_m,
            "nearest_m": near.road_m,
        }

    def _crowded(self, lanes: Ints) -> tuple[Reason, dict[str, int]]:
        each = lanes.tolist()
        rivals = sum(self.trading[self._trade(lane)] > self.own[lane] for lane in each)
        detail = {"counterparts": len(each)}
        return (Reason.TIE, detail | {"rivals": rivals}) if rivals else (Reason.FULL, detail)

    def _trade(self, lane: int) -> tuple[int, int]:
        """The counterpart of a lane and its surplus; lanes equal in both are interchangeable."""
        there = self.book.lanes.ends(self.side.opposite)
        return int(there[lane]), int(self.book.lanes.surplus[lane])


def _totals(book: _Book, outcome: Outcome) -> Iterator[Violation]:
    matches, stated = outcome.matches, outcome.certificate.totals
    consumer = sum(_fen(match.kg * match.price_consumer) for match in matches)
    freight = sum(_fen(match.kg * match.cost) for match in matches)
    support = sum(_fen(match.kg * match.support) for match in matches)
    expected = {
        "kg": sum(match.kg for match in matches),
        "consumer": consumer,
        "producer": consumer + support - freight,
        "freight": freight,
        "support": support,
    }
    for name, value in expected.items():
        if getattr(stated, name) != value:
            yield _violation(Property.TOTALS, name, getattr(stated, name), value)


def _fen(kg_fen_per_tonne: int) -> int:
    """Kilograms times fen per tonne as whole fen, rounded half up."""
    return (kg_fen_per_tonne + 500) // 1_000


def _certificate(book: _Book, outcome: Outcome) -> Iterator[Violation]:
    certificate = outcome.certificate
    sha256 = problem_sha256(book.problem)
    if certificate.problem_sha256 != sha256:
        yield _violation(
            Property.CERTIFICATE_PROBLEM, "problem_sha256", certificate.problem_sha256, sha256
        )
    names = tuple(level.name for level in certificate.levels)
    if names != book.problem.settings.levels:
        yield _violation(Property.CERTIFICATE_LEVELS, "levels", names, book.problem.settings.levels)
        return
    surplus, placed = book.lanes.surplus, sum(match.kg for match in outcome.matches)
    gain = {"tonnes": np.ones(len(surplus), dtype=np.int64), "surplus": surplus}
    for level, before in zip(certificate.levels, (0, placed), strict=True):
        yield from _level(book, outcome, level, gain[level.name], before)


def _level(
    book: _Book, outcome: Outcome, level: Level, gain: Ints, placed: int
) -> Iterator[Violation]:
    """Whether value and dual values are what they claim, and meet.

    ``gain`` is what a tonne on each lane adds to this level, ``placed`` the kilograms the level
    before has fixed.
    """
    used = ((book.lane(match), match.kg) for match in outcome.matches)
    value = sum(int(gain[lane]) * kg for lane, kg in used if lane is not None)
    if level.value != value:
        yield _violation(Property.CERTIFICATE_VALUE, level.name, level.value, value)
    if not _is_dual(book, level, gain):
        yield Violation(Property.CERTIFICATE_DUAL, level.name)
        return
    bound = (
        _dot(level.supply_dual, book.problem.supplies)
        + _dot(level.demand_dual, book.problem.demands)
        - level.tonnes_dual * placed
    )
    if level.bound != bound or bound != value:
        yield _violation(Property.CERTIFICATE_GAP, level.name, level.bound, f"{bound}, {value}")


def _is_dual(book: _Book, level: Level, gain: Ints) -> bool:
    """Whether u ≥ 0, v ≥ 0 and u + v − w ≥ gain on every permitted lane."""
    sizes = len(book.problem.supplies), len(book.problem.demands)
    if (len(level.supply_dual), len(level.demand_dual)) != sizes:
        return False
    values = (*level.supply_dual, *level.demand_dual)
    if any(not 0 <= value < DUAL_LIMIT for value in values) or abs(level.tonnes_dual) >= DUAL_LIMIT:
        return False
    u, v = np.array(level.supply_dual, np.int64), np.array(level.demand_dual, np.int64)
    lanes = book.lanes
    slack = u[lanes.supply] + v[lanes.demand] - level.tonnes_dual - gain
    return bool((slack[lanes.permitted] >= 0).all())


def _dot(dual: Iterable[int], orders: Iterable[Supply] | Iterable[Demand]) -> int:
    return sum(map(mul, dual, (order.kg for order in orders)))
