"""What every check of one outcome looks at, worked out once."""

from collections.abc import Mapping
from dataclasses import dataclass

from matching import lanes as lane_rule
from matching.lanes import Book
from matching.outcome import Outcome
from matching.problem import Problem, Side
from matching.verify import lines, reading, transport
from matching.verify.claims import Claim
from matching.verify.lines import Served, Silos
from matching.verify.market import Market
from matching.verify.reading import Known, Names


@dataclass(frozen=True, slots=True)
class Audit:
    """A problem and an outcome side by side.

    Attributes
    ----------
    book, market, names
        The problem's nodes and lanes, what they hold, and what they are called.
    known, claim
        The matches whose nodes exist, and the outcome as arrays.
    silos, served
        Per side the storage lines, and what the plan does at each node.
    """

    problem: Problem
    outcome: Outcome
    book: Book
    market: Market
    names: Names
    known: Known
    claim: Claim
    silos: Mapping[Side, Silos]
    served: Mapping[Side, Served]

    @classmethod
    def of(cls, problem: Problem, outcome: Outcome) -> "Audit":
        """Everything that follows from the two without judging them."""
        book = lane_rule.build(problem)
        market, names = Market.of(problem, book), Names.of(book)
        known = Known.of(names, outcome)
        silos = {side: Silos.of(market, names, side, outcome.storage) for side in Side}
        held = {side: silos[side].held() for side in Side}
        claim = reading.claim(problem, market, known, held, outcome.certificate)
        served = {
            Side.SUPPLY: lines.served_supply(market, transport.source_flow(market, claim)),
            Side.DEMAND: lines.served_demand(market, transport.need_met(market, claim)),
        }
        return cls(problem, outcome, book, market, names, known, claim, silos, served)
