"""Why an order, or what is left of it, was not placed.

An order passes four stages and carries the code of the one it fell at: is there anybody for the
material, within reach, at a price that leaves a surplus, and with room left. A code is a fact about
the problem and the plan that the verifier looks up again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching import lanes as lane_rule
from matching.lanes import Lanes, Nearest
from matching.outcome import OrderResult, Reason
from matching.problem import Demand, Problem, Side, Supply

Ints = npt.NDArray[np.int64]
Because = tuple[Reason, Mapping[str, int]]


def explain(problem: Problem, lanes: Lanes, flow: Ints) -> tuple[OrderResult, ...]:
    """One line per order, supplies first, each side in id order.

    Parameters
    ----------
    lanes
        Every lane in reach, permitted or not.
    flow
        Kilograms on each of them, shape (lanes,).
    """
    return (
        *_side(problem, lanes, flow, Side.SUPPLY),
        *_side(problem, lanes, flow, Side.DEMAND),
    )


def _side(problem: Problem, lanes: Lanes, flow: Ints, side: Side) -> list[OrderResult]:
    orders = problem.orders(side)
    facts = _Facts.gather(problem, lanes, flow, side, [order.kg for order in orders])
    return [_line(side, index, order, facts) for index, order in enumerate(orders)]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the reasons of one side are told from; arrays of shape (orders of the side,)."""

    listed: bool
    support: int
    placed: list[int]
    in_reach: list[int]
    permitted: list[int]
    best_surplus: list[int]
    rivals: list[int]
    nearest: Mapping[int, Nearest]

    @classmethod
    def gather(
        cls, problem: Problem, lanes: Lanes, flow: Ints, side: Side, kg: list[int]
    ) -> "_Facts":
        ends, orders = lanes.ends(side), len(kg)
        placed = np.zeros(orders, dtype=np.int64)
        np.add.at(placed, ends, flow)
        in_reach = np.bincount(ends, minlength=orders)
        best = np.full(orders, np.iinfo(np.int64).min)
        np.maximum.at(best, ends, lanes.surplus)
        alone = np.flatnonzero((in_reach == 0) & (np.array(kg, dtype=np.int64) > 0))
        listed = problem.lanes is not None
        return cls(
            listed,
            problem.settings.support,
            placed.tolist(),
            in_reach.tolist(),
            np.bincount(ends[lanes.permitted], minlength=orders).tolist(),
            best.tolist(),
            _rivals(lanes, flow, side, orders).tolist(),
            {} if listed else lane_rule.nearest_compatible(problem, side, alone),
        )


def _rivals(lanes: Lanes, flow: Ints, side: Side, orders: int) -> Ints:
    """Per order, on how many lanes the counterpart trades at this very surplus with another order.

    Such an order could take the other's place without any loss: it lost a tie.
    """
    _, surplus_rank = np.unique(lanes.surplus, return_inverse=True)
    there = lanes.ends(side.opposite)
    _, kind = np.unique(there * (len(lanes) + 1) + surplus_rank, return_inverse=True)
    used = flow > 0
    trading = np.bincount(kind[used], minlength=len(lanes))
    tied = lanes.permitted & (trading[kind] > used)
    return np.bincount(lanes.ends(side)[tied], minlength=orders)


def _line(side: Side, index: int, order: Supply | Demand, facts: _Facts) -> OrderResult:
    placed = facts.placed[index]
    reason, detail = _because(index, order.kg, placed, facts)
    return OrderResult(side, order.id, order.kg, placed, reason, detail)


def _because(index: int, kg: int, placed: int, facts: _Facts) -> Because:
    if kg == 0:
        return Reason.ZERO, {}
    if placed == kg:
        return Reason.PLACED, {}
    if not facts.in_reach[index]:
        return _out_of_reach(facts.listed, facts.nearest.get(index))
    if not facts.permitted[index]:
        missing = -facts.best_surplus[index] - facts.support
        return Reason.PRICE, {"counterparts": facts.in_reach[index], "missing": missing}
    detail = {"counterparts": facts.permitted[index]}
    if facts.rivals[index]:
        return Reason.TIE, detail | {"rivals": facts.rivals[index]}
    return Reason.FULL, detail


def _out_of_reach(listed: bool, nearest: Nearest | None) -> Because:
    if listed:
        return Reason.NO_LANE_LISTED, {}
    if nearest is None:
        return Reason.NO_LANE_MATERIAL, {}
    return Reason.NO_LANE_DISTANCE, {
        "counterparts": nearest.counterparts,
        "limit_m": nearest.limit_m,
        "nearest_m": nearest.road_m,
    }
