"""Random problems that are the same for the same kind, size and seed.

They are made up from end to end: no tonnage, place or price stands for a real firm.
"""

import random
from collections.abc import Callable, Mapping

from matching.problem import Demand, Lane, Mode, Problem, Settings, Supply

MATERIALS = ("fly_ash", "bottom_ash", "fgd_gypsum", "red_mud", "carbide_slag")
#: A square of about 200 km around Liaocheng: west, south, east, north.
BOX = (114.9, 35.5, 117.1, 37.4)


def generate(kind: str, seed: int, supplies: int, demands: int) -> Problem:
    """A problem of one of the :data:`KINDS`."""
    return KINDS[kind](random.Random(f"{kind} {seed}"), supplies, demands)


def _market(draw: random.Random, supplies: int, demands: int) -> Problem:
    """Prices on both sides, some of them negative; some demands take several materials or any."""
    return Problem(
        tuple(
            Supply(
                _name("S", i),
                draw.randrange(0, 200_000_000, 500),
                draw.choice(MATERIALS),
                *_place(draw),
                ask=draw.randrange(-6_000, 6_000),
                max_m=draw.choice((None, None, 120_000)),
            )
            for i in range(supplies)
        ),
        tuple(
            Demand(
                _name("D", j),
                draw.randrange(0, 200_000_000, 500),
                tuple(draw.sample(MATERIALS, draw.choice((0, 1, 1, 2)))),
                *_place(draw),
                bid=draw.randrange(-2_000, 16_000),
                max_m=draw.choice((None, 60_000, 200_000)),
            )
            for j in range(demands)
        ),
    )


def _plan(draw: random.Random, supplies: int, demands: int) -> Problem:
    """No prices: every lane in reach counts, and freight is the only cost."""
    priced = _market(draw, supplies, demands)
    return Problem(
        tuple(Supply(s.id, s.kg, s.material, s.lon, s.lat) for s in priced.supplies),
        tuple(Demand(d.id, d.kg, d.materials, d.lon, d.lat) for d in priced.demands),
        Settings(mode=Mode.PLAN, max_m=100_000),
    )


def _ties(draw: random.Random, supplies: int, demands: int) -> Problem:
    """Three sites, two prices and round lots, so that many plans are equally good."""
    sites = [_place(draw) for _ in range(3)]
    return Problem(
        tuple(
            Supply(_name("S", i), draw.choice((1_000, 2_000)), "fly_ash", *draw.choice(sites))
            for i in range(supplies)
        ),
        tuple(
            Demand(
                _name("D", j),
                draw.choice((1_000, 2_000)),
                ("fly_ash",),
                *draw.choice(sites),
                bid=draw.choice((5_000, 12_000)),
            )
            for j in range(demands)
        ),
    )


def _listed(draw: random.Random, supplies: int, demands: int) -> Problem:
    """No sites but sparse listed lanes, along which tonnes have to be pushed through chains."""
    pairs = [(i, j) for i in range(supplies) for j in (i - 1, i, draw.randrange(demands + 1))]
    lanes = {(i, j) for i, j in pairs if 0 <= j < demands}
    return Problem(
        tuple(
            Supply(_name("S", i), draw.randrange(0, 9_000), ask=draw.randrange(-900, 900))
            for i in range(supplies)
        ),
        tuple(
            Demand(_name("D", j), draw.randrange(0, 9_000), bid=draw.randrange(-900, 900))
            for j in range(demands)
        ),
        Settings(mode=draw.choice(list(Mode)), support=draw.choice((0, 300))),
        tuple(
            Lane(_name("S", i), _name("D", j), draw.randrange(-100, 900)) for i, j in sorted(lanes)
        ),
    )


def _name(letter: str, index: int) -> str:
    return f"{letter}{index + 1:05d}"


def _place(draw: random.Random) -> tuple[float, float]:
    west, south, east, north = BOX
    return round(draw.uniform(west, east), 6), round(draw.uniform(south, north), 6)


KINDS: Mapping[str, Callable[[random.Random, int, int], Problem]] = {
    "market": _market,
    "plan": _plan,
    "ties": _ties,
    "listed": _listed,
}
