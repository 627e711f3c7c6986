"""Whether what is shipped and stored was there, had room, and went over lanes that carry it."""

import numpy as np

from matching.verify.claims import Breach, Breaches, Claim, Matches, Place
from matching.verify.exact import NOTHING, Bools, Ints, Whole, plus, sums, times
from matching.verify.market import Market, Shelf
from matching.verify.properties import Property


def breaches(market: Market, claim: Claim) -> Breaches:
    """Every promise about matches, lanes, rows and columns that is broken."""
    yield from _matches(market, claim.matches)
    yield from _lanes(market, claim.matches)
    yield from _costs_covered(market, claim.matches)
    for place, shelf, held, flow, full in (
        (
            Place.SUPPLY,
            market.supply,
            claim.supply_held,
            source_flow(market, claim),
            Property.SUPPLY_CAPACITY,
        ),
        (
            Place.DEMAND,
            market.demand,
            claim.demand_held,
            need_met(market, claim),
            Property.DEMAND_CAPACITY,
        ),
    ):
        yield from _where(full, place, flow > shelf.kg, flow, shelf.kg, "≤ ")
        yield from _where(Property.STORAGE_BALANCE, place, flow < 0, flow, NOTHING, "≥ ")
        yield from _held(place, shelf, held)


def source_flow(market: Market, claim: Claim) -> Whole:
    """What leaves the source of each supply node: shipped there or held on from there."""
    matches, count = claim.matches, len(market.supply.kg)
    shipped = sums(matches.supply, matches.kg, count)
    return plus(shipped, _net(claim.supply_held))


def need_met(market: Market, claim: Claim) -> Whole:
    """The room taken up at each demand node, whole kilograms, the last one counted as full.

    A kilogram shipped takes ``use_milli`` thousandths of a kilogram of room; what has no lane takes
    its own mass.
    """
    matches, count = claim.matches, len(market.demand.kg)
    use = _on_lanes(matches, market.lanes.use_milli, 1_000)
    taken: Whole = sums(matches.demand, matches.kg, count)
    if (use != 1_000).any():
        taken = -(-sums(matches.demand, times(matches.kg, use), count) // 1_000)
    return plus(taken, -_net(claim.demand_held))


def _net(held: Whole) -> Whole:
    """Held on from each node, less what was held on to it."""
    before = np.concatenate([np.zeros(1, dtype=held.dtype), held])[:-1]
    return plus(held, -before)


def _on_lanes(matches: Matches, values: Whole, otherwise: int) -> Ints:
    """A lane's value for each match, or another number for those without a lane."""
    if not len(values):
        return np.full(len(matches.lane), otherwise, dtype=np.int64)
    return np.where(matches.lane >= 0, values[matches.lane], otherwise)


def _where(
    broken: Property, place: Place, wrong: Bools, found: Whole, expected: Whole, sign: str = ""
) -> Breaches:
    at = np.flatnonzero(wrong)
    if len(at):
        right = np.broadcast_to(expected, found.shape)
        yield Breach(broken, place, at, found[at], right[at], sign)


def _matches(market: Market, matches: Matches) -> Breaches:
    kg = matches.kg
    yield from _where(Property.MATCH_TONNES, Place.MATCH, kg <= 0, kg, NOTHING, "> ")
    pair = matches.supply * max(1, len(market.demand.kg)) + matches.demand
    _, first, times_found = np.unique(pair, return_index=True, return_counts=True)
    repeated = times_found > 1
    if repeated.any():
        found = times_found[repeated]
        yield Breach(Property.MATCH_ONCE, Place.MATCH, first[repeated], found, np.ones_like(found))
    whole_row = market.supply.kg[matches.supply]
    wrong = market.single[matches.supply] & (kg != whole_row)
    yield from _where(Property.SINGLE, Place.MATCH, wrong, kg, whole_row)


def _lanes(market: Market, matches: Matches) -> Breaches:
    lanes, known = market.lanes, matches.lane >= 0
    failed = _on_lanes(matches, lanes.failed, 1)
    at = np.flatnonzero(failed)
    if len(at):
        yield Breach(Property.LANE_PERMITTED, Place.MATCH, at)
    cost = _on_lanes(matches, lanes.cost, 0)
    most = _on_lanes(matches, lanes.kg, 0)
    least = np.maximum(_on_lanes(matches, lanes.min_kg, 0), market.min_lot_kg[matches.supply])
    kg = matches.kg
    yield from _where(
        Property.LANE_COST, Place.MATCH, known & (matches.cost != cost), matches.cost, cost
    )
    yield from _where(Property.LANE_CAPACITY, Place.MATCH, known & (kg > most), kg, most, "≤ ")
    yield from _where(Property.LANE_MINIMUM, Place.MATCH, kg < least, kg, least, "≥ ")


def _held(place: Place, shelf: Shelf, held: Whole) -> Breaches:
    """A silo holds no less than nothing and no more than it can; the last month leaves nothing."""
    yield from _where(Property.STORAGE_END, place, ~shelf.holds & (held != 0), held, NOTHING)
    limit = Property.STORAGE_LIMIT
    yield from _where(limit, place, shelf.holds & (held > shelf.held_kg), held, shelf.held_kg, "≤ ")
    yield from _where(limit, place, shelf.holds & (held < 0), held, NOTHING, "≥ ")


def _costs_covered(market: Market, matches: Matches) -> Breaches:
    """In market mode a fixed or opening cost is paid only out of the surplus it unlocks."""
    fixed, opened = market.lanes.pair_fixed, market.open_cost
    if not market.pays_its_way or not (fixed.any() or opened.any()):
        return
    known = np.flatnonzero(matches.lane >= 0)
    lane = matches.lane[known]
    margin = times(market.lanes.surplus[lane] + market.settings.support, matches.kg[known])
    pair, order = market.lanes.pair[lane], market.demand_order[market.lanes.demand[lane]]
    earned = sums(pair, margin, len(fixed))
    yield from _short(Place.PAIR, pair, earned, fixed)
    pairs, first = np.unique(pair, return_index=True)
    spent = sums(order[first], fixed[pairs], len(opened))
    yield from _short(Place.OPENING, order, plus(sums(order, margin, len(opened)), -spent), opened)


def _short(place: Place, used: Ints, earned: Whole, cost: Ints) -> Breaches:
    is_used = np.bincount(used, minlength=len(cost)) > 0
    short = is_used & (cost > 0) & (earned < cost)
    yield from _where(Property.COSTS_COVERED, place, short, earned, cost, "≥ ")
