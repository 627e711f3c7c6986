"""Problems with indivisible parts: the classical families of assignment and location, written in
the columns of this format, and a market of such lots.

The families state no prices and pursue the most tonnes at the least cost. Sizes: supplies are
jobs, customers or plants, demands are agents, facilities or depots.
"""

import math
import random
from dataclasses import replace

from matching.generate.draws import name, sparse_pairs
from matching.problem import Demand, Lane, Mode, Problem, Settings, Supply

#: The least cost of placing the most tonnes.
CHEAPEST = Settings(levels=("tonnes", "cost"), mode=Mode.PLAN)

Point = tuple[float, float]


def lots(draw: random.Random, supplies: int, demands: int) -> Problem:
    """A market on sparse lanes: whole truck trains, minimum lots, fixed costs, opened works."""
    pairs = sparse_pairs(draw, supplies, demands)
    return Problem(
        tuple(_train(draw, i) for i in range(supplies)),
        tuple(_works(draw, j) for j in range(demands)),
        Settings(mode=draw.choice(list(Mode))),
        tuple(_road(draw, *pair) for pair in pairs),
    )


def generalised(draw: random.Random, supplies: int, demands: int) -> Problem:
    """Generalised assignment: each job goes whole to one agent, which it takes as much of as the
    pair says. Resources and costs of type C of the literature, capacities 0.8 of the mean load.
    """
    lanes = [
        Lane(
            name("S", i),
            name("D", j),
            100 * draw.randint(10, 50),
            use_milli=1_000 * draw.randint(5, 25),
        )
        for i in range(supplies)
        for j in range(demands)
    ]
    taken = sum(lane.use_milli for lane in lanes)
    room = 8 * taken // (10 * demands * demands) if demands else 0
    jobs = tuple(Supply(name("S", i), 1_000, single=True) for i in range(supplies))
    agents = tuple(Demand(name("D", j), room) for j in range(demands))
    return Problem(jobs, agents, CHEAPEST, tuple(lanes))


def single_source(draw: random.Random, supplies: int, demands: int) -> Problem:
    """Capacitated location where each customer is served by one facility."""
    split = facilities(draw, supplies, demands)
    whole = tuple(replace(row, single=True) for row in split.supplies)
    return replace(split, supplies=whole)


def facilities(draw: random.Random, supplies: int, demands: int) -> Problem:
    """Capacitated location on the unit square: opening costs, freight by distance, about three
    times the room that is needed.
    """
    customers = [(_point(draw), 1_000 * draw.randint(5, 35)) for _ in range(supplies)]
    sites = [(_point(draw), draw.randint(10, 160)) for _ in range(demands)]
    wanted, offered = sum(kg for _, kg in customers), sum(size for _, size in sites)
    rooms = [3 * wanted * size // offered for _, size in sites]
    return Problem(
        tuple(Supply(name("S", i), kg) for i, (_, kg) in enumerate(customers)),
        tuple(
            Demand(name("D", j), room, open_fen=draw.randrange(9_000) + 1_000 * math.isqrt(room))
            for j, room in enumerate(rooms)
        ),
        CHEAPEST,
        tuple(
            Lane(name("S", i), name("D", j), round(1_000 * math.dist(here, there)))
            for i, (here, _) in enumerate(customers)
            for j, (there, _) in enumerate(sites)
        ),
    )


def fixed_charge(draw: random.Random, supplies: int, demands: int) -> Problem:
    """Fixed-charge transport: a lane costs by the tonne and once for being used."""
    offered = [1_000 * draw.randint(50, 150) for _ in range(supplies)]
    wanted = [1_000 * draw.randint(50, 150) for _ in range(demands)]
    return Problem(
        tuple(Supply(name("S", i), kg) for i, kg in enumerate(offered)),
        tuple(Demand(name("D", j), kg) for j, kg in enumerate(wanted)),
        CHEAPEST,
        tuple(
            Lane(
                name("S", i),
                name("D", j),
                100 * draw.randint(3, 8),
                fixed_fen=100 * draw.randint(50, 200),
            )
            for i in range(supplies)
            for j in range(demands)
        ),
    )


def _train(draw: random.Random, index: int) -> Supply:
    return Supply(
        name("S", index),
        draw.randrange(500, 9_000),
        ask=draw.randrange(-900, 900),
        single=draw.random() < 0.3,
        min_lot_kg=draw.choice((0, 0, 800)),
    )


def _works(draw: random.Random, index: int) -> Demand:
    return Demand(
        name("D", index),
        draw.randrange(500, 9_000),
        bid=draw.randrange(-300, 2_500),
        open_fen=draw.choice((0, 0, 1_500)),
    )


def _road(draw: random.Random, supply: int, demand: int) -> Lane:
    return Lane(
        name("S", supply),
        name("D", demand),
        draw.randrange(-100, 900),
        fixed_fen=draw.choice((0, 0, 900)),
        min_kg=draw.choice((0, 0, 1_200)),
        use_milli=draw.choice((1_000, 1_000, 850, 1_250)),
    )


def _point(draw: random.Random) -> Point:
    return draw.random(), draw.random()
