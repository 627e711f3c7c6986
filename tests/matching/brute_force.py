"""Every whole-kilogram plan of a tiny market, one by one, and the best of them.

This shares nothing with the engine but the types of a problem. A plan is what each lane carries in
each month; what lies in the silos follows from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from matching import Demand, Lane, Mode, Problem, Supply

Plans = npt.NDArray[np.int64]
Kept = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Way:
    """One lane in one month; its number is its column in the plans."""

    number: int
    supply: str
    demand: str
    month: int
    terms: Lane
    least: int
    most: int
    surplus: int
    weight: int


@dataclass(frozen=True)
class Store:
    """The months of one order, from the first in which goods may pass to the last."""

    rows: dict[int, Supply | Demand]
    months: range | list[int]
    silo: int
    stock: int


def best(problem: Problem) -> tuple[int, ...]:
    """What the best plan reaches at each level."""
    plans, values = _scored(problem)
    assert len(plans)
    return tuple(max(map(tuple, values.tolist())))


def number_of_plans(problem: Problem) -> int:
    """How many plans there are to look at."""
    sizes = [way.most - way.least + 2 if way.least else way.most + 1 for way in ways(problem)]
    return int(np.prod(sizes, dtype=np.float64))


def ways(problem: Problem) -> list[Way]:
    """The permitted lanes, month by month, that could carry anything."""
    supplies, demands = _stores(problem.supplies, problem), _stores(problem.demands, problem)
    found: list[Way] = []
    for lane in _lanes(problem):
        giver, taker = supplies[lane.supply], demands[lane.demand]
        for month in sorted(set(giver.months) & set(taker.months)):
            if lane.month in (None, month):
                way = _way(problem, lane, giver, taker, month, len(found))
                if way is not None:
                    found.append(way)
    return found


def _way(
    problem: Problem, lane: Lane, giver: Store, taker: Store, month: int, number: int
) -> Way | None:
    supply = giver.rows[max(m for m in giver.rows if m <= month)]
    demand = taker.rows[min(taker.rows)]
    assert isinstance(supply, Supply)
    assert isinstance(demand, Demand)
    surplus = demand.bid - supply.ask - lane.cost
    if problem.settings.mode is Mode.MARKET and surplus + problem.settings.support < 0:
        return None
    here = giver.rows[month].kg if month in giver.rows else 0
    least = max(supply.min_lot_kg, demand.min_lot_kg, lane.min_kg)
    if supply.single:
        least = max(least, here)
    room = sum(row.kg for row in taker.rows.values()) * 1_000 // lane.use_milli
    mass = sum(row.kg for row in giver.rows.values()) + giver.stock
    most = min(room, here if supply.single else mass)
    most = most if lane.capacity_kg is None else min(most, lane.capacity_kg)
    if most < max(1, least):
        return None
    return Way(
        number, lane.supply, lane.demand, month, lane, least, most, surplus, supply.weight_milli
    )


def _lanes(problem: Problem) -> Sequence[Lane]:
    """The listed lanes; or those within one spot, which cost the loading alone."""
    if problem.lanes is not None:
        return problem.lanes
    cost = problem.settings.freight_per_t
    pairs = {
        (supply.id, demand.id)
        for supply in problem.supplies
        for demand in problem.demands
        if (supply.lon, supply.lat) == (demand.lon, demand.lat) and demand.accepts(supply.material)
    }
    return [Lane(supply, demand, cost) for supply, demand in sorted(pairs)]


def _stores(orders: Sequence[Supply] | Sequence[Demand], problem: Problem) -> dict[str, Store]:
    named = [supply.month or 0 for supply in problem.supplies]
    named += [demand.month or 0 for demand in problem.demands]
    first, last = min(named, default=0), max(named, default=0)
    found = {}
    every: Sequence[Supply | Demand] = orders
    for order_id, group in groupby(every, key=lambda order: order.id):
        rows = {order.month or 0: order for order in group}
        some = rows[min(rows)]
        months: range | list[int] = sorted(rows)
        if some.silo_kg and isinstance(some, Supply):
            months = range(min(rows), last + 1)
        elif some.silo_kg:
            months = range(first, max(rows) + 1)
        found[order_id] = Store(rows, months, some.silo_kg, some.stock_kg)
    return found


def _scored(problem: Problem) -> tuple[Plans, Plans]:
    """All plans that may stand, and what each reaches at each level."""
    lanes = ways(problem)
    choices = [[0, *range(max(1, way.least), way.most + 1)] for way in lanes]
    grid = np.meshgrid(*choices, indexing="ij") if choices else []
    plans = np.stack([each.ravel() for each in grid], axis=1) if grid else np.zeros((1, 0), int)
    demands = _stores(problem.demands, problem)
    stands = np.ones(len(plans), dtype=np.bool_)
    holding = np.zeros(len(plans), dtype=np.int64)
    for order_id, store in _stores(problem.supplies, problem).items():
        kept, cost = _supply_stands(plans, [way for way in lanes if way.supply == order_id], store)
        stands, holding = stands & kept, holding + cost
    for order_id, store in demands.items():
        stands &= _demand_stands(plans, [way for way in lanes if way.demand == order_id], store)
    fixed, opening = _fixed(plans, lanes), _opening(plans, lanes, demands)
    if problem.settings.mode is Mode.MARKET:
        stands &= _pays(plans, lanes, demands, problem.settings.support)
    spent = holding + sum(fixed.values()) + sum(opening.values())
    by_level = {
        "tonnes": _sum(plans, lanes, [way.weight for way in lanes]),
        "surplus": _sum(plans, lanes, [way.surplus for way in lanes]) - spent,
        "cost": -_sum(plans, lanes, [way.terms.cost for way in lanes]) - spent,
    }
    values = np.stack([by_level[name] for name in problem.settings.levels], axis=1)
    return plans[stands], values[stands]


def _sum(plans: Plans, lanes: Sequence[Way], each: Sequence[int]) -> Plans:
    numbers = [way.number for way in lanes]
    total: Plans = plans[:, numbers] @ np.array(each, dtype=np.int64)
    return total


def _in_month(plans: Plans, lanes: Sequence[Way], month: int) -> Plans:
    return _sum(plans, [w for w in lanes if w.month == month], [1] * _count(lanes, month))


def _count(lanes: Sequence[Way], month: int) -> int:
    return sum(way.month == month for way in lanes)


def _supply_stands(plans: Plans, lanes: Sequence[Way], store: Store) -> tuple[Kept, Plans]:
    """Whether a producer can send all that, and what holding the least of it over costs."""
    stands = np.ones(len(plans), dtype=np.bool_)
    held = np.zeros(len(plans), dtype=np.int64)
    cost = np.zeros(len(plans), dtype=np.int64)
    first, holding = store.rows[min(store.rows)], 0
    if isinstance(first, Supply):
        holding = first.holding
    for month in reversed(store.months):
        stands &= held <= (store.silo if held.any() else 0)
        cost += held * holding
        row = store.rows.get(month)
        own = row.kg if row else 0
        own += store.stock if month == store.months[0] else 0
        sent = _in_month(plans, lanes, month)
        if isinstance(row, Supply) and row.single:
            used = [way.number for way in lanes if way.month == month]
            stands &= (plans[:, used] > 0).sum(axis=1) <= 1
        need = sent + held - own
        held = np.maximum(0, need)
        if not store.silo:
            stands &= held == 0
    return stands & (held == 0), cost


def _demand_stands(plans: Plans, lanes: Sequence[Way], store: Store) -> Kept:
    """Whether a consumer can take all that, with some whole kilograms in its silo each month."""
    contents = range(store.silo + 1)
    may_hold = {kg: np.full(len(plans), kg == 0) for kg in contents}
    stock = store.stock
    for month in store.months:
        row = store.rows.get(month)
        met = min(stock, row.kg) if row else 0
        need, stock = (row.kg if row else 0) - met, stock - met
        here = [way for way in lanes if way.month == month]
        taken = _sum(plans, here, [way.terms.use_milli for way in here])
        room = 0 if month == store.months[-1] else store.silo - stock
        may_hold = {
            kg: (kg <= room)
            & np.any([before & _fits(taken, was - kg, need) for was, before in may_hold.items()], 0)
            for kg in contents
        }
    stands: Kept = np.any(list(may_hold.values()), axis=0)
    return stands


def _fits(taken_milli: Plans, drawn: int, need: int) -> Kept:
    """Whether what arrives, a begun kilogram of room counting whole, and what is drawn from the
    silo is used up in the month.
    """
    used = -(-taken_milli // 1_000) + drawn
    return (used >= 0) & (used <= need)


def _fixed(plans: Plans, lanes: Sequence[Way]) -> dict[tuple[str, str], Plans]:
    """What each pair's fixed cost comes to, thousandths of a fen."""
    found: dict[tuple[str, str], Plans] = {}
    for pair in {(way.supply, way.demand) for way in lanes}:
        members = [way for way in lanes if (way.supply, way.demand) == pair]
        used = plans[:, [way.number for way in members]].any(axis=1)
        found[pair] = np.where(used, members[0].terms.fixed_fen * 1_000, 0)
    return found


def _opening(plans: Plans, lanes: Sequence[Way], demands: dict[str, Store]) -> dict[str, Plans]:
    """What each demand's opening cost comes to, thousandths of a fen."""
    found: dict[str, Plans] = {}
    for order_id, store in demands.items():
        some = store.rows[min(store.rows)]
        assert isinstance(some, Demand)
        used = plans[:, [way.number for way in lanes if way.demand == order_id]].any(axis=1)
        found[order_id] = np.where(used, some.open_fen * 1_000, 0)
    return found


def _pays(plans: Plans, lanes: Sequence[Way], demands: dict[str, Store], support: int) -> Kept:
    """Whether fixed and opening costs are covered by the margins of what they unlock."""
    stands = np.ones(len(plans), dtype=np.bool_)
    fixed, opening = _fixed(plans, lanes), _opening(plans, lanes, demands)
    for (supply, demand), cost in fixed.items():
        members = [way for way in lanes if (way.supply, way.demand) == (supply, demand)]
        stands &= _sum(plans, members, [way.surplus + support for way in members]) >= cost
    for demand, cost in opening.items():
        members = [way for way in lanes if way.demand == demand]
        owed = cost + sum(each for pair, each in fixed.items() if pair[1] == demand)
        stands &= _sum(plans, members, [way.surplus + support for way in members]) >= owed
    return stands
