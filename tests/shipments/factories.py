"""Trucks for tests, made by the product's own operations."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from sqlalchemy.orm import Session

from app.companies.models import Company
from app.core.actor import Actor
from app.shipments import notes, vehicles, weighing
from app.shipments.models import Shipment, Ticket, Vehicle
from app.shipments.notes import Haulage, PlanDraft
from app.shipments.rules import EmissionClass, End, RejectReason, Verdict
from app.shipments.vehicles import VehicleDraft
from app.shipments.weighing import TicketDraft
from app.trades.models import Trade
from tests.companies.factories import approved_company
from tests.conftest import NOW
from tests.listings.factories import trader
from tests.trades.factories import consumer_of, producer_of

NET = 30_000
TARE = 15_000
PHONE = "13800000000"
LOADED = NOW + timedelta(hours=1)
UNLOADED = NOW + timedelta(hours=3)
BACK = NOW + timedelta(hours=6)
LATEST = NOW + timedelta(hours=7)
"""A `now` at which every weighing above lies in the past."""

_numbers = count(1)


def plate_of(number: int) -> str:
    """A valid truck plate; different numbers give different plates."""
    return f"鲁P{number:05d}"


def carrier(session: Session) -> Company:
    """A firm that only drives."""
    return approved_company(session, is_producer=False, is_consumer=False, is_carrier=True)


def vehicle(session: Session, company: Company, **changes: object) -> Vehicle:
    """One more truck that may carry 32 t."""
    values: dict[str, object] = {
        "plate": plate_of(next(_numbers)),
        "emission": EmissionClass.CHINA_6,
        "load_kg": 32_000,
    }
    return vehicles.register(session, trader(company), VehicleDraft(**(values | changes)), NOW)  # type: ignore[arg-type]


def plan_draft(truck: Vehicle | None = None, **changes: object) -> PlanDraft:
    haulage = Haulage(truck.plate if truck else "", "司机甲", PHONE)
    values: dict[str, object] = {"planned_kg": NET, "haulage": haulage}
    return PlanDraft(**(values | changes))  # type: ignore[arg-type]


def planned(
    session: Session, trade: Trade, truck: Vehicle | None = None, **changes: object
) -> Shipment:
    """A note that the producer wrote; without a truck, for one more of its own."""
    truck = truck or vehicle(session, trade.producer)
    draft = plan_draft(truck, **changes)
    return notes.plan(session, producer_of(trade), trade.number, draft, NOW)


def confirmed(
    session: Session, trade: Trade, truck: Vehicle | None = None, **changes: object
) -> Shipment:
    """The same, once the consumer has said yes."""
    shipment = planned(session, trade, truck, **changes)
    return notes.confirm(session, consumer_of(trade), shipment.number, NOW)


def ticket_draft(end: End, net: int = NET, **changes: object) -> TicketDraft:
    """A ticket of so many kilograms net; unloading accepts the whole unless told otherwise."""
    at = {End.LOADING: LOADED, End.UNLOADING: UNLOADED, End.RETURN: BACK}[end]
    values: dict[str, object] = {
        "end": end,
        "number": f"{next(_numbers):08d}",
        "gross_kg": TARE + net,
        "tare_kg": TARE,
        "weighed_at": at,
        "verdict": Verdict.ACCEPT if end is End.UNLOADING else None,
    }
    return TicketDraft(**(values | changes))  # type: ignore[arg-type]


def weigh(
    session: Session,
    shipment: Shipment,
    end: End,
    net: int = NET,
    at: datetime = LATEST,
    **changes: object,
) -> Ticket:
    """Weigh at the gate whose turn it is; `changes` are fields of the ticket's draft."""
    actor = weigher(shipment, end)
    draft = ticket_draft(end, net, **changes)
    return weighing.weigh(session, actor, shipment.number, draft, at)


def weigher(shipment: Shipment, end: End) -> Actor:
    return (consumer_of if end is End.UNLOADING else producer_of)(shipment.trade)


def on_the_road(
    session: Session, trade: Trade, net: int = NET, truck: Vehicle | None = None
) -> Shipment:
    """A truck that left with so many kilograms."""
    shipment = confirmed(session, trade, truck, planned_kg=net)
    weigh(session, shipment, End.LOADING, net)
    return shipment


def received(
    session: Session, trade: Trade, net: int = NET, arrived: int | None = None
) -> Shipment:
    """A load that was taken, as it left or with another weight."""
    shipment = on_the_road(session, trade, net)
    weigh(session, shipment, End.UNLOADING, net if arrived is None else arrived)
    return shipment


def rejected(session: Session, trade: Trade, part: int | None = None, net: int = NET) -> Shipment:
    """A load that was refused for its moisture, wholly or in part."""
    shipment = on_the_road(session, trade, net)
    verdict = Verdict.REJECT if part is None else Verdict.PART
    weigh(
        session,
        shipment,
        End.UNLOADING,
        net,
        verdict=verdict,
        rejected_kg=part or 0,
        reject_reason=RejectReason.MOISTURE,
    )
    return shipment
