"""Nodes that arcs join, and where each stands in its clump.

Hooking and pointer doubling, all arcs at once (Y. Shiloach, U. Vishkin, *An O(log n) parallel
connectivity algorithm*, J. Algorithms 3, 1982), with an offset beside each pointer.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Ends = npt.NDArray[np.signedinteger]


@dataclass(frozen=True, slots=True)
class Clumps:
    """The clump of each node.

    Attributes
    ----------
    root
        Shape (nodes,): the least node of the clump.
    offset
        Shape (nodes,): value of the node less that of its root.
    """

    root: Indices
    offset: Ints


def of(tail: Ends, head: Ends, nodes: int, step: Ints | None = None) -> Clumps:
    """The clumps that these arcs form, in few rounds.

    Parameters
    ----------
    step
        Shape (arcs,): value of the tail less that of the head; 0 by default. Where cycles do not
        agree, one of their arcs is not heeded.
    """
    root, offset = np.arange(nodes, dtype=np.int32), np.zeros(nodes, dtype=np.int64)
    step = np.zeros(len(tail), dtype=np.int64) if step is None else step
    while True:
        one, other = root[tail], root[head]
        apart = np.flatnonzero(one != other)
        if not len(apart):
            return Clumps(root, offset)
        tail, head, step = tail[apart], head[apart], step[apart]
        lift = step + offset[head] - offset[tail]
        parent, rise = _hooked(one[apart], other[apart], lift, nodes)
        offset += rise[root]
        root = parent[root]


def _hooked(one: Indices, other: Indices, lift: Ints, nodes: int) -> tuple[Indices, Ints]:
    """Each root's new root, and its value less the new one's: hooked on its least neighbour."""
    upper, lower = np.maximum(one, other), np.minimum(one, other)
    parent, rise = np.arange(nodes, dtype=np.int32), np.zeros(nodes, dtype=np.int64)
    np.minimum.at(parent, upper, lower)
    chosen = np.flatnonzero(lower == parent[upper])
    rise[upper[chosen]] = np.where(one > other, lift, -lift)[chosen]
    while True:
        further = parent[parent]
        if np.array_equal(further, parent):
            return parent, rise
        rise += rise[parent]
        parent = further
