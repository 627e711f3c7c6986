"""Whether the prices of each match add up, keep both limits and follow the published rule."""

from dataclasses import dataclass

import numpy as np

from matching.problem import PriceRule
from matching.verify import blocks, transport
from matching.verify.claims import Breach, Breaches, Claim, Matches, Place
from matching.verify.exact import Bools, Ints, Whole
from matching.verify.market import Market
from matching.verify.properties import Property


def breaches(market: Market, claim: Claim) -> Breaches:
    """Every promise about prices that is broken."""
    matches = claim.matches
    ask, bid = market.ask[matches.supply], market.bid[matches.demand]
    producer, consumer = matches.price_producer, matches.price_consumer
    yield from _support(market, matches)
    yield from _checked(
        Property.PRICE_IDENTITY, consumer - producer, matches.cost - matches.support, ""
    )
    yield from _checked(Property.PRICE_LIMITS, producer, ask, "≥ ")
    yield from _checked(Property.PRICE_LIMITS, consumer, bid, "≤ ")
    unfair = _off_midpoint(ask, bid, matches)
    if market.settings.price_rule is PriceRule.SHADOW and unfair.any():
        unfair = _unsupported(market, claim, unfair)
    if unfair.any():
        yield Breach(Property.PRICE_RULE, Place.MATCH, np.flatnonzero(unfair))


def _support(market: Market, matches: Matches) -> Breaches:
    known = np.flatnonzero(matches.lane >= 0)
    found, right = matches.support[known], market.support_of(matches.lane[known])
    wrong = found != right
    if wrong.any():
        at = known[wrong]
        yield Breach(Property.SUPPORT, Place.MATCH, at, found[wrong], right[wrong])


def _checked(broken: Property, found: Whole, limit: Whole, sign: str) -> Breaches:
    wrong = {"": found != limit, "≥ ": found < limit, "≤ ": found > limit}[sign]
    at = np.flatnonzero(wrong)
    if len(at):
        yield Breach(broken, Place.MATCH, at, found[at], limit[at], sign)


def _off_midpoint(ask: Ints, bid: Ints, matches: Matches) -> Bools:
    """Whether a match's surplus is not halved with the odd fen to the producer."""
    lead = (matches.price_producer - ask) - (bid - matches.price_consumer)
    return np.asarray((lead != 0) & (lead != 1))


@dataclass(frozen=True, slots=True)
class _Known:
    """The price of each node that has one: its own limit while open, else what it trades at."""

    known: Bools
    price: Whole

    @classmethod
    def of(cls, limit: Ints, is_open: Bools, nodes: Ints, prices: Whole) -> "_Known":
        trading, first = np.unique(nodes, return_index=True)
        known, price = is_open.copy(), limit.astype(prices.dtype)
        busy = ~is_open[trading]
        price[trading[busy]] = prices[first[busy]]
        known[trading] = True
        return cls(known, price)


def _unsupported(market: Market, claim: Claim, uneven: Bools) -> Bools:
    """Which matches the rule ``shadow`` does not explain.

    A component is either at the midpoint throughout, or each order has one price a month and the
    prices support the plan: an order with something open trades at its own limit, and on no
    permitted lane could both ends do better. Which of several such prices it is, is not looked up.
    """
    matches, component = claim.matches, blocks.components(market)
    shadowed = np.isin(component, component[matches.supply[uneven]])[: len(market.ask)]
    own = shadowed[matches.supply]
    unsold = transport.source_flow(market, claim) < market.supply.kg
    unmet = transport.need_met(market, claim) < market.demand.kg
    sell = _Known.of(market.ask, unsold, matches.supply[own], matches.price_producer[own])
    buy = _Known.of(market.bid, unmet, matches.demand[own], matches.price_consumer[own])
    envied = _envied(market, shadowed, sell, buy)
    unfair = (
        (sell.price[matches.supply] != matches.price_producer)
        | (buy.price[matches.demand] != matches.price_consumer)
        | np.isin(matches.supply, market.lanes.supply[envied])
        | np.isin(matches.demand, market.lanes.demand[envied])
    )
    return np.asarray(own & unfair)


def _envied(market: Market, shadowed: Bools, sell: _Known, buy: _Known) -> Ints:
    """Permitted lanes on which both ends would do better than at their prices."""
    lanes = market.lanes
    inside = np.flatnonzero((lanes.failed == 0) & shadowed[lanes.supply])
    inside = inside[sell.known[lanes.supply[inside]] & buy.known[lanes.demand[inside]]]
    spread = buy.price[lanes.demand[inside]] - sell.price[lanes.supply[inside]]
    return inside[spread > lanes.cost[inside] - market.support_of(inside)]
