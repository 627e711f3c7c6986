from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matching.bench import markets
from matching.bench.markets import Market
from matching.faults import EngineError
from matching.network import Gain, Network
from matching.transport import flow
from matching.transport.circulation import Circulation
from matching.transport.proofs import exact_dot
from tests.matching.networks import gain, network


def most_then_best(market: Network, level: Gain) -> list[int]:
    circulation = Circulation.of(market)
    kg = flow.most_then_best(circulation, circulation.gain(level))
    lane: list[int] = circulation.flow(kg).lane.tolist()
    return lane


def test_tonnes_come_before_surplus_along_a_chain() -> None:
    chain = network([10, 10], [10, 10], [(0, 0), (0, 1), (1, 1)])
    assert most_then_best(chain, gain(-900, 0, 1_000)) == [10, 0, 10]
    crossed = network([10, 10], [10, 10], [(0, 1), (1, 0), (1, 1)])
    assert most_then_best(crossed, gain(1, -5, 9)) == [10, 10, 0]


def test_a_lane_carries_no_more_than_its_capacity() -> None:
    market = network([10], [10, 10], [(0, 0), (0, 1)], lane_kg=[3, 100])
    assert most_then_best(market, gain(9, 1)) == [3, 7]


def test_arcs_that_are_not_free_keep_their_kilograms() -> None:
    circulation = Circulation.of(network([10], [10, 10], [(0, 0), (0, 1)]))
    start = circulation.with_hub(np.array([4, 0]))
    free = np.ones(circulation.arcs, dtype=np.bool_)
    free[0] = False
    best = flow.best(circulation, circulation.gain(gain(9, 1)), free, start)
    assert circulation.flow(best).lane.tolist() == [4, 6]


def test_what_loses_stays_open_when_only_the_gain_counts() -> None:
    circulation = Circulation.of(network([5, 5], [20], [(0, 0), (1, 0)]))
    start = circulation.with_hub(np.zeros(2, dtype=np.int64))
    free = np.ones(circulation.arcs, dtype=np.bool_)
    best = flow.best(circulation, circulation.gain(gain(-1, 1)), free, start)
    assert circulation.flow(best).lane.tolist() == [0, 5]


def test_a_market_without_lanes_places_nothing() -> None:
    assert most_then_best(network([5], [5], []), gain()) == []


@pytest.mark.parametrize("field", ["supply_kg", "demand_kg", "lane_kg"])
def test_floats_are_refused_because_the_solver_would_cut_them(field: str) -> None:
    half: Any = np.array([0.5])
    halves = replace(network([5], [5], [(0, 0)]), **{field: half})
    with pytest.raises(TypeError, match="whole numbers"):
        most_then_best(halves, gain(1))


def test_gains_that_are_floats_are_refused() -> None:
    level = Gain(np.array([0.5]), np.zeros(0))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="whole numbers"):
        most_then_best(network([5], [5], [(0, 0)]), level)


@pytest.mark.parametrize("fen", [2**60, -(2**60)])
def test_gains_past_the_range_of_the_solver_are_refused(fen: int) -> None:
    with pytest.raises(EngineError, match="range"):
        most_then_best(network([5], [5], [(0, 0)]), gain(fen))


def test_a_common_factor_of_gains_changes_no_plan() -> None:
    market = network([5, 5], [5, 5], [(0, 0), (0, 1), (1, 0), (1, 1)])
    few = np.array([3, 1, 2, 1])
    assert most_then_best(market, gain(*few)) == most_then_best(market, gain(*(few * 7_000)))


@pytest.mark.parametrize("make", [markets.scattered, markets.geographic])
def test_an_order_of_nodes_for_the_solver_changes_no_value(
    make: Callable[..., Market], monkeypatch: pytest.MonkeyPatch
) -> None:
    market = markets.over_months(make(20, 20, 200, 1), 3, 1)
    circulation = Circulation.of(market.network)
    surplus = circulation.gain(market.gains[1])
    plain = flow.most_then_best(circulation, surplus)
    monkeypatch.setattr(flow, "MANY_ARCS", 1)
    monkeypatch.setattr(flow, "FAR_APART", 1)
    ordered = flow.most_then_best(circulation, surplus)
    lanes = slice(0, circulation.lanes)
    assert ordered[lanes].sum() == plain[lanes].sum()
    assert exact_dot(surplus, ordered) == exact_dot(surplus, plain)
