"""Markets in which everything can be divided: exact flows, with and without months."""

import random
from collections.abc import Iterator
from dataclasses import replace

from matching import months
from matching.generate.draws import MATERIALS, name, place, sparse_pairs
from matching.problem import Demand, Lane, Mode, Problem, Settings, Supply

#: From September to February: the kilns run until the middle of November.
SEASON = Settings(months=6, start="2026-09")


def market(draw: random.Random, supplies: int, demands: int) -> Problem:
    """Prices on both sides, some of them negative; some demands take several materials or any."""
    return Problem(
        tuple(
            Supply(
                name("S", i),
                draw.randrange(0, 200_000_000, 500),
                draw.choice(MATERIALS),
                *place(draw),
                ask=draw.randrange(-6_000, 6_000),
                max_m=draw.choice((None, None, 120_000)),
            )
            for i in range(supplies)
        ),
        tuple(
            Demand(
                name("D", j),
                draw.randrange(0, 200_000_000, 500),
                tuple(draw.sample(MATERIALS, draw.choice((0, 1, 1, 2)))),
                *place(draw),
                bid=draw.randrange(-2_000, 16_000),
                max_m=draw.choice((None, 60_000, 200_000)),
            )
            for j in range(demands)
        ),
    )


def plan(draw: random.Random, supplies: int, demands: int) -> Problem:
    """No prices: every lane in reach counts, and freight is the only cost."""
    priced = market(draw, supplies, demands)
    return Problem(
        tuple(Supply(s.id, s.kg, s.material, s.lon, s.lat) for s in priced.supplies),
        tuple(Demand(d.id, d.kg, d.materials, d.lon, d.lat) for d in priced.demands),
        Settings(mode=Mode.PLAN, max_m=100_000),
    )


def ties(draw: random.Random, supplies: int, demands: int) -> Problem:
    """Three sites, two prices and round lots, so that many plans are equally good."""
    sites = [place(draw) for _ in range(3)]
    return Problem(
        tuple(
            Supply(name("S", i), draw.choice((1_000, 2_000)), "fly_ash", *draw.choice(sites))
            for i in range(supplies)
        ),
        tuple(
            Demand(
                name("D", j),
                draw.choice((1_000, 2_000)),
                ("fly_ash",),
                *draw.choice(sites),
                bid=draw.choice((5_000, 12_000)),
            )
            for j in range(demands)
        ),
    )


def listed(draw: random.Random, supplies: int, demands: int) -> Problem:
    """No sites but sparse listed lanes, along which tonnes have to be pushed through chains."""
    pairs = sparse_pairs(draw, supplies, demands)
    return Problem(
        tuple(
            Supply(name("S", i), draw.randrange(0, 9_000), ask=draw.randrange(-900, 900))
            for i in range(supplies)
        ),
        tuple(
            Demand(name("D", j), draw.randrange(0, 9_000), bid=draw.randrange(-900, 900))
            for j in range(demands)
        ),
        Settings(mode=draw.choice(list(Mode)), support=draw.choice((0, 300))),
        tuple(Lane(name("S", i), name("D", j), draw.randrange(-100, 900)) for i, j in pairs),
    )


def gate_fees(draw: random.Random, supplies: int, demands: int) -> Problem:
    """Every price is negative: whoever takes the material is paid for it."""
    priced = market(draw, supplies, demands)
    return Problem(
        tuple(replace(row, ask=-draw.randrange(500, 12_000)) for row in priced.supplies),
        tuple(replace(row, bid=-draw.randrange(0, 6_000)) for row in priced.demands),
    )


def capacities(draw: random.Random, supplies: int, demands: int) -> Problem:
    """Three months on listed lanes that are narrow or open in some months only, with silos,
    opening stocks and policy weights.
    """
    pairs = sparse_pairs(draw, supplies, demands)
    offered = [row for i in range(supplies) for row in _supply_of_three_months(draw, i)]
    wanted = [row for j in range(demands) for row in _demand_of_three_months(draw, j)]
    lanes = [lane for pair in pairs for lane in _narrow_lanes(draw, *pair)]
    levels = draw.choice((("tonnes", "surplus"), ("surplus",), ("tonnes", "cost")))
    settings = Settings(levels=levels, mode=draw.choice(list(Mode)))
    return Problem(tuple(offered), tuple(wanted), settings, tuple(lanes))


def seasons(draw: random.Random, supplies: int, demands: int) -> Problem:
    """Half a year on the map: kilns stop in winter, power stations do not, silos help a little."""
    year = market(draw, supplies, demands)
    even = months.split(
        Problem(
            tuple(_with_stock(draw, row) for row in year.supplies),
            tuple(replace(row, product=draw.choice(("", "cement"))) for row in year.demands),
            SEASON,
        )
    )
    colder = tuple(
        replace(row, kg=row.kg * (80 + 10 * (row.month or 0)) // 100) for row in even.supplies
    )
    return replace(even, supplies=colder)


def _with_stock(draw: random.Random, row: Supply) -> Supply:
    """Some producers begin the season with ash in the silo, and keeping it costs."""
    silo_kg = row.kg // 12
    stock_kg = draw.choice((0, silo_kg // 2))
    return replace(row, silo_kg=silo_kg, stock_kg=stock_kg, holding=draw.choice((0, 80)))


def _supply_of_three_months(draw: random.Random, index: int) -> Iterator[Supply]:
    silo_kg = draw.choice((0, 2_000, 6_000))
    lasting = Supply(
        name("S", index),
        0,
        ask=draw.randrange(-900, 900),
        silo_kg=silo_kg,
        stock_kg=draw.choice((0, silo_kg // 4)),
        holding=draw.choice((0, 15)),
        weight_milli=draw.choice((500, 1_000, 1_000, 2_500)),
    )
    for month in sorted(draw.sample(range(3), draw.choice((1, 2, 3)))):
        yield replace(lasting, kg=draw.randrange(0, 9_000), month=month)


def _demand_of_three_months(draw: random.Random, index: int) -> Iterator[Demand]:
    silo_kg = draw.choice((0, 1_500))
    lasting = Demand(
        name("D", index),
        0,
        bid=draw.randrange(-900, 900),
        silo_kg=silo_kg,
        stock_kg=draw.choice((0, silo_kg // 3)),
    )
    for month in sorted(draw.sample(range(3), draw.choice((1, 2, 3)))):
        yield replace(lasting, kg=draw.randrange(0, 9_000), month=month)


def _narrow_lanes(draw: random.Random, supply: int, demand: int) -> Iterator[Lane]:
    """One lane for every month, or one with a capacity of its own in each of some months."""
    chosen: list[int | None] = [None]
    if draw.random() < 0.5:
        chosen = list(draw.sample(range(3), 2))
    for month in chosen:
        yield Lane(
            name("S", supply),
            name("D", demand),
            draw.randrange(-100, 900),
            capacity_kg=draw.choice((None, 500, 3_000)),
            month=month,
        )
