"""The one price per order and month of the rule ``shadow``, looked up again.

Prices p of supply nodes and q of demand nodes support a plan where nobody would rather trade
otherwise: q − p ≤ cost − support on every permitted lane, with equality on those in use; p ≥ ask
and q ≤ bid, with equality where something is left open; p rises by no more than the holding cost
from one month to the next and q does not rise, with equality where goods are held. Every such
inequality bounds one price by another, so both ends of what each node's price may be are shortest
distances; the rule posts the floor of their midpoint.
"""

from dataclasses import dataclass

import numpy as np

from matching.verify import blocks, transport
from matching.verify.claims import Claim
from matching.verify.exact import Bools, Ints, Whole, sums
from matching.verify.market import Market, Shelf

#: Farther than any price.
FAR = 2**60


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Inequalities x[head] ≤ x[tail] + most; supply nodes come first, demand nodes after them."""

    tail: Ints
    head: Ints
    most: Ints

    def only(self, keep: Bools) -> "_Bounds":
        return _Bounds(self.tail[keep], self.head[keep], self.most[keep])


def unfair(market: Market, claim: Claim, uneven: Bools) -> Bools:
    """Which matches are not at the price the rule posts, shape (matches,).

    In a component without such prices, or with a lane filled to a capacity of its own or lots that
    cannot be divided, the rule falls back on the midpoint.

    Parameters
    ----------
    uneven
        Shape (matches,): not at the midpoint of its two limits.
    """
    matches, component = claim.matches, blocks.components(market)
    flow = sums(matches.lane, np.where(matches.lane < 0, 0, matches.kg), max(1, len(market.lanes)))
    trading = np.isin(component, component[matches.supply])
    applies = trading & ~np.isin(component, component[_barred(market, flow)])
    price, exists = _posted(market, claim, flow, component, applies)
    differs = (price[matches.supply] != matches.price_producer) | (
        price[matches.demand + len(market.ask)] != matches.price_consumer
    )
    return np.where((applies & exists)[matches.supply], differs, uneven)


def _barred(market: Market, flow: Whole) -> Ints:
    """Supply nodes of lanes that are full by a capacity of their own or cannot be divided."""
    lanes = market.lanes
    full = (lanes.failed == 0) & (lanes.kg < market.ends_room(np.arange(len(lanes))))
    full &= flow[: len(lanes)] >= lanes.kg
    barred: Ints = lanes.supply[full | blocks.indivisible(market)]
    return barred


def _posted(
    market: Market, claim: Claim, flow: Whole, component: Ints, applies: Bools
) -> tuple[Ints, Bools]:
    """The price of each node, and whether its component has prices that support the plan."""
    high, low = _limits(market, claim)
    bounds = _bounds(market, claim, flow)
    bounds = bounds.only(applies[bounds.tail])
    exists = np.ones(len(component), dtype=np.bool_)
    for _ in range(len(component) + 1):
        moved = _tightened(bounds, high, low)
        if not moved.any():
            return (low + high) // 2, exists
        broken = np.isin(component, component[high < low])
        exists &= ~broken
        bounds = bounds.only(~broken[bounds.tail])
    return (low + high) // 2, exists & ~np.isin(component, component[moved])


def _tightened(bounds: _Bounds, high: Ints, low: Ints) -> Bools:
    """One round over every inequality, in place; which nodes moved."""
    before = high.copy(), low.copy()
    np.minimum.at(high, bounds.head, high[bounds.tail] + bounds.most)
    np.maximum.at(low, bounds.tail, low[bounds.head] - bounds.most)
    return np.asarray((high != before[0]) | (low != before[1]))


def _limits(market: Market, claim: Claim) -> tuple[Ints, Ints]:
    """The greatest and the least price of each node by its own limit and what it left open."""
    unsold = transport.source_flow(market, claim) < market.supply.kg
    unmet = transport.need_met(market, claim) < market.demand.kg
    high = np.concatenate([np.where(unsold, market.ask, FAR), market.bid])
    low = np.concatenate([market.ask, np.where(unmet, market.bid, -FAR)])
    return high, low


def _bounds(market: Market, claim: Claim, flow: Whole) -> _Bounds:
    lanes, shift = market.lanes, len(market.ask)
    permitted = np.flatnonzero(lanes.failed == 0)
    spread = lanes.cost[permitted] - market.support_of(permitted)
    ends = lanes.supply[permitted], lanes.demand[permitted] + shift
    used = flow[permitted] > 0
    parts = [
        (*ends, spread),
        (ends[1][used], ends[0][used], -spread[used]),
        *_over_months(market.supply, claim.supply_held, market.holding, 0),
        *_over_months(market.demand, claim.demand_held, np.zeros_like(market.bid), shift),
    ]
    return _Bounds(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _over_months(
    shelf: Shelf, held: Whole, holding: Ints, shift: int
) -> list[tuple[Ints, Ints, Ints]]:
    """What a silo lets the next month's price be: no more while it has room, no less while used."""
    room, used = (np.flatnonzero(shelf.holds & does) for does in (held < shelf.held_kg, held > 0))
    return [
        (room + shift, room + shift + 1, holding[room]),
        (used + shift + 1, used + shift, -holding[used]),
    ]
