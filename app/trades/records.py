"""A firm's delivery record: what it said yes to and what came of it, in the last twelve months.

Every figure is counted from trades and the kilogram ledger; `DeliveryRecord` says how. Whoever may
not know the firm's name is shown counts and shares only: exact tonnes could give a firm away to
somebody who has dealt with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.companies.models import Company
from app.core.actor import Actor
from app.core.clock import CHINA, add_months, china_day, month_of
from app.core.errors import NotFound
from app.listings import queries as listings
from app.listings.models import Listing
from app.trades.masses import Masses, masses_of
from app.trades.models import Trade
from app.trades.policy import visible_to
from app.trades.readers import opened_to
from app.trades.rules import Dispute, Party, Terms, TradeStatus, delivery_deadline, last_day
from app.trades.terms import terms_at
from app.trades.trucks import disputes_of

MONTHS = 12
"""How far back a record goes: trades proposed in this month and the twelve before it."""

DELIVERED = (TradeStatus.COMPLETED, TradeStatus.DEFAULTED)
"""The endings of what was contracted and not called off."""


@dataclass(frozen=True, slots=True)
class Line:
    """One trade as a record counts it, seen from the firm's side; kilograms.

    `answered_in_time` is `None` while the firm may still answer, and where it had not to.
    `due` is the day by which everything should have come, `None` before a contract.
    """

    kg: int
    status: TradeStatus
    is_confirmed: bool
    answered_in_time: bool | None
    masses: Masses
    due: date | None
    ended_on: date | None
    at_fault: bool


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """The figures of a record; kilograms and numbers of trades.

    confirmed_kg   of trades both sides said yes to
    delivered_kg   taken over at the consumer's gate
    short_kg       confirmed, not delivered, and the trade completed or defaulted
    rejected_kg    sent back from the consumer's gate
    late           trades that went on after their last day, or were only closed then
    asked          proposals the firm had to answer and whose time is over or that it answered
    answered       those of them it answered in time, yes or no
    defaults       trades that failed by the firm's fault
    """

    trades: int
    confirmed_kg: int
    delivered_kg: int
    short_kg: int
    rejected_kg: int
    late: int
    asked: int
    answered: int
    defaults: int


@dataclass(frozen=True, slots=True)
class FirmView:
    """A firm's page for those who may know its name."""

    company_id: int
    name: str
    is_mine: bool
    record: DeliveryRecord
    barred_at: datetime | None
    defaults_released_at: datetime | None


def reckon(lines: Iterable[Line], on: date) -> DeliveryRecord:
    """The record of these trades on a day."""
    every = list(lines)
    bound = [line for line in every if line.is_confirmed]
    answers = [line.answered_in_time for line in every if line.answered_in_time is not None]
    return DeliveryRecord(
        trades=len(bound),
        confirmed_kg=sum(line.kg for line in bound),
        delivered_kg=sum(line.masses.received for line in bound),
        short_kg=sum(line.kg - line.masses.received for line in bound if line.status in DELIVERED),
        rejected_kg=sum(line.masses.rejected for line in bound),
        late=sum(_is_late(line, on) for line in bound),
        asked=len(answers),
        answered=sum(answers),
        defaults=sum(line.at_fault for line in bound),
    )


def delivery_record(session: Session, company_id: int, on: date) -> DeliveryRecord:
    """What a firm has confirmed and delivered in the months up to this day."""
    since = add_months(month_of(on), -MONTHS)
    trades = [trade for trade in _trades_of(session, company_id) if _proposed_on(trade) >= since]
    numbers = [trade.number for trade in trades]
    masses, disputes = masses_of(session, numbers), disputes_of(session, numbers)
    terms = terms_at(session, datetime.combine(on, time(12), CHINA))
    lines = [
        _line(trade, company_id, masses[trade.number], _due(trade, terms, disputes, on))
        for trade in trades
    ]
    return reckon(lines, on)


def firm(session: Session, actor: Actor, company_id: int, now: datetime) -> FirmView:
    """A firm's page; raises `NotFound` for whoever may not know its name."""
    company = session.get(Company, company_id)
    if company is None or not _may_name(session, actor, company_id, now):
        raise NotFound
    return FirmView(
        company_id=company.id,
        name=company.display_name,
        is_mine=actor.company_id == company_id,
        record=delivery_record(session, company_id, china_day(now)),
        barred_at=company.barred_at,
        defaults_released_at=company.defaults_released_at,
    )


def record_of_listing(session: Session, actor: Actor, number: str, now: datetime) -> DeliveryRecord:
    """The record of the firm behind a listing, whose name stays closed; raises `NotFound`."""
    day = china_day(now)
    listings.show(session, actor, number, day)
    company_id = session.scalars(select(Listing.company_id).where(Listing.number == number)).one()
    return delivery_record(session, company_id, day)


def record_of_side(session: Session, number: str, party: Party, on: date) -> DeliveryRecord:
    """The record of one side of a trade. The caller has shown the trade to the reader."""
    trade = session.scalars(select(Trade).where(Trade.number == number)).one()
    firms = {
        Party.PRODUCER: trade.producer_company_id,
        Party.CONSUMER: trade.consumer_company_id,
    }
    return delivery_record(session, firms[party], on)


def _may_name(session: Session, actor: Actor, company_id: int, now: datetime) -> bool:
    """The firm itself, the operator, who has a confirmed trade with it, who has looked it up."""
    if actor.is_operator or (actor.is_company and actor.company_id == company_id):
        return True
    sides = or_(Trade.producer_company_id == company_id, Trade.consumer_company_id == company_id)
    met = select(Trade.id).where(sides, visible_to(actor))
    if actor.is_regulator:
        met = met.where(Trade.number.in_(opened_to(session, actor, now)))
    else:
        met = met.where(Trade.confirmed_at.is_not(None))
    return session.scalar(met.limit(1)) is not None


def _trades_of(session: Session, company_id: int) -> list[Trade]:
    sides = or_(Trade.producer_company_id == company_id, Trade.consumer_company_id == company_id)
    return list(session.scalars(select(Trade).where(sides).order_by(Trade.id)))


def _proposed_on(trade: Trade) -> date:
    return china_day(trade.proposed_at)


def _line(trade: Trade, company_id: int, masses: Masses, due: date | None) -> Line:
    party = Party.PRODUCER if trade.producer_company_id == company_id else Party.CONSUMER
    return Line(
        kg=trade.kg,
        status=trade.status,
        is_confirmed=trade.confirmed_at is not None,
        answered_in_time=_answered(trade, party),
        masses=masses,
        due=due,
        ended_on=china_day(trade.ended_at) if trade.ended_at else None,
        at_fault=trade.at_fault is party,
    )


def _answered(trade: Trade, party: Party) -> bool | None:
    """Whether a side answered a proposal; the clock takes no answer that is late.

    A side that had no time left to answer, because the other said no first, was not asked.
    """
    if party in trade.confirmed_by or (
        trade.status is TradeStatus.DECLINED and trade.ended_by is party
    ):
        return True
    return False if trade.status is TradeStatus.EXPIRED else None


def _due(
    trade: Trade, terms: Terms, disputes: Mapping[str, list[Dispute]], on: date
) -> date | None:
    """The last day to deliver and close, by the terms of the record's day; none before a contract.

    Weights that had to be settled put it off.
    """
    if trade.contracted_at is None:
        return None
    due = china_day(delivery_deadline(trade.month, trade.contracted_at, terms))
    return last_day(due, disputes[trade.number], on, terms.close_days)


def _is_late(line: Line, on: date) -> bool:
    if line.due is None or line.status is TradeStatus.CANCELLED:
        return False
    return (line.ended_on or on) > line.due
