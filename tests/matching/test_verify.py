"""Each lie about an honest outcome is found, under the name of the promise it breaks."""

import random
from dataclasses import fields, replace
from functools import cache
from typing import Any

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


NUMBERS = (0, 1, -1, 7, 10**12, 2**31, 2**63, -(2**63), 2**70, -(2**70))


def with_a_number_changed(outcome: Outcome, kind: str, draw: random.Random) -> Outcome | None:
    """The outcome with one whole number of a match, an order line or a silo replaced."""
    items = getattr(outcome, kind)
    if not items:
        return None
    at = draw.randrange(len(items))
    names = [each.name for each in fields(items[at]) if type(getattr(items[at], each.name)) is int]
    name = draw.choice(names)
    stands, put = getattr(items[at], name), draw.choice(NUMBERS)
    changes: dict[str, Any] = {name: put if put != stands else put + 1}
    lines: dict[str, Any] = {kind: (*items[:at], replace(items[at], **changes), *items[at + 1 :])}
    return replace(outcome, **lines)


@pytest.mark.parametrize("kind", ["matches", "orders", "storage"])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_number_can_be_changed_unseen(seed: int, kind: str) -> None:
    (problem, outcome), draw = honest(seed), random.Random(seed)
    for _ in range(12):
        changed = with_a_number_changed(outcome, kind, draw)
        assert changed is None or check(problem, changed)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("seed", SEEDS[:3])
def test_a_proof_of_any_numbers_is_judged_without_an_error(seed: int, number: int) -> None:
    problem, outcome = honest(seed)
    levels = tuple(
        replace(
            level,
            supply_dual=(number, *level.supply_dual[1:]),
            demand_dual=(*level.demand_dual[:-1], number),
            multipliers=tuple(tuple(number for _ in each) for each in level.multipliers),
        )
        for level in outcome.certificate.levels
    )
    changed = replace(outcome, certificate=replace(outcome.certificate, levels=levels))
    broken = {violation.property for violation in check(problem, changed)}
    assert number >= 0 or broken == {Property.CERTIFICATE_DUAL}


def test_every_promise_has_a_lie_that_breaks_it() -> None:
    assert {mutation.broken for mutation in MUTATIONS} == set(Property)


def test_an_outcome_of_another_market_is_rejected() -> None:
    problem, other = (generate.generate("market", seed, 10, 10) for seed in (1, 2))
    assert check(problem, solve(other))
