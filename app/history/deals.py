"""Deals of a month that is over, planned with all their trucks; pure, from a seeded chance.

Two firms agree at the beginning of the month, sign the same day, and trucks go until shortly before
its end. A truck makes at most two trips a day, so that no two of its trips overlap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from app.core.clock import CHINA
from app.history.rules import LOST_KG, STEP_KG, contract_kg, loads_of
from app.listings.rules import Product

TRIPS_START = (time(7), time(13))
LATEST_START = 90
"""Minutes after the hour at which a trip may begin."""
SPEED_M_PER_MINUTE = 750
"""45 km/h."""
AT_THE_GATES = 25
TARE_WOBBLE = 2
RECORDED_AFTER = timedelta(minutes=2)
DAY = timedelta(days=1)


class NotEnoughTrucks(ValueError):
    """More loads in a month than its trucks can bring."""


@dataclass(frozen=True, slots=True)
class Place:
    """A site and its firm, by their ids."""

    site_id: int
    company_id: int


@dataclass(frozen=True, slots=True)
class Truck:
    """A truck with who owns and who drives it; `tare_kg` is what it weighs empty."""

    company_id: int
    plate: str
    trailer_plate: str
    driver: str
    tare_kg: int


@dataclass(frozen=True, slots=True)
class Route:
    """What one site sends another month after month. Prices are fen per tonne."""

    producer: Place
    consumer: Place
    material: str
    kind: str | None
    product: Product
    price: int
    freight: int
    road_m: int


@dataclass(frozen=True, slots=True)
class Weighing:
    gross_kg: int
    tare_kg: int
    at: datetime

    @property
    def net_kg(self) -> int:
        return self.gross_kg - self.tare_kg

    @property
    def recorded_at(self) -> datetime:
        return self.at + RECORDED_AFTER


@dataclass(frozen=True, slots=True)
class Load:
    """A truck's trip: nothing is refused, and all that reaches the other scale is received."""

    truck: Truck
    loading: Weighing
    unloading: Weighing

    @property
    def lost_kg(self) -> int:
        return self.loading.net_kg - self.unloading.net_kg


@dataclass(frozen=True, slots=True)
class Deal:
    """A contract of a month that was delivered to the last kilogram."""

    route: Route
    month: date
    proposed_at: datetime
    confirmed_at: datetime
    producer_signed_at: datetime
    contracted_at: datetime
    loads: tuple[Load, ...]

    @property
    def kg(self) -> int:
        return sum(load.loading.net_kg for load in self.loads)

    @property
    def received_kg(self) -> int:
        return sum(load.unloading.net_kg for load in self.loads)

    @property
    def instants(self) -> Iterator[datetime]:
        """When something of it came into the books."""
        yield from (self.proposed_at, self.confirmed_at)
        yield from (self.producer_signed_at, self.contracted_at)
        for load in self.loads:
            yield load.loading.recorded_at
            yield load.unloading.recorded_at

    @property
    def ended_at(self) -> datetime:
        return max(load.unloading.recorded_at for load in self.loads)


@dataclass(frozen=True, slots=True)
class Window:
    """The days, both included, between which a month's deals are made and delivered."""

    first: date
    last: date

    @property
    def month(self) -> date:
        return self.first.replace(day=1)

    @property
    def days(self) -> list[date]:
        """The days on which trucks drive; on the first the contracts are signed."""
        count = (self.last - self.first).days
        return [self.first + DAY * step for step in range(1, count + 1)]


def month_deals(
    random: Random, window: Window, wanted: Sequence[tuple[Route, int]], trucks: Sequence[Truck]
) -> list[Deal]:
    """One deal for each route with so many loads; raises `NotEnoughTrucks`."""
    starts = _starts(random, window, sum(count for _route, count in wanted), trucks)
    return [
        _deal(random, window, route, [next(starts) for _ in range(count)])
        for route, count in wanted
        if count
    ]


def _starts(
    random: Random, window: Window, count: int, trucks: Sequence[Truck]
) -> Iterator[tuple[Truck, datetime]]:
    """A truck and when it is loaded, for so many loads, in a random order; none meets itself."""
    slots = [(day, start) for day in window.days for start in TRIPS_START]
    share, rest = divmod(count, len(trucks))
    if share + bool(rest) > len(slots):
        raise NotEnoughTrucks(f"{count} loads, {len(trucks)} trucks, {len(slots)} trips each")
    found = [
        (truck, _instant(day, start, random.randint(2, LATEST_START)))
        for place, truck in enumerate(trucks)
        for day, start in random.sample(slots, share + (place < rest))
    ]
    random.shuffle(found)
    return iter(found)


def _deal(
    random: Random, window: Window, route: Route, starts: Sequence[tuple[Truck, datetime]]
) -> Deal:
    proposed = _instant(window.first, time(8), random.randint(2, 58))
    confirmed = proposed + timedelta(minutes=random.randint(60, 240))
    signed = confirmed + timedelta(minutes=random.randint(30, 120))
    masses = loads_of(random, len(starts))
    in_order = sorted(starts, key=lambda start: (start[1], start[0].plate))
    loads = tuple(
        _load(random, route, truck, at, kg)
        for (truck, at), kg in zip(in_order, masses, strict=True)
    )
    deal = Deal(
        route=route,
        month=window.month,
        proposed_at=proposed,
        confirmed_at=confirmed,
        producer_signed_at=signed,
        contracted_at=signed + timedelta(minutes=random.randint(30, 120)),
        loads=loads,
    )
    assert deal.kg == contract_kg(len(loads))
    return deal


def _load(random: Random, route: Route, truck: Truck, at: datetime, kg: int) -> Load:
    minutes = AT_THE_GATES + route.road_m // SPEED_M_PER_MINUTE + random.randint(0, 20)
    there = at + timedelta(minutes=minutes)
    return Load(
        truck,
        _weighing(random, truck, at, kg),
        _weighing(random, truck, there, kg - random.choice(LOST_KG)),
    )


def _weighing(random: Random, truck: Truck, at: datetime, net_kg: int) -> Weighing:
    tare = truck.tare_kg + STEP_KG * random.randint(-TARE_WOBBLE, TARE_WOBBLE)
    return Weighing(tare + net_kg, tare, at)


def _instant(day: date, start: time, minutes: int) -> datetime:
    begins = datetime.combine(day, start, CHINA) + timedelta(minutes=minutes)
    return begins.astimezone(UTC)
