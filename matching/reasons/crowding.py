"""Why a row with a permitted lane still has something open: lots, costs, silos, rivals, no room.

Every figure is a fact about the plan; ``matching/README.md`` lists them.
"""

from matching.lanes import Book
from matching.network import Flow, Network
from matching.outcome import Reason
from matching.problem import Problem, Side
from matching.reasons import regions, rivals, rooms
from matching.reasons.balance import Balance
from matching.reasons.extents import Extents
from matching.reasons.regions import Regions

Because = tuple[Reason, dict[str, int]]


class Crowding:
    """A plan seen from one side."""

    def __init__(
        self,
        problem: Problem,
        book: Book,
        network: Network,
        flow: Flow,
        balance: Balance,
        side: Side,
        found: Regions,
    ) -> None:
        self.found = found
        self.first = 0 if side is Side.SUPPLY else len(network.supply_kg)
        left = rooms.left(network, flow, balance)
        self.fits = left.nearest(left.supply if side is Side.SUPPLY else left.demand)
        self.rivals = rivals.count(problem, book, network, flow, side)
        self.extents = Extents(book, network, flow, balance, side, found.label)

    def because(self, node: int) -> Because:
        """The reason of one node whose row has a permitted lane and something open."""
        if node in self.fits:
            return self.fits[node]
        if self.found.room[node]:
            return Reason.COSTS, {"room_kg": 0, "unpaid_fen": 0}
        region = int(self.found.label[self.first + node])
        if self.found.beyond[node]:
            return Reason.SILO, self.extents.of(region) | self.extents.silos(region)
        if self.rivals[node]:
            return Reason.TIE, {"rivals": int(self.rivals[node])}
        return Reason.FULL, self.extents.of(region)


def both_sides(
    problem: Problem, book: Book, network: Network, flow: Flow, balance: Balance
) -> dict[Side, Crowding]:
    """A plan seen from each side."""
    found = regions.of(network, flow, balance)
    return {
        side: Crowding(problem, book, network, flow, balance, side, found[side]) for side in Side
    }
