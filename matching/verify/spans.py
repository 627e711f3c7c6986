"""What a row can use beyond its own month, summed along its order's silo.

A producer's row can leave in its own and any later month its silo joins to it, a consumer's can
come in its own and any earlier one.
"""

import numpy as np

from matching.lanes import Lanes, Nodes
from matching.problem import Side
from matching.verify.exact import Bools, Ints
from matching.verify.market import Shelf


class Spans:
    """The months each row of one side can use."""

    def __init__(self, side: Side, shelf: Shelf, nodes: Nodes, others: Nodes, lanes: Lanes) -> None:
        self.side, self.own = side, lanes.ends(side)
        self.joined = shelf.holds[:-1]
        self.longest = int(np.diff(nodes.starts).max(initial=0))
        breaks = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(~self.joined)])
        self.chain = breaks[: len(nodes)]
        self.other = others.order[lanes.ends(side.opposite)]

    def any(self, lanes: Bools) -> Bools:
        """Whether each row can use one of the marked lanes."""
        return self.most(np.bincount(self.own[lanes], minlength=len(self.chain))) > 0

    def best(self, values: Ints, lanes: Bools) -> Ints:
        """The greatest value among the marked lanes each row can use, or the least integer."""
        greatest = np.full(len(self.chain), np.iinfo(np.int64).min)
        np.maximum.at(greatest, self.own[lanes], values[lanes])
        return self.most(greatest)

    def most(self, values: Ints) -> Ints:
        """The greatest value of the nodes each row can use."""
        values = values.copy()
        for _ in range(self.longest - 1):
            if self.side is Side.SUPPLY:
                better = np.maximum(values[:-1], values[1:])
                values[:-1] = np.where(self.joined, better, values[:-1])
            else:
                better = np.maximum(values[:-1], values[1:])
                values[1:] = np.where(self.joined, better, values[1:])
        return values

    def partners(self, lanes: Bools) -> Ints:
        """How many orders of the other side the marked lanes each row can use lead to.

        An order is counted at the one node of a chain beyond which it is not met, and a row counts
        what lies between it and that end.
        """
        width = int(self.other.max(initial=0)) + 1
        meeting = self.chain[self.own[lanes]] * width + self.other[lanes]
        keys, at = np.unique(meeting, return_inverse=True)
        node = self.own[lanes]
        if self.side is Side.SUPPLY:
            edge = np.full(len(keys), -1)
            np.maximum.at(edge, at, node)
        else:
            edge = np.full(len(keys), len(self.chain))
            np.minimum.at(edge, at, node)
        return self._total(np.bincount(edge, minlength=len(self.chain)))

    def _total(self, counts: Ints) -> Ints:
        """Sums over the nodes each row can use."""
        upto = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
        each = np.arange(len(counts))
        begins = np.searchsorted(self.chain, self.chain, side="left")
        ends = np.searchsorted(self.chain, self.chain, side="right")
        if self.side is Side.SUPPLY:
            begins = each
        else:
            ends = each + 1
        return np.asarray(upto[ends] - upto[begins])
