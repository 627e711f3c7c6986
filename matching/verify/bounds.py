"""The bound that dual values prove.

For level k a kilogram on arc a gains g_k(a). With G = g_k + Σ_{l<k} w_l g_l, where the fixed cost
of a pair and the opening cost of an order are spread as ⌊cost / U⌋ over the most, U, that their
lanes could carry, the reduced gains are

    rc(lane i → j) = G − u_i − ⌊use · v_j / 1000⌋,
    rc(supply held from k) = G − u_k + u_{k+1},   rc(demand held from k) = v_k − v_{k+1},

and weak duality gives, for any u, v, w ≥ 0 and any plan that reaches V_l on the levels before,

    value ≤ Σ S u + Σ D v + Σ cap · max(0, rc) − Σ_{l<k} w_l V_l.

Each block of the certificate has multipliers w of its own.
"""

from collections.abc import Sequence

import numpy as np

from matching.verify import gains
from matching.verify.blocks import Blocks
from matching.verify.claims import LevelClaim
from matching.verify.exact import SAFE, Ints, Whole, plus, size, sums, times, whole
from matching.verify.market import Market, Shelf


def proven(
    market: Market, levels: Sequence[LevelClaim], blocks: Blocks, values: Sequence[Whole]
) -> Whole:
    """What the dual values of the last of these levels prove, shape (blocks,).

    Parameters
    ----------
    values
        What the plan reaches at each of the levels before, shape (blocks,) each.
    """
    u, v, count = levels[-1].supply_dual, levels[-1].demand_dual, blocks.count
    multipliers = zip(*levels[-1].multipliers, strict=True)
    weights = [whole(each) for each in multipliers]
    names = [level.name for level in levels]
    held = _combined([gains.of_silos(market, name) for name in names], weights, blocks.supply)
    parts = (
        sums(blocks.supply, times(u, market.supply.kg), count),
        sums(blocks.demand, times(v, market.demand.kg), count),
        _over_lanes(market, names, weights, blocks, (u, v)),
        _over_silos(market.supply, plus(held, _rise(u)), blocks.supply, count),
        _over_silos(market.demand, -_rise(v), blocks.demand, count),
        *(-times(weight, value) for weight, value in zip(weights, values, strict=True)),
    )
    total: Whole = np.zeros(count, dtype=np.int64)
    for part in parts:
        total = plus(total, part)
    return total


def _combined(levels: Sequence[Whole], weights: Sequence[Whole], block: Ints) -> Whole:
    """G of each arc from its gains and its block's multipliers; one number where all agree."""
    *before, total = levels
    for weight, gain in zip(weights, before, strict=True):
        total = plus(total, times(weight if len(weight) == 1 else weight[block], gain))
    return total


def _over_lanes(
    market: Market,
    names: Sequence[str],
    weights: Sequence[Whole],
    blocks: Blocks,
    duals: tuple[Whole, Whole],
) -> Whole:
    """Σ cap · max(0, rc) over the permitted lanes, shape (blocks,)."""
    lanes, count = market.lanes, blocks.count
    block = blocks.supply[lanes.supply] if count > 1 else blocks.supply
    levels = [gains.of_lanes_with_costs(market, name) for name in names]
    reduced = _reduced(market, _combined(levels, weights, block), *duals)
    gaining = np.flatnonzero(reduced > 0)
    gaining = gaining[lanes.failed[gaining] == 0]
    worth = times(reduced[gaining], market.lane_room(gaining))
    return sums(blocks.supply[lanes.supply[gaining]], worth, count)


def _reduced(market: Market, gain: Whole, u: Whole, v: Whole) -> Whole:
    """The reduced gain of each lane."""
    lanes, plain = market.lanes, bool((market.lanes.use_milli == 1_000).all())
    taken = v[lanes.demand] if plain else times(lanes.use_milli, v[lanes.demand]) // 1_000
    if size(gain) + size(u) + size(taken) >= SAFE:
        gain = gain.astype(object)
    return np.asarray(gain - u[lanes.supply] - taken)


def _over_silos(shelf: Shelf, reduced: Whole, block: Ints, count: int) -> Whole:
    """Σ cap · max(0, rc) over what may be held on, shape (blocks,)."""
    gaining = np.flatnonzero((reduced > 0) & (shelf.held_kg > 0))
    worth = times(reduced[gaining], shelf.held_kg[gaining])
    return sums(block[gaining], worth, count)


def _rise(dual: Whole) -> Whole:
    """The value at the next node less that at each node, 0 at the last."""
    return plus(np.append(dual[1:], dual[-1:]), -dual)
