"""Whether the prices of each match add up, keep both limits and follow the published rule."""

import numpy as np

from matching.problem import PriceRule
from matching.verify import shadow
from matching.verify.claims import Breach, Breaches, Claim, Matches, Place
from matching.verify.exact import Bools, Ints, Whole
from matching.verify.market import Market
from matching.verify.properties import Property

#: 5 CNY in fen, the step of the rule ``midpoint_5``.
FIVE = 500


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
    if market.settings.price_rule is PriceRule.SHADOW:
        unfair = shadow.unfair(market, claim, unfair)
    elif market.settings.price_rule is PriceRule.MIDPOINT_5:
        unfair = _off_step(ask, bid, matches, unfair)
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


def _off_step(ask: Ints, bid: Ints, matches: Matches, uneven: Bools) -> Bools:
    """Whether a match is not at the multiple of 5 CNY/t that leaves its two sides most alike.

    Where no multiple keeps both limits the match has to be even. Raising the price by a step moves
    the lead of the producer, what it gains less what the consumer gains, by two.
    """
    gained, left = matches.price_producer - ask, bid - matches.price_consumer
    lead, up = gained - left, -matches.price_producer % FIVE
    reachable = (up <= left) | (FIVE - up <= gained) & (up > 0)
    nearest = (up == 0) & (lead > -FIVE) & (lead <= FIVE)
    return np.asarray(np.where(reachable, ~nearest, uneven))
