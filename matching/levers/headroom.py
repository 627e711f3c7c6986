"""How many more tonnes a plan of the most tonnes could carry, were one thing changed.

In the residual graph of a plan of the most tonnes, A is what the source still reaches and B what
still leads to the sink; they share no node, or the plan could grow. A new arc from i to j therefore
adds min(F_A(i), F_B(j)): the most that can be brought to i, which runs inside A, and the most that
can be taken on from j, which runs inside B. Nothing else has to be solved again (L. R. Ford,
D. R. Fulkerson, *Flows in Networks*, 1962, ch. I).
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from matching.faults import EngineError
from matching.levers import residual
from matching.levers.residual import Residual
from matching.network import Flow, Network

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Headroom:
    """F_A and F_B of every node of a plan of the most tonnes, each computed when asked for."""

    def __init__(self, network: Network, flow: Flow) -> None:
        graph = residual.of(network, flow)
        self.supplies = len(network.supply_kg)
        self.graph = graph
        self.total = int(network.supply_kg.sum())
        reached, leading = graph.reached_from(graph.source), graph.leading_to(graph.sink)
        self._sides = (
            _Side(graph.within(reached), graph.source, self.total),
            _Side(_reversed(graph.within(leading)), graph.sink, self.total),
        )

    def into(self, node: int) -> int:
        """F_A: the most kilograms that could still be brought to a node."""
        return self._sides[0].to(node)

    def onward(self, node: int) -> int:
        """F_B: the most kilograms that could still be taken on from a node."""
        return self._sides[1].to(node)

    def bounds(self) -> tuple[Ints, Ints]:
        """What F_A and F_B cannot pass, shape (nodes,) each."""
        return self._sides[0].bound, self._sides[1].bound

    def of_lanes(self, lanes: Iterable[tuple[int, int]]) -> int:
        """What new lanes add together; pairs of a supply node and a demand node."""
        return self.of_arcs((i, self.supplies + j, self.total) for i, j in lanes)

    def of_arcs(self, arcs: Iterable[tuple[int, int, int]]) -> int:
        """What new arcs add together; each from a node to a node, with so many kilograms."""
        tail, head, room = np.array(list(arcs), dtype=np.int64).reshape(-1, 3).T
        graph = self.graph
        return _most(
            np.concatenate([graph.tail, tail]),
            np.concatenate([graph.head, head]),
            np.concatenate([np.minimum(graph.room, self.total), room]),
            graph.source,
            graph.sink,
        )


class _Side:
    """The most that flows from one root to any node of a graph that holds nothing else."""

    def __init__(self, graph: Residual, root: int, total: int) -> None:
        self.tail, self.head, self.root = graph.tail, graph.head, root
        self.room = np.minimum(graph.room, total)
        self.bound = np.minimum(_arriving(self.head, self.room, graph.nodes, total), total)
        self._known: dict[int, int] = {}

    def to(self, node: int) -> int:
        if not self.bound[node]:
            return 0
        if node not in self._known:
            self._known[node] = _most(self.tail, self.head, self.room, self.root, node)
        return self._known[node]


def _reversed(graph: Residual) -> Residual:
    return Residual(graph.head, graph.tail, graph.room, graph.length, graph.source, graph.sink)


def _arriving(head: Ints, room: Ints, nodes: int, total: int) -> Ints:
    """Room of all arcs into each node, cut at the total so that no sum can overflow."""
    share = np.minimum(room, total).astype(np.float64)
    arriving = np.bincount(head, weights=share, minlength=nodes)
    bound: Ints = np.minimum(np.ceil(arriving * (1 + 1e-9)), float(total)).astype(np.int64)
    return bound


def _most(tail: Ints, head: Ints, room: Ints, start: int, end: int) -> int:
    """The maximum flow between two nodes."""
    from ortools.graph.python.max_flow import SimpleMaxFlow  # noqa: PLC0415  (a slow import)

    solver = SimpleMaxFlow()
    solver.add_arcs_with_capacity(tail.astype(np.int32), head.astype(np.int32), room)
    status = solver.solve(start, end)
    if status != solver.OPTIMAL:
        raise EngineError(f"maximum flow ended as {status}")
    return int(solver.optimal_flow())
