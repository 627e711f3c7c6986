"""Consignment notes held until the transaction ends, and the one way their state changes.

Order of locking: trades by id, their notes by id, then a vehicle or a gate, then lots
(`ledger.operations.lock`); so no two transactions can wait for each other.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.orm.attributes import set_committed_value

from app.core import audit
from app.core.actor import Actor
from app.core.errors import Conflict, NotFound
from app.shipments.messages import moved_on
from app.shipments.models import Shipment
from app.shipments.policy import visible_to
from app.shipments.rules import Deed, next_status
from app.trades.models import Trade
from app.trades.policy import sides_of

Row = TypeVar("Row", Shipment, Trade)


def hold(session: Session, actor: Actor, number: str) -> Shipment:
    """A note the actor may see, with its trade; raises `NotFound`."""
    found = hold_all(session, (Shipment.number == number) & visible_to(actor))
    if not found:
        raise NotFound
    return found[0]


def hold_all(session: Session, condition: ColumnElement[bool]) -> list[Shipment]:
    """All notes that meet a condition once they and their trades are held."""
    trades = select(Shipment.trade_id).where(condition)
    hold_trades(session, Trade.id.in_(trades))
    return list(session.scalars(_for_update(select(Shipment).where(condition), Shipment.id)))


def hold_trades(session: Session, condition: ColumnElement[bool]) -> list[Trade]:
    """Trades in the order of their ids."""
    return list(session.scalars(_for_update(select(Trade).where(condition), Trade.id)))


def require_open(shipment: Shipment, deed: Deed) -> None:
    """Raise a `Conflict` that says what the note has become, unless the deed may happen."""
    if next_status(shipment.status, deed) is None:
        raise moved_on(shipment)


def change(session: Session, shipment: Shipment, deed: Deed, **values: object) -> None:
    """Move a held note on; raises `Conflict` if the deed may not happen in its state."""
    require_open(shipment, deed)
    write(session, shipment, status=next_status(shipment.status, deed), **values)


def write(session: Session, shipment: Shipment, **values: object) -> None:
    """Change a held note, if it still is what it was when it was read; else raise `Conflict`."""
    result = session.execute(
        update(Shipment)
        .where(Shipment.id == shipment.id, Shipment.version == shipment.version)
        .values(version=Shipment.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise Conflict
    for name, value in {"version": shipment.version + 1, **values}.items():
        set_committed_value(shipment, name, value)


def record(
    session: Session, actor: Actor, verb: str, shipment: Shipment, now: datetime, **detail: object
) -> None:
    """Add a deed on a note to the audit trail."""
    sides = sorted(sides_of(actor, shipment.trade))
    subject = ("shipment", shipment.number)
    audit.record(session, actor, f"shipment.{verb}", subject, now, sides=sides, **detail)


def _for_update(query: Select[Row], order: InstrumentedAttribute[int]) -> Select[Row]:
    return query.order_by(order).with_for_update().execution_options(populate_existing=True)
