import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given

from matching import (
    STAGES,
    Demand,
    Lane,
    Outcome,
    Problem,
    Side,
    Supply,
    check,
    lanes,
    network,
    outcome_from_json,
    outcome_to_json,
    problem_from_json,
    problem_to_json,
    solve,
)
from matching.problem import MILLI
from matching.search import Proven
from matching.solver import finish, solve_with_report
from matching.transport import components
from tests.matching import tiny
from tests.matching.strategies import generated, markets, unhurried


def shipped(outcome: Outcome) -> Counter[str]:
    """Kilograms that leave each supply."""
    kg: Counter[str] = Counter()
    for match in outcome.matches:
        kg[match.supply] += match.kg
    return kg


def taken_milli(problem: Problem, outcome: Outcome) -> Counter[str]:
    """Thousandths of a kilogram of its need each demand covers."""
    use = {(lane.supply, lane.demand): lane.use_milli for lane in problem.lanes or ()}
    kg: Counter[str] = Counter()
    for match in outcome.matches:
        kg[match.demand] += match.kg * use.get((match.supply, match.demand), MILLI)
    return kg


def of_side(outcome: Outcome, side: Side) -> Counter[str]:
    """Kilograms the lines of one side say are placed, a producer's opening stock among them."""
    kg: Counter[str] = Counter()
    for line in outcome.orders:
        if line.side is side:
            kg[line.id] += line.placed
            kg[line.id] += line.detail.get("from_stock", 0) if side is Side.SUPPLY else 0
    return kg


@unhurried
@given(markets())
def test_every_row_of_any_market_is_accounted_for_and_audited(problem: Problem) -> None:
    outcome = solve(problem)
    assert check(problem, outcome) == []
    for side in Side:
        lines = [line for line in outcome.orders if line.side is side]
        assert [(line.id, line.month, line.kg) for line in lines] == [
            (order.id, order.month, order.kg) for order in problem.orders(side)
        ]
        assert all(0 <= line.placed <= line.kg for line in lines)


@unhurried
@given(markets())
def test_tonnes_placed_are_tonnes_shipped(problem: Problem) -> None:
    outcome = solve(problem)
    assert of_side(outcome, Side.SUPPLY) == shipped(outcome)
    if all(lane.use_milli == MILLI for lane in problem.lanes or ()):
        taken = taken_milli(problem, outcome)
        placed = of_side(outcome, Side.DEMAND)
        assert {each: kg * MILLI for each, kg in placed.items() if kg} == dict(taken)


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


def shuffled(problem: Problem, seed: int) -> Problem:
    shuffle = random.Random(seed)
    return replace(
        problem,
        supplies=tuple(shuffle.sample(problem.supplies, len(problem.supplies))),
        demands=tuple(shuffle.sample(problem.demands, len(problem.demands))),
        lanes=problem.lanes and tuple(shuffle.sample(problem.lanes, len(problem.lanes))),
    )


#: Every kind once; those with lots take longer than their size lets expect.
SMALL = generated(1, 6, 6)
LARGE = [each for each in generated(1, 40, 40) if network.of(each, lanes.build(each)).lots is None]


@pytest.mark.parametrize("problem", [*SMALL, *LARGE])
def test_the_order_of_the_rows_changes_no_byte(problem: Problem) -> None:
    assert outcome_to_json(solve(shuffled(problem, 5))) == outcome_to_json(solve(problem))


def test_the_order_of_the_rows_of_no_tiny_market_changes_a_byte() -> None:
    for seed in range(60):
        problem = tiny.market(seed)
        again = outcome_to_json(solve(shuffled(problem, seed)))
        assert again == outcome_to_json(solve(problem)), seed


def several_components() -> Problem:
    """Six pairs that have nothing to do with each other, three with lots."""
    supplies = [Supply(f"s{k}", 5_000 + k, single=k > 2, ask=-500) for k in range(6)]
    demands = [Demand(f"d{k}", 6_000, bid=2_000) for k in range(6)]
    lanes = [Lane(f"s{k}", f"d{k}", 100 + k) for k in range(6)]
    return Problem(tuple(supplies), tuple(demands), lanes=tuple(lanes))


def test_the_number_of_workers_changes_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "BUNDLE_LANES", 1)
    alone, apart = (
        solve_with_report(several_components(), workers=workers)[0] for workers in (1, 2)
    )
    assert outcome_to_json(alone) == outcome_to_json(apart)
    assert len(alone.certificate.levels[0].multipliers) == 4


def test_what_a_budget_leaves_goes_to_components_not_proven_the_best() -> None:
    """With no iterations at all every component still has a plan; more never make it worse."""
    reached = []
    for iterations in (0, 1, 5, None):
        outcome, facts = solve_with_report(several_components(), iterations=iterations)
        assert check(several_components(), outcome) == []
        assert iterations is None or facts.iterations <= iterations
        reached.append([level.value for level in outcome.certificate.levels])
    assert reached == sorted(reached)


@pytest.mark.parametrize("problem", LARGE)
def test_every_level_of_what_can_be_divided_is_proven_without_a_gap(problem: Problem) -> None:
    outcome, facts = solve_with_report(problem)
    assert [level.gap for level in outcome.certificate.levels] == [0] * len(problem.settings.levels)
    assert (facts.status, facts.iterations) == ("optimal", 0)


def test_a_plan_on_the_way_can_be_finished() -> None:
    for seed in range(40):
        problem, heard = tiny.market(seed), list[Proven]()
        solve_with_report(problem, on_plan=heard.append)
        for told in heard:
            outcome, _ = finish(problem, told)
            assert check(problem, outcome) == [], seed
            assert all(level.gap >= 0 for level in outcome.certificate.levels)


def test_a_run_with_the_iterations_it_reports_is_the_same_run() -> None:
    for seed in range(40):
        problem = tiny.market(seed)
        outcome, facts = solve_with_report(problem)
        again, _ = solve_with_report(problem, iterations=facts.iterations)
        assert outcome_to_json(again) == outcome_to_json(outcome), seed


def test_an_empty_market_has_an_empty_outcome() -> None:
    outcome = solve(Problem((), ()))
    assert (outcome.matches, outcome.orders) == ((), ())
    assert check(Problem((), ()), outcome) == []


def test_the_stages_are_told_in_order() -> None:
    told: list[str] = []
    solve(Problem((), ()), told.append)
    assert tuple(told) == STAGES
