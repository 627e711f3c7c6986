"""The verbs of a run: start, freeze, record, cancel. None of them solves anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.queries import FreightRow, freight_terms
from app.clearing.engine import problem_of, road_metres
from app.clearing.models import ClearingRun, RunOrder
from app.clearing.queries import OrderFacts, open_run, order_facts, run_of
from app.clearing.rules import Unplaced, public_detail, run_number, sha256, surplus_to_show
from app.core import audit
from app.core.actor import SYSTEM, Actor
from app.core.clock import add_months, china_day, month_of
from app.core.errors import Conflict, Refused
from app.core.jobs import operations as jobs
from app.core.vault import Vault
from app.ledger.operations import Oversold, lock
from app.listings.queries import book, has_orders
from app.listings.rules import LONGEST_WINDOW
from app.trades.operations import ProposalDraft, propose
from matching import (
    Match,
    OrderResult,
    Outcome,
    Problem,
    Settings,
    outcome_from_json,
    problem_from_json,
    problem_to_json,
)

JOB_KIND = "clearing.run"


def start_run(session: Session, actor: Actor, month: date, now: datetime) -> ClearingRun:
    """Start a clearing of one month; only one may be under way."""
    if month < month_of(china_day(now)):
        raise Refused(_l("不能撮合已经过去的月份。"), field="month")
    if month > add_months(month_of(china_day(now)), LONGEST_WINDOW):
        raise Refused(_l("只能撮合 24 个月以内的月份。"), field="month")
    if open_run(session) is not None:
        raise Conflict(_l("已有一场撮合正在进行。"), _l("请等它结束，或先取消它。"))
    number = _next_number(session, month)
    job = jobs.enqueue(session, JOB_KIND, number, {"number": number}, now)
    run = ClearingRun(
        number=number, month=month, started_by=actor.label, started_at=now, job_id=job.id
    )
    session.add(run)
    session.flush()
    audit.record(session, actor, "clearing.start", ("run", number), now, month=month.isoformat())
    return run


def start_scheduled(session: Session, every: timedelta, now: datetime) -> ClearingRun | None:
    """Start the next month's run, if the market holds any order and none was started lately."""
    month = add_months(month_of(china_day(now)), 1)
    lately = select(ClearingRun.id).where(ClearingRun.started_at > now - every).limit(1)
    if session.scalar(lately) is not None or not has_orders(session, month):
        return None
    return start_run(session, SYSTEM, month, now)


def cancel_run(session: Session, actor: Actor, number: str, now: datetime) -> None:
    """Ask the run's job to stop; a run that has been recorded cannot be cancelled."""
    run = run_of(session, number)
    if run.recorded_at is not None:
        raise Conflict(_l("这场撮合已经出结果，不能取消。"))
    jobs.cancel(session, actor, run.job_id, now)
    audit.record(session, actor, "clearing.cancel", ("run", number), now)


def freeze(session: Session, vault: Vault, number: str, now: datetime) -> Problem:
    """The run's problem: the book of this moment, sealed once and for all.

    A second call (after a crash) gives the problem frozen by the first, whatever the book is now.
    """
    run = run_of(session, number)
    if run.problem_box is None:
        _seal_book(session, vault, run, now)
    return frozen_problem(vault, run)


def frozen_problem(vault: Vault, run: ClearingRun) -> Problem:
    """The stored problem of a run that has been frozen."""
    if run.problem_box is None:
        raise Conflict(_l("这场撮合还没有冻结报单。"))
    return problem_from_json(vault.open(run.problem_box, run.context("problem")))


def record(
    session: Session,
    vault: Vault,
    number: str,
    problem: Problem,
    outcomes: Mapping[str, bytes],
    now: datetime,
) -> None:
    """Record a solved run: proposals, one line per order, totals.

    `outcomes` holds the verified JSON under `market` and `plan`. A match whose tonnes are gone by
    now (a firm withdrew while the engine worked) is left out and its orders say so.
    """
    run = run_of(session, number)
    market = outcome_from_json(outcomes["market"])
    plan = outcome_from_json(outcomes["plan"])
    facts = order_facts(session, [order.id for order in market.orders])
    lost = _propose_all(session, run, problem, market, facts, now)
    session.add_all(_lines(run, market, plan, facts, lost))
    run.outcome_box = vault.seal(outcomes["market"], run.context("outcome"))
    run.outcome_sha256 = sha256(outcomes["market"])
    run.plan_outcome_box = vault.seal(outcomes["plan"], run.context("plan_outcome"))
    run.plan_outcome_sha256 = sha256(outcomes["plan"])
    run.match_count = len(market.matches)
    run.surplus_fen = surplus_to_show(
        market.certificate.levels[1].value,
        producers=len({facts[match.supply].company_id for match in market.matches}),
        consumers=len({facts[match.demand].company_id for match in market.matches}),
    )
    run.recorded_at = now
    audit.record(session, SYSTEM, "clearing.record", ("run", number), now)


def _next_number(session: Session, month: date) -> str:
    count = session.scalar(select(func.count()).where(ClearingRun.month == month)) or 0
    return run_number(month, count + 1)


def _seal_book(session: Session, vault: Vault, run: ClearingRun, now: datetime) -> None:
    settings = _engine_settings(freight_terms(session, china_day(now)))
    problem = problem_of(book(session, vault, run.month), settings)
    plain = problem_to_json(problem)
    run.problem_box = vault.seal(plain, run.context("problem"))
    run.problem_sha256 = sha256(plain)
    run.frozen_at = now


def _engine_settings(terms: FreightRow) -> Settings:
    return Settings(
        detour_milli=terms.detour_milli,
        max_m=terms.max_km * 1000,
        freight_per_t=terms.per_t_fen,
        freight_per_tkm=terms.per_tkm_fen,
    )


def _propose_all(
    session: Session,
    run: ClearingRun,
    problem: Problem,
    outcome: Outcome,
    facts: Mapping[str, OrderFacts],
    now: datetime,
) -> dict[str, int]:
    """Propose every match; returns the kg, by listing, of matches whose tonnes were gone."""
    lock(session, [(number, run.month) for number in facts])
    lost: dict[str, int] = {}
    for match, draft in zip(outcome.matches, _drafts(run, problem, outcome, facts), strict=True):
        try:
            with session.begin_nested():
                propose(session, SYSTEM, draft, now)
        except Oversold:
            for number in (match.supply, match.demand):
                lost[number] = lost.get(number, 0) + match.kg
    return lost


def _drafts(
    run: ClearingRun, problem: Problem, outcome: Outcome, facts: Mapping[str, OrderFacts]
) -> list[ProposalDraft]:
    ends = [(facts[match.supply], facts[match.demand]) for match in outcome.matches]
    places = [(offer.place, taker.place) for offer, taker in ends]
    metres = road_metres(places, problem.settings.detour_milli)
    return [
        _draft(run, match, offer, taker, road_m)
        for match, (offer, taker), road_m in zip(outcome.matches, ends, metres, strict=True)
    ]


def _draft(
    run: ClearingRun, match: Match, offer: OrderFacts, taker: OrderFacts, road_m: int
) -> ProposalDraft:
    return ProposalDraft(
        origin=run.number,
        offer_number=offer.number,
        requirement_number=taker.number,
        material=offer.materials[0],
        month=run.month,
        kg=match.kg,
        price_producer=match.price_producer,
        price_consumer=match.price_consumer,
        freight=match.cost,
        road_m=road_m,
    )


def _lines(
    run: ClearingRun,
    market: Outcome,
    plan: Outcome,
    facts: Mapping[str, OrderFacts],
    lost: Mapping[str, int],
) -> list[RunOrder]:
    plan_placed = {order.id: order.placed for order in plan.orders}
    return [
        _line(run, facts[order.id], order, plan_placed[order.id], lost.get(order.id, 0))
        for order in market.orders
    ]


def _line(
    run: ClearingRun, facts: OrderFacts, order: OrderResult, plan_placed: int, lost: int
) -> RunOrder:
    return RunOrder(
        run=run,
        side=facts.side,
        listing_number=order.id,
        company_id=facts.company_id,
        adcode=facts.adcode,
        materials="|".join(facts.materials),
        kg=order.kg,
        placed_kg=order.placed - lost,
        plan_placed_kg=plan_placed,
        reason=Unplaced.CHANGED if lost else Unplaced(order.reason),
        detail=public_detail(order.detail),
    )
