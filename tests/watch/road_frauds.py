"""Frauds at the scales and between them, as people commit them."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from app.core.clock import CHINA
from tests.watch.damage import (
    Cell,
    Fraud,
    Trick,
    again,
    at_scales,
    cells_of,
    day_of,
    heavier,
    loads_of,
    producer_months,
    reweigh,
    truckloads,
    weights_of,
)
from tests.watch.worlds import MINUTE, TONNE, World


def copy_a_ticket(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """One good ticket is printed again for trips of the same truck that were never made."""
    for loads in truckloads(world, used, rng, least=20):
        end = rng.choice(("loading", "unloading"))
        copies = rng.sample(loads, rng.randint(10, 15))
        for load in copies[1:]:
            reweigh(world, load, **{end: weights_of(getattr(copies[0], end), getattr(load, end))})
        return at_scales("repeated_weights", getattr(copies[0], end).site, copies)
    return None


def share_a_ticket(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """One good ticket is printed for many trucks."""
    for site, month in producer_months(world, used, rng):
        by_plate = {
            load.plate: load for load in loads_of(world, month) if load.loading.site == site
        }
        loads = list(by_plate.values())
        if len(loads) < 8 or cells_of(loads) & used:
            continue
        for load in loads[1:]:
            reweigh(world, load, loading=weights_of(loads[0].loading, load.loading))
        return at_scales("shared_weights", site, loads)
    return None


def copy_the_other_end(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """The receiver copies the producer's weights instead of weighing."""
    for loads in truckloads(world, used, rng, least=12):
        some = rng.sample(loads, rng.randint(len(loads) * 8 // 10 + 1, len(loads)))
        for load in some:
            reweigh(world, load, unloading=weights_of(load.loading, load.unloading))
        return at_scales("mirrored_weights", some[0].loading.site, some)
    return None


def freeze_the_tare(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """The empty truck is never weighed: its tare of long ago is used again."""
    for loads in truckloads(world, used, rng, least=14):
        tare = loads[0].loading.tare_kg
        for load in loads:
            reweigh(world, load, loading=replace(load.loading, tare_kg=tare))
        return at_scales("constant_tare", loads[0].loading.site, loads)
    return None


def lighten_the_tare(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """A truck weighs empty without what it carries when full: the net is paid for too high."""
    for loads in truckloads(world, used, rng, least=10):
        some = rng.sample(loads, rng.randint(2, 5))
        for load in some:
            tare = load.unloading.tare_kg - rng.randint(65, 150) * 20
            reweigh(world, load, unloading=replace(load.unloading, tare_kg=tare))
        return at_scales("tare_off", some[0].unloading.site, some)
    return None


def type_the_weights(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """The scale is broken for days, or bypassed: somebody types round tonnes."""
    for site, month in producer_months(world, used, rng):
        loads = [load for load in loads_of(world, month) if load.loading.site == site]
        if len(loads) < 40 or cells_of(loads) & used:
            continue
        first = rng.randrange(len(loads) - 30)
        some = sorted(loads, key=lambda load: load.loading.at)[first : first + rng.randint(20, 30)]
        for load in some:
            rounded = replace(
                load.loading,
                gross_kg=round(load.loading.gross_kg / TONNE) * TONNE,
                tare_kg=round(load.loading.tare_kg / 500) * 500,
            )
            reweigh(world, load, loading=rounded)
        return at_scales("round_weights", site, some)
    return None


def overload(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """Trucks carry far more than the road may bear."""
    for loads in truckloads(world, used, rng, least=4):
        some = rng.sample(loads, rng.randint(1, 4))
        for load in some:
            more = rng.randint(400, 1200) * 20
            reweigh(world, load, loading=heavier(load.loading, more))
            reweigh(world, again(world, load), unloading=heavier(load.unloading, more))
        return at_scales("overweight", some[0].loading.site, some)
    return None


def write_both_tickets(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """Both tickets of a far trip are written at once: nobody drove."""
    far = {lane.road_m for lane in world.lanes if lane.road_m > 20_000}
    for loads in truckloads(world, used, rng, least=4):
        if loads[0].road_m not in far:
            continue
        load = rng.choice(loads)
        at = load.loading.at + rng.randint(1, 4) * MINUTE
        reweigh(world, load, unloading=replace(load.unloading, at=at))
        return at_scales("too_fast", load.unloading.site, [load])
    return None


def drive_twice(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """A second load is invented for a truck that is on the road with another."""
    for loads in truckloads(world, used, rng, least=4):
        load = rng.choice(loads)
        other = rng.choice(loads_of(world, load.month))
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
        if ghost.month != load.month or cells_of([load, ghost]) & used:
            continue
        world.loads.append(ghost)
        return at_scales("two_places", ghost.loading.site, [load, ghost])
    return None


def take_a_detour(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """A load disappears for days before it is weighed at the receiver."""
    for loads in truckloads(world, used, rng, least=4):
        load = rng.choice(loads)
        at = load.unloading.at + rng.randint(2 * 24 * 60, 6 * 24 * 60) * MINUTE
        late = replace(load, unloading=replace(load.unloading, at=at))
        if late.month != load.month:
            continue
        reweigh(world, load, unloading=late.unloading)
        return at_scales("too_long", load.unloading.site, [load])
    return None


def weigh_at_night(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """The gate is closed, and its scale prints tickets."""
    for site, month in producer_months(world, used, rng):
        if world.places[site].hours.closes == 24:
            continue
        loads = [load for load in loads_of(world, month) if load.loading.site == site]
        quick = [load for load in loads if day_of(load.loading.at) == day_of(load.unloading.at)]
        if len(quick) < 20 or cells_of(quick) & used:
            continue
        some = rng.sample(quick, rng.randint(6, 14))
        for load in some:
            night = load.loading.at.astimezone(CHINA).replace(
                hour=rng.randint(1, 3), minute=rng.randint(0, 59)
            )
            reweigh(world, load, loading=replace(load.loading, at=night))
        return at_scales("gate_closed", site, some)
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
