"""The answer of a clearing: matches, one line per order, and the proof that it is the best.

Masses are kilograms and prices fen per tonne, as in :mod:`matching.problem`. A sum of kilograms
times fen per tonne is in thousandths of a fen; such values are named ``surplus``, never an amount
of money. What is to be paid is in :func:`matching.prices.amounts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from matching.problem import Side


class Reason(StrEnum):
    """Why an order, or the rest of it, was not placed.

    The codes follow the stages an order passes; it carries the one of the stage it fell at.
    """

    PLACED = "placed"
    ZERO = "zero"
    NO_LANE_MATERIAL = "no_lane_material"
    NO_LANE_DISTANCE = "no_lane_distance"
    NO_LANE_LISTED = "no_lane_listed"
    PRICE = "price"
    FULL = "full"
    TIE = "tie"


@dataclass(frozen=True, slots=True)
class Match:
    """So much of one supply goes to one demand.

    Attributes
    ----------
    cost
        Freight, fen per tonne.
    support
        Public money, fen per tonne.
    price_producer, price_consumer
        What the producer gets and the consumer pays at their gates, fen per tonne.
    """

    supply: str
    demand: str
    kg: int
    cost: int
    support: int
    price_producer: int
    price_consumer: int


@dataclass(frozen=True, slots=True)
class OrderResult:
    """What became of one order.

    Attributes
    ----------
    kg, placed
        Mass of the order, and how much of it stands in matches.
    reason
        Why the rest is open; ``placed`` where there is none.
    detail
        Whole numbers that belong to the reason; the keys are listed in ``matching/README.md``.
        They can betray a counterpart's limit: they are for the engine and an auditor.
    """

    side: Side
    id: str
    kg: int
    placed: int
    reason: Reason
    detail: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Level:
    """The proof that one level of the objective cannot be better.

    Attributes
    ----------
    name
        ``tonnes`` (value in kg) or ``surplus`` (value in thousandths of a fen).
    value, bound
        What the matches reach, and the least upper bound the dual values prove.
    supply_dual, demand_dual
        One value per supply and per demand, in id order.
    tonnes_dual
        Value of one more unit of the level before; 0 on the first level.
    """

    name: str
    value: int
    bound: int
    supply_dual: tuple[int, ...]
    demand_dual: tuple[int, ...]
    tonnes_dual: int = 0

    @property
    def gap(self) -> int:
        """How far the value may lie below the best one; 0 when it is proven the best."""
        return self.bound - self.value


@dataclass(frozen=True, slots=True)
class Totals:
    """What all matches come to: kilograms, and fen that add up as producer = consumer + support
    − freight.
    """

    kg: int
    consumer: int
    producer: int
    freight: int
    support: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """The problem's SHA-256 (of its canonical JSON), the totals and one proof per level."""

    problem_sha256: str
    totals: Totals
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """All a clearing yields; a function of the problem alone."""

    matches: tuple[Match, ...]
    orders: tuple[OrderResult, ...]
    certificate: Certificate
