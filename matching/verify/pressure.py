"""Whether a plan is full around a row: the saturated region it lies in, and its equal rivals."""

from functools import cached_property

import numpy as np

from matching.lanes import Book
from matching.problem import Side
from matching.verify.exact import Bools, Ints
from matching.verify.market import Market
from matching.verify.residual import Loads, Residual, pieces


class Pressure:
    """A plan around the open kilograms of one side.

    Attributes
    ----------
    eased, eased_by_silos
        Shape (nodes of the side,): a kilogram from there could still be moved to an open one of the
        other side; and the same were no silo limited.
    """

    def __init__(
        self, book: Book, market: Market, loads: Loads, open_kg: dict[Side, Ints], side: Side
    ) -> None:
        self.book, self.market, self.loads, self.side = book, market, loads, side
        self.open_kg = open_kg[side]
        self.first = len(market.supply.kg)
        nothing = {each: np.zeros(len(open_kg[each]), dtype=np.bool_) for each in Side}
        self.mine, self.theirs = (
            np.concatenate([(open_kg[each] > 0) if each is at else nothing[each] for each in Side])
            for at in (side, side.opposite)
        )
        self.eased = self._eased(Residual(market, loads))
        self.eased_by_silos = self._eased(Residual(market, loads, wide_silos=True))

    def region(self, node: int) -> dict[str, int]:
        """The size, shortage and full lanes of the saturated region of one node."""
        piece = int(self._piece[self._at(node)])
        told = {
            "region_demands": self._orders[Side.DEMAND].get(piece, 0),
            "region_supplies": self._orders[Side.SUPPLY].get(piece, 0),
            "shortage_kg": self._shortage[piece],
        }
        full_lanes = int(self._lanes_out[piece])
        return told | {"full_lanes": full_lanes} if full_lanes else told

    def silos(self, node: int) -> dict[str, int]:
        """How many full silos bound the saturated region of one node."""
        return {"full_silos": int(self._silos_out[int(self._piece[self._at(node)])])}

    @cached_property
    def rivals(self) -> Ints:
        """Per node, with how many counterparts an equally good kilogram of another order stands."""
        lanes, loads = self.market.lanes, self.loads
        plain = np.flatnonzero((lanes.failed == 0) & self._exchangeable())
        worth = np.column_stack([column[plain] for column in self._worth()])
        order = np.lexsort(worth.T)
        changes = (worth[order][1:] != worth[order][:-1]).any(axis=1)
        kind = np.zeros(len(plain), dtype=np.int64)
        kind[order] = np.concatenate([np.zeros(min(1, len(order)), np.int64), np.cumsum(changes)])
        used = loads.lane[plain] > 0
        others = np.bincount(kind[used], minlength=len(plain))[kind] - used
        tied = (others > 0) & (loads.lane[plain] < lanes.kg[plain])
        return np.bincount(lanes.ends(self.side)[plain[tied]], minlength=len(self.open_kg))

    def _at(self, node: int) -> int:
        return node if self.side is Side.SUPPLY else node + self.first

    def _eased(self, residual: Residual) -> Bools:
        supply = self.side is Side.SUPPLY
        reached = residual.back(self.theirs) if supply else residual.ahead(self.theirs)
        return reached[: self.first] if supply else reached[self.first :]

    @cached_property
    def _piece(self) -> Ints:
        """The saturated regions: what is reached from this side's open nodes, and is not eased."""
        residual = Residual(self.market, self.loads)
        if self.side is Side.SUPPLY:
            inside = residual.ahead(self.mine) & ~residual.back(self.theirs)
        else:
            inside = residual.back(self.mine) & ~residual.ahead(self.theirs)
        return pieces(self.market, self.loads, inside)

    @cached_property
    def _orders(self) -> dict[Side, dict[int, int]]:
        halves = {Side.SUPPLY: self._piece[: self.first], Side.DEMAND: self._piece[self.first :]}
        found: dict[Side, dict[int, int]] = {}
        for side, piece in halves.items():
            met = set(zip(piece.tolist(), self.book.nodes(side).order.tolist(), strict=True))
            found[side] = {}
            for each, _ in met:
                found[side][each] = found[side].get(each, 0) + 1
        return found

    @cached_property
    def _shortage(self) -> dict[int, int]:
        mine = self._piece[: self.first] if self.side is Side.SUPPLY else self._piece[self.first :]
        found: dict[int, int] = {}
        for piece, kg in zip(mine.tolist(), self.open_kg.tolist(), strict=True):
            found[piece] = found.get(piece, 0) + kg
        return found

    @cached_property
    def _lanes_out(self) -> Ints:
        lanes = self.market.lanes
        full = (lanes.failed == 0) & (self.loads.lane >= lanes.kg)
        return self._out(lanes.supply[full], lanes.demand[full] + self.first)

    @cached_property
    def _silos_out(self) -> Ints:
        full = np.flatnonzero(self.loads.holds & (self.loads.held_room <= 0))
        return self._out(full, full + 1)

    def _out(self, tail: Ints, head: Ints) -> Ints:
        """Per piece, how many of these arcs lead out of it; into it where demands are told."""
        here, there = (tail, head) if self.side is Side.SUPPLY else (head, tail)
        leaving = (self._piece[here] >= 0) & (self._piece[here] != self._piece[there])
        return np.bincount(self._piece[here][leaving], minlength=len(self._piece))

    def _exchangeable(self) -> Bools:
        """Lanes on which one kilogram can stand for another."""
        lanes, market = self.market.lanes, self.market
        tied_up = market.single[lanes.supply] | (lanes.min_kg > 1)
        tied_up = tied_up | (lanes.pair_fixed[lanes.pair] > 0)
        if self.side is Side.DEMAND:
            tied_up = tied_up | (market.open_cost[market.demand_order[lanes.demand]] > 0)
        return ~tied_up

    def _worth(self) -> list[Ints]:
        """The counterpart of each lane, the room it takes, and its gain at each level."""
        lanes = self.market.lanes
        gain = {
            "tonnes": self.market.weight_milli[lanes.supply],
            "surplus": lanes.surplus,
            "cost": lanes.cost,
        }
        levels = [gain[level] for level in self.market.settings.levels]
        return [lanes.ends(self.side.opposite), lanes.use_milli, *levels]
