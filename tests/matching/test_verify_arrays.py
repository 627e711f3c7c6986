"""The audit of plain arrays, on markets whose best plan is known by construction."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from matching import Demand, Lane, PriceRule, Problem, Property, Settings, Supply
from matching import lanes as lane_rule
from matching.bench.audit import planted
from matching.verify import arrays, pricing
from matching.verify.claims import Claim, LevelClaim, Matches
from matching.verify.exact import Whole, whole
from matching.verify.market import Market

MARKET, CLAIM = planted(50, 600, seed=3)


def found(market: Market, claim: Claim) -> set[Property]:
    return {breach.property for breach in arrays.breaches(market, claim)}


def test_a_plan_that_is_the_best_by_construction_is_accepted() -> None:
    assert found(MARKET, CLAIM) == set()


def shipping(change: Callable[[Matches], Matches]) -> Claim:
    return replace(CLAIM, matches=change(CLAIM.matches))


def first(values: Whole, by: int) -> Whole:
    return np.concatenate([values[:1] + by, values[1:]])


@pytest.mark.parametrize(
    ("claim", "broken"),
    [
        (shipping(lambda m: replace(m, kg=first(m.kg, 10**9))), Property.DEMAND_CAPACITY),
        (shipping(lambda m: replace(m, kg=first(m.kg, 10**9))), Property.SUPPLY_CAPACITY),
        (shipping(lambda m: replace(m, kg=first(m.kg, -1))), Property.CERTIFICATE_VALUE),
        (shipping(lambda m: replace(m, cost=first(m.cost, 1))), Property.LANE_COST),
        (shipping(lambda m: replace(m, lane=m.lane * 0 - 1)), Property.LANE_PERMITTED),
    ],
)
def test_a_change_of_the_arrays_is_named(claim: Claim, broken: Property) -> None:
    assert broken in found(MARKET, claim)


def with_multiplier(more: int) -> tuple[LevelClaim, ...]:
    """The same proof with so much more of the first level's dual values in the second's."""
    tonnes, surplus = CLAIM.levels
    demand_dual = whole([v + 1_000 * more for v in surplus.demand_dual.tolist()])
    multiplier = surplus.multipliers[0][0] + more
    return tonnes, replace(surplus, demand_dual=demand_dual, multipliers=((multiplier,),))


@pytest.mark.parametrize("more", [1, 2**40, 2**50, 2**70])
def test_a_proof_is_exact_however_large_its_dual_values(more: int) -> None:
    levels = with_multiplier(more)
    assert found(MARKET, replace(CLAIM, levels=levels)) == set()
    loose = replace(levels[1], multipliers=((levels[1].multipliers[0][0] - 1,),))
    broken = found(MARKET, replace(CLAIM, levels=(levels[0], loose)))
    assert broken == {Property.CERTIFICATE_BOUND, Property.CERTIFICATE_GAP}


def one_seller(prices: list[tuple[int, int]]) -> set[Property]:
    """A seller of 10 t, two buyers of 5 t it serves at these prices, and one who bids 50 and waits.

    The two pay no less than 50, or the third would outbid them, and no more than 60, the lesser of
    their own limits: the rule posts 55.
    """
    problem = Problem(
        (Supply("seller", 10_000),),
        tuple(Demand(f"buyer {bid}", 5_000, bid=bid) for bid in (100, 60, 50)),
        Settings(price_rule=PriceRule.SHADOW),
        tuple(Lane("seller", f"buyer {bid}") for bid in (100, 60, 50)),
    )
    market = Market.of(problem, lane_rule.build(problem))
    demand = np.flatnonzero(np.isin(market.bid, (100, 60)))
    supply, none = np.zeros(2, dtype=np.int64), np.zeros(0, dtype=np.int64)
    lane = market.lane_at(supply, demand)
    producer, consumer = (whole([pair[end] for pair in prices]) for end in (0, 1))
    matches = Matches(supply, demand, lane, supply + 5_000, supply, supply, producer, consumer)
    claim = Claim(matches, np.zeros(1, dtype=np.int64), np.zeros(3, dtype=np.int64), (), none, none)
    return {breach.property for breach in pricing.breaches(market, claim)}


def test_the_middle_of_the_prices_that_nobody_would_leave_is_the_shadow_price() -> None:
    assert one_seller([(55, 55)] * 2) == set()


def test_the_midpoint_is_no_way_out_where_one_price_exists() -> None:
    assert one_seller([(50, 50), (30, 30)]) == {Property.PRICE_RULE}


@pytest.mark.parametrize(
    "prices",
    [[(55, 55), (57, 57)], [(50, 50), (31, 31)], [(45, 45)] * 2, [(54, 54)] * 2, [(50, 50)] * 2],
)
def test_prices_that_differ_or_lie_off_the_middle_are_no_shadow_prices(
    prices: list[tuple[int, int]],
) -> None:
    assert Property.PRICE_RULE in one_seller(prices)
