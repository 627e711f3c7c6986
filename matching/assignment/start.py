"""A first plan without branching: the divisible flow, repaired until it may stand."""

from collections.abc import Iterator, Sequence

import numpy as np

from matching.assignment.measure import (
    may_stand,
    short_orders,
    short_pairs,
    used_orders,
    used_pairs,
)
from matching.assignment.parts import WHOLE, Parts
from matching.assignment.relaxation import price, spread
from matching.assignment.settle import Choice, settle
from matching.network import Bools, Flow, Gain, Ints

#: How often lanes that carry too little are closed, half of them at a time.
REPAIRS = 40
#: How often fixed costs are spread anew.
SLOPES = 12


def starting_plans(parts: Parts, gains: Sequence[Gain]) -> Iterator[Flow]:
    """Plans that may stand, each made in a fixed number of flows; the first is the repaired flow.

    The others spread each fixed cost over what the plan before sent (D. Kim, P. M. Pardalos, *A
    solution approach to the fixed charge network flow problem using a dynamic slope scaling
    procedure*, Operations Research Letters 24, 1999).
    """
    sloped = [spread(parts, gain) for gain in gains]
    before: Flow | None = None
    for _ in range(SLOPES):
        guide = _guide(parts, sloped)
        if before is None and parts.drying.any():
            yield from _thrifty(parts, sloped, guide)
        flow = _repaired(parts, sloped, _whole_lots(parts, _by_promise(parts, sloped, guide)))
        if flow is None or (before is not None and np.array_equal(flow.lane, before.lane)):
            return
        yield flow
        before = flow
        sloped = [_resloped(parts, *both, flow) for both in zip(gains, sloped, strict=True)]


def _resloped(parts: Parts, gain: Gain, sloped: Gain, flow: Flow) -> Gain:
    """Fixed costs over the kilograms of a plan; where it sends none, as steep as before."""
    if not gain.spends:
        return sloped
    lane = np.array(gain.lane, dtype=np.int64)
    for group, cost in (
        (parts.lots.lane_pair, parts.lots.pair_fixed),
        (parts.lane_order, parts.lots.open_cost),
    ):
        sent = np.zeros(len(cost), dtype=np.int64)
        np.add.at(sent, group, flow.lane)
        lane -= (cost // np.maximum(sent, 1))[group]
    used = _in_use(parts, flow)
    return Gain(np.where(used, lane, sloped.lane), gain.held)


def _in_use(parts: Parts, flow: Flow) -> Bools:
    """Lanes whose pair and order are both in use."""
    pairs, orders = used_pairs(parts, flow), used_orders(parts, flow)
    return np.asarray(pairs[parts.lots.lane_pair] & orders[parts.lane_order])


def _thrifty(parts: Parts, gains: Sequence[Gain], guide: Ints) -> Iterator[Flow]:
    """Where room is scarce: lanes that take little of it before those that gain much."""
    use = Gain(-parts.lots.lane_use_milli, gains[0].held)
    lanes = _by_promise(parts, [use, *gains], guide)
    flow = _repaired(parts, gains, _whole_lots(parts, lanes))
    if flow is not None:
        yield flow


def _whole_lots(parts: Parts, lanes: Ints) -> Choice:
    """Bounds that place whole lots, and lanes that take other room, in this order of lanes."""
    apart = parts.single | parts.drying
    fixed = np.zeros_like(parts.most)
    supply, room = parts.network.supply_kg.copy(), parts.network.demand_kg * WHOLE
    for lane in lanes:
        i, j = parts.network.lane_supply[lane], parts.network.lane_demand[lane]
        use = parts.lots.lane_use_milli[lane]
        kg = min(int(parts.most[lane]), int(supply[i]), int(room[j] // use))
        if kg >= max(1, parts.least[lane]):
            fixed[lane] = kg
            supply[i] -= kg
            room[j] -= kg * use
    return Choice(np.where(apart, fixed, 0), np.where(apart, fixed, parts.most))


def _guide(parts: Parts, gains: Sequence[Gain]) -> Ints:
    """Kilograms on each lane in a divisible plan, shape (lanes,)."""
    if parts.drying.any():
        return np.minimum(price(parts, _folded(gains)).flow.lane, parts.most)
    flow = settle(parts, gains, Choice(np.zeros_like(parts.most), parts.most))
    return flow.lane if flow is not None else np.zeros_like(parts.most)


def _folded(gains: Sequence[Gain]) -> Gain:
    """All levels in one gain that mostly keeps their order: the first weighs most."""
    folded = gains[-1]
    for gain in reversed(gains[:-1]):
        least = int(np.abs(gain.lane[gain.lane != 0]).min(initial=1))
        weight = 2 * int(np.abs(folded.lane).max(initial=0)) // max(1, least) + 1
        folded = Gain(weight * gain.lane + folded.lane, weight * gain.held + folded.held)
    return folded


def _by_promise(parts: Parts, gains: Sequence[Gain], guide: Ints) -> Ints:
    """Lanes that no flow decides: large lots first, then much of the divisible plan, then gain."""
    keys = [-np.broadcast_to(gain.lane, guide.shape) for gain in reversed(gains)]
    mass = np.where(parts.single, parts.network.supply_kg[parts.network.lane_supply], 0)
    order = np.lexsort([*keys, -guide, -mass])
    wanted = (parts.single | parts.drying) & (parts.most > 0)
    return np.asarray(order[wanted[order]])


def _repaired(parts: Parts, gains: Sequence[Gain], choice: Choice) -> Flow | None:
    """Close what carries too little or does not earn its costs until the rest may stand."""
    low, high = choice.low.copy(), choice.high.copy()
    for _ in range(REPAIRS):
        flow = settle(parts, gains, Choice(low, high))
        if flow is None or may_stand(parts, flow):
            return flow
        closing = _too_small(parts, flow) | _short(parts, flow)
        low[closing], high[closing] = 0, 0
    return None


def _too_small(parts: Parts, flow: Flow) -> Bools:
    """The emptier half of the lanes below their minimum."""
    below = (flow.lane > 0) & (flow.lane < parts.least)
    closing = np.zeros_like(below)
    lanes = np.flatnonzero(below)
    filled = flow.lane[lanes] / parts.least[lanes]
    closing[lanes[np.argsort(filled, kind="stable")[: (len(lanes) + 1) // 2]]] = True
    return closing


def _short(parts: Parts, flow: Flow) -> Bools:
    pairs, orders = short_pairs(parts, flow), short_orders(parts, flow)
    return np.asarray(pairs[parts.lots.lane_pair] | orders[parts.lane_order])
