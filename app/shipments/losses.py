"""Loads that nobody weighed again: given up by the operator's word, or by the clock after it.

What left and never arrived is a difference of the whole load: it was neither used nor sent back.
What was rejected and never came home counts as home, for the waste is the producer's until somebody
takes it: it opens again whole, and the kilograms nobody weighed are a discrepancy at its gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app.catalogue.queries import term
from app.catalogue.rules import Term
from app.core import i18n
from app.core.actor import Actor
from app.core.clock import china_day
from app.core.errors import Forbidden, Refused
from app.shipments import tidings
from app.shipments.discrepancies import complete_trade, open_case
from app.shipments.locking import change, hold, record, write
from app.shipments.messages import moved_on
from app.shipments.models import Shipment, Ticket
from app.shipments.rules import ON_THE_ROAD, SENT_BACK, Deed, End, ShipmentStatus
from app.trades import delivery
from app.trades.models import Trade


@dataclass(frozen=True, slots=True)
class MissingRow:
    """A load the operator has to look for: its note, since when, and how many kilograms."""

    number: str
    since: datetime
    kg: int


def declare_missing(
    session: Session, actor: Actor, number: str, words: str, now: datetime
) -> Shipment:
    """The operator's word that a load is not coming any more; `words` say on what it rests.

    Raises `Forbidden`, `NotFound`, `Conflict` for a load that is not on any road, or `Refused`
    before its time and without words.
    """
    if not actor.is_operator:
        raise Forbidden
    shipment = hold(session, actor, number)
    since = shipment.unseen_since
    if since is None:
        raise moved_on(shipment)
    from_when = since + patience(session, now)
    if now <= from_when:
        raise Refused(_l("这车货在 %(at)s 以后还没有过磅，才能结案。", at=i18n.moment(from_when)))
    if not words.strip():
        raise Refused(_l("请写明核实的情况，双方会看到。"), field="words")
    give_up(session, actor, shipment, now, words.strip())
    return shipment


def give_up(
    session: Session, actor: Actor, shipment: Shipment, now: datetime, words: str = ""
) -> None:
    """Count a held load as lost, or what was rejected of it as home; everybody is told."""
    if shipment.status in SENT_BACK:
        _count_as_home(session, actor, shipment, now)
    else:
        _close_as_lost(session, actor, shipment, now, words)
    tidings.lost(session, shipment, now)
    complete_trade(session, actor, shipment.trade, now)


def missing(session: Session, now: datetime) -> list[MissingRow]:
    """The loads that wait for the operator's word, the longest missing first."""
    left = and_(Shipment.status.in_(ON_THE_ROAD), Ticket.end == End.LOADING)
    returns = and_(Shipment.status.in_(SENT_BACK), Shipment.returned_at.is_(None))
    since = case(
        (Shipment.status == ShipmentStatus.ARRIVED, Shipment.arrived_at), else_=Ticket.recorded_at
    )
    kg = case((Shipment.status.in_(SENT_BACK), Shipment.rejected_kg), else_=Shipment.dispatched_kg)
    query = (
        select(Shipment.number, since, kg)
        .join(Ticket, Ticket.shipment_id == Shipment.id)
        .where(or_(left, and_(returns, Ticket.end == End.UNLOADING)))
        .where(since < now - patience(session, now))
        .order_by(since, Shipment.id)
    )
    return [MissingRow(number, at, mass) for number, at, mass in session.execute(query)]


def given_up_at(session: Session, number: str, now: datetime) -> datetime | None:
    """When the clock will end a load that waits for the operator's word; none for any other."""
    found = next((row.since for row in missing(session, now) if row.number == number), None)
    if found is None:
        return None
    operators = timedelta(days=term(session, Term.ESCALATE_DAYS, china_day(now)))
    return found + patience(session, now) + operators


def lost_kg(session: Session, trade_number: str) -> int:
    """Kilograms of a trade that left and never arrived."""
    query = (
        select(func.coalesce(func.sum(Shipment.dispatched_kg), 0))
        .join(Trade, Trade.id == Shipment.trade_id)
        .where(Trade.number == trade_number, is_lost())
    )
    return int(session.scalar(query) or 0)


def is_lost() -> ColumnElement[bool]:
    """`Shipment.is_lost` as a condition."""
    return and_(Shipment.status == ShipmentStatus.CLOSED, Shipment.received_at.is_(None))


def patience(session: Session, now: datetime) -> timedelta:
    """How long a load may go unweighed before it is missing."""
    return timedelta(days=term(session, Term.LOST_DAYS, china_day(now)))


def _close_as_lost(
    session: Session, actor: Actor, shipment: Shipment, now: datetime, words: str
) -> None:
    change(session, shipment, Deed.LOSE, closed_at=now, words=words)
    delivery.receive(
        session,
        actor,
        shipment.trade.number,
        shipment.number,
        received_kg=0,
        rejected_kg=0,
        difference_kg=shipment.dispatched_kg,
        now=now,
    )
    record(session, actor, "lose", shipment, now, kg=shipment.dispatched_kg)


def _count_as_home(session: Session, actor: Actor, shipment: Shipment, now: datetime) -> None:
    kg = shipment.rejected_kg
    write(session, shipment, returned_at=now)
    delivery.take_back(session, actor, shipment.trade.number, shipment.number, kg, now)
    open_case(session, shipment, End.RETURN, kg, 0, 0, now)
    record(session, actor, "count_home", shipment, now, kg=kg)
