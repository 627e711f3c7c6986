"""What the next tonne would cost: the least support that places so many tonnes.

Each lane may be used, and needs public money of max(0, ask + cost − bid) a tonne. C(T) is the least
total that places T tonnes of the divisible relaxation in all months together: in the months their
rows name, so that a kiln that stands still takes nothing, and through silos no larger than they
are. C is convex and piecewise linear, and every slope is a whole number of fen per tonne, because
it is the length of a shortest path in a residual graph of whole lengths (R. K. Ahuja,
T. L. Magnanti, J. B. Orlin, *Network Flows*, 1993, ch. 9).

Who pays for holding decides between two curves. The firms do, as in a market, whose lanes are
permitted whatever holding costs: then the tonnes of slope 0 are those a market without support
places. Or the public pays all of it beside the losses of the lanes. What is needed when firms bear
holding as far as their margins reach lies between the two.

For a whole λ, the flow that maximises Σ (2λ + 1 − 2 · loss) x carries exactly the tonnes whose
slope is at most λ: at λ + ½ nothing can tie. Between two known points whose chord has slope m, the
flow at ⌈m⌉ − 1 either lies strictly between them or proves that all between them is one segment. So
a curve of n segments takes 2n − 1 flows (M. J. Eisner, D. G. Severance, *J. ACM* 23, 1976).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matching.formats import tables
from matching.lanes import Book
from matching.levers import divisible, residual
from matching.network import Flow, Gain, Network, holding
from matching.problem import Problem
from matching.transport import components
from matching.transport import flow as min_cost
from matching.transport.circulation import Circulation
from matching.transport.proofs import exact_dot

Ints = npt.NDArray[np.int64]

#: Up to this many rows of orders all breakpoints are found unless points are asked for.
COMPLETE_ORDERS = 2_000
DEFAULT_POINTS = 50
COLUMNS = ("tonnes", "support_cny", "slope_cny_per_t", "lanes_on")


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the curve.

    Attributes
    ----------
    kg
        Tonnes placed, in kilograms.
    support
        C(T) in thousandths of a fen.
    slope
        What the last tonne placed needs, fen per tonne.
    lanes_on
        How many lanes the plan that reaches it uses.
    """

    kg: int
    support: int
    slope: int
    lanes_on: int


@dataclass(frozen=True, slots=True)
class Frontier:
    """The curve, or exact points of it.

    ``chord_error`` is the most, in thousandths of a fen, by which a straight line between two
    neighbouring points can lie above the curve; 0 where every breakpoint is among the points.
    """

    points: tuple[Point, ...]
    complete: bool
    chord_error: int


@dataclass(frozen=True, slots=True)
class Needs:
    """A market on which every lane is open, and the public money each arc needs.

    Attributes
    ----------
    worth
        What a kilogram on each arc adds: nothing, or less than nothing by what it needs in support.
    exact
        Whether nothing had to be divided that cannot be.
    """

    book: Book
    network: Network
    worth: Gain
    exact: bool


class Spot(NamedTuple):
    """An exact point, and the slope up to which its plan takes every tonne."""

    kg: int
    support: int
    lanes_on: int
    flow: Flow
    rate: int | None


class _Segment(NamedTuple):
    slope: int
    end: Spot


def frontier(
    problem: Problem, points: int | None = None, *, pays_holding: bool = False
) -> Frontier:
    """The curve of a problem: all breakpoints of a small one, or so many exact points.

    ``pays_holding`` is whether the public pays for holding too.
    """
    needs = needs_of(problem, pays_holding=pays_holding)
    if points is None and len(problem.supplies) + len(problem.demands) <= COMPLETE_ORDERS:
        return complete(needs.network, needs.worth)
    return sampled(needs.network, needs.worth, points or DEFAULT_POINTS)


def needs_of(problem: Problem, *, pays_holding: bool = False) -> Needs:
    """What each lane of a problem needs, and each month of holding if the public pays for it."""
    relaxed = divisible.of(problem, any_price=True)
    lanes = relaxed.book.lanes
    margin = lanes.surplus[lanes.permitted]
    held = -holding(problem, relaxed.book)
    worth = Gain(np.minimum(0, margin), held if pays_holding else np.zeros_like(held))
    return Needs(relaxed.book, relaxed.network, worth, relaxed.exact)


def to_csv(curve: Frontier) -> bytes:
    """``frontier.csv``: tonnes, CNY, CNY per tonne of the last tonne, lanes in use."""
    return tables.write(
        COLUMNS,
        [
            (
                tables.tonnes(point.kg),
                tables.plain((point.support + 500) // 1_000, 2),
                tables.plain(point.slope, 2),
                str(point.lanes_on),
            )
            for point in curve.points
        ],
    )


def complete(market: Network, worth: Gain) -> Frontier:
    """Every breakpoint; ``worth`` is that of :class:`Needs`, fen per tonne."""
    curves = [Curve(part.network, part.gain(worth)) for part in components.split(market)]
    starts = [curve.at(0) for curve in curves]
    segments = [
        (index, segment)
        for index, (curve, start) in enumerate(zip(curves, starts, strict=True))
        for segment in _segments(curve, start, curve.top())
    ]
    points = _merged(starts, segments)
    return Frontier(tuple(points), complete=True, chord_error=0)


def sampled(market: Network, worth: Gain, count: int) -> Frontier:
    """So many exact points, put where a straight line would be the most wrong."""
    curve = Curve(market, worth)
    spots = [curve.at(0), curve.top()]
    gaps: list[tuple[int, int, Spot, Spot]] = []

    def note(low: Spot, high: Spot) -> None:
        gap = _chord_error(low, high)
        if gap:
            heappush(gaps, (-gap, low.kg, low, high))

    note(*spots)
    while gaps and len(spots) < count:
        *_, low, high = heappop(gaps)
        middle = curve.at(_rate_between(low, high))
        if middle.kg > low.kg:
            spots.append(middle)
            note(low, middle)
            note(middle, high)
    worst = -gaps[0][0] if gaps else 0
    ordered = sorted(spots, key=lambda spot: (spot.kg, spot.support))
    kept = [low for low, high in pairwise(ordered) if low.kg < high.kg] + ordered[-1:]
    return Frontier(tuple(curve.point(spot) for spot in kept), complete=False, chord_error=worst)


class Curve:
    """Exact points of C(T) for one network."""

    def __init__(self, market: Network, worth: Gain) -> None:
        self.network, self.worth = market, worth
        self._arcs = Circulation.of(market)
        self._worth = self._arcs.gain(worth)

    def at(self, rate: int) -> Spot:
        """The plan of all tonnes whose slope is at most ``rate`` fen per tonne."""
        gain = 2 * self._worth
        gain[: self._arcs.lanes] += 2 * rate + 1
        free = np.ones(self._arcs.arcs, dtype=np.bool_)
        return self._spot(min_cost.best(self._arcs, gain, free, np.zeros_like(gain)), rate)

    def top(self) -> Spot:
        """The cheapest plan of the most tonnes."""
        return self._spot(min_cost.most_then_best(self._arcs, self._worth), None)

    def point(self, spot: Spot) -> Point:
        """The point with the slope of its last tonne, read off the residual graph."""
        graph = residual.of(self.network, spot.flow, self.worth)
        back = graph.distance(graph.sink, graph.source)
        return Point(spot.kg, spot.support, -(back or 0), spot.lanes_on)

    def _spot(self, kg: Ints, rate: int | None) -> Spot:
        flow = self._arcs.flow(kg)
        lanes_on = int(np.count_nonzero(flow.lane))
        return Spot(int(flow.lane.sum()), -exact_dot(self._worth, kg), lanes_on, flow, rate)


def _segments(curve: Curve, start: Spot, top: Spot) -> Iterator[_Segment]:
    """The straight pieces between two points, from the left."""
    waiting = [(start, top)]
    while waiting:
        low, high = waiting.pop()
        if low.kg == high.kg:
            continue
        middle = curve.at(_rate_between(low, high))
        if middle.kg == low.kg:
            yield _Segment(_slope(low, high), high)
        else:
            waiting += [(middle, high), (low, middle)]


def _merged(starts: Sequence[Spot], segments: Iterable[tuple[int, _Segment]]) -> Iterator[Point]:
    """The cheapest segments of all parts first; pieces of one slope make one point."""
    kg, support = sum(spot.kg for spot in starts), 0
    lanes_on = [spot.lanes_on for spot in starts]
    reached = [spot.kg for spot in starts]
    yield Point(kg, 0, 0, sum(lanes_on))
    in_order = sorted(segments, key=lambda each: (each[1].slope, each[0]))
    for slope, group in groupby(in_order, key=lambda each: each[1].slope):
        for part, (_, end) in group:
            kg += end.kg - reached[part]
            support += slope * (end.kg - reached[part])
            reached[part], lanes_on[part] = end.kg, end.lanes_on
        yield Point(kg, support, slope, sum(lanes_on))


def _rate_between(low: Spot, high: Spot) -> int:
    """The greatest whole rate below the chord: it splits the two unless they share a segment."""
    return -((low.support - high.support) // (high.kg - low.kg)) - 1


def _slope(low: Spot, high: Spot) -> int:
    return (high.support - low.support) // (high.kg - low.kg)


def _chord_error(low: Spot, high: Spot) -> int:
    """The most the chord can lie above the curve, given the tangents known at both ends."""
    kg, rise = high.kg - low.kg, high.support - low.support
    if not kg or low.rate is None:
        return 0
    above_low = rise - (low.rate + 1) * kg
    if high.rate is None:
        return above_low
    below_high = high.rate * kg - rise
    spread = (high.rate - low.rate - 1) * kg
    return above_low * below_high // spread if spread else 0
