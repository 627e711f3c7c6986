"""What an outcome claims, as arrays on the nodes of a market, and what breaks when it is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from matching.verify.exact import Ints, Whole
from matching.verify.properties import Property


class Place(Enum):
    """What the positions of a breach count."""

    MATCH = auto()
    SUPPLY = auto()
    DEMAND = auto()
    PAIR = auto()
    OPENING = auto()
    LEVEL = auto()


@dataclass(frozen=True, slots=True)
class Breach:
    """One promise broken at one or more places.

    Attributes
    ----------
    place, at
        What the positions count, and the positions: of matches, nodes, pairs, demand orders or
        levels.
    found, expected
        Shape (positions,): the numbers that stand there and those that should; ``sign`` is put
        before the latter.
    """

    property: Property
    place: Place
    at: Ints
    found: Whole | None = None
    expected: Whole | None = None
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Matches:
    """Shipments between nodes; arrays of shape (matches,).

    ``lane`` is the position of the lane between the two nodes, −1 where there is none. Prices are
    fen per tonne.
    """

    supply: Ints
    demand: Ints
    lane: Ints
    kg: Whole
    cost: Whole
    support: Whole
    price_producer: Whole
    price_consumer: Whole


@dataclass(frozen=True, slots=True)
class LevelClaim:
    """The proof of one level; dual values of shape (supply nodes,) and (demand nodes,)."""

    name: str
    value: int
    bound: int
    claimed: int | None
    supply_dual: Whole
    demand_dual: Whole
    multipliers: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A whole outcome.

    Attributes
    ----------
    supply_held, demand_held
        Shapes (supply nodes,) and (demand nodes,): shipments held on from each node to the next,
        opening stock that is not counted among them left out.
    levels
        One proof per level of the settings, or none where the levels are not those.
    supply_block, demand_block
        The block of each node; both empty where all stand in block 0.
    """

    matches: Matches
    supply_held: Whole
    demand_held: Whole
    levels: tuple[LevelClaim, ...]
    supply_block: Ints
    demand_block: Ints


Breaches = Iterator[Breach]
