"""From a recorded run to its gap: the scene, what is sealed of it and what officials may read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.queries import InvestmentRow, investment_costs, plan_target
from app.catalogue.rules import Means
from app.clearing.freezing import frozen_problem
from app.clearing.models import ClearingRun
from app.clearing.quality import material_of
from app.clearing.queries import idle_days, months_of, order_facts, owners_behind
from app.clearing.recording import recorded_outcomes
from app.clearing.rules import listing_of
from app.companies.rules import GroupKey
from app.core.clock import china_day
from app.core.jobs import operations as jobs
from app.core.jobs import queries as job_queries
from app.core.jobs.rules import job_id
from app.core.vault import Vault
from app.oversight.gap.costs import Cost
from app.oversight.gap.edits import edit_to_document
from app.oversight.gap.process import Gap, gap_to_document
from app.oversight.gap.scenes import Scene, Spot, Stop
from app.oversight.models import GapReport
from app.oversight.rules import Traded, bands
from matching import Outcome, Problem, outcome_from_json
from matching.levers.steps import Step

JOB_KIND = "oversight.measure_gap"
BOX = "gap"


def unmeasured(session: Session) -> str | None:
    """The number of the newest monthly run with a result, if its gap is not measured yet."""
    query = (
        select(ClearingRun.number, GapReport.run_id)
        .outerjoin(GapReport, GapReport.run_id == ClearingRun.id)
        .where(ClearingRun.recorded_at.is_not(None), ClearingRun.round_number.is_(None))
        .order_by(ClearingRun.id.desc())
        .limit(1)
    )
    found = session.execute(query).one_or_none()
    return None if found is None or found.run_id is not None else found.number


def unasked(session: Session) -> str | None:
    """The same, if nobody has asked for it either."""
    number = unmeasured(session)
    if number is None or job_queries.job(session, job_id(JOB_KIND, number)) is not None:
        return None
    return number


def seek(session: Session, now: datetime) -> None:
    """Ask for the gap of the newest run, once."""
    number = unasked(session)
    if number is not None:
        jobs.enqueue(session, JOB_KIND, number, {"number": number}, now)


def scene_of(session: Session, vault: Vault, run: ClearingRun) -> Scene:
    """A run's frozen book as scenarios edit it."""
    assert run.frozen_at is not None
    problem = frozen_problem(vault, run)
    return Scene(
        problem=problem,
        months=tuple(months_of(run)),
        spots=_spots(session, problem),
        stops=tuple(_stops(run)),
        target_milli=plan_target(session, china_day(run.frozen_at)).milli,
    )


def outcomes_of(vault: Vault, run: ClearingRun) -> tuple[Outcome, Outcome]:
    """What the live run's market and its plan gave."""
    market, plan = recorded_outcomes(vault, run)
    return outcome_from_json(market), outcome_from_json(plan)


def costs_of(session: Session, on: date) -> dict[Means, Cost]:
    """What investments cost on a day."""
    return {row.means: cost_of(row) for row in investment_costs(session, on)}


def cost_of(row: InvestmentRow) -> Cost:
    """A row of the catalogue as the compass reckons with it."""
    return Cost(row.means, row.per, row.cost_fen, row.size_kg, row.life_months)


def keep(session: Session, vault: Vault, run: ClearingRun, gap: Gap, now: datetime) -> None:
    """Keep the gap of a run, once: exact and sealed, and rounded to be read."""
    if session.get(GapReport, run.id) is not None:
        return
    orders = {end for step in gap.steps for each in step.switches for end in _ends(each)}
    owners = owners_behind(session, run, orders)
    plain = json.dumps(gap_to_document(gap), separators=(",", ":"), sort_keys=True).encode()
    report = GapReport(
        run_id=run.id,
        measured_at=now,
        box=vault.seal(plain, run.context(BOX)),
        shown=shown(gap, owners, _materials(frozen_problem(vault, run))),
    )
    session.add(report)


def shown(gap: Gap, owners: Mapping[str, GroupKey], materials: Mapping[str, str]) -> dict[str, Any]:
    """What officials may read of a gap.

    ``owners`` and ``materials`` are by order id. The plan and what investments add to it know no
    price, so they are told exactly; what follows limit prices is told in bands.
    """
    added = [
        (after.rate, after.kg - before.kg, list(_traded(after, owners, materials)))
        for before, after in pairwise(gap.steps)
    ]
    return {
        "free_kg": gap.points[0].kg,
        "most_kg": gap.points[-1].kg,
        "bands": [asdict(band) for band in bands(added)],
        "plan_kg": gap.plan.kg,
        "plan_is_proven": gap.plan.is_proven,
        "findings": [{**asdict(e), "edit": edit_to_document(e.edit)} for e in gap.findings],
        "tried": gap.tried,
        "candidates": gap.candidates,
    }


def _traded(
    step: Step, owners: Mapping[str, GroupKey], materials: Mapping[str, str]
) -> Iterator[Traded]:
    for each in step.switches:
        kg = each.kg_after - each.kg_before
        yield Traded(owners[each.supply], owners[each.demand], materials[each.supply], kg)


def _ends(switch: Any) -> tuple[str, str]:
    return switch.supply, switch.demand


def _materials(problem: Problem) -> dict[str, str]:
    return {row.id: material_of(row.material) for row in problem.supplies}


def _spots(session: Session, problem: Problem) -> dict[str, Spot]:
    orders = {row.id for row in problem.supplies} | {row.id for row in problem.demands}
    facts = order_facts(session, {listing_of(order) for order in orders})
    return {
        order: Spot(found.site_id, found.adcode, found.product or "")
        for order in orders
        for found in [facts[listing_of(order)]]
    }


def _stops(run: ClearingRun) -> Iterator[Stop]:
    for row in idle_days(run):
        yield Stop(row.product, row.month, row.idle, row.days)
