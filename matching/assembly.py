"""From a plan on arrays to the lines of an outcome: matches, silos and the certificate."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from matching import prices
from matching.files import problem_sha256
from matching.lanes import Book, Nodes
from matching.network import Flow
from matching.outcome import Certificate, Level, Match, Storage
from matching.prices import Posted
from matching.problem import Problem, Side
from matching.search import Proven

Ints = npt.NDArray[np.int64]


def matches(book: Book, flow: Flow, posted: Posted) -> tuple[Match, ...]:
    """One line per lane in use, in (supply, month, demand) order."""
    lanes = book.lanes.only(book.lanes.permitted)
    used = np.flatnonzero(flow.lane)
    supply, demand = lanes.supply[used], lanes.demand[used]
    columns = (
        [book.supply.ids[k] for k in book.supply.order[supply].tolist()],
        [book.demand.ids[k] for k in book.demand.order[demand].tolist()],
        flow.lane[used].tolist(),
        lanes.cost[used].tolist(),
        posted.support.tolist(),
        posted.producer.tolist(),
        posted.consumer.tolist(),
        _months(book, book.supply.month[supply]),
    )
    return tuple(Match(*line) for line in zip(*columns, strict=True))


def storage(problem: Problem, book: Book, flow: Flow) -> tuple[Storage, ...]:
    """One line per silo and month, producers first."""
    supply = _closing(book.supply, book.supply.held, flow.supply_held)
    demand = _closing(book.demand, book.demand.held, flow.demand_held)
    demand += _own_stock(problem, book.demand)
    return (
        *_silo_lines(problem, book.supply, Side.SUPPLY, supply),
        *_silo_lines(problem, book.demand, Side.DEMAND, demand),
    )


def certificate(problem: Problem, proven: Proven, lines: Sequence[Match]) -> Certificate:
    """Totals, and one proof per level over all blocks."""
    levels = tuple(_level(proven, k, name) for k, name in enumerate(problem.settings.levels))
    supply_block, demand_block = _blocks(proven)
    return Certificate(
        problem_sha256(problem), prices.totals(lines), levels, supply_block, demand_block
    )


def _months(book: Book, months: Ints) -> list[int] | list[None]:
    return months.tolist() if book.horizon.dated else [None] * len(months)


def _closing(nodes: Nodes, held: Ints, kg: Ints) -> Ints:
    closing = np.zeros(len(nodes), dtype=np.int64)
    closing[held] = kg
    return closing


def _own_stock(problem: Problem, nodes: Nodes) -> Ints:
    """What is left of a consumer's opening stock after each node."""
    used = np.cumsum(nodes.kg - nodes.own_kg)
    before = np.concatenate([np.zeros(1, dtype=np.int64), used])[nodes.starts[:-1]]
    stock = _stock(problem, nodes, Side.DEMAND)
    left: Ints = stock[nodes.order] - (used - before[nodes.order])
    return left


def _stock(problem: Problem, nodes: Nodes, side: Side) -> Ints:
    rows = nodes.terms[nodes.starts[:-1]]
    return np.array([each.stock_kg for each in problem.orders(side)], dtype=np.int64)[rows]


def _silo_lines(problem: Problem, nodes: Nodes, side: Side, closing: Ints) -> Iterator[Storage]:
    silo = np.array([each.silo_kg for each in problem.orders(side)], dtype=np.int64)
    opening = np.concatenate([np.zeros(1, dtype=np.int64), closing])[: len(closing)]
    opening[nodes.starts[:-1]] = _stock(problem, nodes, side)
    for k in np.flatnonzero(silo[nodes.terms] > 0).tolist():
        grown = int(closing[k] - opening[k])
        yield Storage(
            side=side,
            id=nodes.ids[nodes.order[k]],
            month=int(nodes.month[k]),
            opening=int(opening[k]),
            added=max(0, grown),
            drawn=max(0, -grown),
            closing=int(closing[k]),
        )


def _level(proven: Proven, level: int, name: str) -> Level:
    proofs = proven.blocks(level)
    claims = [p.bound if p.claimed is None else min(p.claimed, p.bound) for p in proofs]
    supply, demand = proofs[0].supply_dual.copy(), proofs[0].demand_dual.copy()
    for part, plan in proven.lots:
        supply[part.supply] = plan.proofs[level].supply_dual
        demand[part.demand] = plan.proofs[level].demand_dual
    return Level(
        name=name,
        value=sum(p.value for p in proofs),
        bound=sum(p.bound for p in proofs),
        supply_dual=tuple(supply.tolist()),
        demand_dual=tuple(demand.tolist()),
        multipliers=tuple(p.multipliers for p in proofs),
        claimed=sum(claims) if any(p.claimed is not None for p in proofs) else None,
    )


def _blocks(proven: Proven) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The block of each node: 0 for all that can be divided, then one per component that cannot."""
    if not proven.lots:
        return (), ()
    first = proven.divisible.proofs[0]
    supply, demand = np.zeros_like(first.supply_dual), np.zeros_like(first.demand_dual)
    for block, (part, _) in enumerate(proven.lots, start=1):
        supply[part.supply] = block
        demand[part.demand] = block
    return tuple(supply.tolist()), tuple(demand.tolist())
