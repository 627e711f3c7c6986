"""Neighbourhoods of a plan: what is decided again while the rest stays as it is.

Large neighbourhood search (P. Shaw, *Using constraint programming and local search methods to
solve vehicle routing problems*, CP 1998). A neighbourhood is a few demand orders that share
supplies, or a few supply nodes that share consumers, chosen by a generator seeded with the number
of the round; the kilograms everywhere may change, the switches elsewhere may not.
"""

from dataclasses import replace

import numpy as np

from matching.assignment import highs
from matching.assignment.columns import NONE, Columns
from matching.assignment.highs import Answer, Bools, Floats
from matching.assignment.model import Model
from matching.assignment.parts import Parts
from matching.network import Flow, Ints

#: Lanes a neighbourhood may free, and shares of all lanes that it may, in turn.
FREED = (300, 600, 1_200)
SHARES = (0.4, 0.55, 0.7)


def neighbourhood(columns: Columns, flow: Flow, number: int) -> Bools:
    """Columns that are decided again, shape (columns,)."""
    parts = columns.parts
    draw = np.random.default_rng(number)
    supply, order = parts.network.lane_supply, parts.lane_order
    size = number // 2 % len(SHARES)
    enough = min(FREED[size], int(SHARES[size] * np.count_nonzero(parts.most)))
    if number % 2:
        lanes = _grown(draw, parts, (supply, order), np.full(parts.lanes, NONE), enough)
    else:
        lanes = _grown(draw, parts, (order, supply), _place(parts, flow), enough)
    return _with_switches(columns, lanes)


def _place(parts: Parts, flow: Flow) -> Ints:
    """The demand order that a lane's whole lot goes to, or :data:`NONE`, shape (lanes,)."""
    place = np.full(len(parts.network.supply_kg), NONE)
    used = parts.single & (flow.lane > 0)
    place[parts.network.lane_supply[used]] = parts.lane_order[used]
    return np.asarray(place[parts.network.lane_supply])


def _grown(
    draw: np.random.Generator, parts: Parts, sides: tuple[Ints, Ints], place: Ints, enough: int
) -> Bools:
    """Lanes of a few groups of the first side, each joined to those before over the second.

    A whole lot that lies at a group not chosen cannot move, so its lanes do not count.
    """
    group, other = sides
    able = parts.most > 0
    chosen = np.zeros(int(group.max(initial=0)) + 1, dtype=np.bool_)
    reached = np.ones(int(other.max(initial=0)) + 1, dtype=np.bool_)
    lanes = np.zeros(parts.lanes, dtype=np.bool_)
    while True:
        next_to = np.unique(group[able & reached[other] & ~chosen[group]])
        if not len(next_to):
            return lanes
        chosen[draw.choice(next_to)] = True
        grown = able & chosen[group] & ((place == NONE) | chosen[place])
        if int(grown.sum()) > enough and lanes.any():
            return lanes
        lanes = grown
        reached = np.zeros_like(reached)
        reached[other[able & chosen[group]]] = True


def _with_switches(columns: Columns, lanes: Bools) -> Bools:
    """The lanes, all their switches, and everything that is not a whole number."""
    lots = columns.parts.lots
    free = ~columns.whole
    free[: columns.parts.lanes] |= lanes | ~columns.parts.single
    for switch in (
        columns.lane_switch[lanes],
        columns.pair_switch[lots.lane_pair[lanes]],
        columns.order_switch[columns.parts.lane_order[lanes]],
    ):
        free[switch[switch != NONE]] = True
    return free


def restricted(
    model: Model, written: Floats, free: Bools, nodes: int, seconds: float | None
) -> Answer:
    """The best columns with all but the free ones as written; its bound is not the whole's."""
    programme = model.programme
    fixed = ~free
    settled = programme.rows[:, fixed] @ written[fixed]
    rows = programme.rows[:, free]
    touched = np.diff(rows.indptr) > 0
    small = replace(
        programme,
        gain=programme.gain[free],
        rows=rows[touched],
        low=(programme.low - settled)[touched],
        high=(programme.high - settled)[touched],
        least=programme.least[free],
        most=programme.most[free],
        whole=programme.whole[free],
    )
    answer = highs.search(small, nodes, seconds)
    if answer.x is None:
        return answer
    columns = written.copy()
    columns[free] = answer.x
    return replace(answer, x=columns)
