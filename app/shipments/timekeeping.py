"""The clock of trucks: who is reminded, what is late, what goes to the operator, what ends.

`open_notes` names the notes, `asks` picks those whose clock asks for something, `keep` does that
to one of them; each in a transaction of its own, so that one that fails stops no other. People are
told a thing once, however often it is due.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.catalogue.queries import term
from app.core.actor import SYSTEM
from app.core.clock import china_day
from app.shipments import losses, tidings
from app.shipments.discrepancies import escalate, settle_as_weighed
from app.shipments.locking import change, hold_all, record
from app.shipments.models import Shipment
from app.shipments.rules import (
    ENDED,
    Clock,
    Deed,
    DiscrepancyStatus,
    Duty,
    End,
    Terms,
    duties,
)
from app.trades.rules import UNDER_DELIVERY

BATCH = 200
LATE_STEPS = {
    Duty.ASK_ARRIVAL: _l("到厂"),
    Duty.ASK_UNLOADING: _l("收货过磅"),
    Duty.ASK_RETURN: _l("拒收的货退回过磅"),
    Duty.ASK_LOST: _l("核实没有到达的车"),
}


def open_notes(session: Session, after: int = 0) -> list[int]:
    """The ids, in their order, of the next open notes beyond `after`; at most `BATCH`."""
    query = select(Shipment.id).where(Shipment.id > after, Shipment.status.not_in(ENDED))
    return list(session.scalars(query.order_by(Shipment.id).limit(BATCH)))


def asks(session: Session, ids: list[int], now: datetime) -> list[int]:
    """Those of the notes of whose clocks something is asked; read without holding any."""
    query = (
        select(Shipment)
        .options(joinedload(Shipment.trade, innerjoin=True))
        .where(Shipment.id.in_(ids))
        .order_by(Shipment.id)
    )
    terms = terms_at(session, now)
    return [one.id for one in session.scalars(query) if duties(clock_of(one), terms, now)]


def keep(session: Session, shipment_id: int, now: datetime) -> None:
    """Do what the clock of one note asks now; nothing if somebody has been faster."""
    for shipment in hold_all(session, Shipment.id == shipment_id):
        for duty in duties(clock_of(shipment), terms_at(session, now), now):
            _do(session, shipment, duty, now)


def clock_of(shipment: Shipment) -> Clock:
    return Clock(
        status=shipment.status,
        next=shipment.next,
        trade_is_over=shipment.trade.status not in UNDER_DELIVERY,
        load_slot_at=shipment.load_slot_at,
        unload_slot_at=shipment.unload_slot_at,
        departed_at=shipment.told_at(End.LOADING),
        arrived_at=shipment.arrived_at,
        received_at=shipment.told_at(End.UNLOADING),
        returned_at=shipment.told_at(End.RETURN) or shipment.returned_at,
        settle_by=_first_deadline(shipment, DiscrepancyStatus.OPEN),
        decide_by=_first_deadline(shipment, DiscrepancyStatus.ESCALATED),
    )


def _first_deadline(shipment: Shipment, status: DiscrepancyStatus) -> datetime | None:
    deadlines = (case.deadline for case in shipment.discrepancies if case.status is status)
    return min(deadlines, default=None)


def terms_at(session: Session, now: datetime) -> Terms:
    """The market's terms of a day; raises `LookupError` if one is missing."""
    day = china_day(now)
    return Terms(**{name: term(session, name, day) for name in Terms.__dataclass_fields__})


def _do(session: Session, shipment: Shipment, duty: Duty, now: datetime) -> None:
    match duty:
        case Duty.VOID:
            change(session, shipment, Deed.VOID, voided_at=now)
            record(session, SYSTEM, "void", shipment, now, trade=shipment.trade.status)
        case Duty.CLOSE:
            change(session, shipment, Deed.CLOSE, closed_at=now)
            record(session, SYSTEM, "close", shipment, now)
        case Duty.ESCALATE:
            _escalate(session, shipment, now)
        case Duty.SETTLE:
            settle_as_weighed(session, shipment, now)
        case Duty.GIVE_UP:
            losses.give_up(session, SYSTEM, shipment, now)
        case Duty.REMIND_LOADING | Duty.REMIND_UNLOADING:
            _remind(session, shipment, duty, now)
        case _:
            tidings.overdue(session, shipment, LATE_STEPS[duty], duty.value, now)


def _escalate(session: Session, shipment: Shipment, now: datetime) -> None:
    for case in shipment.discrepancies:
        if case.status is DiscrepancyStatus.OPEN and case.deadline < now:
            escalate(session, case, now)
            record(session, SYSTEM, "weight_escalated", shipment, now, end=case.end)


def _remind(session: Session, shipment: Shipment, duty: Duty, now: datetime) -> None:
    loads = duty is Duty.REMIND_LOADING
    at = shipment.load_slot_at if loads else shipment.unload_slot_at
    if at is not None:
        tidings.due(session, shipment, End.LOADING if loads else End.UNLOADING, at, now)
