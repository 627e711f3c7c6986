"""A market as a network: what the flow, the assignment and the levers work on.

Nodes are (order, month). A supply node receives the kilograms of its row (and, on the first, the
opening stock); a demand node needs the kilograms of its row less what its own stock covers. Lanes
lead from supply nodes to demand nodes of the same month, and held arcs from a node to the next
month of the same order. Whatever is not shipped stays unplaced at no cost.

Every array is whole numbers. Kilograms times fen per tonne are thousandths of a fen.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.lanes import NO_LIMIT, Book, Lanes
from matching.problem import MILLI, Mode, Problem

__all__ = ["NO_LIMIT", "Flow", "Gain", "Lots", "Network", "Plan", "Proof", "gains", "holding", "of"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Gain:
    """What a kilogram on each arc adds to one level; what comes out is maximised.

    Attributes
    ----------
    lane
        Shape (lanes,); may be one number broadcast over all lanes.
    held
        Shape (supply held arcs,), never positive; a consumer's silo costs nothing.
    spends
        Whether fixed and opening costs count at this level; they do in ``surplus`` and ``cost``.
    """

    lane: Ints
    held: Ints
    spends: bool = False


@dataclass(frozen=True, slots=True)
class Lots:
    """The parts of a market that cannot be divided; absent from a pure flow.

    Attributes
    ----------
    single
        Shape (supply nodes,): the whole node goes over one lane, or nothing does.
    lane_min_kg
        Shape (lanes,): a lane carries nothing or at least this.
    lane_use_milli
        Shape (lanes,): thousandths of a kilogram of the demand's room a kilogram takes.
    lane_pair, pair_fixed
        Shape (lanes,) and (pairs,): the pair a lane belongs to, and thousandths of a fen paid once
        if any lane of the pair is used.
    demand_order, open_cost
        Shape (demand nodes,) and (demand orders,): the order a node belongs to, and thousandths of
        a fen paid once if the order takes anything.
    lane_margin
        Shape (lanes,): bid − ask − cost + support in market mode, where the margins of a pair must
        cover its fixed cost and those of a demand its fixed and open costs; ``None`` in plan mode.
    """

    single: Bools
    lane_min_kg: Ints
    lane_use_milli: Ints
    lane_pair: Ints
    pair_fixed: Ints
    demand_order: Ints
    open_cost: Ints
    lane_margin: Ints | None


@dataclass(frozen=True, slots=True)
class Network:
    """The arcs of a market. Lanes are in (supply node, demand node) order.

    Attributes
    ----------
    supply_kg, demand_kg
        Shapes (supply nodes,) and (demand nodes,), not negative.
    lane_supply, lane_demand, lane_kg
        Shape (lanes,): the two nodes, and the capacity or :data:`NO_LIMIT`.
    supply_held, supply_held_kg
        Shape (supply held arcs,): the node k from which goods may be held on to node k + 1, and
        how many kilograms. In order of k.
    demand_held, demand_held_kg
        The same for what a consumer takes ahead of need.
    lots
        What cannot be divided; ``None`` where everything can.
    """

    supply_kg: Ints
    demand_kg: Ints
    lane_supply: Ints
    lane_demand: Ints
    lane_kg: Ints
    supply_held: Ints
    supply_held_kg: Ints
    demand_held: Ints
    demand_held_kg: Ints
    lots: Lots | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A plan: kilograms on lanes and held arcs, in the order of the network's arrays."""

    lane: Ints
    supply_held: Ints
    demand_held: Ints


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves one level, as in :class:`matching.outcome.Level`, on the nodes of a network.

    Attributes
    ----------
    supply_dual, demand_dual
        Shapes (supply nodes,) and (demand nodes,), not negative.
    multipliers
        One per level before, not negative.
    claimed
        A tighter bound without proof, from a solver of indivisible parts.
    """

    value: int
    bound: int
    supply_dual: Ints
    demand_dual: Ints
    multipliers: tuple[int, ...]
    claimed: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A flow with one proof per level.

    Attributes
    ----------
    status
        ``optimal`` or ``feasible``; the latter where a level was cut short or has a gap.
    engine
        Name of what found it.
    iterations
        Iterations of the search over indivisible parts, 0 for a pure flow; a run with this budget
        finds this plan again.
    """

    flow: Flow
    proofs: tuple[Proof, ...]
    status: str
    engine: str
    iterations: int = 0


def of(problem: Problem, book: Book) -> Network:
    """The network of a problem's permitted lanes."""
    lanes = book.lanes.only(book.lanes.permitted)
    supply, demand = book.supply, book.demand
    return Network(
        supply_kg=supply.own_kg,
        demand_kg=demand.own_kg,
        lane_supply=lanes.supply,
        lane_demand=lanes.demand,
        lane_kg=lanes.kg,
        supply_held=supply.held,
        supply_held_kg=supply.held_kg[supply.held],
        demand_held=demand.held,
        demand_held_kg=demand.held_kg[demand.held],
        lots=_lots(problem, book, lanes),
    )


def gains(problem: Problem, book: Book, network: Network) -> list[Gain]:
    """What each level of the problem counts, first things first."""
    lanes = book.lanes.only(book.lanes.permitted)
    held = -holding(problem, book)
    levels = {
        "tonnes": lambda: Gain(_weights(problem, book, lanes), np.zeros_like(held)),
        "surplus": lambda: Gain(lanes.surplus, held, spends=True),
        "cost": lambda: Gain(-lanes.cost, held, spends=True),
    }
    return [levels[name]() for name in problem.settings.levels]


def holding(problem: Problem, book: Book) -> Ints:
    """Fen per tonne for holding goods over, on each held arc of the supply side."""
    return _of_rows([each.holding for each in problem.supplies], book)[book.supply.held]


def _of_rows(values: list[int], book: Book) -> Ints:
    """What holds for each supply node, from the rows of its order."""
    return np.array(values, dtype=np.int64)[book.supply.terms]


def _weights(problem: Problem, book: Book, lanes: Lanes) -> Ints:
    """Thousandths of a kilogram that a kilogram counts for."""
    weight = [each.weight_milli for each in problem.supplies]
    if all(each == MILLI for each in weight):
        return np.broadcast_to(np.int64(MILLI), (len(lanes),))
    return _of_rows(weight, book)[lanes.supply]


def _lots(problem: Problem, book: Book, lanes: Lanes) -> Lots | None:
    """What cannot be divided on any of these lanes, if anything cannot."""
    single = _single(problem, book)
    open_cost = _open_cost(problem, book)
    taken = np.unique(book.demand.order[lanes.demand])
    whole = (
        not single[lanes.supply].any()
        and not lanes.min_kg.any()
        and (lanes.use_milli == MILLI).all()
        and not lanes.pair_fixed[lanes.pair].any()
        and not open_cost[taken].any()
    )
    if whole:
        return None
    is_market = problem.settings.mode is Mode.MARKET
    return Lots(
        single=single,
        lane_min_kg=lanes.min_kg,
        lane_use_milli=lanes.use_milli,
        lane_pair=lanes.pair,
        pair_fixed=lanes.pair_fixed,
        demand_order=book.demand.order,
        open_cost=open_cost,
        lane_margin=lanes.surplus + problem.settings.support if is_market else None,
    )


def _single(problem: Problem, book: Book) -> Bools:
    """Whether each supply node goes whole or not at all."""
    single = np.array([each.single for each in problem.supplies], dtype=np.bool_)
    return single[book.supply.terms]


def _open_cost(problem: Problem, book: Book) -> Ints:
    """Thousandths of a fen per demand order."""
    row = book.demand.terms[book.demand.starts[:-1]]
    return np.array([each.open_fen * 1_000 for each in problem.demands], dtype=np.int64)[row]
