"""Which trades switch on and off as public money rises: plans along the curve of least support.

At a rate, every tonne is placed whose slope on the curve of :mod:`.frontier` is at most that. Many
plans may do so for the same support. Told is the one that changes the fewest kilograms from the
plan before, so that a trade is named only where it has to move: of two copies of a lane, one as
large as what it carried, the kilograms on the first count one more, after all gains were multiplied
by more than any cycle has arcs.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matching.levers.frontier import Needs, complete, needs_of
from matching.network import Gain, Network
from matching.outcome import Match
from matching.problem import Problem
from matching.transport import flow as min_cost
from matching.transport.circulation import Circulation
from matching.transport.proofs import exact_dot

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Switch:
    """What a trade carries in a month before and after a step, kilograms.

    ``need`` is the support a tonne of it takes, fen per tonne.
    """

    supply: str
    demand: str
    month: int | None
    kg_before: int
    kg_after: int
    need: int


@dataclass(frozen=True, slots=True)
class Step:
    """The plan of all tonnes whose slope is at most ``rate``, fen per tonne.

    ``kg`` and ``support`` (thousandths of a fen) are those of the whole plan, the switches what
    changes from the plan of the step before.
    """

    rate: int
    kg: int
    support: int
    switches: tuple[Switch, ...]


def steps(
    problem: Problem,
    rates: Iterable[int] | None = None,
    *,
    live: Sequence[Match] = (),
    pays_holding: bool = False,
) -> list[Step]:
    """The steps at these rates, lowest first, or at every slope of the curve.

    Parameters
    ----------
    live
        What is carried before the first step; nothing by default.
    pays_holding
        As in :func:`.frontier.frontier`.
    """
    needs = needs_of(problem, pays_holding=pays_holding)
    asked = _slopes(needs) if rates is None else rates
    return list(_Stairs(needs).climb(sorted(set(asked)), live))


def _slopes(needs: Needs) -> list[int]:
    return [point.slope for point in complete(needs.network, needs.worth).points]


class _Stairs:
    """Plans of one market at rising rates, each as near as can be to the one before."""

    def __init__(self, needs: Needs) -> None:
        self._needs, self._lanes = needs, len(needs.network.lane_supply)
        self._names = _Names(needs)

    def climb(self, rates: Iterable[int], live: Sequence[Match]) -> Iterator[Step]:
        before = self._names.carried(live)
        for rate in rates:
            after, held = self._plan(rate, before)
            worth = self._needs.worth
            support = -exact_dot(worth.lane, after) - exact_dot(worth.held, held)
            yield Step(rate, int(after.sum()), support, self._names.switches(before, after))
            before = after

    def _plan(self, rate: int, before: Ints) -> tuple[Ints, Ints]:
        """Kilograms on the lanes and the held arcs of producers."""
        market, worth = _in_two(self._needs.network, before), self._needs.worth
        arcs = Circulation.of(market)
        lane = 2 * worth.lane + 2 * rate + 1
        gain = arcs.gain(Gain(np.concatenate([lane, lane]), 2 * worth.held)) * (arcs.nodes + 1)
        gain[: self._lanes] += 1
        free = np.ones(arcs.arcs, dtype=np.bool_)
        flow = arcs.flow(min_cost.best(arcs, gain, free, np.zeros_like(gain)))
        kept, more = np.split(flow.lane, 2)
        return kept + more, flow.supply_held


def _in_two(market: Network, carried: Ints) -> Network:
    """Every lane as two: as much as it carried, and what else there is room for."""
    kept = np.minimum(carried, market.lane_kg)
    return replace(
        market,
        lane_supply=np.tile(market.lane_supply, 2),
        lane_demand=np.tile(market.lane_demand, 2),
        lane_kg=np.concatenate([kept, market.lane_kg - kept]),
    )


class _Names:
    """The lanes of a market by the ids of their orders and their month."""

    def __init__(self, needs: Needs) -> None:
        book, market = needs.book, needs.network
        supply, demand = book.supply, book.demand
        self._lanes: list[tuple[str, str, int | None]] = [
            (
                supply.ids[supply.order[start]],
                demand.ids[demand.order[end]],
                int(supply.month[start]) if book.horizon.dated else None,
            )
            for start, end in zip(market.lane_supply, market.lane_demand, strict=True)
        ]
        self._need: Ints = -needs.worth.lane

    def carried(self, matches: Iterable[Match]) -> Ints:
        """Kilograms of these matches on each lane."""
        kg = {(match.supply, match.demand, match.month): match.kg for match in matches}
        return np.array([kg.get(name, 0) for name in self._lanes], dtype=np.int64)

    def switches(self, before: Ints, after: Ints) -> tuple[Switch, ...]:
        return tuple(
            Switch(*self._lanes[lane], int(before[lane]), int(after[lane]), int(self._need[lane]))
            for lane in np.flatnonzero(before != after).tolist()
        )
