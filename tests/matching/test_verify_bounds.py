"""Whatever the dual values, what they prove is never less than what some plan reaches."""

import random
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from matching import solve
from matching.bench.mutations.markets import drawn
from matching.verify import blocks, bounds, gains
from matching.verify.audit import Audit
from matching.verify.claims import LevelClaim
from matching.verify.exact import whole

SEEDS = range(12)


@cache
def audited(seed: int) -> Audit:
    problem = drawn(seed)
    return Audit.of(problem, solve(problem))


def with_any_duals(draw: random.Random, level: LevelClaim) -> LevelClaim:
    most = draw.choice((1, 3_000, 10**6, 2**62))

    def some(count: int) -> list[int]:
        return [draw.choice((0, draw.randrange(most))) for _ in range(count)]

    return replace(
        level,
        supply_dual=whole(some(len(level.supply_dual))),
        demand_dual=whole(some(len(level.demand_dual))),
        multipliers=tuple(tuple(some(len(each))) for each in level.multipliers),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_no_dual_values_prove_less_than_the_plan_reaches(seed: int) -> None:
    audit, draw = audited(seed), random.Random(seed)
    found = blocks.of(audit.market, audit.claim)
    assert found is not None
    values = [
        gains.reached(audit.market, audit.claim, found, each.name) for each in audit.claim.levels
    ]
    for _ in range(20):
        levels = [with_any_duals(draw, level) for level in audit.claim.levels]
        for k, value in enumerate(values):
            proven = bounds.proven(audit.market, levels[: k + 1], found, values[:k])
            assert np.all(proven >= value)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_market_of_the_audit_is_that_of_the_lane_rule(seed: int) -> None:
    audit = audited(seed)
    for shelf, nodes in (
        (audit.market.supply, audit.book.supply),
        (audit.market.demand, audit.book.demand),
    ):
        assert shelf.kg.tolist() == nodes.own_kg.tolist()
        assert shelf.held_kg.tolist() == nodes.held_kg.tolist()
