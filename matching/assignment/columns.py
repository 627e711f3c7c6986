"""The columns of the mixed-integer programme, and how a plan is written in them.

Lanes come first, then the held arcs of producers and of consumers, then switches. A lane whose
supply goes whole is a yes or no itself. A switch stands for a lane with a minimum, a pair with a
fixed cost or an order with an opening cost; a pair of one lane shares the switch of that lane.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matching.assignment.highs import Bools, Floats
from matching.assignment.measure import used_orders, used_pairs
from matching.assignment.parts import Parts
from matching.assignment.settle import Choice
from matching.network import Flow, Ints

#: Kilograms are counted in a unit such that no column passes this: floats hold what is left.
LARGEST = 1_000_000
#: Up to so many kilograms a lane, room that drying leaves is worth deciding to the kilogram.
FEW = 10_000
NONE = -1


@dataclass(frozen=True)
class Columns:
    """Where everything stands.

    Attributes
    ----------
    parts
        The component.
    unit
        Kilograms that one in a divisible column stands for.
    exact
        Whether some best plan has a whole number of units in every column.
    lane_switch, pair_switch, order_switch
        The column that says whether each is in use, or :data:`NONE`.
    count
        How many columns there are.
    """

    parts: Parts
    unit: float
    exact: bool
    lane_switch: Ints
    pair_switch: Ints
    order_switch: Ints
    count: int

    @classmethod
    def of(cls, parts: Parts, *, pays: bool) -> "Columns":
        """``pays`` where fixed and opening costs matter, at a level or by sums of margins."""
        first = parts.lanes + len(parts.network.supply_held) + len(parts.network.demand_held)
        open_lanes = parts.most > 0
        lane_switch, first = _number(open_lanes & (parts.least > 0) & ~parts.single, first)
        own = np.where(parts.single, np.arange(parts.lanes), lane_switch)
        shared = np.full(len(parts.lots.pair_fixed), NONE)
        shared[parts.lots.lane_pair] = own
        shared[~parts.pair_alone] = NONE
        fixed = (parts.lots.pair_fixed > 0) & pays
        pair_switch, first = _number(fixed & (shared == NONE), first)
        pair_switch = np.where(fixed & (shared != NONE), shared, pair_switch)
        order_switch, first = _number((parts.lots.open_cost > 0) & pays, first)
        return cls(parts, *_unit(parts), lane_switch, pair_switch, order_switch, first)

    @cached_property
    def scale(self) -> Floats:
        """Kilograms per one in each column that carries any, shape (lanes and held arcs,)."""
        parts = self.parts
        lane = np.where(parts.apart, 1.0, self.unit)
        mass = parts.network.supply_kg[parts.network.lane_supply]
        lane = np.where(parts.single, np.maximum(mass, 1), lane)
        held = len(parts.network.supply_held) + len(parts.network.demand_held)
        return np.concatenate([lane, np.full(held, self.unit)])

    @cached_property
    def whole(self) -> Bools:
        """Columns that are whole numbers, shape (columns,)."""
        whole = np.zeros(self.count, dtype=np.bool_)
        whole[: self.parts.lanes] = self.parts.single | self.parts.apart
        if self.parts.drying.any() and self.most[: len(self.scale)].max(initial=0) <= FEW:
            whole[: len(self.scale)] = True
        whole[len(self.scale) :] = True
        return whole

    @cached_property
    def most(self) -> Floats:
        """Upper bound of each column; the lower one is 0."""
        network = self.parts.network
        kg = np.concatenate([self.parts.most, network.supply_held_kg, network.demand_held_kg])
        switches = np.ones(self.count - len(kg))
        return np.concatenate([kg / self.scale, switches])

    def written(self, flow: Flow) -> Floats:
        """The columns of a plan."""
        kg = np.concatenate([flow.lane, flow.supply_held, flow.demand_held])
        columns = np.concatenate([kg / self.scale, np.zeros(self.count - len(kg))])
        for switch, used in (
            (self.lane_switch, flow.lane > 0),
            (self.pair_switch, used_pairs(self.parts, flow)),
            (self.order_switch, used_orders(self.parts, flow)),
        ):
            columns[switch[switch != NONE]] = used[switch != NONE]
        return columns

    def read(self, columns: Floats) -> tuple[Choice, Choice]:
        """What columns decide: with and without the kilograms no pure flow can decide.

        The first leaves to the flow what only a sum of margins binds: mostly it holds anyway.
        """
        parts = self.parts
        kg = np.rint(columns[: parts.lanes] * self.scale[: parts.lanes]).astype(np.int64)
        on = self._on(columns)
        settled = np.where(on, np.minimum(kg, parts.most), 0)
        kept, free = parts.single | parts.drying, np.where(on, parts.most, 0)
        least = np.where(on & (self.lane_switch != NONE), parts.least, 0)
        strict = kept | parts.apart
        return tuple(  # type: ignore[return-value]
            Choice(np.where(fixed, settled, least), np.where(fixed, settled, free))
            for fixed in (kept, strict)
        )

    def _on(self, columns: Floats) -> Bools:
        """Lanes whose switches are all on."""
        on = self.parts.most > 0
        of_lane = (
            self.lane_switch,
            self.pair_switch[self.parts.lots.lane_pair],
            self.order_switch[self.parts.lane_order],
        )
        for switch in of_lane:
            on &= (switch == NONE) | (columns[switch] > 0.5)
        return np.asarray(on & (~self.parts.single | (columns[: self.parts.lanes] > 0.5)))


def _number(wanted: Bools, first: int) -> tuple[Ints, int]:
    """Columns from ``first`` on for what is wanted, and the next free column."""
    numbers = np.where(wanted, first + np.cumsum(wanted) - 1, NONE)
    return numbers.astype(np.int64), first + int(wanted.sum())


def _unit(parts: Parts) -> tuple[float, bool]:
    """The greatest common part of all masses, or more where that leaves too long numbers."""
    network = parts.network
    flowing = ~parts.single & (parts.most > 0)
    masses = [network.supply_kg, network.demand_kg, network.supply_held_kg, network.demand_held_kg]
    masses += [parts.most[flowing], parts.least[flowing]]
    every = np.concatenate(masses)
    common = int(np.gcd.reduce(every)) if len(every) else 1
    if parts.drying.any() or parts.apart.any():
        common = 1 if flowing.any() else common
    largest = int(every.max(initial=1))
    exact = largest <= LARGEST * max(common, 1)
    return (max(common, 1) if exact else largest / LARGEST), exact


def common_factor(values: list[int]) -> int:
    """The greatest whole number that divides all; 1 where all are 0."""
    return math.gcd(*values) or 1
