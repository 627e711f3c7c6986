"""Which kilograms flow once it is decided which lanes are in use: a pure flow, solved exactly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.assignment.circle import Circle, best
from matching.assignment.parts import WHOLE, Parts
from matching.network import Flow, Gain, Ints, Network


@dataclass(frozen=True, slots=True)
class Choice:
    """Bounds on every lane, shape (lanes,): what has been decided about the indivisible parts.

    Lanes that take other room than they carry have equal bounds.
    """

    low: Ints
    high: Ints


def settle(parts: Parts, gains: Sequence[Gain], choice: Choice) -> Flow | None:
    """The best flow within a choice, level after level; ``None`` where none fits.

    Fixed and opening costs are taken as decided. Sums of margins are not looked at.
    """
    network = parts.network
    ahead = np.where(parts.drying, choice.low, 0)
    kg = best(_circle(parts, choice, ahead), [arc_gain(network, gain) for gain in gains])
    if kg is None:
        return None
    lanes, held = parts.lanes, len(network.supply_held)
    onward = lanes + held + len(network.demand_held)
    return Flow(kg[:lanes] + ahead, kg[lanes : lanes + held], kg[lanes + held : onward])


def arc_gain(network: Network, gain: Gain) -> Ints:
    """A level's gain on every arc of :func:`ends`, shape (arcs,)."""
    lanes, held = len(network.lane_supply), len(network.supply_held)
    values = np.zeros(len(ends(network)[0]), dtype=np.int64)
    values[:lanes] = gain.lane
    values[lanes : lanes + held] = gain.held
    return values


def ends(network: Network) -> tuple[Ints, Ints]:
    """Tail and head of the lanes, the held arcs of both sides, hub → supply, demand → hub."""
    supplies, demands = len(network.supply_kg), len(network.demand_kg)
    hub = supplies + demands
    near, far = np.arange(supplies), np.arange(supplies, hub)
    onward = network.demand_held + supplies
    tail = [network.lane_supply, network.supply_held, onward, np.full(supplies, hub), far]
    head = [network.lane_demand + supplies, network.supply_held + 1, onward + 1, near]
    return np.concatenate(tail), np.concatenate([*head, np.full(demands, hub)])


def _circle(parts: Parts, choice: Choice, ahead: Ints) -> Circle:
    """Bounds on every arc; ``ahead`` leaves its supply and arrives in room, outside the flow.

    A kilogram of room that is begun counts whole, for use and in the silo alike.
    """
    network = parts.network
    supplies, hub = len(network.supply_kg), len(network.supply_kg) + len(network.demand_kg)
    arriving = np.zeros(len(network.demand_kg), dtype=np.int64)
    np.add.at(arriving, network.lane_demand, ahead * parts.lots.lane_use_milli)
    tail, head = ends(network)
    held = [network.supply_held_kg, network.demand_held_kg]
    high = np.concatenate([choice.high - ahead, *held, network.supply_kg, network.demand_kg])
    low = np.zeros_like(high)
    low[: parts.lanes] = choice.low - ahead
    added = np.zeros(hub + 1, dtype=np.int64)
    np.subtract.at(added, network.lane_supply, ahead)
    added[supplies:hub] += -(-arriving // WHOLE)
    added[hub] = -added[:hub].sum()
    return Circle(tail, head, low, high, added)
