"""What a plan is worth at each level, and whether it may stand; in exact whole numbers."""

from collections.abc import Sequence

import numpy as np

from matching.assignment.parts import WHOLE, Parts
from matching.network import Bools, Flow, Gain, Ints

#: Products whose sum of magnitudes stays below this cannot overflow.
SAFE = 2.0**61


def dot(values: Ints, kg: Ints) -> int:
    """Σ values · kg, through Python's integers where 64 bits might not do."""
    busy = np.flatnonzero(kg)
    factor, mass = np.broadcast_to(values, kg.shape)[busy], kg[busy]
    if float(np.abs(factor.astype(np.float64)) @ mass.astype(np.float64)) < SAFE:
        return int(factor @ mass)
    return sum(int(a) * int(b) for a, b in zip(factor, mass, strict=True))


def used_pairs(parts: Parts, flow: Flow) -> Bools:
    """Pairs that trade at all, shape (pairs,)."""
    used = np.zeros(len(parts.lots.pair_fixed), dtype=np.bool_)
    used[parts.lots.lane_pair[flow.lane > 0]] = True
    return used


def used_orders(parts: Parts, flow: Flow) -> Bools:
    """Demand orders that take anything, shape (demand orders,)."""
    used = np.zeros(len(parts.lots.open_cost), dtype=np.bool_)
    used[parts.lane_order[flow.lane > 0]] = True
    return used


def spent(parts: Parts, flow: Flow) -> int:
    """Fixed and opening costs of a plan, thousandths of a fen."""
    fixed = parts.lots.pair_fixed[used_pairs(parts, flow)]
    opening = parts.lots.open_cost[used_orders(parts, flow)]
    return sum(map(int, fixed)) + sum(map(int, opening))


def value(parts: Parts, gain: Gain, flow: Flow) -> int:
    """What a plan reaches at one level."""
    running = dot(gain.lane, flow.lane) + dot(gain.held, flow.supply_held)
    return running - spent(parts, flow) if gain.spends else running


def values(parts: Parts, gains: Sequence[Gain], flow: Flow) -> tuple[int, ...]:
    """What a plan reaches at every level; of two plans the greater tuple is the better one."""
    return tuple(value(parts, gain, flow) for gain in gains)


def may_stand(parts: Parts, flow: Flow) -> bool:
    """Whether a plan keeps every rule."""
    return (
        _lanes_hold(parts, flow)
        and _supplies_hold(parts, flow)
        and _demands_hold(parts, flow)
        and _margins_hold(parts, flow)
    )


def _lanes_hold(parts: Parts, flow: Flow) -> bool:
    network, used = parts.network, flow.lane > 0
    within = (flow.lane >= 0) & (flow.lane <= parts.most) & (~used | (flow.lane >= parts.least))
    return bool(
        within.all()
        and _between(flow.supply_held, network.supply_held_kg)
        and _between(flow.demand_held, network.demand_held_kg)
    )


def _between(kg: Ints, most: Ints) -> bool:
    return bool(((kg >= 0) & (kg <= most)).all())


def given(parts: Parts, flow: Flow) -> Ints:
    """Kilograms each supply node gives of its own, shape (supply nodes,)."""
    network = parts.network
    kg = np.zeros(len(network.supply_kg), dtype=np.int64)
    np.add.at(kg, network.lane_supply, flow.lane)
    np.add.at(kg, network.supply_held, flow.supply_held)
    np.subtract.at(kg, network.supply_held + 1, flow.supply_held)
    return kg


def _supplies_hold(parts: Parts, flow: Flow) -> bool:
    network = parts.network
    whole = parts.lots.single[network.lane_supply] & (flow.lane > 0)
    once = np.bincount(network.lane_supply[whole], minlength=1).max(initial=0) <= 1
    return bool(once and _between(given(parts, flow), network.supply_kg))


def taken_milli(parts: Parts, flow: Flow) -> Ints:
    """Thousandths of a kilogram of its need each demand node covers, shape (demand nodes,)."""
    network = parts.network
    room = np.zeros(len(network.demand_kg), dtype=np.int64)
    np.add.at(room, network.lane_demand, flow.lane * parts.lots.lane_use_milli)
    np.subtract.at(room, network.demand_held, flow.demand_held * WHOLE)
    np.add.at(room, network.demand_held + 1, flow.demand_held * WHOLE)
    return room


def _demands_hold(parts: Parts, flow: Flow) -> bool:
    begun = -(-taken_milli(parts, flow) // WHOLE)
    return _between(begun, parts.network.demand_kg)


def _margins_hold(parts: Parts, flow: Flow) -> bool:
    return not short_pairs(parts, flow).any() and not short_orders(parts, flow).any()


def short_pairs(parts: Parts, flow: Flow) -> Bools:
    """Pairs in use whose margins do not cover their fixed cost, shape (pairs,)."""
    due = used_pairs(parts, flow) & (parts.lots.pair_fixed > 0)
    if parts.lots.lane_margin is None:
        return np.zeros_like(due)
    return due & (_margins(parts, flow, parts.lots.lane_pair, len(due)) < parts.lots.pair_fixed)


def short_orders(parts: Parts, flow: Flow) -> Bools:
    """Demand orders in use whose margins do not cover all their fixed costs."""
    due = used_orders(parts, flow) & parts.order_margin
    if parts.lots.lane_margin is None:
        return due
    margin = _margins(parts, flow, parts.lane_order, len(due))
    paid = used_pairs(parts, flow)
    order_of_pair = np.zeros(len(paid), dtype=np.int64)
    order_of_pair[parts.lots.lane_pair] = parts.lane_order
    np.subtract.at(margin, order_of_pair[paid], parts.lots.pair_fixed[paid].astype(object))
    return np.asarray(due & (margin < parts.lots.open_cost.astype(object)), dtype=np.bool_)


def _margins(parts: Parts, flow: Flow, group: Ints, groups: int) -> Ints:
    """Σ margin · kg per group, as Python integers: the products may pass 64 bits."""
    assert parts.lots.lane_margin is not None
    busy = np.flatnonzero(flow.lane)
    total = np.zeros(groups, dtype=object)
    margin = np.broadcast_to(parts.lots.lane_margin, flow.lane.shape)[busy]
    np.add.at(total, group[busy], margin.astype(object) * flow.lane[busy].astype(object))
    return total
