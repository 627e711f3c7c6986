from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

from matching import (
    Demand,
    EngineError,
    Lane,
    Mode,
    Outcome,
    Problem,
    Settings,
    Side,
    Supply,
    flow,
    generate,
    lanes,
    solve,
)
from matching.lanes import Lanes


def best_by_trying_everything(problem: Problem) -> tuple[int, int]:
    """The most kilograms and then the most surplus over every whole-kilogram plan."""
    open_lanes = lanes.build(problem).only_permitted()
    each = list(
        zip(
            open_lanes.supply.tolist(),
            open_lanes.demand.tolist(),
            open_lanes.surplus.tolist(),
            strict=True,
        )
    )

    @cache
    def best(lane: int, supply: tuple[int, ...], demand: tuple[int, ...]) -> tuple[int, int]:
        if lane == len(each):
            return 0, 0
        i, j, gain = each[lane]
        plans = []
        for kg in range(min(supply[i], demand[j]) + 1):
            left = less(supply, i, kg), less(demand, j, kg)
            tonnes, surplus = best(lane + 1, *left)
            plans.append((tonnes + kg, surplus + gain * kg))
        return max(plans)

    return best(0, tuple(s.kg for s in problem.supplies), tuple(d.kg for d in problem.demands))


def less(amounts: tuple[int, ...], at: int, kg: int) -> tuple[int, ...]:
    return *amounts[:at], amounts[at] - kg, *amounts[at + 1 :]


def reached(outcome: Outcome) -> tuple[int, int]:
    tonnes, surplus = outcome.certificate.levels
    return tonnes.value, surplus.value


def small(kind: str, seed: int) -> Problem:
    """A generated problem cut down to a few kilograms, so that every plan can be tried."""
    problem = generate.generate(kind, seed, 1 + seed % 3, 1 + seed // 3 % 3)
    return replace(
        problem,
        supplies=tuple(replace(s, kg=few(s.kg, seed + i)) for i, s in enumerate(problem.supplies)),
        demands=tuple(replace(d, kg=few(d.kg, seed + j)) for j, d in enumerate(problem.demands)),
    )


def few(kg: int, salt: int) -> int:
    return (kg // 500 + salt) % 4


@pytest.mark.parametrize("kind", list(generate.KINDS))
def test_no_plan_of_a_tiny_market_beats_the_flow(kind: str) -> None:
    for seed in range(75):
        problem = small(kind, seed)
        assert reached(solve(problem)) == best_by_trying_everything(problem), seed


def best_by_linear_programme(problem: Problem) -> tuple[float, float]:
    """The same two levels from HiGHS: the second one with the first fixed."""
    open_lanes = lanes.build(problem).only_permitted()
    if not len(open_lanes):
        return 0, 0
    limits = [order.kg for side in Side for order in problem.orders(side)]
    rows = incidence(open_lanes, len(problem.supplies), len(problem.demands))
    ones = np.ones(len(open_lanes))
    first = linprog(-ones, A_ub=rows, b_ub=limits, method="highs")
    second = linprog(
        -open_lanes.surplus,
        A_ub=rows,
        b_ub=limits,
        A_eq=ones[np.newaxis, :],
        b_eq=[round(-first.fun)],
        method="highs",
    )
    return -first.fun, -second.fun


def incidence(open_lanes: Lanes, supplies: int, demands: int) -> coo_array:
    one, lane = np.ones(len(open_lanes)), np.arange(len(open_lanes))
    return vstack(
        [
            coo_array((one, (open_lanes.supply, lane)), shape=(supplies, len(lane))),
            coo_array((one, (open_lanes.demand, lane)), shape=(demands, len(lane))),
        ]
    )


@pytest.mark.parametrize("kind", list(generate.KINDS))
def test_an_independent_solver_finds_the_same_tonnes_and_surplus(kind: str) -> None:
    for seed in range(60):
        problem = generate.generate(kind, seed, 5 + seed % 9, 13 - seed % 9)
        independent = best_by_linear_programme(problem)
        assert reached(solve(problem)) == pytest.approx(independent, rel=1e-9, abs=1), seed


def test_tonnes_come_before_surplus_along_a_chain() -> None:
    supply, demand = np.array([10, 10]), np.array([10, 10])
    x = flow.place(
        supply, demand, np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([-900, 0, 1_000])
    )
    assert x.tolist() == [10, 0, 10]
    short = flow.place(
        supply, demand, np.array([0, 1, 1]), np.array([1, 0, 1]), np.array([1, -5, 9])
    )
    assert short.tolist() == [10, 10, 0]


def test_a_market_without_lanes_places_nothing() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert flow.place(np.array([5]), np.array([5]), none, none, none).tolist() == []


def test_floats_are_refused_because_the_solver_would_cut_them() -> None:
    with pytest.raises(TypeError, match="whole numbers"):
        flow.place(np.array([5]), np.array([5]), np.array([0]), np.array([0]), np.array([0.5]))


def test_costs_past_the_range_of_the_solver_are_refused() -> None:
    with pytest.raises(EngineError, match="range"):
        flow.place(np.array([5]), np.array([5]), np.array([0]), np.array([0]), np.array([2**61]))


def test_the_largest_values_of_the_format_stay_exact() -> None:
    supplies = tuple(Supply(f"s{k}", 10**12, ask=-(10**8)) for k in range(3))
    demands = tuple(Demand(f"d{k}", 10**12, bid=10**8) for k in range(3))
    pairs = [(supply.id, demand.id) for supply in supplies for demand in demands]
    free = tuple(Lane(*pair, -(10**8)) for pair in pairs)
    outcome = solve(Problem(supplies, demands, Settings(mode=Mode.PLAN), free))
    assert reached(outcome) == (3 * 10**12, 3 * 10**12 * 3 * 10**8)


def test_more_demands_never_place_fewer_tonnes() -> None:
    whole = generate.generate("plan", 4, 40, 40)
    cut = [replace(whole, demands=whole.demands[:count]) for count in (0, 10, 20, 40)]
    placed = [reached(solve(problem))[0] for problem in cut]
    assert all(fewer <= more for fewer, more in pairwise(placed))
