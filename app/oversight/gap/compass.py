"""Which silo, intake line, month opened or route adds most tonnes for its money.

Looked at is the plan, which asks what could physically be placed and knows no price. Candidates
come from the residual graph of its flow, where a change that adds nothing is left out without being
tried; of the others the most promising are made in the scene, and the plan is solved again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.catalogue.rules import Means
from app.clearing.engine import as_plan
from app.clearing.quality import material_of
from app.oversight.gap.costs import Cost
from app.oversight.gap.edits import AddLine, AddSilo, Edit, OpenMonth, OpenRoute
from app.oversight.gap.scenes import NotInScene, Scene, materials_of
from matching import Demand, Outcome, Problem, Side, Supply, solve
from matching.levers.relax import relax

MOST_OF_A_MEANS = 12
MOST_CHANGES = 60
"""Of changes of single orders, as the engine ranks them; several make one investment."""

YUAN = 100
ITERATIONS = 2_000
"""How long the search over indivisible orders may take, by its own count."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A change worth trying; `most_kg` is what it could add at most, as far as that is known."""

    means: Means
    edit: Edit
    most_kg: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What a change adds to the plan, kg, over all months of the scene.

    `is_proven` is whether both plans are proven the best; `cost_fen` is paid in all, and
    `share_fen` of it falls to the months of the scene.
    """

    means: Means
    edit: Edit
    added_kg: int
    is_proven: bool
    cost_fen: int
    share_fen: int

    @property
    def kg_per_yuan(self) -> float:
        """Kilograms for a yuan of the share."""
        return self.added_kg * YUAN / max(1, self.share_fen)


@dataclass(frozen=True, slots=True)
class Placed:
    """What a plan places, kg, and whether no plan places more."""

    kg: int
    is_proven: bool


def planned(problem: Problem) -> Outcome:
    """The plan of a problem when nothing counts but tonnes."""
    asked = as_plan(problem)
    settings = replace(asked.settings, levels=("tonnes",), iterations=ITERATIONS)
    return solve(replace(asked, settings=settings))


def placed(outcome: Outcome) -> Placed:
    """The tonnes of a plan."""
    level = outcome.certificate.levels[0]
    return Placed(outcome.certificate.totals.kg, level.value == level.bound)


def candidates(scene: Scene, base: Outcome, costs: Mapping[Means, Cost]) -> list[Candidate]:
    """The changes worth trying, the most promising of each means first, each means in turn."""
    changes: dict[str, Any] = relax(as_plan(scene.problem), base, MOST_CHANGES)
    sought = _Sought(scene, "added_kg" if changes["exact"] else "at_most_kg")
    by_means = {
        Means.SILO: sought.silos(changes["silos"], costs),
        Means.LINE: sought.lines(changes["needs"], costs),
        Means.MONTH: sought.months(costs),
        Means.ROUTE: sought.routes([*changes["pairs"], *changes["lanes"]], costs),
    }
    ranked = [_most_first(found) for found in by_means.values()]
    return [found[k] for k in range(MOST_OF_A_MEANS) for found in ranked if k < len(found)]


def finding(scene: Scene, base: Placed, candidate: Candidate, cost: Cost) -> Finding | None:
    """What a candidate adds, by solving the plan again; nothing where it adds nothing."""
    try:
        after = placed(planned(candidate.edit.apply(scene).problem))
    except NotInScene:
        return None
    added = after.kg - base.kg
    if added <= 0:
        return None
    return Finding(
        means=candidate.means,
        edit=candidate.edit,
        added_kg=added,
        is_proven=base.is_proven and after.is_proven,
        cost_fen=cost.in_full(added),
        share_fen=cost.over(len(scene.months), added),
    )


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """The most tonnes for a yuan first."""
    return sorted(findings, key=lambda each: (-each.kg_per_yuan, -each.added_kg, repr(each.edit)))


class _Sought:
    """Turns changes of orders, as the engine ranks them, into what could be built at sites."""

    def __init__(self, scene: Scene, added: str) -> None:
        self._scene, self._added = scene, added
        self._materials: dict[str, set[str]] = defaultdict(set)
        rows: list[Supply | Demand] = [*scene.problem.supplies, *scene.problem.demands]
        for row in rows:
            self._materials[row.id] |= materials_of(row)

    def silos(
        self, changes: Iterable[dict[str, Any]], costs: Mapping[Means, Cost]
    ) -> Iterator[Candidate]:
        """A silo of the usual size at each site where a larger one would help."""
        if Means.SILO in costs:
            for change in changes:
                site = self._scene.spots[change["id"]].site_id
                for material in sorted(self._materials[change["id"]]):
                    edit = AddSilo(site, material, costs[Means.SILO].size_kg)
                    yield Candidate(Means.SILO, edit, change[self._added])

    def lines(
        self, changes: Iterable[dict[str, Any]], costs: Mapping[Means, Cost]
    ) -> Iterator[Candidate]:
        """An intake line of the usual size at each works that more could be brought to."""
        if Means.LINE not in costs:
            return
        size = costs[Means.LINE].size_kg
        room: dict[str, int] = defaultdict(int)
        for change in changes:
            room[change["demand"]] += min(size, change[self._added])
        for order, most_kg in room.items():
            site = self._scene.spots[order].site_id
            for material in sorted(self._materials[order] & self._offered()):
                months = self._scene.months
                edit = AddLine(site, material, size, months[0], months[-1])
                yield Candidate(Means.LINE, edit, most_kg)

    def months(self, costs: Mapping[Means, Cost]) -> Iterator[Candidate]:
        """Each month in which the works that make a product stand still."""
        if Means.MONTH in costs:
            for stop in self._scene.stops:
                if stop.idle:
                    edit = OpenMonth(stop.product, stop.month)
                    yield Candidate(Means.MONTH, edit, self._need_of(stop.product))

    def routes(
        self, changes: Iterable[dict[str, Any]], costs: Mapping[Means, Cost]
    ) -> Iterator[Candidate]:
        """Each pair of sites that nothing but distance keeps apart."""
        if Means.ROUTE not in costs:
            return
        for change in changes:
            if change["failed"] == ["distance"]:
                giver, taker = (self._scene.spots[change[side]].site_id for side in Side)
                for material in sorted(self._materials[change["supply"]]):
                    edit = OpenRoute(giver, taker, material)
                    yield Candidate(Means.ROUTE, edit, change[self._added])

    def _offered(self) -> set[str]:
        return {material_of(row.material) for row in self._scene.problem.supplies}

    def _need_of(self, product: str) -> int:
        spots = self._scene.spots
        rows = self._scene.problem.demands
        return sum(row.kg for row in rows if spots[row.id].product == product)


def _most_first(found: Iterable[Candidate]) -> list[Candidate]:
    """Each change once, the one that could add most first."""
    most: dict[Edit, Candidate] = {}
    for each in found:
        if each.edit not in most or most[each.edit].most_kg < each.most_kg:
            most[each.edit] = each
    return sorted(most.values(), key=lambda each: (-each.most_kg, repr(each.edit)))
