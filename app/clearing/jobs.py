"""The job behind a run: freeze → solve twice, outside any transaction → verify → levers → record.

Whatever process dies wherever, the next attempt finds either no frozen book, the frozen book, or
the recorded result; recording and the job's end are one transaction.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from flask import current_app
from flask_babel import lazy_gettext as _l

from app.clearing import levers
from app.clearing.engine import SolverFailed, as_plan, solve_apart, verified
from app.clearing.operations import JOB_KIND, Result, freeze, record, start_scheduled
from app.clearing.queries import firms_behind, months_of, run_of
from app.core.clock import now
from app.core.jobs.context import JobContext
from app.core.jobs.registry import Handler
from app.core.jobs.rules import Periodic
from app.core.vault import Vault
from app.settings import Settings
from matching import Outcome, Problem

log = structlog.get_logger()
STAGES = {
    JOB_KIND: (
        _l("冻结报单"),
        _l("求解市场：自愿成交"),
        _l("求解规划：物理可达"),
        _l("独立验算"),
        _l("算出改价空间"),
        _l("记录成交意向与原因"),
    )
}
FREEZE, MARKET, PLAN, VERIFY, LEVERS, RECORD = range(6)


def run_clearing(context: JobContext) -> None:
    """Work one run off. `context.payload["number"]` names it."""
    number: str = context.payload["number"]
    vault: Vault = current_app.extensions["gufei.vault"]
    context.progress(FREEZE)
    with context.step() as session:
        problem = freeze(session, vault, number, now())
    context.point("after_freeze")
    market, plan = _solve(context, problem)
    context.progress(VERIFY)
    outcome = verified(problem, market)
    verified(as_plan(problem), plan)
    context.progress(LEVERS)
    found = _levers(context, number, problem, outcome)
    context.progress(RECORD)
    with context.finish() as session:
        record(session, vault, number, problem, Result(market, plan, found), now())


def _solve(context: JobContext, problem: Problem) -> tuple[bytes, bytes]:
    def still_wanted() -> None:
        context.point("mid_solve")
        context.check()

    context.progress(MARKET)
    market = solve_apart(problem, still_wanted)
    context.progress(PLAN)
    return market, solve_apart(as_plan(problem), still_wanted)


def _levers(context: JobContext, number: str, problem: Problem, outcome: Outcome) -> levers.Limits:
    """What the owners of open orders may be told, by listing and month.

    No trade hangs on a lever: a run goes without them rather than fail.
    """
    with context.step() as session:
        months = months_of(run_of(session, number))
        firms = firms_behind(session, [order.id for order in outcome.orders])
    try:
        return levers.shown(problem, outcome, firms, months, context.check)
    except SolverFailed as failure:
        log.warning("no_levers", run=number, reason=str(failure))
        return {}


def start_weekly(context: JobContext) -> None:
    """Start the week's run of the next month, unless one was started by hand since the last."""
    settings: Settings = current_app.extensions["gufei.settings"]
    with context.finish() as session:
        if settings.clears_weekly:
            start_scheduled(session, WEEK, now(), months=settings.clearing_months)


WEEK = timedelta(days=7)
WEEKLY_KIND = "clearing.weekly"
HANDLERS: dict[str, Handler] = {JOB_KIND: run_clearing, WEEKLY_KIND: start_weekly}
SCHEDULE = (Periodic(WEEKLY_KIND, every=WEEK),)
