"""What frauds have in common: where in a world there is room for one, and how it is put in.

Every fraud says which finding it deserves, at which site and in which months, and which other
site-months it has touched: a finding there is no false alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from random import Random

from app.core.clock import CHINA
from app.watch.signs.facts import Load, Waste, Weighing
from tests.watch.worlds import TONNE, World, with_balance

Cell = tuple[int, date]


@dataclass(frozen=True, slots=True)
class Fraud:
    """One that was put in; `finding` is the word of the finding it deserves."""

    finding: str
    site: int
    months: frozenset[date]
    touched: frozenset[Cell]


Trick = Callable[[World, frozenset[Cell], Random], Fraud | None]
"""Commits one fraud away from cells already used; `None` where the world has no place for it."""


def producer_months(world: World, used: frozenset[Cell], rng: Random) -> Iterator[Cell]:
    """Producers' months told truck by truck, in any order."""
    cells = sorted({(lane.start.site, month) for lane in world.lanes for month in world.trucked})
    yield from (cell for cell in rng.sample(cells, len(cells)) if cell not in used)


def truckloads(
    world: World, used: frozenset[Cell], rng: Random, least: int
) -> Iterator[list[Load]]:
    """The loads of one truck on one lane in a month, where there are so many."""
    found: dict[tuple[str, int, int, date], list[Load]] = {}
    for load in world.loads:
        key = load.plate, load.loading.site, load.unloading.site, load.month
        found.setdefault(key, []).append(load)
    for key in rng.sample(sorted(found), len(found)):
        if len(found[key]) >= least and not cells_of(found[key]) & used:
            yield found[key]


def wastes(world: World, used: frozenset[Cell], rng: Random) -> Iterator[tuple[Waste, date]]:
    """Wastes and months that have a past and whose next month is free as well."""
    cells = [(waste, month) for waste in world.habits for month in world.seen[1:]]
    for waste, month in rng.sample(cells, len(cells)):
        if (waste.site, month) not in used and world.declared[waste, month].ticketed_kg:
            yield waste, month


def stocked(world: World, used: frozenset[Cell], rng: Random) -> Iterator[tuple[Waste, date]]:
    """Those with a pile worth the trouble."""
    for waste, month in wastes(world, used, rng):
        one = world.declared[waste, month].balance
        if min(one.opening_kg, one.closing_kg) > 80 * TONNE:
            yield waste, month


def untouched_wastes(world: World, used: frozenset[Cell], rng: Random) -> Iterator[Waste]:
    for waste in rng.sample(sorted(world.habits), len(world.habits)):
        if not {(waste.site, month) for month in world.seen} & used:
            yield waste


def loads_of(world: World, month: date) -> list[Load]:
    return [load for load in world.loads if load.month == month]


def cells_of(loads: Iterable[Load]) -> frozenset[Cell]:
    """Both sites of loads, in their months."""
    ends = ((load.loading.site, load.unloading.site, load.month) for load in loads)
    return frozenset(cell for one, other, m in ends for cell in ((one, m), (other, m)))


def fresh_use(world: World, waste: Waste, month: date) -> int:
    one = world.declared[waste, month].balance
    return one.entrusted_used_kg - one.old_used_kg


# --- how it is done ---------------------------------------------------------------------------


def again(world: World, load: Load) -> Load:
    """The load as it stands in the world by now."""
    return next(each for each in world.loads if each.number == load.number)


def reweigh(
    world: World,
    load: Load,
    loading: Weighing | None = None,
    unloading: Weighing | None = None,
) -> None:
    """Give a load other tickets, at one end or both."""
    place = next(i for i, each in enumerate(world.loads) if each.number == load.number)
    there = world.loads[place]
    world.loads[place] = replace(
        there, loading=loading or there.loading, unloading=unloading or there.unloading
    )


def weights_of(source: Weighing, target: Weighing) -> Weighing:
    return replace(target, gross_kg=source.gross_kg, tare_kg=source.tare_kg)


def heavier(weighing: Weighing, kg: int) -> Weighing:
    return replace(weighing, gross_kg=weighing.gross_kg + kg)


def day_of(at: datetime) -> date:
    return at.astimezone(CHINA).date()


def change(world: World, waste: Waste, month: date, **by: int) -> None:
    one = world.declared[waste, month]
    masses = {name: getattr(one.balance, name) + kg for name, kg in by.items()}
    world.declared[waste, month] = with_balance(one, **masses)


def shift_stock(world: World, waste: Waste, month: date, kg: int) -> bool:
    """Carry a change of a month's closing stock on to the last month; whether there is enough."""
    later = [each for each in world.months if each > month]
    balances = [world.declared[waste, each].balance for each in later]
    closing = world.declared[waste, month].balance.closing_kg
    if closing + kg < 0 or any(
        min(one.closing_kg, one.opening_kg - one.old_used_kg - one.old_disposed_kg) + kg < 0
        for one in balances
    ):
        return False
    change(world, waste, month, closing_kg=kg)
    for each in later:
        change(world, waste, each, opening_kg=kg, closing_kg=kg)
    return True


def at_scales(finding: str, site: int, loads: list[Load]) -> Fraud:
    months = frozenset(load.month for load in loads)
    return Fraud(finding, site, months, cells_of(loads))


def on_paper(finding: str, waste: Waste, months: Iterable[date]) -> Fraud:
    cells = frozenset((waste.site, month) for month in months)
    return Fraud(finding, waste.site, frozenset(month for _, month in cells), cells)
