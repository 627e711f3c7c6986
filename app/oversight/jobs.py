"""Jobs of the desk: measuring the gap of the newest run, and solving scenarios."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.clearing.engine import SolverFailed
from app.clearing.queries import owners_behind, run_of
from app.core.clock import china_day, now
from app.core.jobs.context import JobContext, PermanentFailure
from app.core.jobs.registry import Handler, Occasion
from app.core.jobs.rules import Periodic
from app.core.vault import own_vault
from app.oversight.gap import measuring
from app.oversight.gap.process import measure
from app.oversight.gap.trying import tried
from app.oversight.operations import SCENARIO_KIND, keep_answer
from app.oversight.queries import scenario_of

READ, REACH = range(2)
SEEK_KIND = "oversight.seek_gaps"
STAGES = {
    measuring.JOB_KIND: (_l("读取场次"), _l("计算补贴曲线并逐项试算投资")),
    SCENARIO_KIND: (_l("读取场次"), _l("按改后的条件求解")),
}


def measure_gap(context: JobContext) -> None:
    """Measure the gap of a recorded run and keep it beside the run."""
    number: str = context.payload["number"]
    vault = own_vault()
    context.progress(READ)
    with context.step() as session:
        run = run_of(session, number)
        scene = measuring.scene_of(session, vault, run)
        matches = measuring.outcomes_of(vault, run)[0].matches
        costs = measuring.costs_of(session, china_day(now()))
    context.progress(REACH)
    try:
        gap = measure(scene, matches, costs, still_wanted=context.check)
    except SolverFailed as failure:
        raise PermanentFailure("solver_failed") from failure
    with context.finish() as session:
        measuring.keep(session, vault, run_of(session, number), gap, now())


def solve_scenario(context: JobContext) -> None:
    """Solve the market that a scenario describes, and keep what came of it."""
    number: str = context.payload["number"]
    vault = own_vault()
    context.progress(READ)
    with context.step() as session:
        scenario = scenario_of(session, number)
        scene = measuring.scene_of(session, vault, scenario.run)
        live = measuring.outcomes_of(vault, scenario.run)
        owners = owners_behind(session, scenario.run, scene.spots)
        edits = scenario.edits
    context.progress(REACH)
    try:
        plain, shown = tried(scene, live, edits, owners, context.check)
    except SolverFailed as failure:
        raise PermanentFailure("solver_failed") from failure
    with context.finish() as session:
        keep_answer(vault, scenario_of(session, number), plain, shown, now())


def seek_gaps(context: JobContext) -> None:
    """Ask for the gap of the newest run."""
    with context.finish() as session:
        measuring.seek(session, now())


def has_unasked(session: Session, _now: datetime) -> bool:
    """Whether nobody has asked for the gap of the newest run yet."""
    return measuring.unasked(session) is not None


HANDLERS: dict[str, Handler] = {
    measuring.JOB_KIND: measure_gap,
    SCENARIO_KIND: solve_scenario,
    SEEK_KIND: seek_gaps,
}
SCHEDULE = (Periodic(SEEK_KIND, every=timedelta(minutes=1)),)
OCCASIONS: dict[str, Occasion] = {SEEK_KIND: has_unasked}
