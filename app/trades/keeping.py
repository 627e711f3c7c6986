"""The clock of trades: who is reminded, what goes to the operator, what ends by itself.

`due` names the cases, `keep` does to one of them what its clock asks; each in a transaction of
its own, so that one that fails stops no other and nothing is ever half done.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.companies.models import Company
from app.companies.rules import CompanyStatus
from app.core.actor import SYSTEM
from app.features import modules
from app.trades import cases, steps, telling, trucks
from app.trades.models import Trade
from app.trades.rules import (
    STANDING,
    Clock,
    Deed,
    Duty,
    EndReason,
    Owner,
    Party,
    Terms,
    TradeStatus,
    duty,
    ending_when_overdue,
    holding,
    owner,
)
from app.trades.steps import End
from app.trades.terms import terms_at

BATCH = 200


def due(session: Session, now: datetime, after: int = 0) -> list[int]:
    """The ids, in their order, of the next cases beyond `after` of which the clock asks something.

    At most `BATCH`; the rules decide again on each, once it is held.
    """
    terms = terms_at(session, now)
    query = (
        select(Trade.id)
        .where(Trade.id > after, Trade.status.in_(STANDING))
        .where(or_(_near(terms, now), _passed(terms, now), _of_a_suspended_firm()))
        .order_by(Trade.id)
        .limit(BATCH)
    )
    return list(session.scalars(query))


def keep(session: Session, trade_id: int, now: datetime) -> None:
    """Do what the clock of one case asks now; nothing if somebody has been faster."""
    found = steps.locked(session, Trade.id == trade_id)
    if not found:
        return
    trade, terms = found[0], terms_at(session, now)
    if _lost_a_firm(trade):
        steps.end(session, SYSTEM, trade, End(Deed.CANCEL, EndReason.FIRM_SUSPENDED), now)
        return
    match duty(_clock(session, trade), terms, now):
        case Duty.REMIND:
            _remind(session, trade, now)
        case Duty.EXPIRE:
            steps.end(session, SYSTEM, trade, End(Deed.EXPIRE, EndReason.NO_ANSWER), now)
        case Duty.ESCALATE:
            _escalate(session, trade, now)
        case Duty.END:
            _end_overdue(session, trade, terms, now)


def _near(terms: Terms, now: datetime) -> ColumnElement[bool]:
    soon = now + timedelta(hours=terms.reminder_hours)
    return and_(Trade.reminded_at.is_(None), Trade.deadline.between(now, soon))


def _passed(terms: Terms, now: datetime) -> ColumnElement[bool]:
    given_up = now - timedelta(days=terms.escalate_days)
    is_due = or_(
        Trade.status == TradeStatus.PROPOSED,
        Trade.escalated_at.is_(None),
        Trade.escalated_at < given_up,
    )
    return and_(Trade.deadline < now, is_due)


def _of_a_suspended_firm() -> ColumnElement[bool]:
    away = select(Company.id).where(Company.status != CompanyStatus.APPROVED)
    sides = or_(Trade.producer_company_id.in_(away), Trade.consumer_company_id.in_(away))
    return and_(Trade.status == TradeStatus.PROPOSED, sides)


def _lost_a_firm(trade: Trade) -> bool:
    """Whether a proposal waits for a firm that may not trade any more."""
    both = trade.producer.is_approved and trade.consumer.is_approved
    return trade.status is TradeStatus.PROPOSED and not both


def _clock(session: Session, trade: Trade) -> Clock:
    held = holding(trucks.disputes_of(session, [trade.number])[trade.number])
    times = (trade.deadline, trade.reminded_at, trade.escalated_at)
    return Clock(trade.status, *times, is_held=held is not None)


def _remind(session: Session, trade: Trade, now: datetime) -> None:
    given = trade.confirmed_by if trade.status is TradeStatus.PROPOSED else trade.signed_by
    whose = owner(trade.status, given, escalated=False)
    steps.write(session, trade, reminded_at=now)
    steps.record(session, SYSTEM, "trade.remind", trade, now)
    sides = Party if whose is Owner.BOTH else (Party(whose),) if whose else ()
    telling.deadline_near(session, trade, sides, now)


def _escalate(session: Session, trade: Trade, now: datetime) -> None:
    steps.write(session, trade, escalated_at=now)
    steps.record(session, SYSTEM, "trade.escalate", trade, now)
    telling.escalated(session, trade, now)


def _end_overdue(session: Session, trade: Trade, terms: Terms, now: datetime) -> None:
    """End a case the operator did not end either; one that is on the road waits."""
    if trade.status is TradeStatus.CONFIRMED:
        steps.end(session, SYSTEM, trade, End(Deed.CANCEL, EndReason.NOT_SIGNED), now)
        return
    at_fault = _side_at_fault(session, trade)
    stands = steps.progress(session, trade)
    ending = ending_when_overdue(stands, terms.short_tolerance_milli, at_fault)
    if ending is None:
        return
    if ending[0] is Deed.DEFAULT:
        cases.default(session, SYSTEM, trade, at_fault, now)
    else:
        steps.end(session, SYSTEM, trade, End(*ending), now)


def _side_at_fault(session: Session, trade: Trade) -> Party:
    """Who is to blame if too little came: who left the other waiting, as far as is known.

    Features above may know: their `idleness.idle_side` answers with a side or nothing. Without
    evidence it is the producer, who has to send the trucks.
    """
    for module in modules("idleness"):
        side: Party | None = module.idle_side(session, trade.number)
        if side is not None:
            return side
    return Party.PRODUCER
