"""Clean, plausible months of works, trucks and declarations, to try the watch on.

Nothing here knows the watch's figures: works have physics and habits of their own, trucks burn fuel
and stand in queues, scales err and show steps, clerks round. Everything follows from the seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import cos, hypot, pi
from random import Random

from app.core.clock import CHINA, add_months, china_instant
from app.declarations.balance import MassBalance
from app.declarations.rules import ActivityKind
from app.watch.signs.facts import (
    Active,
    Declared,
    Dossier,
    GateHours,
    Load,
    Permit,
    Taken,
    Waste,
    Weighing,
)

MONTHS, TRUCKED = 18, 3
"""Months of declarations, and how many of them, the last, are told truck by truck."""
FIRST_SEEN = 12
"""The first month, counted from 0, that the watch looks at: it needs a past."""
TONNE = 1000
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

MAKERS: tuple[tuple[ActivityKind, int, dict[str, tuple[float, float]]], ...] = (
    (
        ActivityKind.COAL_BURNT,
        6,
        {"fly_ash": (0.17, 0.25), "bottom_ash": (0.03, 0.06), "fgd_gypsum": (0.036, 0.056)},
    ),
    (ActivityKind.ALUMINA_MADE, 3, {"red_mud": (1.1, 1.7)}),
    (ActivityKind.PVC_MADE, 3, {"carbide_slag": (1.75, 2.3)}),
    (ActivityKind.COPPER_MADE, 2, {"smelting_slag": (2.2, 2.8)}),
)
"""Kinds of works, how many there are, and kilograms of waste per kilogram burnt or made."""
TAKERS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (5, ("fly_ash", "bottom_ash", "fgd_gypsum", "smelting_slag")),
    (4, ("fly_ash", "bottom_ash")),
    (4, ("fgd_gypsum",)),
    (2, ("carbide_slag",)),
    (2, ("red_mud", "smelting_slag")),
)
BOARD_KG_PER_M2 = (7.6, 9.4)


@dataclass(frozen=True, slots=True)
class Place:
    """A site and its weighbridge: step in kilograms, relative bias, minutes its clock is ahead."""

    site: int
    east_m: float
    north_m: float
    hours: GateHours
    step_kg: int
    bias: float
    clock: int

    def metres(self, other: Place) -> int:
        return int(hypot(self.east_m - other.east_m, self.north_m - other.north_m))


@dataclass(frozen=True, slots=True)
class Truck:
    plate: str
    empty_kg: int


@dataclass(slots=True)
class Lane:
    """A material's way from a producer to a receiver, and the trucks on it."""

    waste: Waste
    start: Place
    end: Place
    road_m: int
    trucks: list[Truck]
    filled_kg: int
    spread_kg: int


@dataclass(frozen=True, slots=True)
class Habits:
    """How a producer handles one waste; shares of what they speak of."""

    ground: ActivityKind
    ratio: float
    used: float
    self_used: float
    unticketed: float
    disposed: float
    drawn: tuple[float, float]
    in_tonnes: bool
    surveyed: float


@dataclass(slots=True)
class World:
    """What the dossiers are made of. Frauds change it in place."""

    months: list[date]
    places: dict[int, Place] = field(default_factory=dict)
    lanes: list[Lane] = field(default_factory=list)
    habits: dict[Waste, Habits] = field(default_factory=dict)
    board: set[int] = field(default_factory=set)
    loads: list[Load] = field(default_factory=list)
    earlier: dict[tuple[int, date], int] = field(default_factory=dict)
    """Kilograms on a lane, by its place in `lanes`, in a month not told truck by truck."""
    activities: dict[tuple[int, ActivityKind, date], int] = field(default_factory=dict)
    declared: dict[tuple[Waste, date], Declared] = field(default_factory=dict)
    capacities: dict[Waste, int] = field(default_factory=dict)
    permits: dict[Waste, Permit] = field(default_factory=dict)

    @property
    def trucked(self) -> list[date]:
        return self.months[-TRUCKED:]

    @property
    def seen(self) -> list[date]:
        """The months that the watch looks at."""
        return self.months[FIRST_SEEN:]

    def dossiers(self) -> Iterator[Dossier]:
        """One of every month the watch looks at, with what is known by then."""
        activities = [
            Active(site, month, kind, quantity)
            for (site, kind, month), quantity in self.activities.items()
        ]
        taken = [Taken(waste, month, kg) for (waste, month), kg in self.taken().items()]
        loads: dict[date, list[Load]] = {}
        for load in self.loads:
            loads.setdefault(load.month, []).append(load)
        for month in self.seen:
            yield Dossier(
                month=month,
                declared=[one for one in self.declared.values() if one.month <= month],
                activities=[one for one in activities if one.month <= month],
                taken=[one for one in taken if one.month <= month],
                permits=list(self.permits.values()),
                capacities=self.capacities,
                loads=loads.get(month, []),
                gates={place.site: place.hours for place in self.places.values()},
                metres=self._metres(),
            )

    def taken(self) -> dict[tuple[Waste, date], int]:
        """Kilograms that each receiver took of a material in a month."""
        found: dict[tuple[Waste, date], int] = {}
        for (lane, month), kg in self.earlier.items():
            here = Waste(self.lanes[lane].end.site, self.lanes[lane].waste.material), month
            found[here] = found.get(here, 0) + kg
        for load in self.loads:
            here = Waste(load.unloading.site, load.material), load.month
            found[here] = found.get(here, 0) + load.unloading.net_kg
        return found

    def sent(self) -> dict[tuple[Waste, date], int]:
        """Kilograms of each waste that arrived elsewhere in a month."""
        found: dict[tuple[Waste, date], int] = {}
        for (lane, month), kg in self.earlier.items():
            here = self.lanes[lane].waste, month
            found[here] = found.get(here, 0) + kg
        for load in self.loads:
            here = Waste(load.loading.site, load.material), load.month
            found[here] = found.get(here, 0) + load.unloading.net_kg
        return found

    def _metres(self) -> dict[tuple[int, int], int]:
        places = sorted(self.places.values(), key=lambda place: place.site)
        return {
            (one.site, other.site): one.metres(other)
            for one in places
            for other in places
            if one.site < other.site
        }


def clean_world(seed: int) -> World:
    """A world in which nobody cheats."""
    world = trucked_world(seed)
    declare(world, seed)
    return world


def trucked_world(seed: int) -> World:
    """Its first half: sites, trucks and loads, before anybody declares anything."""
    rng = Random(f"{seed} places")
    last = date(rng.choice((2025, 2026)), rng.randint(5, 12), 1)
    world = World([add_months(last, step) for step in range(1 - MONTHS, 1)])
    _settle(world, rng)
    for number, lane in enumerate(world.lanes):
        _drive(world, lane, Random(f"{seed} lane {number}"))
        _drove(world, number, Random(f"{seed} earlier {number}"))
    world.loads.sort(key=lambda load: load.number)
    return world


def declare(world: World, seed: int) -> None:
    """Its second half: what works made and declared, their stores, the receivers' permits."""
    sent = world.sent()
    for site in sorted({waste.site for waste in world.habits}):
        _work(world, site, sent, Random(f"{seed} work {site}"))
    for waste in world.habits:
        _declare_waste(world, waste, sent, Random(f"{seed} declared {waste}"))
    _build(world, Random(f"{seed} stores"))


# --- places, lanes and trucks -----------------------------------------------------------------


def _settle(world: World, rng: Random) -> None:
    makers = [(kind, wastes) for kind, count, wastes in MAKERS for _ in range(count)]
    takers = [materials for count, materials in TAKERS for _ in range(count)]
    for site in range(1, len(makers) + len(takers) + 1):
        world.places[site] = _place(site, rng)
    for site, (kind, wastes) in enumerate(makers, start=1):
        for material, ratio in wastes.items():
            world.habits[Waste(site, material)] = _habits(kind, material, rng.uniform(*ratio), rng)
    receivers = dict(enumerate(takers, start=len(makers) + 1))
    world.board = {site for site, materials in receivers.items() if materials == ("fgd_gypsum",)}
    for waste in world.habits:
        fitting = [site for site, materials in receivers.items() if waste.material in materials]
        for end in rng.sample(fitting, min(len(fitting), rng.choice((1, 2)))):
            world.lanes.append(_lane(world, waste, end, rng))


def _place(site: int, rng: Random) -> Place:
    return Place(
        site=site,
        east_m=rng.uniform(0, 70_000),
        north_m=rng.uniform(0, 70_000),
        hours=GateHours(*rng.choice(((0, 24), (6, 22), (6, 20), (7, 19)))),
        step_kg=rng.choice((10, 20, 20, 20, 50)),
        bias=rng.gauss(0, 0.0005),
        clock=rng.randint(-1, 2),
    )


def _habits(kind: ActivityKind, material: str, ratio: float, rng: Random) -> Habits:
    lasting = material == "red_mud"
    return Habits(
        ground=kind,
        ratio=ratio,
        used=rng.uniform(0.04, 0.12) if lasting else rng.uniform(0.4, 0.75),
        self_used=rng.choice((0, 0, rng.uniform(0.02, 0.1))),
        unticketed=rng.choice((0, 0, rng.uniform(0.05, 0.25))),
        disposed=0 if lasting else rng.uniform(0.1, 0.6),
        drawn=(0, 0.002) if lasting else (0.3, 0.7),
        in_tonnes=rng.random() < 0.5,
        surveyed=rng.choice((0, 0, 0.001)),
    )


def _lane(world: World, waste: Waste, end: int, rng: Random) -> Lane:
    start, goal = world.places[waste.site], world.places[end]
    is_silo = rng.random() < 0.3
    first = sum(len(lane.trucks) for lane in world.lanes)
    return Lane(
        waste=waste,
        start=start,
        end=goal,
        road_m=int(start.metres(goal) * rng.uniform(1.15, 1.5)) + 2_000,
        trucks=[_truck(first + step, rng) for step in range(rng.randint(2, 3))],
        filled_kg=rng.choice((48_300, 47_500, 46_000)),
        spread_kg=rng.randint(90, 160) if is_silo else rng.randint(400, 800),
    )


def _truck(serial: int, rng: Random) -> Truck:
    return Truck(f"鲁P{serial:05}", rng.randint(13_800, 17_500))


# --- driving ----------------------------------------------------------------------------------


def _drive(world: World, lane: Lane, rng: Random) -> None:
    """Every truck of a lane through all months told truck by truck."""
    day, end = (china_instant(m) for m in (world.trucked[0], add_months(world.trucked[-1], 1)))
    for truck in lane.trucks:
        free = day
        for step in range((end - day).days - 2):
            if rng.random() < 0.7:
                free = _day_of_trips(world, lane, truck, (day + step * DAY, free), rng)


def _midnight(at: datetime) -> datetime:
    return china_instant(at.astimezone(CHINA).date())


def _day_of_trips(
    world: World, lane: Lane, truck: Truck, times: tuple[datetime, datetime], rng: Random
) -> datetime:
    """Up to three loads of a day by a truck free since; answers when it is free again."""
    day, free = times
    start = lane.start.hours
    at = max(free, day + timedelta(hours=max(start.opens, 5), minutes=rng.randint(0, 200)))
    closes = day + timedelta(hours=min(start.closes, 21))
    for _ in range(rng.randint(1, 3)):
        if at > closes:
            break
        load = _trip(lane, truck, at + rng.randint(0, 40) * MINUTE, len(world.loads), rng)
        world.loads.append(load)
        at = load.unloading.at + (_driven(lane, rng) + rng.randint(15, 60)) * MINUTE
    return at


def _trip(lane: Lane, truck: Truck, at: datetime, serial: int, rng: Random) -> Load:
    arrived = at + (_driven(lane, rng) + rng.randint(6, 70)) * MINUTE
    if rng.random() < 0.003:
        arrived += rng.randint(120, 500) * MINUTE
    arrived = _let_in(lane.end.hours, arrived, rng)
    loading, unloading = _weigh(lane, truck, (at, arrived), rng)
    return Load(f"W-{serial:05}", truck.plate, lane.waste.material, loading, unloading, lane.road_m)


def _driven(lane: Lane, rng: Random) -> int:
    return int(lane.road_m / 1000 / rng.uniform(28, 58) * 60) + 1


def _let_in(hours: GateHours, arrived: datetime, rng: Random) -> datetime:
    """When a truck gets onto the scale: who comes after closing sleeps in the queue."""
    local = arrived.astimezone(CHINA)
    if hours.opens <= local.hour < hours.closes:
        return arrived
    opening = _midnight(arrived) + timedelta(hours=hours.opens)
    if local.hour >= hours.closes:
        opening += timedelta(days=1)
    return opening + rng.randint(0, 90) * MINUTE


def _weigh(
    lane: Lane, truck: Truck, times: tuple[datetime, datetime], rng: Random
) -> tuple[Weighing, Weighing]:
    """The two tickets: fuel is burnt on the way, a little of the load stays in the body."""
    empty = truck.empty_kg + rng.uniform(0, 320) + abs(rng.gauss(0, 45))
    full = min(rng.gauss(lane.filled_kg, lane.spread_kg), 48_930)
    burnt = lane.road_m / 1000 * rng.uniform(0.25, 0.4)
    lost = (full - empty) * rng.uniform(0, 0.002)
    left = rng.uniform(0, 70)
    loading = _shown(lane.start, times[0], full, empty, rng)
    return loading, _shown(lane.end, times[1], full - burnt - lost, empty - burnt + left, rng)


def _shown(place: Place, at: datetime, gross: float, tare: float, rng: Random) -> Weighing:
    error = max(12, 0.6 * place.step_kg)

    def reads(kg: float) -> int:
        return round((kg * (1 + place.bias) + rng.gauss(0, error)) / place.step_kg) * place.step_kg

    return Weighing(place.site, at + place.clock * MINUTE, reads(gross), reads(tare))


def _drove(world: World, number: int, rng: Random) -> None:
    """Months before, told by their totals alone."""
    lane = world.lanes[number]
    loads = [
        load.unloading.net_kg
        for load in world.loads
        if (load.loading.site, load.unloading.site) == (lane.start.site, lane.end.site)
        and load.material == lane.waste.material
    ]
    for month in world.months[:-TRUCKED]:
        world.earlier[number, month] = int(sum(loads) / TRUCKED * rng.gauss(1, 0.1))


# --- working and declaring --------------------------------------------------------------------


def _work(world: World, site: int, sent: dict[tuple[Waste, date], int], rng: Random) -> None:
    """What a site burnt or made: enough for all that left it, and more."""
    wastes = {waste: habits for waste, habits in world.habits.items() if waste.site == site}
    kind = next(iter(wastes.values())).ground
    monthly = {
        waste: sum(sent.get((waste, month), 0) for month in world.months) / MONTHS
        for waste in wastes
    }
    base = max(
        monthly[waste] / habits.used / habits.ratio for waste, habits in wastes.items()
    ) * rng.uniform(1, 1.2)
    for month in world.months:
        season = 1 + 0.12 * cos((month.month - 1) / 6 * pi)
        world.activities[site, kind, month] = int(base * season * rng.gauss(1, 0.05))


def _declare_waste(
    world: World, waste: Waste, sent: dict[tuple[Waste, date], int], rng: Random
) -> None:
    """A chain of months, each beginning with the stock the last one left."""
    habits = world.habits[waste]
    usual = world.activities[waste.site, habits.ground, world.months[0]] * habits.ratio
    opening = int(usual * (rng.uniform(20, 60) if waste.material == "red_mud" else 0.3))
    for month in world.months:
        made = world.activities[waste.site, habits.ground, month]
        ticketed = sent.get((waste, month), 0)
        balance = _month(habits, made, ticketed, opening, rng)
        world.declared[waste, month] = Declared(waste, month, balance, ticketed)
        opening = balance.closing_kg


def _month(habits: Habits, made: int, ticketed: int, opening: int, rng: Random) -> MassBalance:
    generated = made * habits.ratio * rng.gauss(1, 0.035)
    entrusted = ticketed / (1 - habits.unticketed * rng.uniform(0.8, 1.2))
    self_used = generated * habits.self_used
    turned_over = opening * rng.uniform(*habits.drawn)
    drawn = min(turned_over, entrusted)
    missing = entrusted + self_used - drawn - generated
    drawn = min(opening, drawn + max(0.0, missing))
    generated = max(generated, entrusted + self_used - drawn)
    rest = generated - (entrusted + self_used - drawn)
    disposed = rest * habits.disposed * rng.uniform(0.8, 1.2)
    stored = (rest - disposed) * (1 + rng.gauss(0, 1) * habits.surveyed)
    old_disposed = max(0.0, turned_over - drawn) if habits.disposed else 0.0
    step = TONNE if habits.in_tonnes else 1
    return _written(
        step,
        opening_kg=opening,
        generated_kg=generated,
        self_used_kg=self_used,
        entrusted_used_kg=entrusted,
        old_used_kg=drawn,
        stored_kg=stored,
        disposed_kg=disposed + old_disposed,
        old_disposed_kg=old_disposed,
        closing_kg=opening + stored - drawn - old_disposed,
    )


def _written(step: int, **masses: float) -> MassBalance:
    """As a clerk writes it: whole kilograms, or every mass rounded to a tonne by itself."""
    return MassBalance(**{name: max(0, round(kg / step) * step) for name, kg in masses.items()})


def _build(world: World, rng: Random) -> None:
    """Stores with room to spare, permits with air, board from the gypsum that came in."""
    for waste in world.habits:
        peak = max(world.declared[waste, month].balance.closing_kg for month in world.months)
        world.capacities[waste] = int(peak * rng.uniform(1.15, 2)) + 200 * TONNE
    yearly: dict[tuple[Waste, int], int] = {}
    taken = world.taken()
    for (waste, month), kg in taken.items():
        yearly[waste, month.year] = yearly.get((waste, month.year), 0) + kg
    for waste in sorted({waste for waste, _ in yearly}):
        most = max(kg for (each, _), kg in yearly.items() if each == waste)
        allowed = int(most * rng.uniform(1.02, 1.6))
        world.permits[waste] = Permit(waste, allowed, date(2020, 1, 1))
    for site in sorted(world.board):
        _make_board(world, site, taken, rng)


def _make_board(world: World, site: int, taken: dict[tuple[Waste, date], int], rng: Random) -> None:
    """A month's board holds gypsum of that month and of the one before, from the store."""
    per_m2 = rng.uniform(*BOARD_KG_PER_M2)
    before = taken.get((Waste(site, "fgd_gypsum"), world.months[0]), 0)
    for month in world.months:
        now = taken.get((Waste(site, "fgd_gypsum"), month), 0)
        made = (before + now) / 2 / per_m2 * rng.gauss(1, 0.03)
        world.activities[site, ActivityKind.BOARD_MADE, month] = int(made)
        before = now


def with_balance(one: Declared, **masses: int) -> Declared:
    """A declaration with some of its masses changed."""
    return replace(one, balance=replace(one.balance, **masses))
