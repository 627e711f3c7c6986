"""Frauds in what is declared, built and allowed, as people commit them."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from app.declarations.rules import ActivityKind
from app.watch.signs.facts import Waste
from tests.watch.damage import (
    Cell,
    Fraud,
    Trick,
    change,
    fresh_use,
    on_paper,
    shift_stock,
    stocked,
    untouched_wastes,
    wastes,
)
from tests.watch.worlds import TONNE, World


def hide_generation(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """A month's waste is declared at half; what is missing was never stored or disposed of."""
    for waste, month in wastes(world, used, rng):
        one = world.declared[waste, month].balance
        hidden = int(one.generated_kg * rng.uniform(0.45, 0.65))
        fresh = one.disposed_kg - one.old_disposed_kg
        off_stock = max(0, hidden - fresh)
        if off_stock > one.stored_kg or not shift_stock(world, waste, month, -off_stock):
            continue
        change(
            world,
            waste,
            month,
            generated_kg=-hidden,
            disposed_kg=off_stock - hidden,
            stored_kg=-off_stock,
        )
        return on_paper("arisings_changed", waste, [month])
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
    for waste, month in wastes(world, used, rng):
        generated = world.declared[waste, month].balance.generated_kg
        change(world, waste, month, self_used_kg=int(generated * rng.uniform(0.06, 0.3)))
        return on_paper("balance_open", waste, [month])
    return None


def claim_takers(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """What was dumped or disposed of is declared as used by others; nobody weighed it."""
    for waste, month in wastes(world, used, rng):
        one = world.declared[waste, month].balance
        claimed = int(one.entrusted_used_kg * rng.uniform(0.6, 1.5))
        fresh = one.disposed_kg - one.old_disposed_kg
        off_stock = max(0, claimed - fresh)
        if not claimed or off_stock > one.stored_kg:
            continue
        if not shift_stock(world, waste, month, -off_stock):
            continue
        change(
            world,
            waste,
            month,
            entrusted_used_kg=claimed,
            disposed_kg=off_stock - claimed,
            stored_kg=-off_stock,
        )
        return on_paper("use_without_tickets", waste, [month])
    return None


def lend_tickets(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """Somebody else's waste travels on the producer's notes: less was its own than they show."""
    for waste, month in wastes(world, used, rng):
        one = world.declared[waste, month]
        lent = int(one.ticketed_kg * rng.uniform(0.15, 0.4))
        over = one.ticketed_kg - one.balance.entrusted_used_kg + lent
        if over < 0.1 * one.ticketed_kg or lent > fresh_use(world, waste, month):
            continue
        change(world, waste, month, entrusted_used_kg=-lent, disposed_kg=lent)
        return on_paper("tickets_beyond_use", waste, [month])
    return None


def lose_stock_overnight(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """A month begins with much less than the one before it ended with."""
    for waste, month in stocked(world, used, rng):
        before = world.declared[waste, month].balance
        lost = int(before.opening_kg * rng.uniform(0.3, 0.6))
        drawn = before.old_used_kg + before.old_disposed_kg
        if before.opening_kg - lost < drawn or not shift_stock(world, waste, month, -lost):
            continue
        change(world, waste, month, opening_kg=-lost)
        return on_paper("stock_broken", waste, [month])
    return None


def lose_stock_in_the_month(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """The pile is carted off: it just closes lower."""
    for waste, month in stocked(world, used, rng):
        closing = world.declared[waste, month].balance.closing_kg
        if shift_stock(world, waste, month, -int(closing * rng.uniform(0.25, 0.6))):
            return on_paper("stock_open", waste, [month])
    return None


def overdraw_stock(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """Fresh waste is declared as use of an old pile that was never so large."""
    for waste, month in stocked(world, used, rng):
        one = world.declared[waste, month].balance
        drawn = int(one.opening_kg * rng.uniform(1.2, 2)) - one.old_disposed_kg
        if drawn > one.entrusted_used_kg or drawn <= one.opening_kg:
            continue
        more = drawn - one.old_used_kg
        change(world, waste, month, old_used_kg=more, stored_kg=more)
        return on_paper("stock_overdrawn", waste, [month])
    return None


def overfill(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """More is heaped up than the store was built for."""
    for waste in untouched_wastes(world, used, rng):
        closings = {m: world.declared[waste, m].balance.closing_kg for m in world.seen}
        if max(closings.values()) < 300 * TONNE:
            continue
        world.capacities[waste] = int(max(closings.values()) / rng.uniform(1.15, 1.6))
        return on_paper("stock_over_capacity", waste, world.seen)
    return None


def hoard(world: World, used: frozenset[Cell], rng: Random) -> Fraud | None:
    """An old pile is never touched again, as large as many months' turnover of the store."""
    for waste in untouched_wastes(world, used, rng):
        if waste.material == "red_mud":
            continue
        past = [world.declared[waste, month].balance for month in world.months]
        turnover = sum(one.old_used_kg + one.old_disposed_kg for one in past) / len(past)
        pile = int(max(turnover * rng.uniform(25, 50), past[0].generated_kg))
        for month in world.months:
            change(world, waste, month, opening_kg=pile, closing_kg=pile)
        world.capacities[waste] += pile
        return on_paper("stock_too_old", waste, world.seen)
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
