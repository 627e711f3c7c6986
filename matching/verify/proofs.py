"""Whether each level reaches what it claims, and what its dual values prove."""

import numpy as np

from matching.verify import blocks as block_rule
from matching.verify import bounds, gains
from matching.verify.blocks import Blocks
from matching.verify.claims import Breach, Breaches, Claim, LevelClaim, Place
from matching.verify.exact import Whole, whole
from matching.verify.market import Market
from matching.verify.properties import Property


def breaches(market: Market, claim: Claim) -> Breaches:
    """Every promise of the certificate's levels that is broken."""
    blocks = block_rule.of(market, claim)
    yield from block_rule.breaches(market, blocks)
    if blocks is None:
        return
    values = [gains.reached(market, claim, blocks, level.name) for level in claim.levels]
    for k, (level, value) in enumerate(zip(claim.levels, values, strict=True)):
        if level.value != (total := sum(value.tolist())):
            yield _breach(Property.CERTIFICATE_VALUE, k, level.value, total)
        if not _well_formed(market, level, blocks, k):
            yield Breach(Property.CERTIFICATE_DUAL, Place.LEVEL, np.array([k]))
            continue
        bound = bounds.proven(market, claim.levels[: k + 1], blocks, values[:k])
        yield from _meeting(k, level, blocks, value, bound)


def _meeting(k: int, level: LevelClaim, blocks: Blocks, value: Whole, bound: Whole) -> Breaches:
    """Whether bound and value are as near as promised, in each block and together."""
    total, reached = sum(bound.tolist()), sum(value.tolist())
    if level.bound != total:
        yield _breach(Property.CERTIFICATE_BOUND, k, level.bound, total)
    apart = np.where(blocks.divisible, bound != value, bound < value)
    if apart.any():
        found, expected = (sum(each[apart].tolist()) for each in (bound, value))
        yield _breach(Property.CERTIFICATE_GAP, k, found, expected)
    if level.claimed is not None and not reached <= level.claimed <= total:
        nearest = min(max(level.claimed, reached), total)
        yield _breach(Property.CERTIFICATE_GAP, k, level.claimed, nearest)


def _breach(broken: Property, level: int, found: int, expected: int) -> Breach:
    return Breach(broken, Place.LEVEL, np.array([level]), whole([found]), whole([expected]))


def _well_formed(market: Market, level: LevelClaim, blocks: Blocks, k: int) -> bool:
    """Whether there is one dual value per node and multiplier per level before, none negative."""
    shapes = len(market.supply.kg), len(market.demand.kg), blocks.count
    if (len(level.supply_dual), len(level.demand_dual), len(level.multipliers)) != shapes:
        return False
    if any((dual < 0).any() for dual in (level.supply_dual, level.demand_dual)):
        return False
    return all(len(each) == k and min(each, default=0) >= 0 for each in level.multipliers)
