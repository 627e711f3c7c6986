"""The audit itself, on plain arrays: no ids, no files, nothing but whole numbers.

:func:`matching.verify.check` brings an outcome into this form and puts names to what is found.
"""

from itertools import chain

from matching.verify import pricing, proofs, transport
from matching.verify.claims import Breaches, Claim
from matching.verify.market import Market


def breaches(market: Market, claim: Claim) -> Breaches:
    """Every promise about tonnes, silos, lanes, prices and proofs that a claim breaks."""
    return chain(
        transport.breaches(market, claim),
        pricing.breaches(market, claim),
        proofs.breaches(market, claim),
    )
