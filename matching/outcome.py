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
    STOCK = "stock"
    NO_LANE_MATERIAL = "no_lane_material"
    NO_LANE_DISTANCE = "no_lane_distance"
    NO_LANE_LISTED = "no_lane_listed"
    MONTH = "month"
    PRICE = "price"
    LOT_TOO_LARGE = "lot_too_large"
    LOT_TOO_SMALL = "lot_too_small"
    COSTS = "costs"
    SILO = "silo"
    FULL = "full"
    TIE = "tie"


@dataclass(frozen=True, slots=True)
class Match:
    """So much of one supply goes to one demand in one month.

    Attributes
    ----------
    cost
        Freight, fen per tonne.
    support
        Public money, fen per tonne.
    price_producer, price_consumer
        What the producer gets and the consumer pays at their gates, fen per tonne.
    month
        Index of the horizon; ``None`` in a problem without months.
    """

    supply: str
    demand: str
    kg: int
    cost: int
    support: int
    price_producer: int
    price_consumer: int
    month: int | None = None


@dataclass(frozen=True, slots=True)
class OrderResult:
    """What became of one row of an order.

    Attributes
    ----------
    kg, placed
        Mass of the row, and how much of it is shipped, in this month or, through a silo, another.
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
    month: int | None = None


@dataclass(frozen=True, slots=True)
class Storage:
    """One month of one silo, kilograms: opening + added − drawn = closing, added · drawn = 0."""

    side: Side
    id: str
    month: int
    opening: int
    added: int
    drawn: int
    closing: int


@dataclass(frozen=True, slots=True)
class Level:
    """The proof of how much better one level of the objective could be.

    The formula is that of :mod:`matching.verify`; the arrays follow the nodes of
    :class:`matching.lanes.Book`, (id, month) order.

    Attributes
    ----------
    name
        ``tonnes`` (in thousandths of a kilogram: weight_milli · kg), ``surplus`` or ``cost`` (in
        thousandths of a fen; ``cost`` is negative: what is spent counts against the plan).
    value, bound
        What the plan reaches, and the least upper bound the dual values prove.
    supply_dual, demand_dual
        One value per node of the side.
    multipliers
        Per block of the certificate, the value of one more unit of each level before.
    claimed
        A tighter upper bound a solver of indivisible parts reports without proof.
    """

    name: str
    value: int
    bound: int
    supply_dual: tuple[int, ...]
    demand_dual: tuple[int, ...]
    multipliers: tuple[tuple[int, ...], ...] = ((),)
    claimed: int | None = None

    @property
    def gap(self) -> int:
        """How far the value may lie below the best one; 0 when it is proven the best."""
        return min(self.bound, self.bound if self.claimed is None else self.claimed) - self.value


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
    """The problem's SHA-256 (of its canonical JSON), the totals and one proof per level.

    ``supply_block`` and ``demand_block`` give the block of each node; no lane and no silo joins
    two blocks. Both are empty where all nodes stand in block 0.
    """

    problem_sha256: str
    totals: Totals
    levels: tuple[Level, ...]
    supply_block: tuple[int, ...] = ()
    demand_block: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """All a clearing yields; a function of the problem alone."""

    matches: tuple[Match, ...]
    orders: tuple[OrderResult, ...]
    certificate: Certificate
    storage: tuple[Storage, ...] = ()
