"""Which pairs may trade and what the way between them costs.

This rule is shared by the solver and the verifier. Lanes come from the problem's own list, or from
material and distance: for each material a spatial index finds the demands in reach, so the work
grows with the lanes found and not with supplies × demands.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching import geo
from matching.outcome import Side
from matching.problem import Demand, Lane, Mode, Problem, Settings, Supply

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
    """The nearest counterpart that handles the material: how far, how far it might be, of how many."""

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


def nearest_compatible(problem: Problem, side: Side, index: int) -> Nearest | None:
    """The nearest counterpart of one order that handles its material, in reach or not."""
    order: Supply | Demand
    others: list[Supply] | list[Demand]
    if side is Side.SUPPLY:
        order = supply = problem.supplies[index]
        others = [demand for demand in problem.demands if demand.accepts(supply.material)]
    else:
        order = demand = problem.demands[index]
        others = [supply for supply in problem.supplies if demand.accepts(supply.material)]
    return _nearest(problem.settings, order, others) if others else None


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
    found = [sites.lanes_between(*group) for group in _groups(problem, sites)]
    supply, demand, road_m = (
        np.concatenate([np.empty(0, dtype=np.int64), *columns])
        for columns in (zip(*found, strict=True) if found else ((), (), ()))
    )
    order = np.lexsort((demand, supply))
    return supply[order], demand[order], lane_cost(road_m[order], problem.settings)


def _groups(problem: Problem, sites: "_Sites") -> Iterator[tuple[Ints, Ints]]:
    """Supplies of one material with the demands that take it, by classes of similar reach.

    A search radius is that of the farthest-reaching demand of its group, so demands whose limits
    differ by more than a factor of two are searched apart.
    """
    by_material: dict[str, list[int]] = {}
    for index, supply in enumerate(problem.supplies):
        by_material.setdefault(supply.material, []).append(index)
    for material, supplies in by_material.items():
        takers = np.array(
            [j for j, demand in enumerate(problem.demands) if demand.accepts(material)],
            dtype=np.int64,
        )
        reach_class = np.ceil(np.log2(sites.demand_limit[takers] + 1.0))
        for each in np.unique(reach_class):
            yield np.array(supplies, dtype=np.int64), takers[reach_class == each]


class _Sites:
    """Positions and limits of both sides as arrays, and the search between two groups of them."""

    def __init__(self, problem: Problem) -> None:
        self.detour_milli = problem.settings.detour_milli
        self.supply_lon, self.supply_lat = _positions(problem.supplies)
        self.demand_lon, self.demand_lat = _positions(problem.demands)
        self.supply_limit = np.array(
            [_own_limit(supply) for supply in problem.supplies], dtype=np.int64
        )
        self.demand_limit = np.array(
            [_demand_limit(demand, problem.settings) for demand in problem.demands],
            dtype=np.int64,
        )

    def lanes_between(self, supplies: Ints, demands: Ints) -> tuple[Ints, Ints, Ints]:
        """Pairs within both limits and their road metres."""
        farthest = float(self.demand_limit[demands].max()) * 1_000 / self.detour_milli
        i, j = geo.pairs_within(
            geo.unit_vectors(self.supply_lon[supplies], self.supply_lat[supplies]),
            geo.unit_vectors(self.demand_lon[demands], self.demand_lat[demands]),
            farthest,
        )
        supply, demand = supplies[i], demands[j]
        road_m = self.road_m(supply, demand)
        near = road_m <= np.minimum(self.supply_limit[supply], self.demand_limit[demand])
        return supply[near], demand[near], road_m[near]

    def road_m(self, supply: Ints, demand: Ints) -> Ints:
        return geo.road_m(
            self.supply_lon[supply],
            self.supply_lat[supply],
            self.demand_lon[demand],
            self.demand_lat[demand],
            self.detour_milli,
        )


def _positions(orders: Sequence[Supply] | Sequence[Demand]) -> tuple[Floats, Floats]:
    return (
        np.array([order.lon for order in orders], dtype=np.float64),
        np.array([order.lat for order in orders], dtype=np.float64),
    )


def _own_limit(supply: Supply) -> int:
    return np.iinfo(np.int64).max if supply.max_m is None else supply.max_m


def _demand_limit(demand: Demand, settings: Settings) -> int:
    return settings.max_m if demand.max_m is None else demand.max_m


def _pair_limit(settings: Settings, one: Supply | Demand, other: Supply | Demand) -> int:
    supply, demand = (one, other) if isinstance(one, Supply) else (other, one)
    assert isinstance(supply, Supply) and isinstance(demand, Demand)
    return min(_own_limit(supply), _demand_limit(demand, settings))


def _nearest(
    settings: Settings, order: Supply | Demand, others: Sequence[Supply] | Sequence[Demand]
) -> Nearest:
    lon, lat = _positions(others)
    own_lon, own_lat = _positions([order])  # type: ignore[list-item]
    at = int(geo.nearest(geo.unit_vectors(own_lon, own_lat), geo.unit_vectors(lon, lat))[0])
    road_m = geo.road_m(own_lon, own_lat, lon[at : at + 1], lat[at : at + 1], settings.detour_milli)
    return Nearest(int(road_m[0]), _pair_limit(settings, order, others[at]), len(others))
