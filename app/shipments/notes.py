"""The consignment note before departure and after receipt: plan, confirm, change, void, close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.companies.rules import phone_faults
from app.core.actor import Actor
from app.core.clock import china_day
from app.core.errors import Conflict, Forbidden, NotFound, Refused
from app.core.faults import Fault
from app.core.permissions import require
from app.core.quantities import tonnes_text
from app.core.series import next_number
from app.shipments import gates, tidings, vehicles
from app.shipments.locking import change, hold, hold_trades, record, require_open, write
from app.shipments.messages import moved_on, refuse_first
from app.shipments.models import Shipment, Vehicle
from app.shipments.policy import may_confirm, may_handle, may_plan, takes_part
from app.shipments.queries import left_of
from app.shipments.rules import (
    PLANNED,
    Deed,
    Next,
    Packaging,
    ShipmentStatus,
)
from app.trades.models import Trade
from app.trades.policy import sides_of
from app.trades.rules import UNDER_DELIVERY, Party


@dataclass(frozen=True, slots=True)
class Haulage:
    """Which truck comes and who drives it."""

    plate: str
    driver: str
    driver_phone: str


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """One truck of a trade, before it is weighed; `via` names places on the way."""

    planned_kg: int
    haulage: Haulage
    packaging: Packaging = Packaging.BULK
    via: str = ""


def plan(
    session: Session, actor: Actor, trade_number: str, draft: PlanDraft, now: datetime
) -> Shipment:
    """Write a consignment note for a trade under delivery; the other side or the carrier confirms.

    Raises `NotFound`, `Conflict` for a trade that is not signed or has ended, and `Refused` for
    more than the trade has left, a truck that is not registered or one a gate does not let in.
    """
    trade, side = _own_trade(session, actor, trade_number)
    vehicle = _checked(session, trade, draft.haulage)
    _require_load(draft.planned_kg, vehicle)
    _require_left(session, trade, draft.planned_kg)
    shipment = Shipment(
        number=next_number(session, f"W-{china_day(now):%y%m}", 5),
        trade=trade,
        status=ShipmentStatus.DRAFT,
        planned_kg=draft.planned_kg,
        packaging=draft.packaging,
        via=draft.via.strip(),
        created_at=now,
        created_by=actor.label,
        planned_by=side,
        **_haulage_values(vehicle, draft.haulage),
    )
    session.add(shipment)
    session.flush()
    record(session, actor, "plan", shipment, now, trade=trade.number, kg=draft.planned_kg)
    return shipment


def confirm(session: Session, actor: Actor, number: str, now: datetime) -> Shipment:
    """Say yes to a planned load, as the other side or the carrier. Twice is once."""
    shipment = _own(session, actor, number)
    require(may_plan, actor)
    if not may_confirm(actor, shipment):
        raise Forbidden(_l("这车是本企业安排的：要由对方或承运企业确认，不能自己确认。"))
    if shipment.status is ShipmentStatus.CONFIRMED:
        return shipment
    require_open(shipment, Deed.CONFIRM)
    _require_deliverable(shipment.trade)
    change(session, shipment, Deed.CONFIRM, confirmed_at=now)
    record(session, actor, "confirm", shipment, now)
    return shipment


def change_vehicle(
    session: Session, actor: Actor, number: str, haulage: Haulage, now: datetime
) -> Shipment:
    """Send another truck or driver; possible until the truck is loaded."""
    shipment = _own(session, actor, number)
    require(may_plan, actor)
    if shipment.status not in PLANNED:
        raise moved_on(shipment)
    vehicle = _checked(session, shipment.trade, haulage)
    _require_load(shipment.planned_kg, vehicle)
    before = shipment.plate
    write(session, shipment, **_haulage_values(vehicle, haulage))
    record(session, actor, "vehicle", shipment, now, before=before, plate=shipment.plate)
    return shipment


def void(session: Session, actor: Actor, number: str, words: str, now: datetime) -> Shipment:
    """Cancel a note before departure, for either side of the trade; `words` say why."""
    shipment = _own(session, actor, number)
    require(may_plan, actor)
    if not sides_of(actor, shipment.trade):
        raise Forbidden(_l("运单由产废方或利废方作废；承运企业请联系其中一方。"))
    change(session, shipment, Deed.VOID, voided_at=now, words=words.strip())
    record(session, actor, "void", shipment, now)
    return shipment


def arrive(session: Session, actor: Actor, number: str, now: datetime) -> Shipment:
    """Report a truck at the consumer's gate, by the gate or by the driver. Twice is once."""
    shipment = _own(session, actor, number)
    require(may_handle, actor)
    if shipment.status is ShipmentStatus.ARRIVED:
        return shipment
    change(session, shipment, Deed.ARRIVE, arrived_at=now)
    record(session, actor, "arrive", shipment, now)
    tidings.arrived(session, shipment, now)
    return shipment


def close(session: Session, actor: Actor, number: str, now: datetime) -> Shipment:
    """Put a finished note away: what was rejected is back and no weight is disputed."""
    shipment = _own(session, actor, number)
    require(may_handle, actor)
    if shipment.status is ShipmentStatus.CLOSED:
        return shipment
    if shipment.next is not Next.CLOSE:
        raise _unfinished(shipment)
    change(session, shipment, Deed.CLOSE, closed_at=now)
    record(session, actor, "close", shipment, now)
    return shipment


def _own_trade(session: Session, actor: Actor, number: str) -> tuple[Trade, Party]:
    """A trade of the actor's firm under delivery, held, and the side that plans."""
    found = hold_trades(session, Trade.number == number)
    sides = sides_of(actor, found[0]) if found else frozenset()
    if not sides:
        raise NotFound
    require(may_plan, actor)
    _require_deliverable(found[0])
    return found[0], Party.PRODUCER if Party.PRODUCER in sides else Party.CONSUMER


def _require_deliverable(trade: Trade) -> None:
    if trade.status not in UNDER_DELIVERY:
        raise Conflict(
            _l("交易 %(number)s 还没有签订合同，或者已经结束：不能安排车辆。", number=trade.number),
            _l("请打开这笔交易，按它现在的状态办理。"),
        )


def _own(session: Session, actor: Actor, number: str) -> Shipment:
    shipment = hold(session, actor, number)
    if not takes_part(actor, shipment):
        raise NotFound
    return shipment


def _checked(session: Session, trade: Trade, haulage: Haulage) -> Vehicle:
    """The truck, if it may be used and is let in at both gates, with somebody to drive it."""
    vehicle = vehicles.usable(session, haulage.plate, trade)
    gates.require_let_in(session, trade, vehicle.emission)
    faults = [] if haulage.driver.strip() else [Fault("driver", "blank")]
    phone = haulage.driver_phone.strip()
    if phone_faults(phone):
        faults.append(Fault("driver_phone", "phone", {"value": phone}))
    refuse_first(faults)
    return vehicle


def _haulage_values(vehicle: Vehicle, haulage: Haulage) -> dict[str, object]:
    """The columns of a note that say who brings it."""
    return {
        "carrier_company_id": vehicle.company_id,
        "plate": vehicle.plate,
        "trailer_plate": vehicle.trailer_plate,
        "emission": vehicle.emission,
        "driver": haulage.driver.strip(),
        "driver_phone": haulage.driver_phone.strip(),
    }


def _require_load(planned_kg: int, vehicle: Vehicle) -> None:
    if not 0 < planned_kg <= vehicle.load_kg:
        refuse_first([Fault("planned_kg", "planned", {"load": vehicle.load_kg})])


def _require_left(session: Session, trade: Trade, kg: int) -> None:
    left = left_of(session, trade)
    if kg > left.unplanned_kg:
        raise Refused(
            _l(
                "交易 %(number)s 只剩 %(left)s 吨可以安排：合同未发 %(contracted)s 吨，"
                "其中 %(planned)s 吨已排车。",
                number=trade.number,
                left=tonnes_text(left.unplanned_kg),
                contracted=tonnes_text(left.contracted_kg),
                planned=tonnes_text(left.planned_kg),
            ),
            field="planned_kg",
        )


def _unfinished(shipment: Shipment) -> Conflict:
    """Why a note cannot be closed yet."""
    if shipment.next is Next.RETURN:
        return Conflict(_l("拒收的货还没有退回过磅，运单不能关闭。"))
    if shipment.next is Next.SETTLEMENT:
        return Conflict(_l("磅差还没有商定，运单不能关闭。"))
    return moved_on(shipment)
