"""What could still be moved in a plan, arc by arc, searched without the solver.

Nodes are the supply nodes of a market and, after them, its demand nodes. An arc is there if one
more kilogram could pass it: forward on a lane or silo with room, backward where something flows
that can be taken off again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matching.verify.claims import Claim
from matching.verify.exact import Bools, Ints, Whole
from matching.verify.market import Market

#: More than any order or silo can hold.
BEYOND_KG = 2**50


@dataclass(frozen=True, slots=True)
class Loads:
    """Kilograms of a claim on every lane of the book and every silo, and where more would fit.

    Attributes
    ----------
    lane
        Shape (lanes,).
    grows, shrinks
        Shape (lanes,): one more kilogram could be added, or one taken off; forbidden lanes neither.
    held, held_room
        Shape (supply nodes + demand nodes,): what is held on from each node, and how much more.
    holds
        Of that shape: whether the node is joined to the next one.
    """

    lane: Ints
    grows: Bools
    shrinks: Bools
    held: Ints
    held_room: Ints
    holds: Bools

    @classmethod
    def of(cls, market: Market, claim: Claim) -> "Loads":
        """Those of a claim; a match without a lane lies on none."""
        lanes, matches = market.lanes, claim.matches
        lane = np.zeros(len(lanes), dtype=np.int64)
        known = matches.lane >= 0
        np.add.at(lane, matches.lane[known], tame(matches.kg[known]))
        free, used = lanes.failed == 0, lane > 0
        undivided = market.single[lanes.supply]
        busy = np.bincount(lanes.supply[used], minlength=len(market.single)) > 0
        held = np.concatenate([tame(claim.supply_held), tame(claim.demand_held)])
        most = np.concatenate([market.supply.held_kg, market.demand.held_kg])
        return cls(
            lane,
            free & (lane < lanes.kg) & ~(undivided & busy[lanes.supply]),
            free & used & ~undivided & ((lane > lanes.min_kg) | (lanes.min_kg <= 1)),
            held,
            most - held,
            np.concatenate([market.supply.holds, market.demand.holds]),
        )


class Residual:
    """The arcs of a plan, for searches ahead and back."""

    def __init__(self, market: Market, loads: Loads, *, wide_silos: bool = False) -> None:
        lanes, first = market.lanes, len(market.supply.kg)
        self.nodes = len(loads.held)
        start, end = lanes.supply, lanes.demand + first
        on = np.flatnonzero(loads.holds & ((loads.held_room > 0) | wide_silos))
        back = np.flatnonzero(loads.holds & (loads.held > 0))
        grows, shrinks = loads.grows, loads.shrinks
        self.tail = np.concatenate([start[grows], end[shrinks], on, back + 1])
        self.head = np.concatenate([end[grows], start[shrinks], on + 1, back])

    def ahead(self, starts: Bools) -> Bools:
        """Everything a path from the marked nodes leads to, and these themselves."""
        return _flood(self.tail, self.head, starts)

    def back(self, ends: Bools) -> Bools:
        """Everything from which a path leads to the marked nodes, and these themselves."""
        return _flood(self.head, self.tail, ends)


def tame(kg: Whole) -> Ints:
    """Kilograms as 64-bit numbers: what lies beyond any order is named elsewhere, and cut here."""
    return np.clip(kg, -BEYOND_KG, BEYOND_KG).astype(np.int64)


def pieces(market: Market, loads: Loads, inside: Bools) -> Ints:
    """The least node of the connected piece of each marked node, −1 elsewhere.

    Pieces hang together by permitted lanes and by silos, whatever flows there.
    """
    lanes, first = market.lanes, len(market.supply.kg)
    free = lanes.failed == 0
    joined = np.flatnonzero(loads.holds)
    one = np.concatenate([lanes.supply[free], joined])
    two = np.concatenate([lanes.demand[free] + first, joined + 1])
    both = inside[one] & inside[two]
    label = np.arange(len(inside))
    for least, tail, head in _rounds(label, one[both], two[both]):
        np.minimum.at(label, label[tail], least)
        np.minimum.at(label, label[head], least)
        while (label[label] != label).any():
            label[:] = label[label]
    return np.where(inside, label, -1)


def _rounds(label: Ints, one: Ints, two: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
    """The pairs whose labels still differ and the lesser of the two, until there are none."""
    while True:
        apart = label[one] != label[two]
        one, two = one[apart], two[apart]
        if not len(one):
            return
        yield np.minimum(label[one], label[two]), one, two


def _flood(tail: Ints, head: Ints, starts: Bools) -> Bools:
    """One wave after another over arcs sorted by their tails."""
    order = np.argsort(tail, kind="stable")
    head = head[order]
    bounds = np.searchsorted(tail[order], np.arange(len(starts) + 1))
    seen, wave = starts.copy(), np.flatnonzero(starts)
    while len(wave):
        count = bounds[wave + 1] - bounds[wave]
        skip = np.repeat(bounds[wave] - np.cumsum(count) + count, count)
        met = np.unique(head[np.arange(len(skip)) + skip])
        wave = met[~seen[met]]
        seen[wave] = True
    return seen
