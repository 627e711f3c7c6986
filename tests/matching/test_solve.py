import random
from dataclasses import replace

import pytest
from hypothesis import given

from matching import (
    STAGES,
    Outcome,
    Problem,
    Side,
    check,
    outcome_from_json,
    outcome_to_json,
    problem_from_json,
    problem_to_json,
    solve,
)
from tests.matching.strategies import generated, markets, unhurried


def placed(outcome: Outcome, side: Side) -> dict[str, int]:
    sums = {line.id: 0 for line in outcome.orders if line.side is side}
    for match in outcome.matches:
        sums[match.supply if side is Side.SUPPLY else match.demand] += match.kg
    return sums


@unhurried
@given(markets())
def test_every_order_of_any_market_is_accounted_for_and_audited(problem: Problem) -> None:
    outcome = solve(problem)
    assert check(problem, outcome) == []
    for side in Side:
        lines = [line for line in outcome.orders if line.side is side]
        assert [(line.id, line.kg) for line in lines] == [
            (order.id, order.kg) for order in problem.orders(side)
        ]
        assert {line.id: line.placed for line in lines} == placed(outcome, side)
        assert all(0 <= line.placed <= line.kg for line in lines)


@unhurried
@given(markets())
def test_prices_of_any_market_split_freight_less_support(problem: Problem) -> None:
    for match in solve(problem).matches:
        assert match.price_consumer - match.price_producer == match.cost - match.support


@unhurried
@given(markets())
def test_json_gives_back_any_problem_and_its_outcome(problem: Problem) -> None:
    outcome = solve(problem)
    assert problem_from_json(problem_to_json(problem)) == problem
    assert outcome_from_json(outcome_to_json(outcome)) == outcome


@pytest.mark.parametrize("problem", generated(3, 40, 40))
def test_the_order_of_the_orders_changes_no_byte(problem: Problem) -> None:
    shuffle = random.Random(5)
    shuffled = replace(
        problem,
        supplies=tuple(shuffle.sample(problem.supplies, len(problem.supplies))),
        demands=tuple(shuffle.sample(problem.demands, len(problem.demands))),
        lanes=problem.lanes and tuple(shuffle.sample(problem.lanes, len(problem.lanes))),
    )
    assert outcome_to_json(solve(shuffled)) == outcome_to_json(solve(problem))


@pytest.mark.parametrize("problem", generated(3, 40, 40))
def test_every_level_is_proven_without_a_gap(problem: Problem) -> None:
    assert [level.gap for level in solve(problem).certificate.levels] == [0, 0]


def test_an_empty_market_has_an_empty_outcome() -> None:
    outcome = solve(Problem((), ()))
    assert (outcome.matches, outcome.orders) == ((), ())
    assert check(Problem((), ()), outcome) == []


def test_the_stages_are_told_in_order() -> None:
    told: list[str] = []
    solve(Problem((), ()), told.append)
    assert tuple(told) == STAGES
