from collections.abc import Sequence

import numpy as np
import pytest

from matching.bench import markets
from matching.network import Flow, Gain, Network
from matching.transport import levels
from tests.matching.networks import (
    audit,
    best_by_linear_programmes,
    best_by_trying_everything,
    gain,
    network,
    small,
    values,
)

LARGEST = 10**12, 3 * 10**8


def solved(market: Network, gains: Sequence[Gain]) -> list[int]:
    """What the levels reach, after an audit of the proofs."""
    plan = levels.solve(market, gains)
    audit(market, gains, plan)
    return values(market, gains, plan.flow)


def test_no_plan_of_a_tiny_network_beats_the_levels() -> None:
    tried = 0
    for seed in range(900):
        market = markets.assorted(seed, most=4)
        tiny = small(market)
        if len(tiny.lane_supply) + len(tiny.supply_held) + len(tiny.demand_held) <= 7:
            tried += 1
            assert solved(tiny, market.gains) == best_by_trying_everything(tiny, market.gains), seed
    assert tried >= 300


def test_an_independent_solver_reaches_the_same_on_every_level() -> None:
    for seed in range(200):
        market = markets.assorted(seed)
        independent = best_by_linear_programmes(market.network, market.gains)
        assert solved(market.network, market.gains) == independent, seed


@pytest.mark.parametrize("plenty", [0.6, 1.0, 1.5])
@pytest.mark.parametrize("kind", [markets.scattered, markets.geographic])
def test_levels_of_larger_markets_close_without_a_gap(kind: object, plenty: float) -> None:
    assert callable(kind)
    market = markets.over_months(kind(40, 30, 400, 1, plenty), 4, 2)
    solved(market.network, market.gains)


def test_a_full_lane_of_a_heavy_supply_leaves_the_rest_to_a_light_one() -> None:
    # Dropping every arc that the first level's duals do not price at zero would drop both lanes.
    market = network([10, 10], [10], [(0, 0), (1, 0)], lane_kg=[5, 100])
    weighted, surplus = gain(3_000, 1_000), gain(1, 1)
    plan = levels.solve(market, [weighted, surplus])
    audit(market, [weighted, surplus], plan)
    assert plan.flow.lane.tolist() == [5, 5]


def test_a_heavy_kilogram_goes_before_two_light_ones() -> None:
    market = network([4, 4], [4], [(0, 0), (1, 0)])
    weighted, surplus = gain(3_000, 1_000), gain(-50, 90)
    assert levels.solve(market, [weighted, surplus]).flow.lane.tolist() == [4, 0]
    assert levels.solve(market, [surplus, weighted]).flow.lane.tolist() == [0, 4]


def test_surplus_first_leaves_lossy_lanes_empty() -> None:
    market = network([5, 5], [5, 5], [(0, 0), (1, 1)])
    tonnes, surplus = gain(1_000, 1_000), gain(-1, 7)
    assert levels.solve(market, [surplus, tonnes]).flow.lane.tolist() == [0, 5]
    assert levels.solve(market, [tonnes, surplus]).flow.lane.tolist() == [5, 5]


def test_a_third_level_breaks_the_ties_of_the_first_two() -> None:
    market = network([6], [6, 6], [(0, 0), (0, 1)])
    gains = [gain(1_000, 1_000), gain(4, 4), gain(-9, -8)]
    assert levels.solve(market, gains).flow.lane.tolist() == [0, 6]
    assert solved(market, gains) == [6_000, 24, -48]


def test_goods_wait_in_the_silo_for_the_month_that_can_take_them() -> None:
    market = network([10, 0], [0, 10], [(0, 0), (1, 1)], supply_held=[(0, 7)])
    gains = [gain(1_000, 1_000, held=[0]), gain(3, 3, held=[-2])]
    plan = levels.solve(market, gains)
    audit(market, gains, plan)
    assert plan.flow.supply_held.tolist() == [7]
    assert plan.proofs[1].value == 7 * (3 - 2)


def test_a_consumer_takes_ahead_of_need_as_much_as_its_silo_holds() -> None:
    market = network([10, 0], [2, 10], [(0, 0), (1, 1)], demand_held=[(0, 6)])
    gains = [gain(1_000, 1_000)]
    plan = levels.solve(market, gains)
    audit(market, gains, plan)
    assert plan.flow.lane.tolist() == [8, 0]
    assert plan.flow.demand_held.tolist() == [6]


@pytest.mark.parametrize(
    "market",
    [
        network([], [], []),
        network([5], [], []),
        network([], [5], []),
        network([5], [5], []),
        network([0], [5], [(0, 0)]),
        network([5], [0], [(0, 0)]),
        network([5], [5], [(0, 0)], lane_kg=[0]),
        network([5, 0], [0, 5], [], supply_held=[(0, 3)], demand_held=[(0, 3)]),
    ],
)
def test_where_nothing_can_flow_nothing_does_and_that_is_proven(market: Network) -> None:
    held = [0] * len(market.supply_held)
    lanes = [1_000] * len(market.lane_supply)
    gains = [gain(*lanes, held=held), gain(*lanes, held=held), gain(*lanes, held=held)]
    assert solved(market, gains) == [0, 0, 0]


def test_the_largest_values_of_the_format_stay_exact() -> None:
    kg, fen = LARGEST
    pairs = [(i, j) for i in range(3) for j in range(3)]
    market = network([kg] * 3, [kg] * 3, pairs)
    gains = [gain(*[1_000] * 9), gain(*[fen] * 9)]
    plan = levels.solve(market, gains)
    assert [proof.value for proof in plan.proofs] == [3 * kg * 1_000, 3 * kg * fen]
    assert all(proof.bound == proof.value for proof in plan.proofs)


def test_bounds_past_the_range_of_duals_are_loose_but_true() -> None:
    _, fen = LARGEST
    draw = np.random.default_rng(5)
    pairs = [(i, j) for i in range(8) for j in range(8)]
    market = network(draw.integers(1, 99, 8).tolist(), draw.integers(1, 99, 8).tolist(), pairs)
    gains = [gain(*draw.integers(-fen, fen, 64).tolist()) for _ in range(5)]
    plan = levels.solve(market, gains)
    independent = levels.solve(market, gains[:2])
    assert [proof.value for proof in plan.proofs[:2]] == [p.value for p in independent.proofs]
    assert all(proof.bound >= proof.value for proof in plan.proofs)
    assert all(abs(each) < 2**60 for proof in plan.proofs for each in proof.supply_dual.tolist())


def test_the_plan_so_far_is_told_after_every_level() -> None:
    market = markets.assorted(3)
    weighted = Gain(
        np.where(np.arange(len(market.cost)) % 2, 3_000, 1_000), market.gains[0].held * 0
    )
    told: list[Flow] = []
    gains = [weighted, *market.gains]
    plan = levels.solve(market.network, gains, told.append)
    assert len(told) == len(gains)
    assert told[-1].lane.tolist() == plan.flow.lane.tolist()


def test_the_same_network_gives_the_same_plan() -> None:
    market = markets.geographic(60, 60, 900, 4)
    one, other = (levels.solve(market.network, market.gains) for _ in range(2))
    assert one.flow.lane.tolist() == other.flow.lane.tolist()
    assert one.proofs[1].supply_dual.tolist() == other.proofs[1].supply_dual.tolist()
