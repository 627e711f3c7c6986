"""Tiny markets of every variant at once: months, silos, stock, capacities, lots, costs, levels."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, permutations
from random import Random

from matching import Demand, Lane, Mode, PriceRule, Problem, Settings, Supply
from tests.matching.brute_force import number_of_plans

#: Few have so few plans that they say little; none has more than can be looked at.
LEAST_PLANS, MOST_PLANS = 12, 30_000
LEVELS = [
    levels for size in (1, 2, 3) for levels in permutations(("tonnes", "surplus", "cost"), size)
]


def markets(first_seed: int) -> Iterator[tuple[int, Problem]]:
    """Seeds and their markets; of those with hardly a plan only one in eight."""
    for seed in count(first_seed):
        problem = market(seed)
        least = LEAST_PLANS if seed % 8 else 0
        if least <= number_of_plans(problem) <= MOST_PLANS:
            yield seed, problem


def market(seed: int) -> Problem:
    """A market of a few kilograms."""
    rng = Random(seed)
    months = rng.choice([0, 0, 1, 2, 2, 3])
    rough = rng.random() < 0.6
    supplies = [
        row
        for name in "abc"[: rng.choice([0, 1, 2, 2, 2, 3])]
        for row in _supply(rng, name, months, rough)
    ]
    demands = [
        row
        for name in "xyz"[: rng.choice([0, 1, 2, 2, 2, 3])]
        for row in _demand(rng, name, months, rough)
    ]
    listed = rng.random() < 0.7
    lanes = tuple(_lanes(rng, supplies, demands, months, rough)) if listed else None
    return Problem(tuple(supplies), tuple(demands), _settings(rng), lanes)


def _settings(rng: Random) -> Settings:
    return Settings(
        levels=rng.choice([("tonnes", "surplus"), rng.choice(LEVELS)]),
        mode=rng.choice(list(Mode)),
        support=rng.choice([0, 0, 700]),
        max_m=1_000,
        freight_per_t=rng.randint(0, 2_000),
        freight_per_tkm=0,
        price_rule=rng.choice(list(PriceRule)),
    )


def _rows(rng: Random, months: int) -> Sequence[int | None]:
    if not months:
        return [None]
    return sorted(rng.sample(range(months), rng.randint(1, months)))


def _place(rng: Random) -> float:
    """One of two spots far from each other."""
    return rng.choice([100.0, 100.0, 110.0])


def _supply(rng: Random, name: str, months: int, rough: bool) -> Iterator[Supply]:
    silo = rng.choice([0, 0, 1, 2, 4])
    some = Supply(
        name,
        0,
        rng.choice(["ash", "ash", "mud"]),
        _place(rng),
        30.0,
        ask=rng.randint(-2_000, 1_000),
        silo_kg=silo,
        stock_kg=rng.randint(0, silo),
        holding=rng.choice([0, 300, 3_000]) if silo else 0,
        weight_milli=rng.choice([1_000, 1_000, 500, 2_500]),
    )
    for month in _rows(rng, months):
        yield replace(
            some,
            kg=rng.choice([0, 1, 2, 3, 4, 5]),
            month=month,
            single=rough and not silo and rng.random() < 0.4,
            min_lot_kg=rng.choice([0, 0, 2, 3]) if rough else 0,
        )


def _demand(rng: Random, name: str, months: int, rough: bool) -> Iterator[Demand]:
    silo = rng.choice([0, 0, 1, 2, 4])
    some = Demand(
        name,
        0,
        rng.choice([(), ("ash",), ("ash", "mud")]),
        _place(rng),
        30.0,
        bid=rng.randint(-500, 4_000),
        min_lot_kg=rng.choice([0, 0, 0, 2]) if rough else 0,
        open_fen=rng.choice([0, 0, 2, 8]) if rough else 0,
        silo_kg=silo,
        stock_kg=rng.randint(0, silo),
    )
    for month in _rows(rng, months):
        yield replace(some, kg=rng.choice([0, 1, 2, 3, 4, 5]), month=month)


def _lanes(
    rng: Random, supplies: list[Supply], demands: list[Demand], months: int, rough: bool
) -> Iterator[Lane]:
    for supply in sorted({each.id for each in supplies}):
        for demand in sorted({each.id for each in demands}):
            if rng.random() < 0.8:
                yield from _lane(rng, supply, demand, months, rough)


def _lane(rng: Random, supply: str, demand: str, months: int, rough: bool) -> Iterator[Lane]:
    fixed = rng.choice([0, 0, 1, 6]) if rough else 0
    lane = Lane(
        supply,
        demand,
        fixed_fen=fixed,
        use_milli=rng.choice([1_000, 1_000, 500, 800, 1_300]) if rough else 1_000,
    )
    dated = months and rng.random() < 0.3
    for month in sorted(rng.sample(range(months), rng.randint(1, months))) if dated else [None]:
        capacity = rng.choice([None, None, 1, 2, 3])
        least = rng.choice([0, 0, 1, 2]) if rough else 0
        yield replace(
            lane,
            cost=rng.randint(-500, 2_500),
            min_kg=least if capacity is None else min(least, capacity),
            capacity_kg=capacity,
            month=month,
        )
