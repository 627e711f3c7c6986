"""Frauds put into a clean world, as people commit them; nothing here knows the watch's figures.

Every fraud says which finding it deserves, at which site and in which months, and which other
site-months it has touched: a finding there is no false alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from app.core.clock import CHINA
from app.declarations.rules import ActivityKind
from app.oversight.watch.facts import Load, Waste, Weighing
from tests.oversight.worlds import World, declare, trucked_world, with_balance

TONNE = 1000
MINUTE = timedelta(minutes=1)
Cell = tuple[int, date]


@dataclass(frozen=True, slots=True)
class Fraud:
    """One that was put in; `finding` is the word of the finding it deserves."""

    finding: str
    site: int
    months: frozenset[date]
    touched: frozenset[Cell]


@dataclass(frozen=True, slots=True)
class Crooked:
    """A world with what was done to it."""

    world: World
    frauds: tuple[Fraud, ...]

    @property
    def touched(self) -> frozenset[Cell]:
        return frozenset(cell for fraud in self.frauds for cell in fraud.touched)


Trick = Callable[[World, frozenset[Cell], Random], Fraud | None]
"""Commits one fraud away from cells already used; `None` where the world has no place for it."""


def crooked_world(seed: int, count: int = 20, kinds: Iterable[str] = ()) -> Crooked:
    """A world with so many frauds, each of a kind of its own as far as there are kinds."""
    rng = Random(f"{seed} frauds")
    world = trucked_world(seed)
    wanted = _wanted(list(kinds) or [*ON_THE_ROAD, *ON_PAPER], count, rng)
    on_road = [kind for kind in wanted if kind in ON_THE_ROAD]
    frauds = _commit(world, on_road, ON_THE_ROAD, frozenset(), rng)
    declare(world, seed)
    used = frozenset(cell for fraud in frauds for cell in fraud.touched)
    on_paper = [kind for kind in wanted if kind in ON_PAPER]
    frauds += _commit(world, on_paper, ON_PAPER, used, rng)
    return Crooked(world, tuple(frauds))


def _wanted(kinds: list[str], count: int, rng: Random) -> list[str]:
    rng.shuffle(kinds)
    return [kinds[place % len(kinds)] for place in range(count)]


def _commit(
    world: World,
    kinds: list[str],
    tricks: dict[str, Trick],
    used: frozenset[Cell],
    rng: Random,
) -> list[Fraud]:
    """One fraud after another; a kind that finds no place is replaced by one that does."""
    done: list[Fraud] = []
    for kind in kinds:
        others = rng.sample(sorted(tricks), len(tricks))
        tries = (tricks[each](world, used, rng) for each in [kind, *others])
        fraud = next((one for one in tries if one), None)
        assert fraud, "a world without room for another fraud"
        done.append(fraud)
        used |= fraud.touched
    return done


# --- on the road: what happens at the scales --------------------------------------------------


def copy_a_ticket(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """One good ticket is printed again for trips of the same truck that were never made."""
    for loads in _truckloads(world, used, rng, least=14):
        end = rng.choice(("loading", "unloading"))
        copies = rng.sample(loads, rng.randint(6, 12))
        for load in copies[1:]:
            _replace(world, load, **{end: _weights_of(getattr(copies[0], end), getattr(load, end))})
        return _fraud("repeated_weights", getattr(copies[0], end).site, copies)
    return None


def share_a_ticket(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """One good ticket is printed for many trucks."""
    for site, month in _cells(world, used, rng):
        by_plate = {load.plate: load for load in _loads(world, month) if load.loading.site == site}
        loads = list(by_plate.values())
        if len(loads) < 6 or _cells_of(loads) & used:
            continue
        for load in loads[1:]:
            _replace(world, load, loading=_weights_of(loads[0].loading, load.loading))
        return _fraud("shared_weights", site, loads)
    return None


def copy_the_other_end(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """The receiver copies the producer's weights instead of weighing."""
    for loads in _truckloads(world, used, rng, least=12):
        some = rng.sample(loads, rng.randint(len(loads) * 8 // 10 + 1, len(loads)))
        for load in some:
            _replace(world, load, unloading=_weights_of(load.loading, load.unloading))
        return _fraud("mirrored_weights", some[0].loading.site, some)
    return None


def freeze_the_tare(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """The empty truck is never weighed: its tare of long ago is used again."""
    for loads in _truckloads(world, used, rng, least=14):
        tare = loads[0].loading.tare_kg
        for load in loads:
            _replace(world, load, loading=replace(load.loading, tare_kg=tare))
        return _fraud("constant_tare", loads[0].loading.site, loads)
    return None


def lighten_the_tare(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """A truck weighs empty without what it carries when full: the net is paid for too high."""
    for loads in _truckloads(world, used, rng, least=10):
        some = rng.sample(loads, rng.randint(2, 5))
        for load in some:
            tare = load.unloading.tare_kg - rng.randint(65, 150) * 20
            _replace(world, load, unloading=replace(load.unloading, tare_kg=tare))
        return _fraud("tare_off", some[0].unloading.site, some)
    return None


def type_the_weights(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """The scale is broken for days, or bypassed: somebody types round tonnes."""
    for site, month in _cells(world, used, rng):
        loads = [load for load in _loads(world, month) if load.loading.site == site]
        if len(loads) < 40 or _cells_of(loads) & used:
            continue
        first = rng.randrange(len(loads) - 30)
        some = sorted(loads, key=lambda load: load.loading.at)[first : first + rng.randint(15, 30)]
        for load in some:
            rounded = replace(
                load.loading,
                gross_kg=round(load.loading.gross_kg / TONNE) * TONNE,
                tare_kg=round(load.loading.tare_kg / 500) * 500,
            )
            _replace(world, load, loading=rounded)
        return _fraud("round_weights", site, some)
    return None


def overload(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """Trucks carry far more than the road may bear."""
    for loads in _truckloads(world, used, rng, least=4):
        some = rng.sample(loads, rng.randint(1, 4))
        for load in some:
            more = rng.randint(400, 1200) * 20
            _replace(world, load, loading=_heavier(load.loading, more))
            _replace(world, _again(world, load), unloading=_heavier(load.unloading, more))
        return _fraud("overweight", some[0].loading.site, some)
    return None


def write_both_tickets(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """Both tickets of a far trip are written at once: nobody drove."""
    far = {lane.road_m for lane in world.lanes if lane.road_m > 20_000}
    for loads in _truckloads(world, used, rng, least=4):
        if loads[0].road_m not in far:
            continue
        load = rng.choice(loads)
        at = load.loading.at + rng.randint(1, 4) * MINUTE
        _replace(world, load, unloading=replace(load.unloading, at=at))
        return _fraud("too_fast", load.unloading.site, [load])
    return None


def drive_twice(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """A second load is invented for a truck that is on the road with another."""
    for loads in _truckloads(world, used, rng, least=4):
        load = rng.choice(loads)
        other = rng.choice(_loads(world, load.month))
        later = (load.unloading.at - load.loading.at) * rng.uniform(0.2, 0.6)
        ghost = replace(
            other,
            number=f"{load.number}x",
            plate=load.plate,
            loading=replace(other.loading, at=load.loading.at + later),
            unloading=replace(other.unloading, at=load.unloading.at + later),
        )
        minutes = (load.unloading.at - ghost.loading.at) / MINUTE
        if other.loading.site == load.unloading.site or minutes < 15:
            continue
        if ghost.month != load.month or _cells_of([load, ghost]) & used:
            continue
        world.loads.append(ghost)
        return _fraud("two_places", ghost.loading.site, [load, ghost])
    return None


def take_a_detour(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """A load disappears for days before it is weighed at the receiver."""
    for loads in _truckloads(world, used, rng, least=4):
        load = rng.choice(loads)
        at = load.unloading.at + rng.randint(2 * 24 * 60, 6 * 24 * 60) * MINUTE
        late = replace(load, unloading=replace(load.unloading, at=at))
        if late.month != load.month:
            continue
        _replace(world, load, unloading=late.unloading)
        return _fraud("too_long", load.unloading.site, [load])
    return None


def weigh_at_night(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """The gate is closed, and its scale prints tickets."""
    for site, month in _cells(world, used, rng):
        if world.places[site].hours.closes == 24:
            continue
        loads = [load for load in _loads(world, month) if load.loading.site == site]
        quick = [load for load in loads if _day(load.loading.at) == _day(load.unloading.at)]
        if len(quick) < 20 or _cells_of(quick) & used:
            continue
        some = rng.sample(quick, rng.randint(6, 14))
        for load in some:
            night = load.loading.at.astimezone(CHINA).replace(
                hour=rng.randint(1, 3), minute=rng.randint(0, 59)
            )
            _replace(world, load, loading=replace(load.loading, at=night))
        return _fraud("gate_closed", site, some)
    return None


# --- on paper: what is declared, built and allowed --------------------------------------------


def hide_generation(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """A month's waste is declared at half; what is missing was never stored or disposed of."""
    for waste, month in _wastes(world, used, rng):
        one = world.declared[waste, month].balance
        hidden = int(one.generated_kg * rng.uniform(0.45, 0.65))
        fresh = one.disposed_kg - one.old_disposed_kg
        off_stock = max(0, hidden - fresh)
        if off_stock > one.stored_kg or not _shift(world, waste, month, -off_stock):
            continue
        _change(
            world,
            waste,
            month,
            generated_kg=-hidden,
            disposed_kg=off_stock - hidden,
            stored_kg=-off_stock,
        )
        return _on_paper("arisings_changed", waste, [month])
    return None


def hide_for_years(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """Works declare a fraction of their waste in every month, so that no month stands out."""
    sites = {waste.site for waste in world.habits}
    for site in rng.sample(sorted(sites), len(sites)):
        cells = {(site, month) for month in world.seen}
        if cells & used:
            continue
        times = rng.uniform(2.3, 4)
        for key in [key for key in world.activities if key[0] == site]:
            world.activities[key] = int(world.activities[key] * times)
        return Fraud("arisings_off", site, frozenset(world.seen), frozenset(cells))
    return None


def invent_use(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """More own use is claimed than there was anything to use."""
    for waste, month in _wastes(world, used, rng):
        generated = world.declared[waste, month].balance.generated_kg
        _change(world, waste, month, self_used_kg=int(generated * rng.uniform(0.06, 0.3)))
        return _on_paper("balance_open", waste, [month])
    return None


def claim_takers(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """What was dumped or disposed of is declared as used by others; nobody weighed it."""
    for waste, month in _wastes(world, used, rng):
        one = world.declared[waste, month].balance
        claimed = int(one.entrusted_used_kg * rng.uniform(0.6, 1.5))
        fresh = one.disposed_kg - one.old_disposed_kg
        off_stock = max(0, claimed - fresh)
        if not claimed or off_stock > one.stored_kg:
            continue
        if not _shift(world, waste, month, -off_stock):
            continue
        _change(
            world,
            waste,
            month,
            entrusted_used_kg=claimed,
            disposed_kg=off_stock - claimed,
            stored_kg=-off_stock,
        )
        return _on_paper("use_without_tickets", waste, [month])
    return None


def lend_tickets(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """Somebody else's waste travels on the producer's notes: less was its own than they show."""
    for waste, month in _wastes(world, used, rng):
        one = world.declared[waste, month]
        lent = int(one.ticketed_kg * rng.uniform(0.15, 0.4))
        over = one.ticketed_kg - one.balance.entrusted_used_kg + lent
        if over < 0.1 * one.ticketed_kg or lent > _fresh_use(world, waste, month):
            continue
        _change(world, waste, month, entrusted_used_kg=-lent, disposed_kg=lent)
        return _on_paper("tickets_beyond_use", waste, [month])
    return None


def lose_stock_overnight(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """A month begins with much less than the one before it ended with."""
    for waste, month in _stocked(world, used, rng):
        before = world.declared[waste, month].balance
        lost = int(before.opening_kg * rng.uniform(0.3, 0.6))
        drawn = before.old_used_kg + before.old_disposed_kg
        if before.opening_kg - lost < drawn or not _shift(world, waste, month, -lost):
            continue
        _change(world, waste, month, opening_kg=-lost)
        return _on_paper("stock_broken", waste, [month])
    return None


def lose_stock_in_the_month(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """The pile is carted off: it just closes lower."""
    for waste, month in _stocked(world, used, rng):
        closing = world.declared[waste, month].balance.closing_kg
        if _shift(world, waste, month, -int(closing * rng.uniform(0.25, 0.6))):
            return _on_paper("stock_open", waste, [month])
    return None


def overdraw_stock(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """Fresh waste is declared as use of an old pile that was never so large."""
    for waste, month in _stocked(world, used, rng):
        one = world.declared[waste, month].balance
        drawn = int(one.opening_kg * rng.uniform(1.2, 2)) - one.old_disposed_kg
        if drawn > one.entrusted_used_kg or drawn <= one.opening_kg:
            continue
        more = drawn - one.old_used_kg
        _change(world, waste, month, old_used_kg=more, stored_kg=more)
        return _on_paper("stock_overdrawn", waste, [month])
    return None


def overfill(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """More is heaped up than the store was built for."""
    for waste in _all_months_free(world, used, rng):
        closings = {m: world.declared[waste, m].balance.closing_kg for m in world.seen}
        if max(closings.values()) < 300 * TONNE:
            continue
        world.capacities[waste] = int(max(closings.values()) / rng.uniform(1.15, 1.6))
        return _on_paper("stock_over_capacity", waste, world.seen)
    return None


def hoard(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """An old pile is never touched again, as large as many months' turnover of the store."""
    for waste in _all_months_free(world, used, rng):
        if waste.material == "red_mud":
            continue
        past = [world.declared[waste, month].balance for month in world.months]
        turnover = sum(one.old_used_kg + one.old_disposed_kg for one in past) / len(past)
        pile = int(max(turnover * rng.uniform(25, 50), past[0].generated_kg))
        for month in world.months:
            _change(world, waste, month, opening_kg=pile, closing_kg=pile)
        world.capacities[waste] += pile
        return _on_paper("stock_too_old", waste, world.seen)
    return None


def take_too_much(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """A receiver goes on taking after its permit is used up."""
    year = world.months[-1].year
    taken: dict[Waste, int] = {}
    for (waste, month), kg in world.taken().items():
        taken[waste] = taken.get(waste, 0) + (kg if month.year == year else 0)
    for waste in rng.sample(sorted(taken), len(taken)):
        cells = {(waste.site, month) for month in world.seen}
        if cells & used:
            continue
        allowed = int(taken[waste] / rng.uniform(1.04, 1.4))
        world.permits[waste] = replace(world.permits[waste], kg_per_year=allowed)
        return Fraud("over_permit", waste.site, frozenset(world.seen), frozenset(cells))
    return None


def bury_gypsum(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """A board works takes gypsum it makes no board of."""
    for site in rng.sample(sorted(world.board), len(world.board)):
        cells = {(site, month) for month in world.seen}
        if cells & used or not any(waste.site == site for waste, _ in world.taken()):
            continue
        share = rng.uniform(0.3, 0.5)
        for month in world.seen[-rng.randint(3, 5) :]:
            key = site, ActivityKind.BOARD_MADE, month
            world.activities[key] = int(world.activities[key] * share)
        return Fraud("intake_off", site, frozenset(world.seen), frozenset(cells))
    return None


ON_THE_ROAD: dict[str, Trick] = {
    trick.__name__: trick
    for trick in (
        copy_a_ticket,
        share_a_ticket,
        copy_the_other_end,
        freeze_the_tare,
        lighten_the_tare,
        type_the_weights,
        overload,
        write_both_tickets,
        drive_twice,
        take_a_detour,
        weigh_at_night,
    )
}
ON_PAPER: dict[str, Trick] = {
    trick.__name__: trick
    for trick in (
        hide_generation,
        hide_for_years,
        invent_use,
        claim_takers,
        lend_tickets,
        lose_stock_overnight,
        lose_stock_in_the_month,
        overdraw_stock,
        overfill,
        hoard,
        take_too_much,
        bury_gypsum,
    )
}


# --- where there is room ----------------------------------------------------------------------


def _cells(world: World, used: frozenset[Cell], rng: Random) -> Iterator[Cell]:
    """Producers' months told truck by truck, in any order."""
    cells = sorted({(lane.start.site, month) for lane in world.lanes for month in world.trucked})
    yield from (cell for cell in rng.sample(cells, len(cells)) if cell not in used)


def _truckloads(
    world: World, used: frozenset[Cell], rng: Random, least: int
) -> Iterator[list[Load]]:
    """The loads of one truck on one lane in a month, where there are so many."""
    found: dict[tuple[str, int, int, date], list[Load]] = {}
    for load in world.loads:
        key = load.plate, load.loading.site, load.unloading.site, load.month
        found.setdefault(key, []).append(load)
    for key in rng.sample(sorted(found), len(found)):
        if len(found[key]) >= least and not _cells_of(found[key]) & used:
            yield found[key]


def _wastes(world: World, used: frozenset[Cell], rng: Random) -> Iterator[tuple[Waste, date]]:
    """Wastes and months that have a past and whose next month is free as well."""
    cells = [(waste, month) for waste in world.habits for month in world.seen[1:]]
    for waste, month in rng.sample(cells, len(cells)):
        if (waste.site, month) not in used and world.declared[waste, month].ticketed_kg:
            yield waste, month


def _stocked(world: World, used: frozenset[Cell], rng: Random) -> Iterator[tuple[Waste, date]]:
    """Those with a pile worth the trouble."""
    for waste, month in _wastes(world, used, rng):
        one = world.declared[waste, month].balance
        if min(one.opening_kg, one.closing_kg) > 80 * TONNE:
            yield waste, month


def _all_months_free(world: World, used: frozenset[Cell], rng: Random) -> Iterator[Waste]:
    for waste in rng.sample(sorted(world.habits), len(world.habits)):
        if not {(waste.site, month) for month in world.seen} & used:
            yield waste


def _loads(world: World, month: date) -> list[Load]:
    return [load for load in world.loads if load.month == month]


def _cells_of(loads: Iterable[Load]) -> frozenset[Cell]:
    """Both sites of loads, in their months."""
    ends = ((load.loading.site, load.unloading.site, load.month) for load in loads)
    return frozenset(cell for one, other, m in ends for cell in ((one, m), (other, m)))


def _fresh_use(world: World, waste: Waste, month: date) -> int:
    one = world.declared[waste, month].balance
    return one.entrusted_used_kg - one.old_used_kg


# --- how it is done ---------------------------------------------------------------------------


def _again(world: World, load: Load) -> Load:
    """The load as it stands in the world by now."""
    return next(each for each in world.loads if each.number == load.number)


def _replace(world: World, load: Load, **weighings: Weighing) -> None:
    place = next(i for i, each in enumerate(world.loads) if each.number == load.number)
    world.loads[place] = replace(world.loads[place], **weighings)


def _weights_of(source: Weighing, target: Weighing) -> Weighing:
    return replace(target, gross_kg=source.gross_kg, tare_kg=source.tare_kg)


def _heavier(weighing: Weighing, kg: int) -> Weighing:
    return replace(weighing, gross_kg=weighing.gross_kg + kg)


def _day(at: datetime) -> date:
    return at.astimezone(CHINA).date()


def _change(world: World, waste: Waste, month: date, **by: int) -> None:
    one = world.declared[waste, month]
    masses = {name: getattr(one.balance, name) + kg for name, kg in by.items()}
    world.declared[waste, month] = with_balance(one, **masses)


def _shift(world: World, waste: Waste, month: date, kg: int) -> bool:
    """Carry a change of a month's closing stock on to the last month; whether there is enough."""
    later = [each for each in world.months if each > month]
    balances = [world.declared[waste, each].balance for each in later]
    closing = world.declared[waste, month].balance.closing_kg
    if closing + kg < 0 or any(
        min(one.closing_kg, one.opening_kg - one.old_used_kg - one.old_disposed_kg) + kg < 0
        for one in balances
    ):
        return False
    _change(world, waste, month, closing_kg=kg)
    for each in later:
        _change(world, waste, each, opening_kg=kg, closing_kg=kg)
    return True


def _fraud(finding: str, site: int, loads: list[Load]) -> Fraud:
    months = frozenset(load.month for load in loads)
    return Fraud(finding, site, months, _cells_of(loads))


def _on_paper(finding: str, waste: Waste, months: Iterable[date]) -> Fraud:
    cells = frozenset((waste.site, month) for month in months)
    return Fraud(finding, waste.site, frozenset(month for _, month in cells), cells)
