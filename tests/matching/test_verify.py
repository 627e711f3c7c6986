"""Each mutation of an honest outcome is found, under the name of the promise it breaks."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from matching import (
    Level,
    Match,
    Outcome,
    Problem,
    Property,
    Reason,
    check,
    generate,
    prices,
    solve,
)
from matching import lanes as lane_rule

Mutator = Callable[[Problem, Outcome], Outcome]


def match_with(**changes: Callable[[Match], object]) -> Mutator:
    """Change the first match: each value is made from the match itself."""

    def mutate(problem: Problem, outcome: Outcome) -> Outcome:
        first, *others = outcome.matches
        values: dict[str, Any] = {name: make(first) for name, make in changes.items()}
        return replace(outcome, matches=(replace(first, **values), *others))

    return mutate


def line_with(**changes: object) -> Mutator:
    def mutate(problem: Problem, outcome: Outcome) -> Outcome:
        first, *others = outcome.orders
        values: Any = changes
        return replace(outcome, orders=(replace(first, **values), *others))

    return mutate


def level_with(at: int, **changes: Callable[[Level], object]) -> Mutator:
    def mutate(problem: Problem, outcome: Outcome) -> Outcome:
        levels = list(outcome.certificate.levels)
        values: dict[str, Any] = {name: make(levels[at]) for name, make in changes.items()}
        levels[at] = replace(levels[at], **values)
        certificate = replace(outcome.certificate, levels=tuple(levels))
        return replace(outcome, certificate=certificate)

    return mutate


def certificate_with(**changes: Any) -> Mutator:
    return lambda problem, outcome: replace(
        outcome, certificate=replace(outcome.certificate, **changes)
    )


def without_a_line(problem: Problem, outcome: Outcome) -> Outcome:
    return replace(outcome, orders=outcome.orders[1:])


def with_a_line_twice(problem: Problem, outcome: Outcome) -> Outcome:
    return replace(outcome, orders=(outcome.orders[0], *outcome.orders))


def with_a_match_twice(problem: Problem, outcome: Outcome) -> Outcome:
    return replace(outcome, matches=(outcome.matches[0], *outcome.matches))


def over_a_forbidden_lane(problem: Problem, outcome: Outcome) -> Outcome:
    open_lanes = lane_rule.build(problem).only_permitted()
    permitted = set(zip(open_lanes.supply.tolist(), open_lanes.demand.tolist(), strict=True))
    supply, demand = next(
        (i, j)
        for i in range(len(problem.supplies))
        for j in range(len(problem.demands))
        if (i, j) not in permitted
    )
    first, *others = outcome.matches
    ends = problem.supplies[supply].id, problem.demands[demand].id
    moved = replace(first, supply=ends[0], demand=ends[1])
    return replace(outcome, matches=(moved, *others))


def less_than_the_best(problem: Problem, outcome: Outcome) -> Outcome:
    """A plan consistent in itself that leaves out one match."""
    dropped, *kept = outcome.matches
    lines = tuple(
        replace(line, placed=line.placed - dropped.kg)
        if line.id in (dropped.supply, dropped.demand)
        else line
        for line in outcome.orders
    )
    bid = {demand.id: demand.bid for demand in problem.demands}[dropped.demand]
    ask = {supply.id: supply.ask for supply in problem.supplies}[dropped.supply]
    tonnes, surplus = outcome.certificate.levels
    surplus_value = surplus.value - (bid - ask - dropped.cost) * dropped.kg
    levels = (
        replace(tonnes, value=tonnes.value - dropped.kg),
        replace(surplus, value=surplus_value),
    )
    totals = prices.totals(kept)
    certificate = replace(outcome.certificate, levels=levels, totals=totals)
    return Outcome(tuple(kept), lines, certificate)


def false_total(problem: Problem, outcome: Outcome) -> Outcome:
    totals = replace(outcome.certificate.totals, producer=outcome.certificate.totals.producer + 1)
    return certificate_with(totals=totals)(problem, outcome)


def all_duals_of_busy_orders_raised(level: Level) -> tuple[int, ...]:
    return tuple(value + 1 for value in level.supply_dual)


MUTATIONS: list[tuple[str, Mutator, Property]] = [
    ("a line is missing", without_a_line, Property.ORDER_ONCE),
    ("a line stands twice", with_a_line_twice, Property.ORDER_ONCE),
    ("a line is of nobody", line_with(id="nobody"), Property.ORDER_ONCE),
    ("a line has other tonnes", line_with(kg=1), Property.ORDER_TONNES),
    ("a line places other tonnes", line_with(placed=-1), Property.ORDER_PLACED),
    ("a reason is untrue", line_with(reason=Reason.NO_LANE_LISTED), Property.REASON),
    ("a detail is untrue", line_with(detail={"counterparts": 99}), Property.REASON_DETAIL),
    ("a match is of nobody", match_with(supply=lambda m: "nobody"), Property.MATCH_ORDERS),
    ("a match stands twice", with_a_match_twice, Property.MATCH_ONCE),
    ("a match of nothing", match_with(kg=lambda m: 0), Property.MATCH_TONNES),
    ("a match of less", match_with(kg=lambda m: -m.kg), Property.MATCH_TONNES),
    ("a supply is oversold", match_with(kg=lambda m: 10**12), Property.SUPPLY_CAPACITY),
    ("a demand is overfilled", match_with(kg=lambda m: 10**12), Property.DEMAND_CAPACITY),
    ("a lane is forbidden", over_a_forbidden_lane, Property.LANE_PERMITTED),
    ("freight is false", match_with(cost=lambda m: m.cost + 1), Property.LANE_COST),
    ("support is false", match_with(support=lambda m: m.support + 1), Property.SUPPORT),
    (
        "a fen is lost",
        match_with(price_consumer=lambda m: m.price_consumer - 1),
        Property.PRICE_IDENTITY,
    ),
    (
        "a limit is passed",
        match_with(
            price_consumer=lambda m: m.price_consumer + 10**6,
            price_producer=lambda m: m.price_producer + 10**6,
        ),
        Property.PRICE_LIMITS,
    ),
    (
        "the surplus is split unevenly",
        match_with(
            price_consumer=lambda m: m.price_consumer + 1,
            price_producer=lambda m: m.price_producer + 1,
        ),
        Property.PRICE_RULE,
    ),
    ("a total is false", false_total, Property.TOTALS),
    (
        "the proof is of another problem",
        certificate_with(problem_sha256="0" * 64),
        Property.CERTIFICATE_PROBLEM,
    ),
    ("a level is missing", certificate_with(levels=()), Property.CERTIFICATE_LEVELS),
    (
        "a value is false",
        level_with(0, value=lambda level: level.value + 1),
        Property.CERTIFICATE_VALUE,
    ),
    (
        "a dual value is below zero",
        level_with(0, supply_dual=lambda level: (-1, *level.supply_dual[1:])),
        Property.CERTIFICATE_DUAL,
    ),
    (
        "dual values do not cover the lanes",
        level_with(1, tonnes_dual=lambda level: level.tonnes_dual + 10**6),
        Property.CERTIFICATE_DUAL,
    ),
    (
        "a dual value is missing",
        level_with(1, demand_dual=lambda level: level.demand_dual[1:]),
        Property.CERTIFICATE_DUAL,
    ),
    (
        "dual values pass the integer range",
        level_with(1, tonnes_dual=lambda level: 2**70),
        Property.CERTIFICATE_DUAL,
    ),
    (
        "the bound is loose",
        level_with(1, supply_dual=all_duals_of_busy_orders_raised),
        Property.CERTIFICATE_GAP,
    ),
    (
        "the bound is misstated",
        level_with(0, bound=lambda level: level.bound - 1),
        Property.CERTIFICATE_GAP,
    ),
    ("the plan is not the best", less_than_the_best, Property.CERTIFICATE_GAP),
]


@pytest.fixture(
    scope="module", params=[(kind, seed) for kind in ("market", "plan") for seed in range(4)]
)
def solved(request: pytest.FixtureRequest) -> tuple[Problem, Outcome]:
    kind, seed = request.param
    problem = generate.generate(kind, seed, 25, 25)
    return problem, solve(problem)


@pytest.mark.parametrize(
    ("mutate", "broken"),
    [(mutate, broken) for _, mutate, broken in MUTATIONS],
    ids=[name for name, _, _ in MUTATIONS],
)
def test_a_mutated_outcome_is_rejected_by_name(
    solved: tuple[Problem, Outcome], mutate: Mutator, broken: Property
) -> None:
    problem, honest = solved
    assert broken in {violation.property for violation in check(problem, mutate(problem, honest))}


def test_an_honest_outcome_breaks_no_promise(solved: tuple[Problem, Outcome]) -> None:
    assert check(*solved) == []


def test_every_promise_has_a_mutation_that_breaks_it() -> None:
    assert {broken for _, _, broken in MUTATIONS} == set(Property)


def test_an_outcome_of_another_market_is_rejected() -> None:
    problem, other = (generate.generate("market", seed, 10, 10) for seed in (1, 2))
    assert check(problem, solve(other))
