"""Recording a solved run: proposals, what became of each order, totals, the price index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.clearing.engine import Answer, draws_of, month_at, road_metres
from app.clearing.models import ClearingRun, PriceIndex, RunOrder
from app.clearing.quality import named_in_month
from app.clearing.queries import OrderFacts, groups_at, months_of, order_facts, run_of
from app.clearing.rules import (
    Draws,
    Fill,
    Unplaced,
    gap_kg,
    listing_of,
    price_index,
    public_detail,
    reason_of,
    sha256,
    step_of,
    surplus_to_show,
)
from app.companies.groups import Groups, group_of
from app.core import audit
from app.core.actor import SYSTEM
from app.core.errors import Conflict
from app.core.vault import Vault
from app.ledger.operations import Oversold, lock
from app.notifications.operations import tell_company
from app.notifications.rules import Kind
from app.trades.models import Trade
from app.trades.operations import ProposalDraft, propose
from app.trades.rules import TradeSource
from matching import Match, OrderResult, Outcome, Problem, outcome_from_json

RowName = tuple[str, date]
"""A line of a run: the order's id and the month."""
Facts = Mapping[str, OrderFacts]
"""By the listing's number."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a solved run records: the verified answers to both questions, and the levers found.

    `levers` are limits in fen per tonne, rounded for their owners, by line of the run.
    """

    market: Answer
    plan: Answer
    levers: Mapping[RowName, int]


def record(
    session: Session, vault: Vault, number: str, problem: Problem, result: Result, now: datetime
) -> None:
    """Record a solved run: proposals, one line per order and month, totals.

    A match whose tonnes are gone by now (a firm withdrew while the engine worked) is left out and
    its orders say so.
    """
    run = run_of(session, number)
    market = outcome_from_json(result.market.outcome)
    plan = outcome_from_json(result.plan.outcome)
    facts = order_facts(session, {listing_of(order.id) for order in market.orders})
    trades, lost = _propose_all(session, run, problem, market, facts, now)
    lines = _Lines(run, problem, facts, plan, lost, result.levers).of(market)
    session.add_all(lines)
    _keep(run, vault, result)
    groups = groups_at(session, run)
    _note_figures(run, market, plan, facts, groups)
    session.add_all(_index_rows(run, trades, groups))
    run.recorded_at = now
    audit.record(session, SYSTEM, "clearing.record", ("run", number), now)
    _tell_bidders(session, run, lines, now)


def recorded_outcomes(vault: Vault, run: ClearingRun) -> tuple[bytes, bytes]:
    """The stored outcomes of market and plan, canonical JSON."""
    if run.outcome_box is None or run.plan_outcome_box is None:
        raise Conflict(_l("这场撮合还没有结果。"))
    market = vault.open(run.outcome_box, run.context("outcome"))
    return market, vault.open(run.plan_outcome_box, run.context("plan_outcome"))


def _propose_all(
    session: Session,
    run: ClearingRun,
    problem: Problem,
    outcome: Outcome,
    facts: Facts,
    now: datetime,
) -> tuple[list[Trade], dict[RowName, int]]:
    """Propose every match; returns the proposals and, by line, the kg whose tonnes were gone."""
    months = months_of(run)
    lock(session, [(number, month) for number in facts for month in months])
    made: list[Trade] = []
    lost: dict[RowName, int] = {}
    for match, draft in _drafts(run, problem, outcome, facts):
        try:
            with session.begin_nested():
                made.append(propose(session, SYSTEM, draft, now))
        except Oversold:
            _add_draws(lost, match.supply, draft.offer_draws)
            _add_draws(lost, match.demand, draft.requirement_draws)
    return made, lost


def _add_draws(lost: dict[RowName, int], order_id: str, draws: Mapping[date, int]) -> None:
    for month, kg in draws.items():
        lost[order_id, month] = lost.get((order_id, month), 0) + kg


def _drafts(
    run: ClearingRun, problem: Problem, outcome: Outcome, facts: Facts
) -> list[tuple[Match, ProposalDraft]]:
    drawn = draws_of(outcome, months_of(run))
    ends = [(_facts(facts, match.supply), _facts(facts, match.demand)) for match, _, _ in drawn]
    places = [(offer.place, taker.place) for offer, taker in ends]
    metres = road_metres(places, problem.settings.detour_milli)
    return [
        (match, _draft(run, match, offer, draws, road_m))
        for (match, *draws), (offer, _), road_m in zip(drawn, ends, metres, strict=True)
    ]


def _draft(
    run: ClearingRun, match: Match, offer: OrderFacts, draws: Sequence[Draws], road_m: int
) -> ProposalDraft:
    return ProposalDraft(
        source=TradeSource.ROUND if run.round_number else TradeSource.CLEARING,
        origin=run.origin,
        offer_number=listing_of(match.supply),
        offer_step=step_of(match.supply),
        requirement_number=listing_of(match.demand),
        requirement_step=step_of(match.demand),
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


def _facts(facts: Facts, order_id: str) -> OrderFacts:
    return facts[listing_of(order_id)]


def _index_rows(run: ClearingRun, trades: Iterable[Trade], groups: Groups) -> list[PriceIndex]:
    fills = [
        Fill(
            trade.material,
            group_of(trade.producer_company_id, groups),
            group_of(trade.consumer_company_id, groups),
            trade.kg,
            trade.price_producer,
        )
        for trade in trades
    ]
    return [PriceIndex(run_id=run.id, **asdict(value)) for value in price_index(fills)]


def _tell_bidders(
    session: Session, run: ClearingRun, lines: Iterable[RunOrder], now: datetime
) -> None:
    """Every firm that bid in the round learns that it was cleared; of a match the trade tells."""
    if run.round_number is None:
        return
    path = f"/clearing/{run.number}"
    for firm in sorted({line.company_id for line in lines}):
        tell_company(
            session,
            firm,
            Kind.ROUND_CLEARED,
            run.round_number,
            path,
            now,
            number=run.round_number,
        )


def _keep(run: ClearingRun, vault: Vault, result: Result) -> None:
    market, plan = result.market.outcome, result.plan.outcome
    run.outcome_box = vault.seal(market, run.context("outcome"))
    run.outcome_sha256 = sha256(market)
    run.plan_outcome_box = vault.seal(plan, run.context("plan_outcome"))
    run.plan_outcome_sha256 = sha256(plan)
    if run.round_number is not None:
        searched = [result.market.iterations, result.plan.iterations]
        run.settings = run.settings | {"iterations": searched}


def _note_figures(
    run: ClearingRun, market: Outcome, plan: Outcome, facts: Facts, groups: Groups
) -> None:
    """What everybody may know of the result: counts, the surplus if it tells no limit, the gaps."""

    def count(orders: Iterable[str]) -> int:
        return len({group_of(_facts(facts, order).company_id, groups) for order in orders})

    owners = {
        "producers": count(match.supply for match in market.matches),
        "consumers": count(match.demand for match in market.matches),
    }
    run.match_count, run.plan_match_count = len(market.matches), len(plan.matches)
    surplus, surplus_gap = _level(market, "surplus")
    run.surplus_fen = surplus_to_show(surplus, **owners)
    run.surplus_gap_fen = surplus_to_show(surplus_gap, **owners) if surplus_gap else 0
    run.gap_kg = gap_kg(_level(market, "tonnes")[1])
    run.plan_gap_kg = gap_kg(_level(plan, "tonnes")[1])


def _level(outcome: Outcome, name: str) -> tuple[int, int]:
    """A level's value and how far it may lie below the best."""
    found = next(level for level in outcome.certificate.levels if level.name == name)
    return found.value, found.bound - found.value


class _Lines:
    """The lines of a run: what market and plan made of each month, or step, of each order."""

    def __init__(
        self,
        run: ClearingRun,
        problem: Problem,
        facts: Facts,
        plan: Outcome,
        lost: Mapping[RowName, int],
        levers: Mapping[RowName, int],
    ) -> None:
        self._run, self._facts = run, facts
        self._plan = {(order.id, order.month): order for order in plan.orders}
        self._lost, self._levers = lost, levers
        self._named = named_in_month(problem)

    def of(self, market: Outcome) -> list[RunOrder]:
        return [self._line(order) for order in market.orders]

    def _line(self, order: OrderResult) -> RunOrder:
        facts = _facts(self._facts, order.id)
        month = month_at(months_of(self._run), order.month)
        lost = self._lost.get((order.id, month), 0)
        planned = self._plan[order.id, order.month]
        idle = self._idle(month, facts.product)
        return RunOrder(
            run=self._run,
            side=facts.side,
            listing_number=facts.number,
            month=month,
            step=step_of(order.id),
            company_id=facts.company_id,
            adcode=facts.adcode,
            materials="|".join(facts.materials),
            kg=order.kg,
            placed_kg=order.placed - lost,
            plan_placed_kg=planned.placed,
            reason=Unplaced.CHANGED if lost else self._reason(order, idle),
            plan_reason=self._reason(planned, idle),
            detail=public_detail(order.detail, in_steps=step_of(order.id) > 0) | idle,
            lever=None if lost else self._levers.get((order.id, month)),
        )

    def _reason(self, order: OrderResult, idle: Mapping[str, int]) -> Unplaced:
        is_named = (order.id, order.month) in self._named
        return reason_of(order.reason, order.kg, idle, is_named=is_named)

    def _idle(self, month: date, product: str | None) -> dict[str, int]:
        """How many days of a month the order's works stand still, if they do."""
        found: dict[str, Any] = self._run.settings.get("idle", {}).get(f"{month:%Y-%m}", {})
        if product is None or product not in found:
            return {}
        idle, days = found[product]
        return {"idle_days": idle, "days": days}
