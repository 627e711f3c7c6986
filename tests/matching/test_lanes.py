from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from matching import Demand, Lane, Mode, Problem, Settings, Side, Supply, geo, lanes
from matching.generate import generate
from tests.matching.strategies import markets, unhurried


def cross_product(problem: Problem) -> Iterator[tuple[int, int, int]]:
    """Every pair in reach with its cost, found by asking each pair in turn."""
    settings = problem.settings
    for i, supply in enumerate(problem.supplies):
        for j, demand in enumerate(problem.demands):
            road_m = int(geo.road_m(*place_of(supply), *place_of(demand), settings.detour_milli)[0])
            reach = settings.max_m if demand.max_m is None else demand.max_m
            near = road_m <= reach and (supply.max_m is None or road_m <= supply.max_m)
            if near and demand.accepts(supply.material):
                yield i, j, settings.freight_per_t + half_up(road_m * settings.freight_per_tkm)


def place_of(order: Supply | Demand) -> tuple[geo.Floats, geo.Floats]:
    assert order.lon is not None
    assert order.lat is not None
    return np.array([order.lon]), np.array([order.lat])


def half_up(thousandths: int) -> int:
    whole, rest = divmod(thousandths, 1_000)
    return whole + (rest >= 500)


@pytest.mark.parametrize("seed", range(6))
def test_the_index_finds_the_lanes_of_the_full_cross_product(seed: int) -> None:
    problem = generate("market", seed, 60, 60)
    found = lanes.build(problem)
    ours = zip(found.supply.tolist(), found.demand.tolist(), found.cost.tolist(), strict=True)
    assert list(ours) == list(cross_product(problem))


@unhurried
@given(markets())
def test_the_index_agrees_with_the_cross_product_on_any_small_market(problem: Problem) -> None:
    if problem.lanes is None:
        found = lanes.build(problem)
        ours = zip(found.supply.tolist(), found.demand.tolist(), found.cost.tolist(), strict=True)
        assert list(ours) == list(cross_product(problem))


@pytest.mark.parametrize(
    ("road_m", "cost"),
    [(0, 1_200), (9, 1_200), (10, 1_201), (1_000, 1_250), (29, 1_201), (30, 1_202)],
)
def test_freight_is_rounded_half_up_to_the_fen(road_m: int, cost: int) -> None:
    assert lanes.lane_cost(np.array([road_m]), Settings()).tolist() == [cost]


@pytest.mark.parametrize(
    ("material", "materials", "meets"),
    [
        ("fly_ash", ("fly_ash",), True),
        ("fly_ash", (), True),
        ("fly_ash", ("red_mud", "fly_ash"), True),
        ("fly_ash", ("red_mud",), False),
        ("", ("red_mud",), False),
        ("", (), True),
    ],
)
def test_material_decides_who_meets(material: str, materials: tuple[str, ...], meets: bool) -> None:
    supply, demand = Supply("s", 1, material, 116, 36), Demand("d", 1, materials, 116, 36)
    assert len(lanes.build(Problem((supply,), (demand,)))) == int(meets)


def test_a_demand_without_a_reach_of_its_own_takes_the_default() -> None:
    supply = Supply("s", 1, "x", 116.0, 36.5)
    near, far = Demand("near", 1, (), 117.0, 36.5), Demand("far", 1, (), 117.0, 36.5, max_m=200_000)
    problem = Problem((supply,), (near, far), Settings(mode=Mode.PLAN, max_m=100_000))
    assert [problem.demands[j].id for j in lanes.build(problem).demand] == ["far"]


def test_listed_lanes_are_taken_as_they_stand() -> None:
    supplies, demands = (Supply("s", 1, "x"),), (Demand("d", 1, ("y",)),)
    problem = Problem(supplies, demands, Settings(mode=Mode.PLAN), (Lane("s", "d", 77),))
    assert lanes.build(problem).cost.tolist() == [77]


def test_a_market_permits_only_lanes_that_pay_for_themselves() -> None:
    supply, demand = Supply("s", 1, ask=100), Demand("d", 1, bid=150)
    problem = Problem((supply,), (demand,), Settings(), (Lane("s", "d", 51),))
    assert lanes.build(problem).permitted.tolist() == [False]
    for eased in (Settings(support=1), Settings(mode=Mode.PLAN)):
        assert lanes.build(replace(problem, settings=eased)).permitted.tolist() == [True]


def test_the_nearest_counterpart_is_told_to_orders_out_of_reach() -> None:
    supply = Supply("s", 1, "x", 116.0, 36.5, max_m=50_000)
    other = Demand("other", 1, ("y",), 116.0, 36.5)
    near, far = Demand("near", 1, ("x",), 117.0, 36.5), Demand("far", 1, ("x",), 118.0, 36.5)
    problem = Problem((supply,), (other, near, far))
    told = lanes.nearest_compatible(problem, Side.SUPPLY, np.array([0]))[0]
    assert told.counterparts == 2
    assert told.limit_m == 50_000
    assert told.road_m == pytest.approx(1.3 * 89_600, rel=0.01)
    assert lanes.nearest_compatible(problem, Side.DEMAND, np.array([2])) == {}
