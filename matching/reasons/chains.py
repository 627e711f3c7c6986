"""The lanes of a row: those of its month, and of the months its own silo joins to it.

What a producer stores can leave later, what a consumer stores can come earlier. So the nodes of a
row are its own and those after it (a supply) or before it (a demand), as far as held arcs lead.
"""

import numpy as np
import numpy.typing as npt

from matching.lanes import Book
from matching.problem import Side

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Chains:
    """The lanes of a book by the chain of nodes they serve, for one side."""

    def __init__(self, book: Book, side: Side) -> None:
        nodes = book.nodes(side)
        self.side, self.count = side, len(nodes)
        own = book.lanes.ends(side)
        self.by_node = (
            np.arange(len(own)) if side is Side.SUPPLY else np.argsort(own, kind="stable")
        )
        self.own = own[self.by_node]
        others = book.nodes(side.opposite)
        self.other = others.order[book.lanes.ends(side.opposite)[self.by_node]]
        self.others = max(1, len(others.ids))
        self.first, self.last = _spans(side, self.count, nodes.held)
        self.bounds = np.searchsorted(self.own, np.arange(self.count + 1))

    def lanes(self, nodes: Ints) -> tuple[Ints, Ints]:
        """The lanes of these nodes' rows by their position in the book, and whose each is."""
        start, end = self._ranges(nodes)
        count = end - start
        within = np.arange(int(count.sum())) + np.repeat(start - np.cumsum(count) + count, count)
        return self.by_node[within], np.repeat(nodes, count)

    def any(self, lanes: Bools, nodes: Ints) -> Bools:
        """Whether each of these nodes has one of the marked lanes."""
        total = np.concatenate([np.zeros(1, np.int64), np.cumsum(lanes[self.by_node])])
        start, end = self._ranges(nodes)
        return total[end] > total[start]

    def greatest(self, values: Ints, lanes: Bools, nodes: Ints) -> Ints:
        """The greatest value of the marked lanes of each node, which has at least one."""
        kept = lanes[self.by_node]
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept)])
        start, end = self._ranges(nodes)
        if not len(nodes):
            return nodes
        # A last value lets the end of the last range be an index.
        padded = np.append(values[self.by_node][kept], np.iinfo(np.int64).min)
        ranges = np.column_stack([before[start], before[end]]).ravel()
        return np.maximum.reduceat(padded, ranges)[::2]

    def counterparts(self, lanes: Bools, nodes: Ints) -> Ints:
        """With how many orders the marked lanes of each node lead to.

        An order met in several months counts once: of each pair only the lane nearest the far end
        of the chain is kept, and a node counts those on its side of it.
        """
        kept = lanes[self.by_node]
        chain, own, other = self.first[self.own[kept]], self.own[kept], self.other[kept]
        if self.side is Side.SUPPLY:
            chain = self.last[self.own[kept]]
        pair = chain * self.others + other
        order = np.lexsort((own, pair))
        pair, own = pair[order], own[order]
        edge = np.ones(len(pair), dtype=np.bool_)
        if self.side is Side.SUPPLY:
            edge[:-1] = pair[1:] != pair[:-1]
        else:
            edge[1:] = pair[1:] != pair[:-1]
        met = np.sort(pair[edge] // self.others * self.count + own[edge])
        return self._beyond(met, nodes)

    def _beyond(self, met: Ints, nodes: Ints) -> Ints:
        """How many of the (chain, node) keys lie in each node's part of its chain."""
        if self.side is Side.SUPPLY:
            chain = self.last[nodes] * self.count
            return np.searchsorted(met, chain + self.count) - np.searchsorted(met, chain + nodes)
        chain = self.first[nodes] * self.count
        return np.searchsorted(met, chain + nodes + 1) - np.searchsorted(met, chain)

    def _ranges(self, nodes: Ints) -> tuple[Ints, Ints]:
        return self.bounds[self.first[nodes]], self.bounds[self.last[nodes] + 1]


def _spans(side: Side, count: int, held: Ints) -> tuple[Ints, Ints]:
    """First and last node of the part of its chain that each row can use."""
    each = np.arange(count)
    onward = np.zeros(count, dtype=np.bool_)
    onward[held] = True
    if side is Side.SUPPLY:
        ends = np.where(onward, count, each)
        return each, np.minimum.accumulate(ends[::-1])[::-1]
    joined = np.concatenate([np.zeros(1, np.bool_), onward[:-1]])[:count]
    return np.maximum.accumulate(np.where(joined, 0, each)), each
