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

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Capacity of a lane that has none of its own.
NO_LIMIT = 2**62


@dataclass(frozen=True, slots=True)
class Gain:
    """What a kilogram on each arc adds to one level; what comes out is maximised.

    Attributes
    ----------
    lane
        Shape (lanes,); may be one number broadcast over all lanes.
    held
        Shape (supply held arcs,), never positive; a consumer's silo costs nothing.
    """

    lane: Ints
    held: Ints


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
