"""What trucks tell of a trade that was not delivered: which side answers for that."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.shipments.losses import is_lost
from app.shipments.models import Shipment
from app.shipments.rules import PLANNED, ShipmentStatus
from app.trades.models import Trade
from app.trades.rules import Party


def idle_side(session: Session, trade_number: str) -> Party | None:
    """The side that did not do its part of the last truck planned or lost; none without one.

    A truck nobody confirmed waits for the side that did not plan it. For a confirmed one, and for
    one that never arrived, answers who drives: the consumer if the truck is its own, else the
    producer, who sends it.
    """
    last = session.scalar(
        select(Shipment)
        .join(Trade, Trade.id == Shipment.trade_id)
        .where(Trade.number == trade_number, or_(Shipment.status.in_(PLANNED), is_lost()))
        .order_by(Shipment.id.desc())
        .limit(1)
    )
    if last is None:
        return None
    if last.status is ShipmentStatus.DRAFT:
        return last.planned_by.other
    fetches = last.carrier_company_id == last.trade.consumer_company_id
    return Party.CONSUMER if fetches else Party.PRODUCER
