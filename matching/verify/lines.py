"""Whether every row of an order and every month of a silo stands once, with the numbers it had."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from matching.outcome import OrderResult, Outcome, Storage
from matching.problem import Problem, Side
from matching.verify.exact import Whole, whole
from matching.verify.market import Market, Shelf
from matching.verify.properties import Property, Violation
from matching.verify.reading import Key, Names, order_name

#: Key of an order's detail: kilograms its opening stock gave, not counted as placed.
FROM_STOCK = "from_stock"


@dataclass(frozen=True, slots=True)
class Served:
    """What a plan does at the nodes of one side, kilograms, shape (nodes,).

    ``placed`` of the node's own row is shipped, in this month or another; ``from_stock`` comes from
    the opening stock beside it.
    """

    placed: Whole
    from_stock: Whole


def served_supply(market: Market, source_flow: Whole) -> Served:
    """A producer's opening stock goes first."""
    from_stock = np.minimum(np.maximum(source_flow, 0), market.supply.opening)
    return Served(source_flow - from_stock, from_stock)


def served_demand(market: Market, need_met: Whole) -> Served:
    """A consumer's opening stock meets its own need before anything is shipped."""
    return Served(need_met, market.demand.opening - market.demand.closing)


def orders(
    problem: Problem, names: Names, outcome: Outcome, served: Mapping[Side, Served]
) -> Iterator[Violation]:
    """Every broken promise about the rows of one line per order and month."""
    for side in Side:
        lines = [line for line in outcome.orders if line.side is side]
        rows = {(row.id, row.month): row.kg for row in problem.orders(side)}
        times = Counter((line.id, line.month) for line in lines)
        yield from _once(Property.ORDER_ONCE, side, rows.keys(), times)
        for line in lines:
            kg = rows.get((line.id, line.month))
            if kg is not None:
                at = names.node[side][line.id, line.month]
                yield from _row(line, kg, served[side], at)


def _once(
    broken: Property, side: Side, expected: Iterable[Key], times: Counter[Key]
) -> Iterator[Violation]:
    wanted = set(expected)
    for key in sorted(wanted | times.keys(), key=lambda key: (key[0], key[1] or 0)):
        if times[key] != (key in wanted):
            where = order_name(side, key[0])
            yield Violation(broken, where, str(times[key]), str(int(key in wanted)), key[1])


def _row(line: OrderResult, kg: int, served: Served, at: int) -> Iterator[Violation]:
    where = order_name(line.side, line.id)
    for broken, found, expected in (
        (Property.ORDER_TONNES, line.kg, kg),
        (Property.ORDER_PLACED, line.placed, int(served.placed[at])),
        (Property.ORDER_STOCK, line.detail.get(FROM_STOCK, 0), int(served.from_stock[at])),
    ):
        if found != expected:
            yield Violation(broken, where, str(found), str(expected), line.month)


@dataclass(frozen=True, slots=True)
class Silos:
    """The storage lines of one side: how often each key stands, and the line at each node."""

    side: Side
    shelf: Shelf
    keys: list[Key]
    times: Counter[Key]
    lines: dict[int, Storage]

    @classmethod
    def of(cls, market: Market, names: Names, side: Side, storage: Iterable[Storage]) -> "Silos":
        """Those of an outcome that stand at a node."""
        shelf = market.supply if side is Side.SUPPLY else market.demand
        node, own = names.node[side], [line for line in storage if line.side is side]
        keys = [names.key(line) for line in own]
        lines = {node[key]: line for key, line in zip(keys, own, strict=True) if key in node}
        return cls(side, shelf, names.keys[side], Counter(keys), lines)

    def held(self) -> Whole:
        """What is held on from each node, opening stock left out where it is not counted."""
        closing = [0] * len(self.keys)
        for at, line in self.lines.items():
            closing[at] = line.closing - int(self.shelf.closing[at])
        return whole(closing)

    def violations(self) -> Iterator[Violation]:
        """Every broken promise about single lines and from one month to the next."""
        expected = [self.keys[at] for at in np.flatnonzero(self.shelf.stores).tolist()]
        yield from _once(Property.STORAGE_ONCE, self.side, expected, self.times)
        for at, line in sorted(self.lines.items()):
            opening = self._opening(at)
            if opening is not None and line.opening != opening:
                yield self._violation(Property.STORAGE_CHAIN, line, line.opening, opening)
            change = line.closing - line.opening
            moved = line.added, line.drawn
            if moved != (max(0, change), max(0, -change)):
                found, due = f"{moved[0]} − {moved[1]}", f"{change}"
                yield self._violation(Property.STORAGE_SUM, line, found, due)

    def _opening(self, at: int) -> int | None:
        """What a line opens with: the stock, or what the month before left."""
        if at == 0 or self.keys[at - 1][0] != self.keys[at][0]:
            return int(self.shelf.opening[at])
        before = self.lines.get(at - 1)
        return None if before is None else before.closing

    def _violation(
        self, broken: Property, line: Storage, found: object, expected: object
    ) -> Violation:
        where = order_name(self.side, line.id)
        return Violation(broken, where, str(found), str(expected), line.month)
