"""Why a row of an order stands as it does, whom it meets, and what would place it.

For each field of its own (price, reach, tonnes, window) the least change that places all of the row
is found by solving the market again: of a large one first the part that the order can touch, then
the whole, at the change found and at one unit less.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from matching import lanes
from matching.faults import Fault, InputFaults
from matching.lanes import Book, Failed
from matching.levers.changes import FIELDS
from matching.levers.standing import Standing
from matching.levers.trials import Row
from matching.outcome import OrderResult, Outcome
from matching.problem import Problem, Side

#: Of the lanes of a row, so many are told: those that bring the most.
TOLD = 20
#: A market of so few lanes is solved whole rather than searched for a part.
SMALL = 2_000
#: What is said where no field of the row's own is enough.
NO_CHANGE = "no single change of its own"


def explain(
    problem: Problem, outcome: Outcome, side: Side | None, order_id: str, month: int | None = None
) -> dict[str, Any]:
    """What became of a row, in whole kilograms, metres and fen, and what would place it.

    Parameters
    ----------
    side
        Needed where both sides have an order of that id.
    month
        Which row of the order; needed where it has several.

    Raises
    ------
    InputFaults
        No row, or more than one, is meant.
    """
    line = _line(outcome, order_id, month, side)
    book = lanes.build(problem)
    row = Row(line.side, line.id, line.month)
    told = {
        **_told(line),
        "counterparts": _counterparts(book, outcome, row),
        "near": _near(problem, book, row),
    }
    if open_of(line):
        standing = _standing(problem, book, line)
        told["changes"] = {field: _change(field, standing) for field in FIELDS}
        if not any(told["changes"].values()):
            told["changes_note"] = NO_CHANGE
    return told


def least_changes(
    problem: Problem, lines: Iterable[OrderResult], field: str
) -> Iterator[dict[str, Any] | None]:
    """What ``explain`` tells of one field of some rows, each found when it is asked for.

    Parameters
    ----------
    field
        ``price``, ``reach``, ``tonnes`` or ``window``.
    """
    book = lanes.build(problem)
    return (_change(field, _standing(problem, book, line)) for line in lines)


def _line(outcome: Outcome, order_id: str, month: int | None, side: Side | None) -> OrderResult:
    """The one row that is meant."""
    of_id = [line for line in outcome.orders if line.id == order_id and side in (None, line.side)]
    meant = [line for line in of_id if month in (None, line.month)]
    if len(meant) == 1:
        return meant[0]
    values = {"id": order_id, "months": ", ".join(str(line.month) for line in of_id)}
    if not of_id:
        raise InputFaults([Fault("--order", None, None, "unknown_order", values)])
    if len({line.side for line in meant or of_id}) > 1:
        raise InputFaults([Fault("--side", None, None, "both_sides", values)])
    raise InputFaults([Fault("--month", None, None, "which_month", values)])


def _told(line: OrderResult) -> dict[str, Any]:
    """What the outcome says of a row."""
    return {
        "side": line.side.value,
        "id": line.id,
        "month": line.month,
        "kg": line.kg,
        "placed_kg": line.placed,
        "open_kg": open_of(line),
        "reason": line.reason.value,
        "detail": dict(line.detail),
    }


def _counterparts(book: Book, outcome: Outcome, row: Row) -> list[dict[str, Any]]:
    """The permitted lanes of the row's month, those that bring the most first."""
    there, node = book.nodes(row.side.opposite), row.node(book)
    own = book.lanes.ends(row.side) == node
    lane = np.flatnonzero(own & book.lanes.permitted)
    best = lane[np.argsort(-book.lanes.surplus[lane], kind="stable")][:TOLD]
    names = [there.ids[k] for k in there.order[book.lanes.ends(row.side.opposite)[best]].tolist()]
    shipped, left = _shipped(outcome, row), _left(outcome, row)
    columns = (names, book.lanes.cost[best].tolist(), book.lanes.surplus[best].tolist())
    return [
        {
            "id": name,
            "cost": cost,
            "surplus": surplus,
            "shipped_kg": shipped.get(name, 0),
            "open_kg": left.get(name, 0),
        }
        for name, cost, surplus in zip(*columns, strict=True)
    ]


def _shipped(outcome: Outcome, row: Row) -> dict[str, int]:
    """What the order trades with each counterpart in the row's month."""
    matches = [match for match in outcome.matches if match.month == row.month]
    if row.side is Side.SUPPLY:
        return {match.demand: match.kg for match in matches if match.supply == row.id}
    return {match.supply: match.kg for match in matches if match.demand == row.id}


def _left(outcome: Outcome, row: Row) -> dict[str, int]:
    """What each counterpart has open in the row's month."""
    there = row.side.opposite
    lines = [each for each in outcome.orders if (each.side, each.month) == (there, row.month)]
    return {each.id: open_of(each) for each in lines}


def open_of(line: OrderResult) -> int:
    """Kilograms of a row that are neither placed nor met from its own stock."""
    met = line.detail.get("from_stock", 0) if line.side is Side.DEMAND else 0
    return line.kg - line.placed - met


def _near(problem: Problem, book: Book, row: Row) -> list[dict[str, Any]]:
    """Whom the row may not trade with in its month, which rules failed and by how much."""
    found = lanes.near(problem, book, row.side, np.array([row.node(book)], dtype=np.int64))
    slack = ("price", "metres", "months", "kg")
    names = book.nodes(row.side.opposite).ids
    told = [
        {
            "id": names[int(found.other[k])],
            "month": int(found.month[k]) if book.horizon.dated else None,
            "failed": [str(rule.name).lower() for rule in Failed if found.failed[k] & rule],
            "short": {name: int(v) for name in slack if (v := getattr(found, name)[k])},
        }
        for k in range(len(found))
    ]
    return sorted(told, key=_by_slack)[:TOLD]


def _by_slack(near: dict[str, Any]) -> tuple[int, list[int], str]:
    """The fewest rules failed first, then the smallest lack."""
    return len(near["failed"]), [*near["short"].values()], near["id"]


def _standing(problem: Problem, book: Book, line: OrderResult) -> Standing:
    row = Row(line.side, line.id, line.month)
    return Standing(problem, book, row, line.kg - open_of(line), problem.horizon)


def _change(name: str, whole: Standing) -> dict[str, Any] | None:
    """The least change of one field, or ``None``."""
    small = len(whole.book.lanes) <= SMALL
    part = whole if small else whole.part(wider=name == "reach")
    field = FIELDS[name](part)
    found = field.least()
    if found is not None and part is not whole:
        field = FIELDS[name](whole)
        found = field.settled(found)
    return None if found is None else {"unit": field.unit, **field.told(found)}
