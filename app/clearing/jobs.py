"""The job behind a run: freeze → solve both, outside any transaction → verify → levers → record.

Whatever process dies wherever, the next attempt finds either no frozen book, the frozen book, or
the recorded result; recording and the job's end are one transaction. A monthly run asks for a
second job there, which tries what tests would have opened; it changes nothing of the run.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from flask import current_app
from flask_babel import lazy_gettext as _l

from app.clearing import levers, tried
from app.clearing.engine import Answer, SolverFailed, as_plan, solve_both, verified
from app.clearing.freezing import efforts_of, freeze
from app.clearing.lacking import Market
from app.clearing.operations import JOB_KIND, start_round, start_scheduled
from app.clearing.queries import months_of, owners_behind, run_of
from app.clearing.recording import Result, record
from app.clearing.trials import Trial, trials
from app.core.clock import now
from app.core.jobs.context import JobContext
from app.core.jobs.registry import Handler
from app.core.jobs.rules import Periodic
from app.core.vault import own_vault
from app.settings import Settings
from matching import Outcome, Problem

log = structlog.get_logger()
STAGES = {
    JOB_KIND: (
        _l("冻结报单"),
        _l("求解市场（自愿成交）和规划（物理可达）"),
        _l("独立验算"),
        _l("算出改价空间"),
        _l("记录成交意向与原因"),
    ),
    tried.JOB_KIND: (_l("读取报单"), _l("逐项试算检测")),
}
FREEZE, SOLVE, VERIFY, LEVERS, RECORD = range(5)
READ, TRY = range(2)


def run_clearing(context: JobContext) -> None:
    """Work one run off. `context.payload["number"]` names it."""
    number: str = context.payload["number"]
    vault = own_vault()
    context.progress(FREEZE)
    with context.step() as session:
        problem = freeze(session, vault, number, now())
    context.point("after_freeze")
    market, plan = _solve(context, number, problem)
    context.progress(VERIFY)
    outcome = verified(problem, market.outcome)
    verified(as_plan(problem), plan.outcome)
    context.progress(LEVERS)
    found = _levers(context, number, problem, outcome)
    context.progress(RECORD)
    with context.finish() as session:
        record(session, vault, number, problem, Result(market, plan, found), now())
        tried.ask(session, number, now())


def try_tests(context: JobContext) -> None:
    """Find what single tests would have opened in a recorded run, and keep it beside the run."""
    number: str = context.payload["number"]
    context.progress(READ)
    with context.step() as session:
        market = tried.market_of(session, own_vault(), number)
    context.progress(TRY)
    found = _trials(context, number, market)
    with context.finish() as session:
        tried.keep(session, number, found, now())


def _trials(context: JobContext, number: str, market: Market) -> dict[str, list[Trial]]:
    """None where the engine failed: nothing hangs on them, and the run stays as it is."""
    try:
        return trials(market, still_wanted=context.check)
    except SolverFailed as failure:
        log.warning("no_trials", run=number, reason=str(failure))
        return {}


def _solve(context: JobContext, number: str, problem: Problem) -> tuple[Answer, Answer]:
    def still_wanted() -> None:
        context.point("mid_solve")
        context.check()

    context.progress(SOLVE)
    with context.step() as session:
        efforts = efforts_of(run_of(session, number))
    return solve_both(problem, efforts, still_wanted)


def _levers(context: JobContext, number: str, problem: Problem, outcome: Outcome) -> levers.Limits:
    """What the owners of open orders may be told, by order and month.

    No trade hangs on a lever: a run goes without them rather than fail.
    """
    with context.step() as session:
        run = run_of(session, number)
        months = months_of(run)
        owners = owners_behind(session, run, [order.id for order in outcome.orders])
    try:
        return levers.shown(problem, outcome, owners, months, context.check)
    except SolverFailed as failure:
        log.warning("no_levers", run=number, reason=str(failure))
        return {}


def start_weekly(context: JobContext) -> None:
    """Start the week's run of the next month, unless one was started by hand since the last."""
    settings: Settings = current_app.extensions["gufei.settings"]
    with context.finish() as session:
        if settings.clears_weekly:
            start_scheduled(session, WEEK, now(), months=settings.clearing_months)


def clear_rounds(context: JobContext) -> None:
    """Start the run of a call round that has closed; one at a time, the earliest first."""
    with context.finish() as session:
        start_round(session, now())


WEEK = timedelta(days=7)
WEEKLY_KIND = "clearing.weekly"
ROUNDS_KIND = "clearing.clear_rounds"
HANDLERS: dict[str, Handler] = {
    JOB_KIND: run_clearing,
    tried.JOB_KIND: try_tests,
    WEEKLY_KIND: start_weekly,
    ROUNDS_KIND: clear_rounds,
}
SCHEDULE = (
    Periodic(WEEKLY_KIND, every=WEEK),
    Periodic(ROUNDS_KIND, every=timedelta(minutes=1)),
)
