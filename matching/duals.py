"""Dual values: the numbers that prove a plan cannot be bettered, found without the solver.

Symbols, on the arcs a of a circulation (:mod:`matching.circulation`), from node tail to node head:

    kg_a        what flows, 0 ≤ kg_a ≤ capacity_a
    gain_a      what a kilogram adds to the level
    value_n     what a kilogram at node n is worth; 0 at the hub
    reduced_a = gain_a − value_tail + value_head

A flow is best exactly if there are values with reduced_a ≤ 0 wherever more could flow and
reduced_a ≥ 0 wherever less could (complementary slackness; R. K. Ahuja, T. L. Magnanti, J. B.
Orlin, *Network Flows*, 1993, ch. 9). With length −gain forwards and +gain backwards, shortest
distances in the residual graph are such values. A supply node's dual is u = value, a demand node's
v = −value; both are ≥ 0 because disposal is free: an arc from every supply node to the hub and from
the hub to every demand node is always open.

*How they are found.* Arcs on which both more and less could flow (0 < kg_a < capacity_a) fix the
difference of their ends, so each connected set of them, a *clump*, moves as one: values within it
follow from its spanning tree by pointer doubling, and Bellman and Ford's rounds run over clumps
only, all arcs at once. A good flow is close to a spanning tree, so clumps are few.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from matching.circulation import Circulation
from matching.faults import EngineError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int32]

#: Farther than any node; two of them still add up in 64 bits.
UNREACHED = 2**61


@dataclass(frozen=True, slots=True)
class Interval:
    """The least and the greatest dual of each node, shape (nodes of the side,).

    ``UNREACHED`` or more stands for no limit: nothing that the plan does would have to change.
    """

    supply_low: Ints
    supply_high: Ints
    demand_low: Ints
    demand_high: Ints


class Residual:
    """What could still change in a flow, on the arcs of a face.

    Parameters
    ----------
    kg, free
        Shape (arcs,): the flow, and which arcs may change at all.
    """

    def __init__(self, circulation: Circulation, kg: Ints, free: Bools) -> None:
        self.circulation = circulation
        more = free & ((kg < circulation.capacity) | ~circulation.bounded)
        less = free & (kg > 0)
        less[circulation.inner :] = free[circulation.inner :]
        self._tree = _Tree.of(circulation, np.flatnonzero(more & less))
        self.more = np.flatnonzero(more & ~less)
        self.less = np.flatnonzero(less & ~more)

    def values(self, gain: Ints) -> Ints:
        """A value per node that proves the flow best for this gain, shape (nodes,); 0 at the hub.

        Raises
        ------
        EngineError
            The flow is not best for this gain.
        """
        within = self._tree.values(gain)
        shift = self._clumps(gain, within).distances(np.zeros(self._tree.clumps, dtype=np.int64))
        value: Ints = within + shift[self._tree.clump]
        value -= value[self.circulation.hub]
        return value

    def interval(self, gain: Ints) -> Interval:
        """Both ends of every dual: distances from the hub and to it.

        Raises
        ------
        EngineError
            As :meth:`values`.
        """
        within = self._tree.values(gain)
        clumps = self._clumps(gain, within)
        hub = self._tree.clump[self.circulation.hub]
        start = np.full(self._tree.clumps, UNREACHED)
        start[hub] = 0
        within -= within[self.circulation.hub]
        high = _far(clumps.distances(start.copy()), within, self._tree.clump)
        low = -_far(clumps.turned().distances(start), -within, self._tree.clump)
        supplies, nodes = self.circulation.supplies, self.circulation.hub
        return Interval(
            low[:supplies], high[:supplies], -high[supplies:nodes], -low[supplies:nodes]
        )

    def _clumps(self, gain: Ints, within: Ints) -> "_Clumps":
        """The residual arcs between clumps, with what they leave of each step."""
        tail, head = self.circulation.tail, self.circulation.head
        clump = self._tree.clump
        starts, ends, lengths = [], [], []
        for arcs, start, end, sign in ((self.more, tail, head, -1), (self.less, head, tail, 1)):
            length = (gain[arcs] - within[tail[arcs]] + within[head[arcs]]) * sign
            starts.append(clump[start[arcs]])
            ends.append(clump[end[arcs]])
            lengths.append(length)
        return _Clumps(
            self._tree.clumps,
            np.concatenate(starts),
            np.concatenate(ends),
            np.concatenate(lengths),
        )


def _far(shift: Ints, within: Ints, clump: Indices) -> Ints:
    """Distances of nodes from those of their clumps; what was not reached stays so."""
    reached = shift < UNREACHED // 2
    return np.where(reached[clump], shift[clump] + within, UNREACHED)


@dataclass(frozen=True, slots=True)
class _Tree:
    """Spanning trees of the clumps: the step from each node to its parent, roots to themselves.

    Attributes
    ----------
    clump, parent
        Shape (nodes,).
    child, arc, sign
        Shape (nodes that are not roots,): the node, the arc between it and its parent, and +1
        where the arc leaves the node, −1 where it enters it.
    clumps
        How many there are.
    """

    clump: Indices
    parent: Indices
    child: Ints
    arc: Ints
    sign: Ints
    clumps: int

    @classmethod
    def of(cls, circulation: Circulation, tight: Ints) -> "_Tree":
        from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

        tail, head = circulation.tail[tight], circulation.head[tight]
        clumps, clump = connected_components(_graph(tail, head, circulation.nodes), directed=False)
        parent = _parents(tail, head, np.unique(clump, return_index=True)[1], circulation.nodes)
        child = np.flatnonzero(parent != np.arange(len(parent)))
        arc, sign = _steps(tail, head, child, parent[child])
        return cls(clump.astype(np.int32), parent, child, tight[arc], sign, clumps)

    def values(self, gain: Ints) -> Ints:
        """Values that make the reduced gain of every tree arc 0 and those of roots 0.

        Pointer doubling: each round adds what the ancestor has gathered and skips to its ancestor.
        """
        value = np.zeros(len(self.parent), dtype=np.int64)
        value[self.child] = gain[self.arc] * self.sign
        parent = self.parent
        while True:
            further = parent[parent]
            value += value[parent]
            if np.array_equal(further, parent):
                return value
            parent = further


def _parents(tail: Indices, head: Indices, roots: Ints, nodes: int) -> Indices:
    """Breadth-first parents from one node more that touches every root; roots are their own."""
    from scipy.sparse.csgraph import breadth_first_order  # noqa: PLC0415

    above = np.full(len(roots), nodes)
    graph = _graph(np.concatenate([tail, above]), np.concatenate([head, roots]), nodes + 1)
    parent: Indices = breadth_first_order(graph, nodes, directed=False)[1][:nodes].astype(np.int32)
    parent[roots] = roots
    return parent


def _graph(tail: Indices, head: Indices, nodes: int) -> "csr_array":
    from scipy.sparse import csr_array  # noqa: PLC0415

    return csr_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(nodes, nodes))


def _steps(tail: Indices, head: Indices, child: Ints, parent: Indices) -> tuple[Ints, Ints]:
    """Which arc joins each child to its parent, and +1 where it leaves the child, else −1."""
    base = int(max(tail.max(initial=0), head.max(initial=0))) + 1
    keys = np.concatenate([tail * np.int64(base) + head, head * np.int64(base) + tail])
    order = np.argsort(keys)
    found = order[np.searchsorted(keys, child * base + parent, sorter=order)]
    return found % len(tail), np.where(found < len(tail), 1, -1)


@dataclass(frozen=True, slots=True)
class _Clumps:
    """Arcs between clumps: shape (arcs,) each."""

    count: int
    start: Indices
    end: Indices
    length: Ints

    def turned(self) -> "_Clumps":
        return _Clumps(self.count, self.end, self.start, self.length)

    def distances(self, distance: Ints) -> Ints:
        """Bellman and Ford's rounds from these distances, shape (clumps,), changed in place.

        Raises
        ------
        EngineError
            Distances still fall after as many rounds as there are clumps: a cycle gains.
        """
        for _ in range(self.count + 1):
            reach = distance[self.start] + self.length
            shorter = np.flatnonzero(reach < distance[self.end])
            if not len(shorter):
                return distance
            np.minimum.at(distance, self.end[shorter], reach[shorter])
        raise EngineError("the plan is not the best: a cycle of the residual graph gains")
