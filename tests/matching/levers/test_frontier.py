from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import linprog

from matching import Demand, Lane, Mode, Problem, Supply, generate, solve
from matching.levers import frontier
from matching.levers.frontier import Frontier
from tests.matching.strategies import markets, unhurried

SEEDS = range(12)
KINDS = ("market", "listed", "ties")


def problem_of(lanes: dict[tuple[str, str], int], tonnes: int = 10) -> Problem:
    """A listed market of equal orders at price 0, so that a lane's cost is what it loses."""
    return Problem(
        tuple(Supply(each, tonnes) for each in sorted({supply for supply, _ in lanes})),
        tuple(Demand(each, tonnes) for each in sorted({demand for _, demand in lanes})),
        lanes=tuple(Lane(*pair, cost) for pair, cost in lanes.items()),
    )


def corners(curve: Frontier) -> list[tuple[int, int, int]]:
    return [(point.kg, point.support, point.slope) for point in curve.points]


def least_support(problem: Problem, kg: int) -> float:
    """C(T) by an independent linear programme over the listed lanes, thousandths of a fen."""
    assert problem.lanes is not None
    supplies = {supply.id: supply for supply in problem.supplies}
    demands = {demand.id: demand for demand in problem.demands}
    lanes = problem.lanes
    loss = [
        max(0, supplies[lane.supply].ask + lane.cost - demands[lane.demand].bid) for lane in lanes
    ]
    rows = [[lane.supply == each for lane in lanes] for each in supplies]
    rows += [[lane.demand == each for lane in lanes] for each in demands]
    most = [each.kg for each in supplies.values()] + [each.kg for each in demands.values()]
    equal = np.ones((1, len(lanes)))
    done = linprog(loss, np.array(rows, dtype=float), most, equal, [kg], method="highs")
    assert done.status == 0
    return float(done.fun)


def test_the_cheapest_tonnes_come_first_and_every_bend_is_a_point() -> None:
    problem = problem_of({("a", "x"): 300, ("b", "x"): 100, ("b", "y"): 500})

    curve = frontier.frontier(problem)

    assert corners(curve) == [(0, 0, 0), (10, 1_000, 100), (20, 8_000, 700)]
    assert [point.lanes_on for point in curve.points] == [0, 1, 2]
    assert curve.complete
    assert curve.chord_error == 0


def test_what_pays_for_itself_stands_at_slope_zero() -> None:
    problem = problem_of({("a", "x"): -200, ("b", "y"): 40})
    assert corners(frontier.frontier(problem)) == [(10, 0, 0), (20, 400, 40)]


def test_a_market_without_lanes_has_one_point_at_nothing() -> None:
    problem = Problem((Supply("a", 5),), (Demand("x", 5),), lanes=())
    assert corners(frontier.frontier(problem)) == [(0, 0, 0)]


def test_firms_bear_holding_unless_the_public_does() -> None:
    problem = Problem(
        (Supply("a", 10, month=0, silo_kg=10, holding=999),),
        (Demand("x", 10, month=1),),
        lanes=(Lane("a", "x", 30),),
    )
    assert corners(frontier.frontier(problem)) == [(0, 0, 0), (10, 300, 30)]
    paid = frontier.frontier(problem, pays_holding=True)
    assert corners(paid) == [(0, 0, 0), (10, 10_290, 1_029)]


@given(markets(pure_flow=True))
@unhurried
def test_with_months_and_silos_it_runs_from_the_market_to_the_plan(problem: Problem) -> None:
    points = frontier.frontier(problem).points
    assert points[0].kg == placed(problem, Mode.MARKET)
    assert points[-1].kg == placed(problem, Mode.PLAN)
    assert (points[0].support, points[0].slope) == (0, 0)
    slopes = [point.slope for point in points]
    assert slopes == sorted(set(slopes))
    for low, high in pairwise(points):
        assert high.support - low.support == high.slope * (high.kg - low.kg)


@given(markets(pure_flow=True))
@unhurried
def test_who_pays_for_holding_too_never_pays_less(problem: Problem) -> None:
    free, paid = (frontier.frontier(problem, pays_holding=pays).points for pays in (False, True))
    assert free[-1].kg == paid[-1].kg
    assert free[-1].support <= paid[-1].support
    assert paid[0].kg <= free[0].kg


@given(markets())
@unhurried
def test_what_had_to_be_divided_is_told(problem: Problem) -> None:
    needs = frontier.needs_of(problem)
    points = frontier.frontier(problem).points
    if needs.exact:
        assert points[-1].kg == placed(problem, Mode.PLAN)
    else:
        assert points[-1].kg >= placed(problem, Mode.PLAN)


def placed(problem: Problem, mode: Mode) -> int:
    """What the engine places when only tonnes count, all alike, and no support is paid."""
    settings = replace(problem.settings, mode=mode, support=0, levels=("tonnes",))
    alike = tuple(replace(each, weight_milli=1_000) for each in problem.supplies)
    return solve(replace(problem, supplies=alike, settings=settings)).certificate.totals.kg


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_curve_rises_ever_more_steeply_by_its_own_slopes(kind: str, seed: int) -> None:
    points = frontier.frontier(generate.generate(kind, seed, 12, 12)).points
    for low, high in pairwise(points):
        assert high.support - low.support == high.slope * (high.kg - low.kg)
        assert high.kg > low.kg
        assert high.slope > low.slope


@pytest.mark.parametrize("seed", SEEDS)
def test_an_independent_programme_finds_the_same_support(seed: int) -> None:
    problem = generate.generate("listed", seed, 9, 9)
    points = frontier.frontier(problem).points
    for low, high in pairwise(points):
        middle = (low.kg + high.kg) // 2
        expected = low.support + high.slope * (middle - low.kg)
        assert least_support(problem, middle) == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize("seed", SEEDS)
def test_sampled_points_lie_on_the_curve_with_its_slopes(seed: int) -> None:
    problem = generate.generate("market", seed, 15, 15)
    whole = {point.kg: point for point in frontier.frontier(problem).points}
    some = frontier.frontier(problem, points=5)

    assert len(some.points) <= 5
    for point in some.points:
        assert (point.support, point.slope) == (whole[point.kg].support, whole[point.kg].slope)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_chord_between_samples_errs_by_more_than_it_says(seed: int) -> None:
    problem = generate.generate("market", seed, 15, 15)
    whole = frontier.frontier(problem).points
    some = frontier.frontier(problem, points=4)

    chords = {
        point.kg: np.interp(
            point.kg, [each.kg for each in some.points], [each.support for each in some.points]
        )
        for point in whole
    }
    worst = max(chords[point.kg] - point.support for point in whole)
    assert worst <= some.chord_error + 1


def test_enough_points_leave_no_error() -> None:
    problem = generate.generate("market", 1, 10, 10)
    some = frontier.frontier(problem, points=500)
    assert some.chord_error == 0
    assert corners(some) == corners(frontier.frontier(problem))


def test_the_file_is_in_tonnes_and_yuan() -> None:
    problem = problem_of({("a", "x"): 1_234}, tonnes=1_500)
    assert frontier.to_csv(frontier.frontier(problem)).decode().splitlines() == [
        "tonnes,support_cny,slope_cny_per_t,lanes_on",
        "0,0.00,0.00,0",
        "1.5,18.51,12.34,1",
    ]
