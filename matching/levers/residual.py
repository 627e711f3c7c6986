"""The residual graph of a plan: how a flow could still be changed, arc by arc.

Nodes are the supply nodes, then the demand nodes, then :attr:`Residual.source`, from which every
supply is fed, and :attr:`Residual.sink`, into which every demand drains.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.network import Flow, Gain, Network
from matching.transport.circulation import Circulation

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: A distance no path of whole lengths reaches.
FAR = 2**62


@dataclass(frozen=True, slots=True)
class Residual:
    """Arcs with room left, shape (arcs,): from ``tail`` to ``head``, ``room`` kilograms each.

    ``length`` is the loss of a kilogram on the arc, negative where it takes one off.
    """

    tail: Ints
    head: Ints
    room: Ints
    length: Ints
    source: int
    sink: int

    @property
    def nodes(self) -> int:
        """How many nodes there are, source and sink included."""
        return self.sink + 1

    def reached_from(self, node: int) -> Bools:
        """Which nodes a path leads to, shape (nodes,)."""
        return _closure(self.tail, self.head, self.nodes, node)

    def leading_to(self, node: int) -> Bools:
        """From which nodes a path leads there, shape (nodes,)."""
        return _closure(self.head, self.tail, self.nodes, node)

    def distance(self, start: int, end: int) -> int | None:
        """The least length of a path, or ``None`` where there is none.

        Bellman–Ford over all arcs at once; a plan that is the cheapest of its size leaves no
        negative cycle.
        """
        least = np.full(self.nodes, FAR, dtype=np.int64)
        least[start] = 0
        for _ in range(self.nodes):
            before = least.copy()
            known = before[self.tail] < FAR
            np.minimum.at(least, self.head[known], before[self.tail[known]] + self.length[known])
            if np.array_equal(before, least):
                break
        return None if least[end] == FAR else int(least[end])

    def within(self, nodes: Bools) -> "Residual":
        """Only the arcs whose two ends are among these nodes."""
        keep = nodes[self.tail] & nodes[self.head]
        columns = (self.tail[keep], self.head[keep], self.room[keep], self.length[keep])
        return Residual(*columns, self.source, self.sink)


def of(network: Network, flow: Flow, worth: Gain | None = None) -> Residual:
    """The residual graph of a plan, with lengths where it is given what each arc is worth."""
    arcs = Circulation.of(network)
    kg = arcs.with_hub(np.concatenate([flow.lane, flow.supply_held, flow.demand_held]))
    source, sink = arcs.hub, arcs.hub + 1
    tail, head = arcs.tail.astype(np.int64), arcs.head.astype(np.int64)
    head[head == arcs.hub] = sink
    length = np.zeros(arcs.arcs, dtype=np.int64) if worth is None else -arcs.gain(worth)
    # What the two ends of a lane could carry is no limit of its own: a lever may change the ends.
    room = arcs.capacity - kg
    room[: arcs.lanes] = network.lane_kg - kg[: arcs.lanes]
    more, less = room > 0, kg > 0
    return Residual(
        np.concatenate([tail[more], head[less]]),
        np.concatenate([head[more], tail[less]]),
        np.concatenate([room[more], kg[less]]),
        np.concatenate([length[more], -length[less]]),
        source,
        sink,
    )


def _closure(tail: Ints, head: Ints, nodes: int, start: int) -> Bools:
    reached = np.zeros(nodes, dtype=np.bool_)
    reached[start] = True
    while True:
        fresh = head[reached[tail] & ~reached[head]]
        if not len(fresh):
            return reached
        reached[fresh] = True
