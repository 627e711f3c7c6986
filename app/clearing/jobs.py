"""The job behind a run: freeze → solve twice, outside any transaction → verify → record.

Whatever process dies wherever, the next attempt finds either no frozen book, the frozen book, or
the recorded result; recording and the job's end are one transaction.
"""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.clearing.engine import as_plan, solve_apart, verified
from app.clearing.operations import JOB_KIND, freeze, record, start_scheduled
from app.core.clock import now
from app.core.jobs.context import JobContext
from app.core.jobs.registry import Handler
from app.core.jobs.rules import Periodic
from app.core.vault import Vault
from app.settings import Settings
from matching import Problem

STAGES = {
    JOB_KIND: (
        _l("冻结报单"),
        _l("求解市场：自愿成交"),
        _l("求解规划：物理可达"),
        _l("独立验算"),
        _l("记录成交意向与原因"),
    )
}
FREEZE, MARKET, PLAN, VERIFY, RECORD = range(5)


def run_clearing(context: JobContext) -> None:
    """Work one run off. `context.payload["number"]` names it."""
    number: str = context.payload["number"]
    vault: Vault = current_app.extensions["gufei.vault"]
    context.progress(FREEZE)
    with context.step() as session:
        problem = freeze(session, vault, number, now())
    context.point("after_freeze")
    outcomes = _solve(context, problem)
    context.progress(VERIFY)
    verified(problem, outcomes["market"])
    verified(as_plan(problem), outcomes["plan"])
    context.progress(RECORD)
    with context.finish() as session:
        record(session, vault, number, problem, outcomes, now())


def _solve(context: JobContext, problem: Problem) -> dict[str, bytes]:
    def still_wanted() -> None:
        context.point("mid_solve")
        context.check()

    context.progress(MARKET)
    market = solve_apart(problem, still_wanted)
    context.progress(PLAN)
    return {"market": market, "plan": solve_apart(as_plan(problem), still_wanted)}


def start_weekly(context: JobContext) -> None:
    """Start the week's run of the next month, unless one was started by hand since the last."""
    settings: Settings = current_app.extensions["gufei.settings"]
    with context.finish() as session:
        if settings.clears_weekly:
            start_scheduled(session, WEEK, now())


WEEK = timedelta(days=7)
WEEKLY_KIND = "clearing.weekly"
HANDLERS: dict[str, Handler] = {JOB_KIND: run_clearing, WEEKLY_KIND: start_weekly}
SCHEDULE = (Periodic(WEEKLY_KIND, every=WEEK),)
