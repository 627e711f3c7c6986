from itertools import islice

import pytest

from matching import Problem, check, solve
from matching.outcome import Outcome
from tests.matching import brute_force, tiny

SOME, MANY = 300, 5_000


def disagreements(problem: Problem) -> list[str]:
    """What the engine and the enumeration of all plans do not agree on."""
    outcome = solve(problem)
    reached, best = values(outcome), brute_force.best(problem)
    found = [f"{violation}" for violation in check(problem, outcome)]
    if reached != best:
        found.append(f"reached {reached} of {best}")
    if any(level.gap < 0 for level in outcome.certificate.levels):
        found.append("a bound lies below its value")
    return found


def values(outcome: Outcome) -> tuple[int, ...]:
    return tuple(level.value for level in outcome.certificate.levels)


def all_disagreements(first_seed: int, number: int) -> dict[int, list[str]]:
    drawn = islice(tiny.markets(first_seed), number)
    found = {seed: disagreements(problem) for seed, problem in drawn}
    return {seed: each for seed, each in found.items() if each}


def test_no_plan_of_any_tiny_market_is_better() -> None:
    assert all_disagreements(0, SOME) == {}


@pytest.mark.soak
def test_no_plan_of_thousands_of_tiny_markets_is_better() -> None:
    assert all_disagreements(1_000_000, MANY) == {}
