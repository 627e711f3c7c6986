"""Each lie about an honest outcome is found, under the name of the promise it breaks."""

from functools import cache

import pytest
from hypothesis import given

from matching import Outcome, Problem, Property, check, generate, solve
from matching.bench.mutations import MUTATIONS, Case, Mutation
from matching.bench.mutations.markets import drawn
from tests.matching import strategies

SEEDS = range(8)


@cache
def honest(seed: int) -> tuple[Problem, Outcome]:
    problem = drawn(seed)
    return problem, solve(problem)


@cache
def case(seed: int) -> Case:
    return Case.of(*honest(seed), seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_honest_outcome_breaks_no_promise(seed: int) -> None:
    assert check(*honest(seed)) == []


@pytest.mark.parametrize("problem", strategies.generated(2, 8, 8))
def test_the_outcome_of_a_generated_market_breaks_no_promise(problem: Problem) -> None:
    assert check(problem, solve(problem)) == []


@given(strategies.markets())
@strategies.unhurried
def test_the_outcome_of_any_small_market_breaks_no_promise(problem: Problem) -> None:
    assert check(problem, solve(problem)) == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[each.name for each in MUTATIONS])
def test_a_lie_is_named(mutation: Mutation) -> None:
    told = 0
    for seed in SEEDS:
        lie = mutation.apply(case(seed))
        if lie is None:
            continue
        told += 1
        found = {violation.property for violation in check(honest(seed)[0], lie)}
        assert mutation.broken in found, seed
    assert told


def test_every_promise_has_a_lie_that_breaks_it() -> None:
    assert {mutation.broken for mutation in MUTATIONS} == set(Property)


def test_an_outcome_of_another_market_is_rejected() -> None:
    problem, other = (generate.generate("market", seed, 10, 10) for seed in (1, 2))
    assert check(problem, solve(other))
