from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from matching.bench import markets
from matching.bench.markets import Market
from matching.network import Flow, Gain, Lots, Network, Plan
from matching.transport import components, levels
from tests.matching.networks import (
    NONE,
    audit,
    best_by_linear_programmes,
    gain,
    kilograms,
    network,
    values,
)

Ints = npt.NDArray[np.int64]


@pytest.fixture(autouse=True)
def _few_lanes_are_worth_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "BUNDLE_LANES", 5)


def beside(one: Market, other: Market) -> Market:
    """Two markets as one, with the levels both have."""
    supplies, demands = len(one.network.supply_kg), len(one.network.demand_kg)

    def both(field: str, moved: int = 0) -> Ints:
        return np.concatenate([getattr(one.network, field), getattr(other.network, field) + moved])

    joined = Network(
        both("supply_kg"),
        both("demand_kg"),
        both("lane_supply", supplies),
        both("lane_demand", demands),
        both("lane_kg"),
        both("supply_held", supplies),
        both("supply_held_kg"),
        both("demand_held", demands),
        both("demand_held_kg"),
    )
    gains = tuple(
        Gain(np.concatenate([a.lane, b.lane]), np.concatenate([a.held, b.held]))
        for a, b in zip(one.gains, other.gains, strict=False)
    )
    return Market(joined, gains, NONE, NONE, NONE)


def test_parts_solved_apart_reach_what_the_whole_does() -> None:
    for seed in range(0, 120, 3):
        one, two, three = (markets.assorted(seed + k, most=8) for k in range(3))
        market = beside(beside(one, two), three)
        plan = components.solve(market.network, market.gains)
        audit(market.network, market.gains, plan)
        independent = best_by_linear_programmes(market.network, market.gains)
        assert values(market.network, market.gains, plan.flow) == independent, seed


def test_families_that_nothing_joins_are_found_whatever_their_order() -> None:
    parts = [markets.geographic(9, 7, 63, seed) for seed in range(5)]
    market = markets.families(parts, 1)
    found = components.split(market.network)
    assert [len(part.lane) for part in found] == [63] * 5
    assert all(one.supply[0] < other.supply[0] for one, other in pairwise(found))
    assert sorted(np.concatenate([part.lane for part in found]).tolist()) == list(range(5 * 63))
    for part in found:
        supply = part.supply[part.network.lane_supply]
        assert supply.tolist() == market.network.lane_supply[part.lane].tolist()
        assert (np.diff(part.supply) > 0).all()
        assert part.network.supply_kg.tolist() == market.network.supply_kg[part.supply].tolist()


def test_a_silo_joins_the_months_of_an_order() -> None:
    market = network([5, 5], [5, 5], [(0, 0), (1, 1)])
    assert len(components.split(market)) == 2
    held = replace(market, supply_held=np.array([0]), supply_held_kg=np.array([1]))
    assert len(components.split(held)) == 1
    ahead = replace(market, demand_held=np.array([0]), demand_held_kg=np.array([1]))
    assert len(components.split(ahead)) == 1


def test_nodes_without_a_lane_belong_to_no_component() -> None:
    market = network([5, 5, 5], [5, 5], [(1, 1)], supply_held=[(0, 0)])
    found = components.label(market)
    assert found.supply.tolist() == [0, 0, -1]
    assert found.demand.tolist() == [-1, 0]
    assert components.split(network([5], [5], [])) == []


def lots(market: Network, **changed: object) -> Network:
    lanes, demands = len(market.lane_supply), len(market.demand_kg)
    plain = Lots(
        np.zeros(len(market.supply_kg), dtype=np.bool_),
        np.zeros(lanes, dtype=np.int64),
        np.full(lanes, 1_000),
        np.arange(lanes),
        np.zeros(lanes, dtype=np.int64),
        np.arange(demands),
        np.zeros(demands, dtype=np.int64),
        None,
    )
    return replace(market, lots=replace(plain, **changed))  # type: ignore[arg-type]


THREE = network([5, 5, 5], [5, 5, 5], [(0, 0), (1, 1), (2, 2)])


@pytest.mark.parametrize(
    "changed",
    [
        {"single": np.array([False, True, False])},
        {"lane_min_kg": np.array([0, 3, 0])},
        {"lane_use_milli": np.array([1_000, 800, 1_000])},
        {"pair_fixed": np.array([0, 9, 0])},
        {"open_cost": np.array([0, 9, 0])},
    ],
)
def test_only_components_with_indivisible_parts_carry_them(changed: dict[str, object]) -> None:
    market = lots(THREE, **changed)
    assert components.label(market).divisible.tolist() == [True, False, True]
    assert [part.network.lots is None for part in components.split(market)] == [True, False, True]
    plan = components.solve(market, [gain(1_000, 1_000, 1_000)])
    assert plan.flow.lane.tolist() == [5, 0, 5]
    assert plan.proofs[0].value == plan.proofs[0].bound == 10_000


def test_a_cost_that_is_paid_once_joins_those_who_share_it() -> None:
    fixed = lots(THREE, lane_pair=np.array([0, 1, 0]), pair_fixed=np.array([9, 0]))
    assert components.label(fixed).supply.tolist() == [0, 1, 0]
    free = lots(THREE, lane_pair=np.array([0, 1, 0]), pair_fixed=np.array([0, 0]))
    assert components.label(free).supply.tolist() == [0, 1, 2]
    opened = lots(THREE, demand_order=np.array([0, 1, 1]), open_cost=np.array([0, 9]))
    assert components.label(opened).demand.tolist() == [0, 1, 1]


def test_pairs_and_orders_of_a_part_are_numbered_anew() -> None:
    market = lots(
        THREE,
        lane_pair=np.array([0, 2, 1]),
        pair_fixed=np.array([0, 8, 7]),
        demand_order=np.array([0, 1, 1]),
        open_cost=np.array([0, 9]),
        lane_margin=np.array([4, 5, 6]),
    )
    first, second = components.split(market)
    assert first.network.lots is None
    assert second.network.lots is not None
    assert second.network.lots.pair_fixed[second.network.lots.lane_pair].tolist() == [7, 8]
    assert second.network.lots.open_cost.tolist() == [9]
    assert second.network.lots.demand_order.tolist() == [0, 0]
    assert second.network.lots.lane_margin is not None
    assert second.network.lots.lane_margin.tolist() == [5, 6]


def test_one_set_of_multipliers_proves_all_parts() -> None:
    # Alone, the first part needs no multiplier, the second one of 30 / 1,000 rounded up.
    market = network([5, 5], [5, 5], [(0, 0), (1, 1)])
    gains = [gain(1_000, 1_000), gain(4, -30), gain(1, 1)]
    plan = components.solve(market, gains)
    audit(market, gains, plan)
    assert plan.proofs[1].multipliers == (1,)


def test_plans_so_far_grow_part_by_part_and_end_in_the_plan() -> None:
    market = markets.families([markets.geographic(4, 4, 16, seed) for seed in range(3)], 1)
    told: list[int] = []
    plan = components.solve(
        market.network, market.gains, lambda flow: told.append(int(flow.lane.sum()))
    )
    assert told == sorted(told)
    assert told[-1] == plan.flow.lane.sum()
    assert len(told) == 3


def test_who_applies_the_solver_changes_nothing() -> None:
    market = markets.families([markets.geographic(6, 6, 36, seed) for seed in range(4)], 1)

    def backwards(
        function: Callable[[components.Job], Plan], jobs: Sequence[components.Job]
    ) -> list[Plan]:
        return [function(job) for job in reversed(jobs)][::-1]

    alone = components.solve(market.network, market.gains)
    with ThreadPoolExecutor(2) as pool:
        for each in (backwards, pool.map):
            other = components.solve(market.network, market.gains, each=each)
            assert kilograms(other.flow).tolist() == kilograms(alone.flow).tolist()
            assert other.proofs[1].supply_dual.tolist() == alone.proofs[1].supply_dual.tolist()


def test_a_market_one_component_dominates_is_solved_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    market = markets.geographic(10, 10, 100, 1)
    whole: list[Network] = []
    solve = levels.solve

    def seen(network: Network, gains: Sequence[Gain], *rest: Callable[[Flow], None]) -> Plan:
        whole.append(network)
        return solve(network, gains, *rest)

    monkeypatch.setattr(levels, "solve", seen)
    components.solve(market.network, market.gains)
    assert whole == [market.network]


def test_a_part_takes_its_share_of_a_plan_and_gives_it_back() -> None:
    market = markets.families([markets.geographic(4, 4, 16, seed) for seed in range(2)], 1)
    plan = components.solve(market.network, market.gains)
    again = components.nothing(market.network)
    for part in components.split(market.network):
        part.put(part.flow(plan.flow), again)
    assert again.lane.tolist() == plan.flow.lane.tolist()
