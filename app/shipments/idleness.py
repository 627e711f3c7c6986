"""Which side of a trade has kept the other waiting, as far as its trucks tell."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.shipments.models import Shipment
from app.shipments.rules import PLANNED, ShipmentStatus
from app.trades.models import Trade
from app.trades.rules import Party


def idle_side(session: Session, trade_number: str) -> Party | None:
    """Who did not go on with the last truck that was planned and never left; `None` without one.

    A plan waits for the word of the side that did not make it, a confirmed truck for its load.
    """
    last = session.scalar(
        select(Shipment)
        .join(Trade, Trade.id == Shipment.trade_id)
        .where(Trade.number == trade_number, Shipment.status.in_(PLANNED))
        .order_by(Shipment.id.desc())
        .limit(1)
    )
    if last is None:
        return None
    if last.status is ShipmentStatus.CONFIRMED:
        return Party.PRODUCER
    return last.planned_by.other
