"""Neighbourhoods of a plan: what is decided again while the rest stays as it is.

Large neighbourhood search (P. Shaw, *Using constraint programming and local search methods to
solve vehicle routing problems*, CP 1998). A neighbourhood is a few demand orders, chosen by a
generator seeded with the number of the round, with the lanes into them; the kilograms everywhere
may change, the switches elsewhere may not.
"""

from dataclasses import replace

import numpy as np

from matching.assignment import highs
from matching.assignment.columns import NONE, Columns
from matching.assignment.highs import Bools, Floats
from matching.assignment.model import Model
from matching.network import Flow

#: Whole columns a neighbourhood may free.
FREED = 400


def neighbourhood(columns: Columns, flow: Flow, number: int) -> Bools:
    """Columns that are decided again, shape (columns,)."""
    parts = columns.parts
    free = ~columns.whole
    orders = np.random.default_rng(number).permutation(len(parts.lots.open_cost))
    sizes = np.bincount(parts.lane_order[parts.most > 0], minlength=len(orders))[orders]
    chosen = np.zeros(len(orders), dtype=np.bool_)
    chosen[orders[: max(2, int(np.searchsorted(np.cumsum(sizes), FREED)))]] = True
    lanes = np.flatnonzero(chosen[parts.lane_order])
    free[lanes] = True
    for switch in (columns.lane_switch[lanes], columns.pair_switch[parts.lots.lane_pair[lanes]]):
        free[switch[switch != NONE]] = True
    opened = columns.order_switch[chosen]
    free[opened[opened != NONE]] = True
    return free


def restricted(
    model: Model, written: Floats, free: Bools, nodes: int, seconds: float | None
) -> Floats | None:
    """The best columns with all but the free ones as written; ``None`` where none are found."""
    programme = model.programme
    fixed = ~free
    settled = programme.rows[:, fixed] @ written[fixed]
    small = replace(
        programme,
        gain=programme.gain[free],
        rows=programme.rows[:, free],
        low=programme.low - settled,
        high=programme.high - settled,
        least=programme.least[free],
        most=programme.most[free],
        whole=programme.whole[free],
    )
    answer = highs.search(small, nodes, seconds)
    if answer.x is None:
        return None
    columns = written.copy()
    columns[free] = answer.x
    return columns
