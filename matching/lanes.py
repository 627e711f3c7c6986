"""Which pairs may trade and what the way between them costs.

This rule is shared by the solver and the verifier. Lanes come from the problem's own list, or from
material and distance: for each material a spatial index finds the demands in reach, so the work
grows with the lanes found and not with supplies × demands.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching import geo
from matching.problem import Lane, Mode, Problem, Settings, Side

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lanes:
    """Pairs in reach of each other, in (supply, demand) order; every array has shape (lanes,).

    Attributes
    ----------
    supply, demand
        Positions of the two orders in the problem.
    cost
        Freight, fen per tonne.
    surplus
        bid − ask − cost, fen per tonne.
    permitted
        Whether the mode lets the pair trade.
    """

    supply: Ints
    demand: Ints
    cost: Ints
    surplus: Ints
    permitted: Bools

    def __len__(self) -> int:
        return len(self.supply)

    def only_permitted(self) -> "Lanes":
        """The lanes that may carry a match."""
        keep = self.permitted
        return Lanes(
            self.supply[keep],
            self.demand[keep],
            self.cost[keep],
            self.surplus[keep],
            self.permitted[keep],
        )

    def ends(self, side: Side) -> Ints:
        """Positions of the orders on one side."""
        return self.supply if side is Side.SUPPLY else self.demand


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest counterpart for a material: how far, how far it might be, of how many."""

    road_m: int
    limit_m: int
    counterparts: int


def build(problem: Problem) -> Lanes:
    """All lanes of a problem, permitted or not."""
    if problem.lanes is not None:
        supply, demand, cost = _listed(problem, problem.lanes)
    else:
        supply, demand, cost = _in_reach(problem)
    surplus = _bids(problem)[demand] - _asks(problem)[supply] - cost
    return Lanes(supply, demand, cost, surplus, _permitted(problem.settings, surplus))


def lane_cost(road_m: Ints, settings: Settings) -> Ints:
    """Loading plus haulage over whole metres, in fen per tonne, rounded half up."""
    haulage: Ints = (road_m * settings.freight_per_tkm * 2 + 1_000) // 2_000
    return settings.freight_per_t + haulage


def nearest_compatible(problem: Problem, side: Side, orders: Ints) -> dict[int, Nearest]:
    """For each of these orders the nearest counterpart that handles its material, if any does."""
    sites = _Sites(problem)
    found: dict[int, Nearest] = {}
    for group, others in _compatible(problem, side, orders.tolist()):
        if len(others):
            found.update(sites.nearest(side, group, others))
    return found


def _permitted(settings: Settings, surplus: Ints) -> Bools:
    if settings.mode is Mode.PLAN:
        return np.ones(len(surplus), dtype=np.bool_)
    return surplus + settings.support >= 0


def _asks(problem: Problem) -> Ints:
    return np.array([supply.ask for supply in problem.supplies], dtype=np.int64)


def _bids(problem: Problem) -> Ints:
    return np.array([demand.bid for demand in problem.demands], dtype=np.int64)


def _listed(problem: Problem, listed: Sequence[Lane]) -> tuple[Ints, Ints, Ints]:
    supplies = {supply.id: index for index, supply in enumerate(problem.supplies)}
    demands = {demand.id: index for index, demand in enumerate(problem.demands)}
    return (
        np.array([supplies[lane.supply] for lane in listed], dtype=np.int64),
        np.array([demands[lane.demand] for lane in listed], dtype=np.int64),
        np.array([lane.cost for lane in listed], dtype=np.int64),
    )


def _in_reach(problem: Problem) -> tuple[Ints, Ints, Ints]:
    sites = _Sites(problem)
    found = [sites.lanes_between(*group) for group in _search_groups(problem, sites)]
    supply, demand, road_m = (
        np.concatenate([np.empty(0, dtype=np.int64), *columns])
        for columns in (zip(*found, strict=True) if found else ((), (), ()))
    )
    order = np.lexsort((demand, supply))
    return supply[order], demand[order], lane_cost(road_m[order], problem.settings)


def _search_groups(problem: Problem, sites: "_Sites") -> Iterator[tuple[Ints, Ints]]:
    """Supplies of one material with the demands that take it, by classes of similar reach.

    A search radius is that of the farthest-reaching demand of its group, so demands whose limits
    differ by more than a factor of two are searched apart.
    """
    every_supply = range(len(problem.supplies))
    for supplies, takers in _compatible(problem, Side.SUPPLY, every_supply):
        reach_class = np.ceil(np.log2(sites.limit[Side.DEMAND][takers] + 1.0))
        for each in np.unique(reach_class):
            yield supplies, takers[reach_class == each]


def _compatible(problem: Problem, side: Side, orders: Iterable[int]) -> Iterator[tuple[Ints, Ints]]:
    """These orders of one side, grouped by what they handle, with the other side's that fit."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for index in orders:
        groups.setdefault(_handles(problem, side, index), []).append(index)
    for handled, group in groups.items():
        fits = _takers(problem, *handled) if side is Side.SUPPLY else _givers(problem, handled)
        yield np.array(group, dtype=np.int64), np.array(fits, dtype=np.int64)


def _handles(problem: Problem, side: Side, index: int) -> tuple[str, ...]:
    if side is Side.SUPPLY:
        return (problem.supplies[index].material,)
    return problem.demands[index].materials


def _takers(problem: Problem, material: str) -> list[int]:
    return [j for j, demand in enumerate(problem.demands) if demand.accepts(material)]


def _givers(problem: Problem, materials: tuple[str, ...]) -> list[int]:
    return [
        i
        for i, supply in enumerate(problem.supplies)
        if not materials or supply.material in materials
    ]


class _Sites:
    """Positions and distance limits of both sides as arrays, and searches between them."""

    def __init__(self, problem: Problem) -> None:
        default_m, any_m = problem.settings.max_m, np.iinfo(np.int64).max
        self.detour_milli = problem.settings.detour_milli
        self.lon = {Side.SUPPLY: _degrees(s.lon for s in problem.supplies)}
        self.lat = {Side.SUPPLY: _degrees(s.lat for s in problem.supplies)}
        self.limit = {Side.SUPPLY: _metres((s.max_m for s in problem.supplies), any_m)}
        self.lon[Side.DEMAND] = _degrees(d.lon for d in problem.demands)
        self.lat[Side.DEMAND] = _degrees(d.lat for d in problem.demands)
        self.limit[Side.DEMAND] = _metres((d.max_m for d in problem.demands), default_m)

    def lanes_between(self, supplies: Ints, demands: Ints) -> tuple[Ints, Ints, Ints]:
        """Pairs within both limits and their road metres."""
        farthest = float(self.limit[Side.DEMAND][demands].max()) * 1_000 / self.detour_milli
        i, j = geo.pairs_within(
            self.vectors(Side.SUPPLY, supplies), self.vectors(Side.DEMAND, demands), farthest
        )
        supply, demand = supplies[i], demands[j]
        road_m = self.road_m(supply, demand)
        near = road_m <= self.pair_limit(supply, demand)
        return supply[near], demand[near], road_m[near]

    def nearest(self, side: Side, orders: Ints, others: Ints) -> dict[int, Nearest]:
        """For each order the nearest of the others, which are of the opposite side."""
        near = geo.nearest(self.vectors(side, orders), self.vectors(side.opposite, others))
        pair = (orders, others[near]) if side is Side.SUPPLY else (others[near], orders)
        facts = zip(self.road_m(*pair).tolist(), self.pair_limit(*pair).tolist(), strict=True)
        return {
            order: Nearest(road_m, limit_m, len(others))
            for order, (road_m, limit_m) in zip(orders.tolist(), facts, strict=True)
        }

    def vectors(self, side: Side, index: Ints) -> Floats:
        return geo.unit_vectors(self.lon[side][index], self.lat[side][index])

    def pair_limit(self, supply: Ints, demand: Ints) -> Ints:
        return np.minimum(self.limit[Side.SUPPLY][supply], self.limit[Side.DEMAND][demand])

    def road_m(self, supply: Ints, demand: Ints) -> Ints:
        return geo.road_m(
            self.lon[Side.SUPPLY][supply],
            self.lat[Side.SUPPLY][supply],
            self.lon[Side.DEMAND][demand],
            self.lat[Side.DEMAND][demand],
            self.detour_milli,
        )


def _degrees(values: Iterable[float | None]) -> Floats:
    return np.array(list(values), dtype=np.float64)


def _metres(values: Iterable[int | None], default: int) -> Ints:
    return np.array([default if value is None else value for value in values], dtype=np.int64)
