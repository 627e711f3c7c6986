"""One price per order and month, where there is one.

Let margin = surplus + support be what the two sides of a lane share. Prices p at supply nodes and q
at demand nodes at which nobody would rather trade otherwise satisfy, on every permitted lane,
q − p ≤ cost − support, with equality where goods flow; p ≥ ask and q ≤ bid, with equality where
something is left open; and p(next month) − p ≤ holding, with equality where goods are held over.
With u = p − ask and v = bid − q these are the dual values of most Σ margin · kg (L. S. Shapley and
M. Shubik, *The assignment game I*, Int. J. Game Theory 1, 1971), so they exist exactly where the
plan reaches that, and q − p = cost − support holds on all used lanes only where none is full.

The prices of a component form a lattice of differences, so the floor of the midpoint of each
node's interval keeps every inequality above.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.network import Flow, Gain, Network
from matching.transport import components
from matching.transport.circulation import Circulation
from matching.transport.duals import Interval, Residual
from matching.transport.proofs import exact_dot

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OnePrice:
    """Prices of the nodes of the components that have one price per order and month.

    Attributes
    ----------
    producer, consumer
        Shapes (supply nodes,) and (demand nodes,), fen per tonne; 0 elsewhere.
    lane
        Shape (lanes,): whether a lane lies in such a component.
    components, trading
        How many of the components that trade have one, and how many trade.
    """

    producer: Ints
    consumer: Ints
    lane: Bools
    components: int
    trading: int


def one_price(network: Network, gain: Gain, flow: Flow, ask: Ints, bid: Ints) -> OnePrice:
    """The shadow prices of a plan.

    Parameters
    ----------
    gain
        Margin per lane, not negative, and −holding per held arc.
    ask, bid
        Shapes (supply nodes,) and (demand nodes,), fen per tonne.
    """
    best = components.solve(network, [gain]).flow
    producer, consumer = np.zeros_like(ask), np.zeros_like(bid)
    lane = np.zeros(len(flow.lane), dtype=np.bool_)
    count = trading = 0
    for part in components.split(network):
        own = part.flow(flow)
        if not own.lane.any():
            continue
        trading += 1
        found = _interval(part.network, part.gain(gain), own, part.flow(best))
        if found is not None:
            count += 1
            lane[part.lane] = True
            low, high = found.supply_low, found.supply_high
            producer[part.supply] = ask[part.supply] + _middle(low, high)
            low, high = found.demand_low, found.demand_high
            consumer[part.demand] = bid[part.demand] + _middle(-high, -low)
    return OnePrice(producer, consumer, lane, count, trading)


def _interval(network: Network, gain: Gain, flow: Flow, best: Flow) -> Interval | None:
    """The duals of one component; ``None`` where it has no price per order and month."""
    if network.lots is not None or _value(gain, flow) < _value(gain, best):
        return None
    circulation = Circulation.of(network)
    inner = np.concatenate([flow.lane, flow.supply_held, flow.demand_held])
    lanes = slice(0, circulation.lanes)
    full = circulation.bounded[lanes] & (flow.lane == circulation.capacity[lanes])
    if full.any():
        return None
    free = np.ones(circulation.arcs, dtype=np.bool_)
    residual = Residual(circulation, circulation.with_hub(inner), free)
    return residual.interval(circulation.gain(gain))


def _middle(low: Ints, high: Ints) -> Ints:
    """The floor of the midpoint; where one end is open, nothing trades at the node."""
    return (low + high) // 2


def _value(gain: Gain, flow: Flow) -> int:
    return exact_dot(gain.lane, flow.lane) + exact_dot(gain.held, flow.supply_held)
