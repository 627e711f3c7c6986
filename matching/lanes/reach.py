"""Which pairs of orders meet: material and distance, found by a spatial index.

For each material a k-d tree finds the demands in reach, so the work grows with the pairs found and
not with supplies × demands. Pairs are of orders, once per id; months come later.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching import geo
from matching.problem import Demand, Settings, Side, Supply

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest counterpart: its order, how far it is, how far it might be, out of how many."""

    order: int
    road_m: int
    limit_m: int
    counterparts: int


class Sites:
    """The orders of both sides, one entry per id, with positions and limits as arrays."""

    def __init__(
        self, supplies: Sequence[Supply], demands: Sequence[Demand], settings: Settings
    ) -> None:
        any_m = np.iinfo(np.int64).max
        self.supplies, self.demands, self.settings = supplies, demands, settings
        self.lon = {Side.SUPPLY: _degrees(s.lon for s in supplies)}
        self.lat = {Side.SUPPLY: _degrees(s.lat for s in supplies)}
        self.limit = {Side.SUPPLY: _metres((s.max_m for s in supplies), any_m)}
        self.lon[Side.DEMAND] = _degrees(d.lon for d in demands)
        self.lat[Side.DEMAND] = _degrees(d.lat for d in demands)
        self.limit[Side.DEMAND] = _metres((d.max_m for d in demands), settings.max_m)

    def pairs(self) -> tuple[Ints, Ints, Ints]:
        """All pairs in reach in (supply, demand) order, and their road metres."""
        found = [self._between(*group) for group in self._search_groups()]
        supply, demand, road_m = (
            np.concatenate([np.empty(0, dtype=np.int64), *columns])
            for columns in (zip(*found, strict=True) if found else ((), (), ()))
        )
        order = np.lexsort((demand, supply))
        return supply[order], demand[order], road_m[order]

    def nearest(self, side: Side, orders: Ints) -> dict[int, Nearest]:
        """For each of these orders the nearest that handles its material, if any does."""
        found: dict[int, Nearest] = {}
        for group, others in self._compatible(side, orders.tolist()):
            if len(others):
                found.update(self._nearest(side, group, others))
        return found

    def nearest_of_any(self, side: Side, orders: Ints) -> dict[int, Nearest]:
        """For each of these orders the nearest of the other side, whatever it handles."""
        others = np.arange(len(self.limit[side.opposite]))
        return self._nearest(side, orders, others) if len(others) and len(orders) else {}

    def pair_limit(self, supply: Ints, demand: Ints) -> Ints:
        """How far apart a pair may lie, road metres."""
        return np.minimum(self.limit[Side.SUPPLY][supply], self.limit[Side.DEMAND][demand])

    def road_m(self, supply: Ints, demand: Ints) -> Ints:
        """How far apart pairs lie, road metres."""
        return geo.road_m(
            self.lon[Side.SUPPLY][supply],
            self.lat[Side.SUPPLY][supply],
            self.lon[Side.DEMAND][demand],
            self.lat[Side.DEMAND][demand],
            self.settings.detour_milli,
        )

    def _search_groups(self) -> Iterator[tuple[Ints, Ints]]:
        """Supplies of one material with the demands that take it, by classes of similar reach.

        A search radius is that of the farthest-reaching demand of its group, so demands whose
        limits differ by more than a factor of two are searched apart.
        """
        for supplies, takers in self._compatible(Side.SUPPLY, range(len(self.supplies))):
            reach_class = np.ceil(np.log2(self.limit[Side.DEMAND][takers] + 1.0))
            for each in np.unique(reach_class):
                yield supplies, takers[reach_class == each]

    def _compatible(self, side: Side, orders: Iterable[int]) -> Iterator[tuple[Ints, Ints]]:
        """These orders, grouped by what they handle, with those of the other side that fit."""
        here, there = self._handled(side), _holders(self._handled(side.opposite))
        groups: dict[tuple[str, ...], list[int]] = {}
        for index in orders:
            groups.setdefault(here[index], []).append(index)
        everyone = range(len(self.limit[side.opposite]))
        for handled, group in groups.items():
            if side is Side.DEMAND and not handled:
                fits: Iterable[int] = everyone
            else:
                anything = there.get(None, []) if side is Side.SUPPLY else []
                fits = sorted(anything + [k for each in handled for k in there.get(each, [])])
            yield np.array(group, dtype=np.int64), np.fromiter(fits, dtype=np.int64)

    def _handled(self, side: Side) -> list[tuple[str, ...]]:
        """The materials of each order of a side; empty where it takes anything."""
        if side is Side.SUPPLY:
            return [(supply.material,) for supply in self.supplies]
        return [demand.materials for demand in self.demands]

    def _between(self, supplies: Ints, demands: Ints) -> tuple[Ints, Ints, Ints]:
        """Pairs within both limits and their road metres."""
        farthest = float(self.limit[Side.DEMAND][demands].max()) * 1_000
        i, j = geo.pairs_within(
            self._vectors(Side.SUPPLY, supplies),
            self._vectors(Side.DEMAND, demands),
            farthest / self.settings.detour_milli,
        )
        supply, demand = supplies[i], demands[j]
        road_m = self.road_m(supply, demand)
        near = road_m <= self.pair_limit(supply, demand)
        return supply[near], demand[near], road_m[near]

    def _nearest(self, side: Side, orders: Ints, others: Ints) -> dict[int, Nearest]:
        near = others[
            geo.nearest(self._vectors(side, orders), self._vectors(side.opposite, others))
        ]
        pair = (orders, near) if side is Side.SUPPLY else (near, orders)
        facts = zip(
            orders.tolist(),
            near.tolist(),
            self.road_m(*pair).tolist(),
            self.pair_limit(*pair).tolist(),
            strict=True,
        )
        return {
            order: Nearest(other, road_m, limit_m, len(others))
            for order, other, road_m, limit_m in facts
        }

    def _vectors(self, side: Side, index: Ints) -> Floats:
        return geo.unit_vectors(self.lon[side][index], self.lat[side][index])


def lane_cost(road_m: Ints, settings: Settings) -> Ints:
    """Loading plus haulage over whole metres, in fen per tonne, rounded half up."""
    haulage: Ints = (road_m * settings.freight_per_tkm * 2 + 1_000) // 2_000
    return settings.freight_per_t + haulage


def _holders(handled: Sequence[tuple[str, ...]]) -> dict[str | None, list[int]]:
    """Who handles each material; under ``None`` those who take anything."""
    holders: dict[str | None, list[int]] = {}
    for index, materials in enumerate(handled):
        for each in materials or (None,):
            holders.setdefault(each, []).append(index)
    return holders


def _degrees(values: Iterable[float | None]) -> Floats:
    return np.array(list(values), dtype=np.float64)


def _metres(values: Iterable[int | None], default: int) -> Ints:
    return np.array([default if value is None else value for value in values], dtype=np.int64)
