"""Lies about the certificate, most of them consistent in themselves."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from matching import prices
from matching.bench.mutations.case import Case, Mutation
from matching.outcome import Level, Outcome
from matching.problem import Problem, Side
from matching.verify import blocks as block_rule
from matching.verify import bounds, gains
from matching.verify.audit import Audit
from matching.verify.blocks import Blocks
from matching.verify.exact import Ints
from matching.verify.properties import Property


def restated(problem: Problem, outcome: Outcome) -> Outcome:
    """The outcome with placed tonnes, totals, values and bounds that follow from its matches."""
    audit = Audit.of(problem, outcome)
    blocks = _blocks(audit)
    names = [level.name for level in audit.claim.levels]
    values = [gains.reached(audit.market, audit.claim, blocks, name) for name in names]
    levels = []
    for k, level in enumerate(outcome.certificate.levels):
        bound = bounds.proven(audit.market, audit.claim.levels[: k + 1], blocks, values[:k])
        stated = {"value": sum(values[k].tolist()), "bound": sum(bound.tolist())}
        levels.append(replace(level, **stated))
    orders = []
    for line in outcome.orders:
        node = audit.names.node[line.side][line.id, line.month]
        orders.append(replace(line, placed=int(audit.served[line.side].placed[node])))
    totals = prices.totals(outcome.matches)
    certificate = replace(outcome.certificate, levels=tuple(levels), totals=totals)
    return replace(outcome, orders=tuple(orders), certificate=certificate)


def _blocks(audit: Audit) -> Blocks:
    blocks = block_rule.of(audit.market, audit.claim)
    assert blocks is not None
    return blocks


def _level(
    make: Callable[[Level], dict[str, Any]], fits: Callable[[Level], bool] = lambda level: True
) -> Callable[[Case], Outcome | None]:
    """Changes one level by values made from it."""

    def apply(case: Case) -> Outcome | None:
        levels = case.outcome.certificate.levels
        fitting = [k for k, level in enumerate(levels) if fits(level)]
        if not fitting:
            return None
        at = case.draw.choice(fitting)
        return case.with_level(at, **make(levels[at]))

    return apply


def _other_levels(make: Callable[[tuple[Level, ...]], tuple[Level, ...]]) -> Any:
    return lambda case: case.with_certificate(levels=make(case.outcome.certificate.levels))


def _renamed(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    return (replace(levels[0], name="goodwill"), *levels[1:])


def _negative_multiplier(level: Level) -> dict[str, Any]:
    first, *others = level.multipliers
    return {"multipliers": ((-1, *first[1:]), *others)}


def _raised_dual(case: Case) -> Outcome | None:
    """A looser bound, stated as it is: of a pure flow it no longer meets the value."""
    audit, blocks = case.audit, _blocks(case.audit)
    for side in case.draw.sample(list(Side), 2):
        shelf = audit.market.supply if side is Side.SUPPLY else audit.market.demand
        block = blocks.supply if side is Side.SUPPLY else blocks.demand
        # Far above every gain, so that no other part of the bound can make up for it.
        nodes = np.flatnonzero((shelf.kg > 0) & blocks.divisible[block])
        if len(nodes):
            node = int(nodes[case.draw.randrange(len(nodes))])
            return _with_dual(case, side, node, 2**50)
    return None


def _with_dual(case: Case, side: Side, node: int, value: int) -> Outcome:
    at = case.some_level()
    name = f"{side}_dual"
    dual = getattr(case.outcome.certificate.levels[at], name)
    wrong = case.with_level(at, **{name: (*dual[:node], value, *dual[node + 1 :])})
    return restated(case.problem, wrong)


def _less_than_the_best(case: Case) -> Outcome | None:
    """A plan that leaves out one match of a pure flow and owns up to it in every figure."""
    matches, blocks = case.outcome.matches, _blocks(case.audit)
    at = case.some_match(lambda k: bool(blocks.divisible[blocks.supply[case.node(Side.SUPPLY, k)]]))
    if at is None:
        return None
    worse = restated(case.problem, case.with_matches(*matches[:at], *matches[at + 1 :]))
    return None if _values(worse) == _values(case.outcome) else worse


def _values(outcome: Outcome) -> list[int]:
    return [level.value for level in outcome.certificate.levels]


def _split_in_two(case: Case) -> Outcome | None:
    """Two blocks, cut apart at a lane that joins them."""
    lanes = case.audit.market.lanes
    joined = np.flatnonzero(lanes.failed == 0)
    if not len(joined):
        return None
    supply, demand = _labels(case)
    lane = int(joined[case.draw.randrange(len(joined))])
    blocks = _blocks(case.audit).count
    supply[lanes.supply[lane]] = blocks
    return _with_blocks(case, supply, demand, blocks + 1)


def _lumped(case: Case) -> Outcome | None:
    """All blocks told as one, in which a pure flow could hide behind what is indivisible."""
    blocks = _blocks(case.audit)
    traded = blocks.supply[case.audit.market.lanes.supply[case.audit.market.lanes.failed == 0]]
    if blocks.divisible.all() or len(np.unique(traded)) < 2:
        return None
    supply, demand = _labels(case)
    return _with_blocks(case, np.zeros_like(supply), np.zeros_like(demand), 1)


def _labels(case: Case) -> tuple[Ints, Ints]:
    blocks = _blocks(case.audit)
    return blocks.supply.copy(), blocks.demand.copy()


def _with_blocks(case: Case, supply: Ints, demand: Ints, count: int) -> Outcome:
    levels = tuple(
        replace(level, multipliers=(level.multipliers * count)[:count])
        for level in case.outcome.certificate.levels
    )
    labels = {"supply_block": tuple(supply.tolist()), "demand_block": tuple(demand.tolist())}
    return case.with_certificate(levels=levels, **labels)


def _unknown_block(case: Case) -> Outcome | None:
    supply, demand = _labels(case)
    if not len(supply):
        return None
    supply[case.draw.randrange(len(supply))] = _blocks(case.audit).count
    return _with_blocks(case, supply, demand, _blocks(case.audit).count)


def _blocks_too_few(case: Case) -> Outcome | None:
    supply, demand = _labels(case)
    return _with_blocks(case, supply[:-1], demand, 1) if len(supply) else None


def _has_dual(level: Level) -> bool:
    return bool(level.supply_dual)


MUTATIONS = (
    Mutation(
        "the proof is of another problem",
        Property.CERTIFICATE_PROBLEM,
        lambda case: case.with_certificate(problem_sha256="0" * 64),
    ),
    Mutation(
        "a level is missing",
        Property.CERTIFICATE_LEVELS,
        _other_levels(lambda levels: levels[1:]),
    ),
    Mutation(
        "a level stands twice",
        Property.CERTIFICATE_LEVELS,
        _other_levels(lambda levels: (*levels, levels[0])),
    ),
    Mutation("a level is another", Property.CERTIFICATE_LEVELS, _other_levels(_renamed)),
    Mutation("a lane joins two blocks", Property.CERTIFICATE_BLOCK, _split_in_two),
    Mutation("a block is unknown", Property.CERTIFICATE_BLOCK, _unknown_block),
    Mutation("a node has no block", Property.CERTIFICATE_BLOCK, _blocks_too_few),
    Mutation("a flow hides behind lots", Property.CERTIFICATE_BLOCK, _lumped),
    Mutation(
        "a value is false",
        Property.CERTIFICATE_VALUE,
        _level(lambda level: {"value": level.value + 1}),
    ),
    Mutation(
        "a dual value is below zero",
        Property.CERTIFICATE_DUAL,
        _level(lambda level: {"supply_dual": (-1, *level.supply_dual[1:])}, _has_dual),
    ),
    Mutation(
        "a dual value is missing",
        Property.CERTIFICATE_DUAL,
        _level(lambda level: {"supply_dual": level.supply_dual[1:]}, _has_dual),
    ),
    Mutation(
        "a multiplier is below zero",
        Property.CERTIFICATE_DUAL,
        _level(_negative_multiplier, lambda level: bool(level.multipliers[0])),
    ),
    Mutation(
        "the bound is not the one proven",
        Property.CERTIFICATE_BOUND,
        _level(lambda level: {"bound": level.bound - 1}),
    ),
    Mutation(
        "a bound of a higher value is claimed",
        Property.CERTIFICATE_GAP,
        _level(lambda level: {"claimed": level.bound + 1}),
    ),
    Mutation(
        "a bound below the value is claimed",
        Property.CERTIFICATE_GAP,
        _level(lambda level: {"claimed": level.value - 1}),
    ),
    Mutation("the bound is loose", Property.CERTIFICATE_GAP, _raised_dual),
    Mutation("the plan is not the best", Property.CERTIFICATE_GAP, _less_than_the_best),
)
