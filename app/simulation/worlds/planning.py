"""Planning a world: who stands where, what they make, who sends what to whom; pure, from a seed.

Firms and sites are numbered by their place in the plan; the database gives them ids later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from random import Random

from app.history.rules import MEAN_LOAD_KG, Habit
from app.simulation.worlds.kinds import (
    MakerKind,
    TakerKind,
    drawn_habit,
    drawn_maker,
    drawn_taker,
)

TAKERS_PER_MAKER = 2
"""One site that takes for so many that make."""
MOST_SITES_OF_A_FIRM = 3
LARGE_GROUP, SMALL_GROUP = 8, 3
GROUPED_MILLI = 150
ROUTES_OF_A_WASTE = 3
TICKETED_PART = 2
"""At most one in so many kilograms of a mean month goes away with tickets."""
USUAL_LOADS = 12
FARTHEST_DEGREES = 0.8
"""About as far as a truck drives twice a day."""
Position = tuple[float, float]
"""Longitude and latitude in degrees."""
Locate = Callable[[Random], tuple[str, Position]]
"""A county's code and a place in it, drawn by chance."""


class TooFewSites(ValueError):
    """So many tickets are more than the sites have waste for."""


@dataclass(frozen=True, slots=True)
class PlannedFirm:
    name: str
    name_en: str
    industry: str
    is_producer: bool
    group: int | None


@dataclass(frozen=True, slots=True)
class PlannedSite:
    firm: int
    adcode: str
    position: Position
    park_draw: float


@dataclass(frozen=True, slots=True)
class PlannedWaste:
    """A waste of the maker at this place of the plan."""

    site: int
    material: str
    kg_per_million: int
    habit: Habit
    opening_kg: int


@dataclass(frozen=True, slots=True)
class PlannedRoute:
    """From site to site; `loads` weighs it against the others, and it never has more a month."""

    waste: PlannedWaste
    site: int
    kind: TakerKind
    price: int
    loads: int


@dataclass(frozen=True, slots=True)
class World:
    """All of it. `makers` and `takers` have the sites' places in the plan as keys."""

    firms: tuple[PlannedFirm, ...]
    sites: tuple[PlannedSite, ...]
    makers: dict[int, tuple[MakerKind, int]]
    takers: dict[int, TakerKind]
    wastes: tuple[PlannedWaste, ...]
    routes: tuple[PlannedRoute, ...]
    groups: int


def plan(random: Random, makers: int, loads: int, locate: Locate) -> World:
    """A world of so many sites that make waste, for so many loads a month; raises `TooFewSites`."""
    firms, owners = _firms(random, makers)
    sites = tuple(_site(random, owner, locate) for owner, _kind in owners)
    kinds = [kind for _owner, kind in owners]
    made = {
        place: (kind, random.randint(*kind.mean))
        for place, kind in enumerate(kinds)
        if isinstance(kind, MakerKind)
    }
    taken = {place: kind for place, kind in enumerate(kinds) if isinstance(kind, TakerKind)}
    wastes = tuple(_wastes(random, made))
    return World(
        firms=tuple(firms),
        sites=sites,
        makers=made,
        takers=taken,
        wastes=wastes,
        routes=_routes(random, wastes, taken, sites, loads),
        groups=1 + max((firm.group for firm in firms if firm.group is not None), default=-1),
    )


AnyKind = MakerKind | TakerKind


def _firms(random: Random, makers: int) -> tuple[list[PlannedFirm], list[tuple[int, AnyKind]]]:
    """The firms, and of each site in order its firm and its kind."""
    firms: list[PlannedFirm] = []
    owners: list[tuple[int, AnyKind]] = []
    groups = _groups(random)
    while len(owners) < makers:
        kind = drawn_maker(random)
        sites = min(random.randint(1, MOST_SITES_OF_A_FIRM), makers - len(owners))
        owners += [(len(firms), kind)] * sites
        firms.append(_firm(len(firms), kind, is_producer=True, group=next(groups)))
    for place in range(max(makers // TAKERS_PER_MAKER, 8)):
        taker = drawn_taker(random, place)
        owners.append((len(firms), taker))
        firms.append(_firm(len(firms), taker, is_producer=False, group=next(groups)))
    return firms, owners


def _firm(place: int, kind: AnyKind, *, is_producer: bool, group: int | None) -> PlannedFirm:
    return PlannedFirm(
        f"生成{kind.name} {place + 1:05d}",
        f"Generated {kind.name_en} {place + 1:05d}",
        kind.industry,
        is_producer,
        group,
    )


def _groups(random: Random) -> Iterator[int | None]:
    """To which group the next firm belongs: first a large one, then small ones here and there."""
    yield from [0] * LARGE_GROUP
    for group in count(1):
        members = SMALL_GROUP
        while members:
            if random.randrange(1_000) < GROUPED_MILLI:
                members -= 1
                yield group
            else:
                yield None


def _site(random: Random, firm: int, locate: Locate) -> PlannedSite:
    adcode, position = locate(random)
    return PlannedSite(firm, adcode, position, random.random())


def _wastes(random: Random, makers: dict[int, tuple[MakerKind, int]]) -> Iterator[PlannedWaste]:
    for site, (kind, mean) in makers.items():
        for material, per_million in kind.wastes:
            habit = drawn_habit(random, material, mean * per_million // 1_000_000)
            opening = habit.store_kg * random.randint(0, 300) // 1_000
            yield PlannedWaste(site, material, per_million, habit, opening)


def _routes(
    random: Random,
    wastes: Sequence[PlannedWaste],
    takers: dict[int, TakerKind],
    sites: Sequence[PlannedSite],
    loads: int,
) -> tuple[PlannedRoute, ...]:
    """Routes enough for the loads: small ones if that will do, else as large as the wastes bear."""
    drawn = list(wastes) * ROUTES_OF_A_WASTE
    random.shuffle(drawn)
    by_material = _by_material(takers)
    for most in (USUAL_LOADS, max(loads, 1)):
        found = _enough(_possible(random, drawn, by_material, sites, most), loads)
        if sum(route.loads for route in found) >= loads:
            return tuple(found)
    raise TooFewSites(f"{loads} loads a month")


def _enough(routes: Iterator[PlannedRoute], loads: int) -> list[PlannedRoute]:
    found: list[PlannedRoute] = []
    missing = loads
    while missing > 0:
        more = list(islice(routes, 1))
        if not more:
            break
        found += more
        missing -= more[0].loads
    return found


def _possible(
    random: Random,
    wastes: Sequence[PlannedWaste],
    takers: dict[str, list[tuple[int, TakerKind]]],
    sites: Sequence[PlannedSite],
    most: int,
) -> Iterator[PlannedRoute]:
    for waste in wastes:
        room = waste.habit.mean_kg // TICKETED_PART // ROUTES_OF_A_WASTE // MEAN_LOAD_KG
        near = [one for one in takers[waste.material] if _is_near(sites, waste.site, one[0])]
        if room and near:
            site, kind = random.choice(near)
            loads = random.randint(max(1, min(room, most) // 2), min(room, most))
            yield PlannedRoute(waste, site, kind, random.randrange(-2_000, 4_000, 50), loads)


def _by_material(takers: dict[int, TakerKind]) -> dict[str, list[tuple[int, TakerKind]]]:
    found: defaultdict[str, list[tuple[int, TakerKind]]] = defaultdict(list)
    for site, kind in takers.items():
        for material in kind.takes:
            found[material].append((site, kind))
    return found


def _is_near(sites: Sequence[PlannedSite], one: int, other: int) -> bool:
    pairs = zip(sites[one].position, sites[other].position, strict=True)
    return all(abs(here - there) <= FARTHEST_DEGREES for here, there in pairs)
