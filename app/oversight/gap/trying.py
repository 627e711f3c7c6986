"""Solving a scenario, and what officials read of it beside the live run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.clearing.engine import as_plan, month_at, solve_both, verified
from app.clearing.quality import material_of
from app.companies.rules import GroupKey
from app.oversight.gap.edits import edit_from_document, edited
from app.oversight.gap.scenes import Scene
from app.oversight.rules import Traded, told_market
from matching import Outcome, Problem, problem_to_json

Document = dict[str, Any]

ADDED: GroupKey = ("added", 0)
"""Whoever would run a line that a scenario adds."""


def tried(
    scene: Scene,
    live: tuple[Outcome, Outcome],
    edits: Iterable[Mapping[str, Any]],
    owners: Mapping[str, GroupKey],
    still_wanted: Callable[[], None] = lambda: None,
) -> tuple[bytes, Document]:
    """A solved scenario: what is sealed of it, and what officials read.

    Parameters
    ----------
    live
        What the run's market and its plan gave.
    owners
        By order id; a line that the scenario adds has none and counts as one of its own.

    Raises
    ------
    NotInScene
        An edit names what the market does not have.
    SolverFailed
        The engine ended badly.
    """
    after = edited(scene, map(edit_from_document, edits))
    answers = solve_both(after.problem, still_wanted=still_wanted)
    market = verified(after.problem, answers[0].outcome)
    plan = verified(as_plan(after.problem), answers[1].outcome)
    box = {
        "problem": json.loads(problem_to_json(after.problem)),
        "market": json.loads(answers[0].outcome),
        "plan": json.loads(answers[1].outcome),
    }
    plain = json.dumps(box, separators=(",", ":"), sort_keys=True).encode()
    return plain, _shown(scene, live, after, (market, plan), owners)


def _shown(
    scene: Scene,
    live: tuple[Outcome, Outcome],
    after: Scene,
    new: tuple[Outcome, Outcome],
    owners: Mapping[str, GroupKey],
) -> Document:
    """By material, and by month for the plan; masses in kg."""
    names = _materials(scene.problem)
    offered = _offered(scene.problem)
    market_before, plan_before = (_by_material(outcome, names) for outcome in live)
    plan_after = _by_material(new[1], names)
    told = _told(live[0], new[0], names, owners)
    rows = [
        {
            "material": material,
            "offered_kg": offered[material],
            "market_before_kg": market_before[material],
            "market_after_kg": told[material],
            "plan_before_kg": plan_before[material],
            "plan_after_kg": plan_after[material],
        }
        for material in sorted(offered)
    ]
    before, now = (_by_month(outcome, scene) for outcome in (live[1], new[1]))
    months = [
        {"month": month.isoformat(), "before_kg": before[month], "after_kg": now[month]}
        for month in scene.months
    ]
    targets = {"before_milli": scene.target_milli, "after_milli": after.target_milli}
    return {"rows": rows, "months": months, "target": targets}


def _told(
    before: Outcome, after: Outcome, names: Mapping[str, str], owners: Mapping[str, GroupKey]
) -> dict[str, int | None]:
    """What the market places of each material, where its change may be told."""
    kg = _by_material(after, names)
    changed: dict[str, list[Traded]] = {material: [] for material in names.values()}
    for (supply, demand), more in _changes(before, after).items():
        one = Traded(owners[supply], owners.get(demand, ADDED), names[supply], more)
        changed[one.material].append(one)
    return {material: told_market(kg[material], found) for material, found in changed.items()}


def _changes(before: Outcome, after: Outcome) -> dict[tuple[str, str], int]:
    """What each pair of orders trades more, or less, in all months; without those alike."""
    more: Counter[tuple[str, str]] = Counter()
    for sign, outcome in ((-1, before), (1, after)):
        for match in outcome.matches:
            more[match.supply, match.demand] += sign * match.kg
    return {pair: kg for pair, kg in more.items() if kg}


def _materials(problem: Problem) -> dict[str, str]:
    return {row.id: material_of(row.material) for row in problem.supplies}


def _offered(problem: Problem) -> Counter[str]:
    kg: Counter[str] = Counter()
    for row in problem.supplies:
        kg[material_of(row.material)] += row.kg
    return kg


def _by_material(outcome: Outcome, names: Mapping[str, str]) -> Counter[str]:
    kg: Counter[str] = Counter()
    for match in outcome.matches:
        kg[names[match.supply]] += match.kg
    return kg


def _by_month(outcome: Outcome, scene: Scene) -> Counter[Any]:
    kg: Counter[Any] = Counter()
    for match in outcome.matches:
        kg[month_at(scene.months, match.month)] += match.kg
    return kg
