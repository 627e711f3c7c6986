"""The process that prices the last tonne and tries investments.

Started as `python -m app.oversight.gap.process`. On standard input it gets the `problem` as the
engine writes it, the `scene` beside it, the `costs` of investments, the `matches` of the live run
and `seconds`; on standard output it puts the curve of least support with every breakpoint, its
steps at whole rates, and what investments add. The curve is always finished. An investment that the
time did not reach is left out, and `tried` says how many of the `candidates` were.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any

from app.catalogue.rules import Means, Per
from app.clearing.engine import run_apart
from app.oversight.gap.compass import (
    Candidate,
    Finding,
    Placed,
    candidates,
    finding,
    placed,
    planned,
)
from app.oversight.gap.costs import Cost
from app.oversight.gap.edits import edit_from_document, edit_to_document
from app.oversight.gap.scenes import Scene, scene_from_document, scene_to_document
from matching import Match, problem_from_json, problem_to_json
from matching.levers.frontier import Point, frontier
from matching.levers.steps import Step, Switch, steps

COMMAND = (sys.executable, "-m", "app.oversight.gap.process")
RATE_STEP_FEN = 500
MOST_STEPS = 60
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands between a run's market and its plan.

    Attributes
    ----------
    points
        The exact curve, every breakpoint; firms bear the cost of holding on it.
    held_fen
        What holding adds to the support of the last point where the public pays that too.
    steps
        The plans at whole rates, from the live run on.
    findings
        What investments add, in the order they were tried.
    """

    points: tuple[Point, ...]
    held_fen: int
    steps: tuple[Step, ...]
    plan: Placed
    findings: tuple[Finding, ...]
    tried: int
    candidates: int


def measure(
    scene: Scene,
    matches: Sequence[Match],
    costs: Mapping[Means, Cost],
    seconds: float = SECONDS,
    still_wanted: Any = lambda: None,
) -> Gap:
    """The gap of a scene, found in a process of its own; errors as `engine.solve_both`."""
    asked = {
        "problem": json.loads(problem_to_json(scene.problem)),
        "scene": scene_to_document(scene),
        "matches": [[each.supply, each.demand, each.month, each.kg] for each in matches],
        "costs": [asdict(cost) for cost in costs.values()],
        "seconds": seconds,
    }
    return gap_from_document(
        json.loads(run_apart(COMMAND, json.dumps(asked).encode(), still_wanted))
    )


def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The gap of what is asked, as plain values."""
    end = monotonic() + asked["seconds"]
    problem = problem_from_json(json.dumps(asked["problem"]).encode())
    scene = scene_from_document(problem, asked["scene"])
    curve = frontier(problem)
    paid = frontier(problem, points=2, pays_holding=True)
    base = planned(problem)
    costs = {cost.means: cost for cost in map(_cost, asked["costs"])}
    sought = candidates(scene, base, costs)
    tried = list(_tried(scene, placed(base), sought, costs, end))
    found = Gap(
        points=curve.points,
        held_fen=(paid.points[-1].support - curve.points[-1].support) // 1_000,
        steps=tuple(steps(problem, rates_of(curve.points), live=_live(asked["matches"]))),
        plan=placed(base),
        findings=tuple(each for each in tried if each is not None),
        tried=len(tried),
        candidates=len(sought),
    )
    return gap_to_document(found)


def rates_of(points: Sequence[Point]) -> list[int]:
    """Whole rates up to the first that places everything; wider steps where there would be many."""
    last = points[-1].slope
    width = RATE_STEP_FEN * max(1, -(-last // (RATE_STEP_FEN * MOST_STEPS)))
    return list(range(0, last + width, width))


def gap_to_document(gap: Gap) -> dict[str, Any]:
    """A gap as plain values, to be kept."""
    plain = asdict(gap)
    plain["findings"] = [
        {**asdict(each), "edit": edit_to_document(each.edit)} for each in gap.findings
    ]
    return plain


def gap_from_document(document: Mapping[str, Any]) -> Gap:
    """The gap that :func:`gap_to_document` wrote."""
    return Gap(
        points=tuple(Point(**each) for each in document["points"]),
        held_fen=document["held_fen"],
        steps=tuple(map(_step, document["steps"])),
        plan=Placed(**document["plan"]),
        findings=tuple(map(_finding, document["findings"])),
        tried=document["tried"],
        candidates=document["candidates"],
    )


def _tried(
    scene: Scene,
    base: Placed,
    sought: Iterable[Candidate],
    costs: Mapping[Means, Cost],
    end: float,
) -> Iterator[Finding | None]:
    """What the candidates add, in their order, while there is time."""
    for each in sought:
        if monotonic() >= end:
            return
        yield finding(scene, base, each, costs[each.means])


def _live(rows: Iterable[Sequence[Any]]) -> list[Match]:
    return [Match(supply, demand, kg, 0, 0, 0, 0, month) for supply, demand, month, kg in rows]


def _cost(row: Mapping[str, Any]) -> Cost:
    return Cost(**{**row, "means": Means(row["means"]), "per": Per(row["per"])})


def _step(row: Mapping[str, Any]) -> Step:
    return Step(**{**row, "switches": tuple(Switch(**each) for each in row["switches"])})


def _finding(row: Mapping[str, Any]) -> Finding:
    edit, means = edit_from_document(row["edit"]), Means(row["means"])
    return Finding(**{**row, "edit": edit, "means": means})


if __name__ == "__main__":
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
