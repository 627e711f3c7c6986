"""Dual values: the numbers that prove a plan cannot be bettered, found without the solver.

Symbols, on the arcs a of a circulation (:mod:`.circulation`), from node tail to node head:

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
follow from its own arcs (:mod:`.clumps`), and Bellman and Ford's rounds run over clumps
only, all arcs at once. A good flow is close to a spanning tree, so clumps are few.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matching.faults import EngineError
from matching.transport import clumps
from matching.transport.circulation import Circulation

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Farther than any node; two of them still add up in 64 bits.
UNREACHED = 2**61

NOT_BEST = "the plan is not the best: a cycle of its residual graph gains"


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
        self.both = np.flatnonzero(more & less)
        self.more = np.flatnonzero(more & ~less)
        self.less = np.flatnonzero(less & ~more)

    def values(self, gain: Ints) -> Ints:
        """A value per node that proves the flow best for this gain, shape (nodes,); 0 at the hub.

        Raises
        ------
        EngineError
            The flow is not best for this gain.
        """
        links = self._links(gain)
        value = links.spread(links.distances(np.zeros(links.count, dtype=np.int64)))
        value -= value[self.circulation.hub]
        return value

    def interval(self, gain: Ints) -> Interval:
        """Both ends of every dual: distances from the hub and to it.

        Raises
        ------
        EngineError
            As :meth:`values`.
        """
        links = self._links(gain)
        hub = self.circulation.hub
        start = np.full(links.count, UNREACHED)
        start[links.clump[hub]] = -links.within[hub]
        high = links.spread(links.distances(start.copy()))
        start[links.clump[hub]] *= -1
        low = -links.turned().spread(links.turned().distances(start))
        supplies = self.circulation.supplies
        return Interval(low[:supplies], high[:supplies], -high[supplies:hub], -low[supplies:hub])

    def _links(self, gain: Ints) -> "_Links":
        """The residual arcs between clumps."""
        tail, head, nodes = self.circulation.tail, self.circulation.head, self.circulation.nodes
        both = self.both
        joined = clumps.of(tail[both], head[both], nodes, gain[both])
        within = joined.offset
        if (gain[both] - within[tail[both]] + within[head[both]]).any():
            raise EngineError(NOT_BEST)
        roots, clump = np.unique(joined.root, return_inverse=True)
        return _Links(
            len(roots),
            clump,
            within,
            np.concatenate([clump[tail[self.more]], clump[head[self.less]]]),
            np.concatenate([clump[head[self.more]], clump[tail[self.less]]]),
            np.concatenate(
                [
                    within[tail[self.more]] - within[head[self.more]] - gain[self.more],
                    within[head[self.less]] - within[tail[self.less]] + gain[self.less],
                ]
            ),
        )


@dataclass(frozen=True, slots=True)
class _Links:
    """The residual graph with every clump drawn together.

    Attributes
    ----------
    clump, within
        Shape (nodes,): the clump of each node, and its value less that of the clump.
    start, end, length
        Shape (links,): what is left of each residual arc between two clumps.
    """

    count: int
    clump: Ints
    within: Ints
    start: Ints
    end: Ints
    length: Ints

    def turned(self) -> "_Links":
        """Every arc the other way round."""
        return replace(self, within=-self.within, start=self.end, end=self.start)

    def spread(self, distance: Ints) -> Ints:
        """Distances of nodes from those of their clumps; what was not reached stays so."""
        far = distance[self.clump]
        return np.where(far < UNREACHED // 2, far + self.within, UNREACHED)

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
        raise EngineError(NOT_BEST)
