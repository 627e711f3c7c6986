"""Lies about matches: who, when, how much, over which lane, at which price."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from matching.bench.mutations.case import Case, Mutation
from matching.network import NO_LIMIT
from matching.outcome import Match, Outcome
from matching.problem import MILLI, Side
from matching.verify.exact import Ints
from matching.verify.properties import Property

#: More than a price, a limit or the margin on a few kilograms comes to in these problems.
FAR = 10**6


def _match(
    make: Callable[[Match], dict[str, Any]],
    fits: Callable[[Case, int], bool] = lambda case, at: True,
) -> Callable[[Case], Outcome | None]:
    """Changes one match by values made from it."""

    def apply(case: Case) -> Outcome | None:
        at = case.some_match(lambda k: fits(case, k))
        return None if at is None else case.with_match(at, **make(case.outcome.matches[at]))

    return apply


def _repriced(by: int) -> Callable[[Match], dict[str, Any]]:
    return lambda match: {
        "price_producer": match.price_producer + by,
        "price_consumer": match.price_consumer + by,
    }


def _other_month(match: Match) -> dict[str, Any]:
    return {"month": 0 if match.month is None else match.month + 1_201}


def _twice(case: Case) -> Outcome | None:
    at = case.some_match()
    matches = case.outcome.matches
    return None if at is None else case.with_matches(*matches, matches[at])


def _halved(case: Case) -> Outcome | None:
    """A match told as two: every sum stays true."""
    matches = case.outcome.matches
    at = case.some_match(lambda k: matches[k].kg > 1)
    if at is None:
        return None
    half = replace(matches[at], kg=matches[at].kg // 2)
    rest = replace(matches[at], kg=matches[at].kg - half.kg)
    return case.with_matches(*matches[:at], half, rest, *matches[at + 1 :])


def _too_much(side: Side) -> Callable[[Case], Outcome | None]:
    """More than an order has or needs in the month, stock included."""

    def apply(case: Case) -> Outcome | None:
        at = case.some_match()
        if at is None:
            return None
        market, node = case.audit.market, case.node(side, at)
        kg = int((market.supply if side is Side.SUPPLY else market.demand).kg[node])
        use = MILLI if side is Side.SUPPLY else int(market.lanes.use_milli[case.lane(at)])
        more = -(-(kg + 1) * MILLI // use)
        return case.with_match(at, kg=case.outcome.matches[at].kg + more)

    return apply


def _forbidden(case: Case) -> Outcome | None:
    """A match moved to a supply and a demand that no permitted lane joins in that month."""
    at = case.some_match()
    names, book = case.audit.names, case.audit.book
    if at is None:
        return None
    month = book.supply.month[case.node(Side.SUPPLY, at)]
    sellers, buyers = (
        np.flatnonzero(book.nodes(side).month == month) for side in (Side.SUPPLY, Side.DEMAND)
    )
    pairs = _not_permitted(case, sellers, buyers)
    if not len(pairs):
        return None
    supply, demand = pairs[case.draw.randrange(len(pairs))].tolist()
    sold, bought = names.keys[Side.SUPPLY][supply][0], names.keys[Side.DEMAND][demand][0]
    return case.with_match(at, supply=sold, demand=bought)


def _not_permitted(case: Case, sellers: Ints, buyers: Ints) -> Ints:
    lanes = case.audit.market.lanes
    every = np.stack(np.meshgrid(sellers, buyers), axis=-1).reshape(-1, 2)
    lane = case.audit.market.lane_at(every[:, 0], every[:, 1])
    is_open = lane >= 0
    is_open[is_open] = lanes.failed[lane[is_open]] == 0
    return every[~is_open]


def _dearer_way(match: Match) -> dict[str, Any]:
    return {"cost": match.cost + 1, "price_consumer": match.price_consumer + 1}


def _more_support(match: Match) -> dict[str, Any]:
    return {"support": match.support + 1, "price_consumer": match.price_consumer - 1}


def _over_its_capacity(case: Case) -> Outcome | None:
    kg = case.audit.market.lanes.kg
    at = case.some_match(lambda k: int(kg[case.lane(k)]) < NO_LIMIT)
    return None if at is None else case.with_match(at, kg=int(kg[case.lane(at)]) + 1)


def _least(case: Case, match: int) -> int:
    market = case.audit.market
    lot = market.min_lot_kg[case.node(Side.SUPPLY, match)]
    return max(int(lot), int(market.lanes.min_kg[case.lane(match)]))


def _below_its_minimum(case: Case) -> Outcome | None:
    at = case.some_match(lambda k: _least(case, k) > 1)
    return None if at is None else case.with_match(at, kg=_least(case, at) - 1)


def _is_single(case: Case, match: int) -> bool:
    return bool(case.audit.market.single[case.node(Side.SUPPLY, match)])


def _unpaid(cost: Callable[[Case, int], int]) -> Callable[[Case], Outcome | None]:
    """All that could pay for a cost shrinks to one kilogram a match."""

    def apply(case: Case) -> Outcome | None:
        market = case.audit.market
        at = case.some_match(lambda k: market.pays_its_way and cost(case, k) > FAR)
        if at is None:
            return None
        consumer = case.outcome.matches[at].demand
        return case.with_matches(
            *(
                replace(match, kg=1) if match.demand == consumer else match
                for match in case.outcome.matches
            )
        )

    return apply


def _fixed(case: Case, match: int) -> int:
    lanes = case.audit.market.lanes
    return int(lanes.pair_fixed[lanes.pair[case.lane(match)]])


def _opening(case: Case, match: int) -> int:
    market = case.audit.market
    return int(market.open_cost[market.demand_order[case.node(Side.DEMAND, match)]])


MUTATIONS = (
    Mutation(
        "a match is of no supply", Property.MATCH_ORDERS, _match(lambda match: {"supply": "nobody"})
    ),
    Mutation(
        "a match is of no demand", Property.MATCH_ORDERS, _match(lambda match: {"demand": "nobody"})
    ),
    Mutation("a match is of no month", Property.MATCH_MONTH, _match(_other_month)),
    Mutation("a match stands twice", Property.MATCH_ONCE, _twice),
    Mutation("a match is told as two", Property.MATCH_ONCE, _halved),
    Mutation("a match carries nothing", Property.MATCH_TONNES, _match(lambda match: {"kg": 0})),
    Mutation(
        "a match carries less than nothing",
        Property.MATCH_TONNES,
        _match(lambda match: {"kg": -match.kg}),
    ),
    Mutation("a supply is oversold", Property.SUPPLY_CAPACITY, _too_much(Side.SUPPLY)),
    Mutation(
        "a supply is oversold past 64 bits",
        Property.SUPPLY_CAPACITY,
        _match(lambda match: {"kg": match.kg + 2**64}),
    ),
    Mutation("a demand is overfilled", Property.DEMAND_CAPACITY, _too_much(Side.DEMAND)),
    Mutation("a lane is forbidden", Property.LANE_PERMITTED, _forbidden),
    Mutation("freight is false", Property.LANE_COST, _match(_dearer_way)),
    Mutation("a lane carries more than it can", Property.LANE_CAPACITY, _over_its_capacity),
    Mutation("a lane carries less than it must", Property.LANE_MINIMUM, _below_its_minimum),
    Mutation(
        "an undivided row is divided",
        Property.SINGLE,
        _match(lambda match: {"kg": match.kg - 1}, _is_single),
    ),
    Mutation("a fixed cost is not earned", Property.COSTS_COVERED, _unpaid(_fixed)),
    Mutation("an opening cost is not earned", Property.COSTS_COVERED, _unpaid(_opening)),
    Mutation("support is false", Property.SUPPORT, _match(_more_support)),
    Mutation(
        "a fen is lost",
        Property.PRICE_IDENTITY,
        _match(lambda match: {"price_consumer": match.price_consumer - 1}),
    ),
    Mutation("a bid is passed", Property.PRICE_LIMITS, _match(_repriced(FAR))),
    Mutation("an ask is passed", Property.PRICE_LIMITS, _match(_repriced(-FAR))),
    Mutation("the surplus is split unevenly", Property.PRICE_RULE, _match(_repriced(2))),
)
