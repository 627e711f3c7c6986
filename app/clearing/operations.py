"""The verbs of a run: start, cancel, resume, and who audits it. None of them solves anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.bidding.operations import mark_cleared
from app.bidding.queries import due_rounds
from app.clearing.audits import standing_auditor
from app.clearing.documents import archive
from app.clearing.freezing import frozen_document, frozen_problem
from app.clearing.leaves import opened_tree
from app.clearing.models import ClearingRun, RunAuditor
from app.clearing.queries import open_run, run_of
from app.clearing.recording import recorded_outcomes
from app.clearing.rules import horizon, run_number
from app.clearing.tree import canonical
from app.core import audit
from app.core.actor import SYSTEM, Actor, ActorKind
from app.core.clock import add_months, china_day, month_of
from app.core.errors import Conflict, NotFound, Refused
from app.core.jobs import operations as jobs
from app.core.vault import Vault
from app.listings.book import has_orders
from app.listings.rules import LONGEST_WINDOW

JOB_KIND = "clearing.run"


def start_run(
    session: Session, actor: Actor, month: date, now: datetime, *, months: int
) -> ClearingRun:
    """Start a clearing of a month and those after it; only one may be under way."""
    if month < month_of(china_day(now)):
        raise Refused(_l("不能撮合已经过去的月份。"), field="month")
    if month > add_months(month_of(china_day(now)), LONGEST_WINDOW):
        raise Refused(_l("只能撮合 24 个月以内的月份。"), field="month")
    return _begin(session, actor, horizon(month, months), now)


def start_round(session: Session, now: datetime) -> ClearingRun | None:
    """Start clearing the call round that closed first; `None` while another run is under way.

    The round belongs to this run from here on: one that fails or is cancelled can be resumed.
    """
    due = due_rounds(session, now)
    if not due or open_run(session) is not None:
        return None
    run = _begin(session, SYSTEM, [due[0].month], now, due[0].number)
    mark_cleared(session, due[0].number, run.number, now)
    return run


def start_scheduled(
    session: Session, every: timedelta, now: datetime, *, months: int
) -> ClearingRun | None:
    """Start the next month's run, if the market holds any order and none was started lately."""
    month = add_months(month_of(china_day(now)), 1)
    since = (ClearingRun.started_at > now - every, ClearingRun.round_number.is_(None))
    lately = select(ClearingRun.id).where(*since).limit(1)
    if session.scalar(lately) is not None or not has_orders(session, month):
        return None
    return start_run(session, SYSTEM, month, now, months=months)


def cancel_run(session: Session, actor: Actor, number: str, now: datetime) -> None:
    """Ask the run's job to stop; a run that has been recorded cannot be cancelled."""
    run = run_of(session, number)
    if run.recorded_at is not None:
        raise Conflict(_l("这场撮合已经出结果，不能取消。"))
    jobs.cancel(session, actor, run.job_id, now)
    audit.record(session, actor, "clearing.cancel", ("run", number), now)


def resume(session: Session, actor: Actor, number: str, now: datetime) -> None:
    """Work a round's run off that failed or was cancelled: with the book it froze, if it had."""
    run = run_of(session, number)
    if run.round_number is None or run.recorded_at is not None:
        raise Conflict(_l("这场撮合不能重新进行。"))
    _require_no_other(session)
    key = f"{number}:{now.isoformat()}"
    run.job_id = jobs.enqueue(session, JOB_KIND, key, {"number": number}, now).id
    audit.record(session, actor, "clearing.resume", ("run", number), now)


def name_auditor(
    session: Session, actor: Actor, number: str, user_id: int | None, now: datetime
) -> None:
    """Let an auditor read the documents of a run that has a result. Naming twice is naming once."""
    run = run_of(session, number)
    if run.recorded_at is None:
        raise Conflict(_l("这场撮合还没有结果，不能指定审计员。"))
    user = None if user_id is None else session.get(User, user_id)
    if user is None or not user.is_active or user.kind is not ActorKind.AUDITOR:
        raise Refused(_l("请从名单里选一位审计员。"), field="auditor")
    if standing_auditor(session, number, user.id) is None:
        session.add(RunAuditor(run_id=run.id, user_id=user.id, named_by=actor.label, named_at=now))
        _note_auditor(session, actor, "clearing.auditor_named", number, user.id, now)


def withdraw_auditor(
    session: Session, actor: Actor, number: str, user_id: int, now: datetime
) -> None:
    """Close the documents of a run to an auditor again; raises `NotFound`."""
    named = standing_auditor(session, number, user_id)
    if named is None:
        raise NotFound
    named.withdrawn_at = now
    _note_auditor(session, actor, "clearing.auditor_withdrawn", number, user_id, now)


def hand_documents(
    session: Session, vault: Vault, actor: Actor, number: str, now: datetime
) -> bytes:
    """The sealed documents of a run, as a ZIP archive for its auditor; raises `NotFound` for all
    others. Every handing out stands in the audit trail.
    """
    if actor.user_id is None or standing_auditor(session, number, actor.user_id) is None:
        raise NotFound
    run = run_of(session, number)
    _note_auditor(session, actor, "clearing.documents_handed", number, actor.user_id, now)
    market, plan = recorded_outcomes(vault, run)
    problem, documents = frozen_problem(vault, run), {"problem": frozen_document(vault, run)}
    if run.root is not None:
        documents["tree"] = canonical(opened_tree(session, vault, run, problem))
    return archive(number, documents | {"market": market, "plan": plan})


def _note_auditor(
    session: Session, actor: Actor, verb: str, number: str, user_id: int, now: datetime
) -> None:
    audit.record(session, actor, verb, ("run", number), now, auditor=user_id)


def _begin(
    session: Session,
    actor: Actor,
    months: Sequence[date],
    now: datetime,
    round_number: str | None = None,
) -> ClearingRun:
    _require_no_other(session)
    number = _next_number(session, months[0])
    job = jobs.enqueue(session, JOB_KIND, number, {"number": number}, now)
    run = ClearingRun(
        number=number,
        month=months[0],
        last_month=months[-1],
        round_number=round_number,
        started_by=actor.label,
        started_at=now,
        job_id=job.id,
        settings={"months": len(months)},
    )
    session.add(run)
    session.flush()
    first = months[0].isoformat()
    audit.record(session, actor, "clearing.start", ("run", number), now, month=first)
    return run


def _require_no_other(session: Session) -> None:
    if open_run(session) is not None:
        raise Conflict(_l("已有一场撮合正在进行。"), _l("请等它结束，或先取消它。"))


def _next_number(session: Session, month: date) -> str:
    count = session.scalar(select(func.count()).where(ClearingRun.month == month)) or 0
    return run_number(month, count + 1)
