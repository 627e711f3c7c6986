"""What the firms and the operator are told of their trucks. Each is told once (see the keys)."""

from __future__ import annotations

from datetime import datetime

from flask_babel import LazyString
from sqlalchemy.orm import Session

from app.core import i18n
from app.core.quantities import tonnes_text
from app.notifications.operations import tell_company, tell_operators
from app.notifications.rules import Kind
from app.shipments.models import Discrepancy, Shipment
from app.shipments.rules import End, RejectReason
from app.shipments.words import REASON_WORDS


def path_of(shipment: Shipment) -> str:
    return f"/shipments/{shipment.number}"


def sides(shipment: Shipment) -> tuple[int, int]:
    """The two firms of the trade."""
    return shipment.trade.producer_company_id, shipment.trade.consumer_company_id


def everybody(shipment: Shipment) -> list[int]:
    """The two firms and the carrier, each once."""
    carrier = shipment.carrier_company_id
    return sorted({*sides(shipment), *([] if carrier is None else [carrier])})


def due(session: Session, shipment: Shipment, end: End, at: datetime, now: datetime) -> None:
    """Tell the gate's firm and the carrier of an appointment that is near."""
    producer, consumer = sides(shipment)
    gate = consumer if end is End.UNLOADING else producer
    key = f"{shipment.number}:{end}:{at:%y%m%d%H%M}"
    for company in sorted({gate, shipment.carrier_company_id or gate}):
        tell_company(
            session,
            company,
            Kind.SHIPMENT_DUE,
            key,
            path_of(shipment),
            now,
            number=shipment.number,
            at=i18n.moment(at),
        )


def arrived(session: Session, shipment: Shipment, now: datetime) -> None:
    for company in sorted(set(sides(shipment))):
        tell_company(
            session,
            company,
            Kind.SHIPMENT_ARRIVED,
            shipment.number,
            path_of(shipment),
            now,
            number=shipment.number,
            plate=shipment.plate,
        )


def rejected(session: Session, shipment: Shipment, now: datetime) -> None:
    reason = REASON_WORDS[shipment.reject_reason or RejectReason.OTHER]
    for company in everybody(shipment):
        tell_company(
            session,
            company,
            Kind.REJECTION,
            shipment.number,
            path_of(shipment),
            now,
            number=shipment.number,
            tonnes=tonnes_text(shipment.rejected_kg),
            reason=reason,
        )


def disputed(session: Session, case: Discrepancy, now: datetime, news: str = "opened") -> None:
    """Tell both sides of a discrepancy, or of what is new in it."""
    for company in sorted(set(sides(case.shipment))):
        tell_company(
            session,
            company,
            Kind.DISCREPANCY,
            f"{case.shipment.number}:{case.end}:{news}",
            path_of(case.shipment),
            now,
            number=case.shipment.number,
            dispatched=tonnes_text(case.sent_kg),
            received=tonnes_text(case.weighed_kg),
        )


def lost(session: Session, shipment: Shipment, now: datetime) -> None:
    """Tell everybody of a load that is counted as not arrived."""
    for company in everybody(shipment):
        tell_company(
            session,
            company,
            Kind.DISCREPANCY,
            f"{shipment.number}:lost",
            path_of(shipment),
            now,
            number=shipment.number,
            dispatched=tonnes_text(shipment.dispatched_kg),
            received=tonnes_text(0),
        )


def overdue(
    session: Session, shipment: Shipment, step: LazyString, which: str, now: datetime
) -> None:
    """Tell everybody and the operator that a step is late; `which` tells one from another."""
    key, path = f"{shipment.number}:{which}", path_of(shipment)
    for company in everybody(shipment):
        tell_company(
            session, company, Kind.ESCALATED, key, path, now, number=shipment.number, step=step
        )
    tell_operators(session, Kind.ESCALATED, key, path, now, number=shipment.number, step=step)
