"""The verifier's speed on arrays, and whether it names what is wrong with a mutated plan."""

import time
from collections.abc import Iterator

import numpy as np

from matching import Outcome, Property, check, solve
from matching.bench import Row
from matching.bench.mutations import MUTATIONS, Case
from matching.bench.mutations.markets import drawn
from matching.lanes import Lanes
from matching.network import NO_LIMIT
from matching.problem import Settings
from matching.verify import arrays
from matching.verify.claims import Claim, LevelClaim, Matches
from matching.verify.exact import Ints
from matching.verify.market import Market, Shelf

SIDE = 10_000
LANES = 1_500_000
SPEED_BAR = 0.3
#: Markets whose outcomes are lied about, in every way that applies to them.
MARKETS = 24
LIES_BAR = 1_000
#: What a thousandth of a kilogram more at the first level is worth at the second.
MULTIPLIER = 3


def rows() -> Iterator[Row]:
    """The rows of the table this module measures."""
    yield _speed()
    yield _lies()


def _speed() -> Row:
    begun = time.perf_counter()
    market, claim = planted(SIDE, LANES, seed=1)
    taken = [_timed(market, claim) for _ in range(7)]
    median = sorted(taken)[len(taken) // 2]
    return Row(
        f"verify from arrays in memory, {len(market.lanes):,} lanes",
        f"≤ {SPEED_BAR} s",
        f"{median:.2f} s (least {min(taken):.2f}, most {max(taken):.2f})",
        median <= SPEED_BAR,
        time.perf_counter() - begun,
    )


def _timed(market: Market, claim: Claim) -> float:
    begun = time.perf_counter()
    found = list(arrays.breaches(market, claim))
    taken = time.perf_counter() - begun
    if found:
        raise AssertionError(found)
    return taken


def _lies() -> Row:
    begun = time.perf_counter()
    told = named = accepted = 0
    for seed in range(MARKETS):
        problem = drawn(seed)
        outcome = solve(problem)
        accepted += not check(problem, outcome)
        for broken, lie in _told(Case.of(problem, outcome, seed)):
            told += 1
            named += broken in {violation.property for violation in check(problem, lie)}
    return Row(
        f"verifier on {told:,} mutated plans and {MARKETS} honest ones",
        f"the broken property named in every one of ≥ {LIES_BAR:,}; every honest plan accepted",
        f"named in {named:,}, accepted {accepted}",
        told >= LIES_BAR and named == told and accepted == MARKETS,
        time.perf_counter() - begun,
    )


def _told(case: Case) -> Iterator[tuple[Property, Outcome]]:
    for mutation in MUTATIONS:
        lie = mutation.apply(case)
        if lie is not None:
            yield mutation.broken, lie


def planted(side: int, lanes: int, seed: int) -> tuple[Market, Claim]:
    """A market with a plan that is the best by construction, without a solver.

    Every demand is filled, by the few supplies it is joined to first, so no plan places more; dual
    values are drawn, lanes in use are worth just what they say and all others no more.
    """
    draw = np.random.default_rng(seed)
    supply, demand = _joined(draw, side, lanes)
    used = np.flatnonzero(draw.random(len(supply)) < 2 * side / lanes)
    kg = draw.integers(1, 1_000_000, len(used))
    shipped = np.bincount(supply[used], weights=kg, minlength=side).astype(np.int64)
    taken = np.bincount(demand[used], weights=kg, minlength=side).astype(np.int64)
    spare = draw.integers(0, 2, side) * draw.integers(0, 500_000, side)
    u, v = np.where(spare > 0, 0, draw.integers(0, 4_000, side)), draw.integers(6_000, 9_000, side)
    worth = u[supply] + v[demand] - MULTIPLIER * 1_000
    surplus = worth - draw.integers(0, 2_000, len(supply))
    surplus[used] = worth[used]
    market = _market(draw, (shipped + spare, taken), (supply, demand), surplus)
    return market, _claim(market, used, kg, (u, v))


def _joined(draw: np.random.Generator, side: int, lanes: int) -> tuple[Ints, Ints]:
    pairs = np.unique(draw.integers(0, side * side, lanes + lanes // 90))[:lanes]
    return pairs // side, pairs % side


def _market(
    draw: np.random.Generator, kg: tuple[Ints, Ints], ends: tuple[Ints, Ints], surplus: Ints
) -> Market:
    supply, demand = ends
    side, count = len(kg[0]), len(supply)
    ask, bid = draw.integers(-5_000, 5_000, side), draw.integers(0, 20_000, side)
    zero, flat = np.zeros(side, dtype=np.int64), np.zeros(side, dtype=np.bool_)
    supplies, demands = (Shelf(each, zero, flat, flat, zero, zero) for each in kg)
    no_limit, free, same = (
        np.broadcast_to(np.int64(value), (count,)) for value in (NO_LIMIT, 0, 1_000)
    )
    lanes = Lanes(
        supply,
        demand,
        bid[demand] - ask[supply] - surplus,
        surplus,
        np.zeros(count, dtype=np.uint8),
        no_limit,
        free,
        same,
        pair=np.arange(count),
        pair_fixed=free,
    )
    return Market(
        supplies,
        demands,
        ask,
        bid,
        holding=zero,
        weight_milli=np.full(side, 1_000, dtype=np.int64),
        single=flat,
        min_lot_kg=zero,
        demand_order=np.arange(side),
        open_cost=zero,
        lanes=lanes,
        settings=Settings(),
    )


def _claim(market: Market, used: Ints, kg: Ints, duals: tuple[Ints, Ints]) -> Claim:
    lanes = market.lanes
    supply, demand = lanes.supply[used], lanes.demand[used]
    surplus, nothing = lanes.surplus[used], np.zeros(len(used), dtype=np.int64)
    matches = Matches(
        supply,
        demand,
        market.lane_at(supply, demand),
        kg,
        lanes.cost[used],
        nothing,
        market.ask[supply] + (surplus + 1) // 2,
        market.bid[demand] - surplus // 2,
    )
    zero, none = np.zeros(len(market.supply.kg), dtype=np.int64), np.zeros(0, dtype=np.int64)
    tonnes, value = int(kg.sum()) * 1_000, int((kg * surplus).sum())
    full = np.full(len(market.demand.kg), 1_000, dtype=np.int64)
    levels = (
        LevelClaim("tonnes", tonnes, tonnes, None, zero, full, ((),)),
        LevelClaim("surplus", value, value, None, *duals, ((MULTIPLIER,),)),
    )
    return Claim(matches, zero, zero, levels, none, none)
