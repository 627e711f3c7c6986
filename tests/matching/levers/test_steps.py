from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Demand, Lane, Problem, Supply, generate, solve
from matching.levers.frontier import frontier
from matching.levers.steps import Step, Switch, steps
from tests.matching.levers.support import Programme
from tests.matching.strategies import markets, unhurried

Carried = Counter[tuple[str, str, int]]


def two_works(**lanes: int) -> Problem:
    """Plant a reaches works x and y, plant b only y; lanes cost what they lose."""
    return Problem(
        (Supply("a", 10), Supply("b", 10)),
        (Demand("x", 10), Demand("y", 10)),
        lanes=tuple(Lane(pair[0], pair[1], cost) for pair, cost in lanes.items()),
    )


def replayed(found: list[Step]) -> list[Carried]:
    """What lanes carry after each step, from the switches alone."""
    carried, after = Counter[tuple[str, str, int]](), []
    for step in found:
        for each in step.switches:
            name = each.supply, each.demand, each.month or 0
            assert carried[name] == each.kg_before != each.kg_after
            carried[name] = each.kg_after
        after.append(Counter(carried))
    return after


def test_a_tonne_that_pushes_another_aside_switches_three_trades() -> None:
    problem = two_works(ay=0, ax=300, by=100)
    assert steps(problem) == [
        Step(0, 10, 0, (Switch("a", "y", None, 0, 10, 0),)),
        Step(
            400,
            20,
            4_000,
            (
                Switch("a", "x", None, 0, 10, 300),
                Switch("a", "y", None, 10, 0, 0),
                Switch("b", "y", None, 0, 10, 100),
            ),
        ),
    ]


def test_a_trade_stays_where_another_would_do_as_well() -> None:
    problem = two_works(ax=0, ay=0, bx=500, by=500)
    live = solve(replace(problem, lanes=(Lane("a", "y", 0),))).matches

    first, second = steps(problem, live=live)

    assert first == Step(0, 10, 0, ())
    assert second.switches == (Switch("b", "x", None, 0, 10, 500),)


def test_a_stopped_kiln_takes_nothing_and_a_silo_no_more_than_it_holds() -> None:
    problem = Problem(
        (Supply("ash", 10, month=0, silo_kg=4, holding=50),),
        (Demand("kiln", 0, month=0, bid=100), Demand("kiln", 10, month=1, bid=100)),
        lanes=(Lane("ash", "kiln", 170),),
    )

    (step,) = [step for step in steps(problem) if step.kg]
    (paid,) = [step for step in steps(problem, pays_holding=True) if step.kg]

    assert step == Step(70, 4, 280, (Switch("ash", "kiln", 1, 0, 4, 70),))
    assert paid == Step(120, 4, 480, (Switch("ash", "kiln", 1, 0, 4, 70),))


def test_asked_rates_are_climbed_once_each_from_the_lowest() -> None:
    found = steps(two_works(ax=120, by=480), [500, 0, 500])
    assert [(step.rate, step.kg, len(step.switches)) for step in found] == [(0, 0, 0), (500, 20, 2)]


@given(markets(pure_flow=True), st.booleans())
@unhurried
def test_every_bend_of_the_curve_is_a_step(problem: Problem, pays_holding: bool) -> None:
    curve = frontier(problem, pays_holding=pays_holding).points
    found = steps(problem, pays_holding=pays_holding)
    assert [(each.slope, each.kg, each.support) for each in curve] == [
        (each.rate, each.kg, each.support) for each in found
    ]
    assert [after.total() for after in replayed(found)] == [each.kg for each in found]


@given(markets(pure_flow=True), st.booleans())
@unhurried
def test_a_linear_programme_finds_the_same_support_and_no_smaller_change(
    problem: Problem, pays_holding: bool
) -> None:
    programme = Programme(problem, pays_holding=pays_holding)
    found = steps(problem, pays_holding=pays_holding)
    carried = Carried()
    for step, after in zip(found, replayed(found), strict=True):
        assert programme.least_support(step.kg) == pytest.approx(step.support, rel=1e-9, abs=0.5)
        changed = sum(abs(each.kg_after - each.kg_before) for each in step.switches)
        assert changed == programme.least_change(step.kg, step.support, carried)
        carried = after
    assert found[-1].kg == programme.most_kg()


@pytest.mark.parametrize("seed", range(6))
def test_a_half_year_with_the_winter_stop_is_priced_as_by_a_linear_programme(seed: int) -> None:
    problem = generate.generate("seasons", seed, 8, 6)
    programme = Programme(problem, pays_holding=False)
    for step in steps(problem, range(0, 20_000, 1_500)):
        assert programme.least_support(step.kg) == pytest.approx(step.support, rel=1e-9, abs=0.5)
