"""What each order must at least give or take, because a level before leaves no room to drop it.

Where the plan has to place the most tonnes and all supplies fit, every supply ships all it has.
"""

from collections.abc import Sequence

import numpy as np

from matching.assignment.measure import dot
from matching.assignment.parts import Parts
from matching.network import Gain, Ints


def least_given(parts: Parts, gains: Sequence[Gain], floors: Sequence[int]) -> Ints:
    """Kilograms each supply node gives in every plan that reaches the floors."""
    network = parts.network
    if len(network.supply_held):
        return np.zeros_like(network.supply_kg)
    least = _least(network.supply_kg, network.lane_supply, parts.most, gains, floors)
    return np.where(parts.lots.single & (least > 0), network.supply_kg, least)


def least_taken(parts: Parts, gains: Sequence[Gain], floors: Sequence[int]) -> Ints:
    """Kilograms of its need each demand node covers in every plan that reaches the floors."""
    network = parts.network
    if len(network.demand_held) or parts.drying.any():
        return np.zeros_like(network.demand_kg)
    return _least(network.demand_kg, network.lane_demand, parts.most, gains, floors)


def implied(parts: Parts, gain: Gain, floor: int, least: Ints) -> bool:
    """Whether what supply nodes must give already brings a level to its floor."""
    if gain.spends or len(parts.network.supply_held):
        return False
    worst = np.full(len(least), np.iinfo(np.int64).max)
    np.minimum.at(worst, parts.network.lane_supply, gain.lane)
    given = least > 0
    return bool((worst[given] > 0).all() and dot(worst[given], least[given]) >= floor)


def _least(
    mass: Ints, node: Ints, most: Ints, gains: Sequence[Gain], floors: Sequence[int]
) -> Ints:
    """Each node's mass less what all nodes together may leave, at the best gain of its lanes."""
    least = np.zeros_like(mass)
    for gain, floor in zip(gains, floors, strict=False):
        best = np.zeros_like(mass)
        np.maximum.at(best, node, np.where(most > 0, gain.lane, 0))
        reach = sum(int(a) * int(b) for a, b in zip(best, mass, strict=True))
        spare = reach - floor
        paying = best > 0
        left = np.array([spare // int(g) for g in best[paying]], dtype=object)
        must = mass[paying].astype(object) - left
        least[paying] = np.maximum(least[paying], np.maximum(must, 0).astype(np.int64))
    return least
