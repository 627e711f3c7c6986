"""Registering trucks, and finding the one a load is to go with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core import audit
from app.core.actor import Actor
from app.core.errors import NotFound, Refused
from app.core.permissions import require
from app.shipments.messages import refuse_first
from app.shipments.models import Vehicle
from app.shipments.plates import normal_plate, plate_faults, vehicle_faults
from app.shipments.policy import may_plan
from app.shipments.rules import EmissionClass
from app.trades.models import Trade


@dataclass(frozen=True, slots=True)
class VehicleDraft:
    """A truck as it was typed; `load_kg` is the most it may carry by its licence."""

    plate: str
    emission: EmissionClass
    load_kg: int
    trailer_plate: str = ""


def register(session: Session, actor: Actor, draft: VehicleDraft, now: datetime) -> Vehicle:
    """Enter a truck of the actor's firm; raises `Refused` for a plate that is known already."""
    require(may_plan, actor)
    vehicle = Vehicle(company_id=actor.company_id, registered_at=now)
    with _unique_plate(session, draft.plate):
        _fill(vehicle, draft)
        session.add(vehicle)
    _record(session, actor, "vehicle.register", vehicle, now)
    return vehicle


def change(
    session: Session, actor: Actor, vehicle_id: int, draft: VehicleDraft, now: datetime
) -> Vehicle:
    """Correct a truck of the actor's firm; loads under way keep the plate they left with."""
    vehicle = _own(session, actor, vehicle_id)
    with _unique_plate(session, draft.plate):
        _fill(vehicle, draft)
    _record(session, actor, "vehicle.change", vehicle, now)
    return vehicle


def retire(session: Session, actor: Actor, vehicle_id: int, now: datetime) -> Vehicle:
    """Take a truck off the list; it is offered for no new load. Twice is once."""
    return _set_active(session, actor, vehicle_id, False, now)


def restore(session: Session, actor: Actor, vehicle_id: int, now: datetime) -> Vehicle:
    """Put a retired truck on the list again."""
    return _set_active(session, actor, vehicle_id, True, now)


def usable(session: Session, plate: str, trade: Trade) -> Vehicle:
    """The registered truck of a typed plate that may carry a trade's load; raises `Refused`."""
    normal = normal_plate(plate)
    refuse_first(plate_faults(normal))
    vehicle = session.scalar(select(Vehicle).where(Vehicle.plate == normal))
    sides = (trade.producer_company_id, trade.consumer_company_id)
    if vehicle is None or not (vehicle.company.is_carrier or vehicle.company_id in sides):
        raise Refused(
            _l("车牌 %(plate)s 还没有登记：请承运企业或本企业先登记这辆车。", plate=normal),
            field="plate",
        )
    if not (vehicle.is_active and vehicle.company.is_approved):
        raise Refused(
            _l("车辆 %(plate)s 已停用，或承运企业已被暂停：请换一辆车。", plate=normal),
            field="plate",
        )
    return vehicle


def held(session: Session, plate: str) -> Vehicle | None:
    """The truck of a plate, held so that it can be loaded for one note at a time."""
    return session.scalar(select(Vehicle).where(Vehicle.plate == plate).with_for_update())


def _set_active(
    session: Session, actor: Actor, vehicle_id: int, active: bool, now: datetime
) -> Vehicle:
    vehicle = _own(session, actor, vehicle_id)
    if vehicle.is_active is not active:
        vehicle.is_active = active
        _record(session, actor, "vehicle.restore" if active else "vehicle.retire", vehicle, now)
    return vehicle


def _own(session: Session, actor: Actor, vehicle_id: int) -> Vehicle:
    vehicle = session.get(Vehicle, vehicle_id, with_for_update=True, populate_existing=True)
    if vehicle is None or vehicle.company_id != actor.company_id:
        raise NotFound
    require(may_plan, actor)
    return vehicle


def _fill(vehicle: Vehicle, draft: VehicleDraft) -> None:
    plate, trailer = normal_plate(draft.plate), normal_plate(draft.trailer_plate)
    refuse_first(vehicle_faults(plate, trailer, draft.emission, draft.load_kg))
    vehicle.plate, vehicle.trailer_plate = plate, trailer
    vehicle.emission, vehicle.load_kg = draft.emission, draft.load_kg


@contextmanager
def _unique_plate(session: Session, plate: str) -> Iterator[None]:
    """Let the database decide whether the plate is new, so that no race can slip past."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError:
        raise Refused(
            _l(
                "车牌 %(plate)s 已经登记过。不是本企业登记的，请与车主核对，或联系运营方。",
                plate=normal_plate(plate),
            ),
            field="plate",
        ) from None


def _record(session: Session, actor: Actor, verb: str, vehicle: Vehicle, now: datetime) -> None:
    session.flush()
    audit.record(session, actor, verb, ("vehicle", vehicle.id), now, plate=vehicle.plate)
