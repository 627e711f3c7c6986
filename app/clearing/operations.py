"""The verbs of a run: start, freeze, record, cancel. None of them solves anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.catalogue.queries import FreightRow, freight_terms
from app.clearing.documents import archive
from app.clearing.engine import draws_of, month_at, problem_of, road_metres
from app.clearing.models import ClearingRun, RunAuditor, RunOrder
from app.clearing.queries import (
    OrderFacts,
    months_of,
    open_run,
    order_facts,
    run_of,
    standing_auditor,
)
from app.clearing.rules import (
    Draws,
    Unplaced,
    gap_kg,
    horizon,
    public_detail,
    reason_of,
    run_number,
    sha256,
    surplus_to_show,
)
from app.core import audit
from app.core.actor import SYSTEM, Actor, ActorKind
from app.core.clock import add_months, china_day, month_of
from app.core.errors import Conflict, NotFound, Refused
from app.core.jobs import operations as jobs
from app.core.vault import Vault
from app.ledger.operations import Oversold, lock
from app.listings.queries import BookOrder, book, has_orders
from app.listings.rules import LONGEST_WINDOW
from app.trades.operations import ProposalDraft, propose
from app.trades.queries import kept_in_silos
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
RowName = tuple[str, date]
"""A line of a run: the listing's number and the month."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a solved run records: the verified JSON of both questions, and the levers found.

    `levers` are limits in fen per tonne, rounded for their owners, by line of the run.
    """

    market: bytes
    plan: bytes
    levers: Mapping[RowName, int]


def start_run(
    session: Session, actor: Actor, month: date, now: datetime, *, months: int
) -> ClearingRun:
    """Start a clearing of a month and those after it; only one may be under way."""
    if month < month_of(china_day(now)):
        raise Refused(_l("不能撮合已经过去的月份。"), field="month")
    if month > add_months(month_of(china_day(now)), LONGEST_WINDOW):
        raise Refused(_l("只能撮合 24 个月以内的月份。"), field="month")
    if open_run(session) is not None:
        raise Conflict(_l("已有一场撮合正在进行。"), _l("请等它结束，或先取消它。"))
    number = _next_number(session, month)
    job = jobs.enqueue(session, JOB_KIND, number, {"number": number}, now)
    run = ClearingRun(
        number=number,
        month=month,
        last_month=horizon(month, months)[-1],
        started_by=actor.label,
        started_at=now,
        job_id=job.id,
        settings={"months": months},
    )
    session.add(run)
    session.flush()
    audit.record(session, actor, "clearing.start", ("run", number), now, month=month.isoformat())
    return run


def start_scheduled(
    session: Session, every: timedelta, now: datetime, *, months: int
) -> ClearingRun | None:
    """Start the next month's run, if the market holds any order and none was started lately."""
    month = add_months(month_of(china_day(now)), 1)
    lately = select(ClearingRun.id).where(ClearingRun.started_at > now - every).limit(1)
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


def recorded_outcomes(vault: Vault, run: ClearingRun) -> tuple[bytes, bytes]:
    """The stored outcomes of market and plan, canonical JSON."""
    if run.outcome_box is None or run.plan_outcome_box is None:
        raise Conflict(_l("这场撮合还没有结果。"))
    market = vault.open(run.outcome_box, run.context("outcome"))
    return market, vault.open(run.plan_outcome_box, run.context("plan_outcome"))


def record(
    session: Session, vault: Vault, number: str, problem: Problem, result: Result, now: datetime
) -> None:
    """Record a solved run: proposals, one line per order and month, totals.

    A match whose tonnes are gone by now (a firm withdrew while the engine worked) is left out and
    its orders say so.
    """
    run = run_of(session, number)
    market, plan = outcome_from_json(result.market), outcome_from_json(result.plan)
    facts = order_facts(session, {order.id for order in market.orders})
    lost = _propose_all(session, run, problem, market, facts, now)
    session.add_all(_Lines(run, facts, plan, lost, result.levers).of(market))
    _keep(run, vault, result)
    _note_figures(run, market, plan, facts)
    run.recorded_at = now
    audit.record(session, SYSTEM, "clearing.record", ("run", number), now)


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
    problem = vault.open(run.problem_box or b"", run.context("problem"))
    return archive(number, {"problem": problem, "market": market, "plan": plan})


def _note_auditor(
    session: Session, actor: Actor, verb: str, number: str, user_id: int, now: datetime
) -> None:
    audit.record(session, actor, verb, ("run", number), now, auditor=user_id)


def _keep(run: ClearingRun, vault: Vault, result: Result) -> None:
    run.outcome_box = vault.seal(result.market, run.context("outcome"))
    run.outcome_sha256 = sha256(result.market)
    run.plan_outcome_box = vault.seal(result.plan, run.context("plan_outcome"))
    run.plan_outcome_sha256 = sha256(result.plan)


def _note_figures(
    run: ClearingRun, market: Outcome, plan: Outcome, facts: Mapping[str, OrderFacts]
) -> None:
    """What everybody may know of the result: counts, the surplus if it tells no limit, the gaps."""
    firms = {
        "producers": len({facts[match.supply].company_id for match in market.matches}),
        "consumers": len({facts[match.demand].company_id for match in market.matches}),
    }
    run.match_count, run.plan_match_count = len(market.matches), len(plan.matches)
    surplus, surplus_gap = _level(market, "surplus")
    run.surplus_fen = surplus_to_show(surplus, **firms)
    run.surplus_gap_fen = surplus_to_show(surplus_gap, **firms) if surplus_gap else 0
    run.gap_kg = gap_kg(_level(market, "tonnes")[1])
    run.plan_gap_kg = gap_kg(_level(plan, "tonnes")[1])


def _level(outcome: Outcome, name: str) -> tuple[int, int]:
    """A level's value and how far it may lie below the best."""
    found = next(level for level in outcome.certificate.levels if level.name == name)
    return found.value, found.bound - found.value


def _next_number(session: Session, month: date) -> str:
    count = session.scalar(select(func.count()).where(ClearingRun.month == month)) or 0
    return run_number(month, count + 1)


def _seal_book(session: Session, vault: Vault, run: ClearingRun, now: datetime) -> None:
    terms = freight_terms(session, china_day(now))
    orders = book(session, vault, months_of(run))
    problem = problem_of(orders, _engine_settings(terms), months_of(run), kept_in_silos(session))
    plain = problem_to_json(problem)
    run.problem_box = vault.seal(plain, run.context("problem"))
    run.problem_sha256 = sha256(plain)
    run.settings = run.settings | {"idle": _idle_days(orders)}
    run.frozen_at = now


def _idle_days(orders: Iterable[BookOrder]) -> dict[str, dict[str, list[int]]]:
    """By month and product, the idle days and all days, for every product some order is for."""
    idle: dict[str, dict[str, list[int]]] = {}
    for order in orders:
        if order.worked is not None and order.product is not None:
            days = [order.worked.idle, order.worked.days]
            idle.setdefault(f"{order.month:%Y-%m}", {})[order.product] = days
    return idle


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
) -> dict[RowName, int]:
    """Propose every match; returns the kg, by line, of matches whose tonnes were gone."""
    months = months_of(run)
    lock(session, [(number, month) for number in facts for month in months])
    lost: dict[RowName, int] = {}
    for draft in _drafts(run, problem, outcome, facts):
        try:
            with session.begin_nested():
                propose(session, SYSTEM, draft, now)
        except Oversold:
            _add_draws(lost, draft.offer_number, draft.offer_draws)
            _add_draws(lost, draft.requirement_number, draft.requirement_draws)
    return lost


def _add_draws(lost: dict[RowName, int], number: str, draws: Mapping[date, int]) -> None:
    for month, kg in draws.items():
        lost[number, month] = lost.get((number, month), 0) + kg


def _drafts(
    run: ClearingRun, problem: Problem, outcome: Outcome, facts: Mapping[str, OrderFacts]
) -> list[ProposalDraft]:
    drawn = draws_of(outcome, months_of(run))
    ends = [(facts[match.supply], facts[match.demand]) for match, _, _ in drawn]
    places = [(offer.place, taker.place) for offer, taker in ends]
    metres = road_metres(places, problem.settings.detour_milli)
    return [
        _draft(run, match, facts[match.supply], (from_offer, for_taker), road_m)
        for (match, from_offer, for_taker), road_m in zip(drawn, metres, strict=True)
    ]


def _draft(
    run: ClearingRun, match: Match, offer: OrderFacts, draws: tuple[Draws, Draws], road_m: int
) -> ProposalDraft:
    return ProposalDraft(
        origin=run.number,
        offer_number=match.supply,
        requirement_number=match.demand,
        material=offer.materials[0],
        month=month_at(months_of(run), match.month),
        kg=match.kg,
        price_producer=match.price_producer,
        price_consumer=match.price_consumer,
        freight=match.cost,
        road_m=road_m,
        offer_draws=draws[0],
        requirement_draws=draws[1],
    )


class _Lines:
    """The lines of a run: what market and plan made of each month of each order."""

    def __init__(
        self,
        run: ClearingRun,
        facts: Mapping[str, OrderFacts],
        plan: Outcome,
        lost: Mapping[RowName, int],
        levers: Mapping[RowName, int],
    ) -> None:
        self._run, self._facts = run, facts
        self._plan = {(order.id, order.month): order for order in plan.orders}
        self._lost, self._levers = lost, levers

    def of(self, market: Outcome) -> list[RunOrder]:
        return [self._line(order) for order in market.orders]

    def _line(self, order: OrderResult) -> RunOrder:
        facts = self._facts[order.id]
        month = month_at(months_of(self._run), order.month)
        lost = self._lost.get((order.id, month), 0)
        planned = self._plan[order.id, order.month]
        idle = self._idle(month, facts.product)
        return RunOrder(
            run=self._run,
            side=facts.side,
            listing_number=order.id,
            month=month,
            company_id=facts.company_id,
            adcode=facts.adcode,
            materials="|".join(facts.materials),
            kg=order.kg,
            placed_kg=order.placed - lost,
            plan_placed_kg=planned.placed,
            reason=Unplaced.CHANGED if lost else reason_of(order.reason, order.kg, idle),
            plan_reason=reason_of(planned.reason, order.kg, idle),
            detail=public_detail(order.detail) | idle,
            lever=None if lost else self._levers.get((order.id, month)),
        )

    def _idle(self, month: date, product: str | None) -> dict[str, int]:
        """How many days of a month the order's works stand still, if they do."""
        found: dict[str, Any] = self._run.settings.get("idle", {}).get(f"{month:%Y-%m}", {})
        if product is None or product not in found:
            return {}
        idle, days = found[product]
        return {"idle_days": idle, "days": days}
