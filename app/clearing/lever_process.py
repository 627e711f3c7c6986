"""The process that finds exact levers: `python -m app.clearing.lever_process`.

Each lever takes the engine several solves, so it runs apart like the solver itself. On standard
input it gets `problem` and `outcome` as the engine writes them, `rows` as pairs of order id and
month index, and `seconds`; on standard output it puts one limit in fen per tonne per row, null
where no price places the rest or the time was over.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any

from matching import least_changes, outcome_from_json, problem_from_json


def limits(asked: Mapping[str, Any]) -> Iterator[int | None]:
    """The limit that places the rest of each row, in the order of the rows."""
    end = monotonic() + asked["seconds"]
    problem = problem_from_json(json.dumps(asked["problem"]).encode())
    outcome = outcome_from_json(json.dumps(asked["outcome"]).encode())
    lines = {(line.id, line.month): line for line in outcome.orders}
    rows = [lines[order_id, month] for order_id, month in asked["rows"]]
    found = least_changes(problem, rows, "price")
    for _ in rows:
        change = next(found) if monotonic() < end else None
        yield None if change is None else change["to"]


if __name__ == "__main__":
    json.dump(list(limits(json.load(sys.stdin))), sys.stdout)
