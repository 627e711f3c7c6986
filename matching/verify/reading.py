"""An outcome, which speaks of ids and months, as a claim on the nodes of a market."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matching.lanes import Book, Nodes
from matching.outcome import Certificate, Level, Match, Outcome, Storage
from matching.problem import Problem, Side
from matching.verify.claims import Claim, LevelClaim, Matches
from matching.verify.exact import Ints, Whole, whole
from matching.verify.market import Market
from matching.verify.properties import Property, Violation

Key = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Names:
    """The ids and months of nodes, both ways.

    Attributes
    ----------
    keys, node
        Per side the id and month of each node, and the node of each id and month.
    """

    book: Book
    keys: dict[Side, list[Key]]
    node: dict[Side, dict[Key, int]]

    @classmethod
    def of(cls, book: Book) -> "Names":
        """The names of the nodes of a book."""
        keys = {side: _keys(book.nodes(side), dated=book.horizon.dated) for side in Side}
        return cls(book, keys, {side: {k: at for at, k in enumerate(keys[side])} for side in Side})

    def key(self, line: Storage) -> Key:
        """The key of a storage line; in a problem without months all stand in month 0."""
        undated = line.month == 0 and not self.book.horizon.dated
        return line.id, None if undated else line.month

    def pair(self, at: int) -> str:
        """The two ids of a pair."""
        pairs, (supply, demand) = self.book.pairs, (self.book.supply.ids, self.book.demand.ids)
        return pair_name(supply[int(pairs.supply[at])], demand[int(pairs.demand[at])])


def _keys(nodes: Nodes, *, dated: bool) -> list[Key]:
    months: Iterable[int | None] = nodes.month.tolist() if dated else [None] * len(nodes)
    return [(nodes.ids[at], month) for at, month in zip(nodes.order.tolist(), months, strict=True)]


def pair_name(supply: str, demand: str) -> str:
    """How a pair is called in a violation."""
    return f"{supply} → {demand}"


def order_name(side: Side, order_id: str) -> str:
    """How an order is called in a violation."""
    return f"{side} {order_id}"


@dataclass(frozen=True, slots=True)
class Known:
    """The matches of an outcome whose orders and months exist, with their nodes."""

    matches: list[Match]
    supply: Ints
    demand: Ints

    @classmethod
    def of(cls, names: Names, outcome: Outcome) -> "Known":
        """Those of an outcome."""
        matches, supply, demand = [], [], []
        for match in outcome.matches:
            i, j = _nodes(names, match)
            if i is not None and j is not None:
                matches.append(match)
                supply.append(i)
                demand.append(j)
        return cls(matches, _ints(supply), _ints(demand))


def _nodes(names: Names, match: Match) -> tuple[int | None, int | None]:
    return (
        names.node[Side.SUPPLY].get((match.supply, match.month)),
        names.node[Side.DEMAND].get((match.demand, match.month)),
    )


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def unknown_ends(names: Names, outcome: Outcome) -> Iterator[Violation]:
    """Matches of nobody, or in a month in which one of the two has no part."""
    supplies, demands = set(names.book.supply.ids), set(names.book.demand.ids)
    for match in outcome.matches:
        if None not in _nodes(names, match):
            continue
        known = match.supply in supplies and match.demand in demands
        broken = Property.MATCH_MONTH if known else Property.MATCH_ORDERS
        yield Violation(broken, pair_name(match.supply, match.demand), month=match.month)


def claim(
    problem: Problem, market: Market, known: Known, held: dict[Side, Whole], proof: Certificate
) -> Claim:
    """The claim of an outcome; without levels where they are not those of the settings."""
    levels = proof.levels if level_names(proof) == problem.settings.levels else ()
    return Claim(
        _matches(market, known),
        held[Side.SUPPLY],
        held[Side.DEMAND],
        tuple(_level(level) for level in levels),
        whole(proof.supply_block),
        whole(proof.demand_block),
    )


def level_names(proof: Certificate) -> tuple[str, ...]:
    """The levels a certificate proves."""
    return tuple(level.name for level in proof.levels)


def _matches(market: Market, known: Known) -> Matches:
    columns = ("kg", "cost", "support", "price_producer", "price_consumer")
    numbers = (whole([getattr(match, name) for match in known.matches]) for name in columns)
    lane = market.lane_at(known.supply, known.demand)
    return Matches(known.supply, known.demand, lane, *numbers)


def _level(level: Level) -> LevelClaim:
    return LevelClaim(
        level.name,
        level.value,
        level.bound,
        level.claimed,
        whole(level.supply_dual),
        whole(level.demand_dual),
        tuple(tuple(each) for each in level.multipliers),
    )
