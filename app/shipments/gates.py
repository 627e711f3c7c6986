"""Gates: when a site loads or unloads, whom it lets in, and the trucks' appointments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.models import Site
from app.companies.policy import is_manager
from app.core import audit, i18n
from app.core.actor import Actor
from app.core.errors import NotFound, Refused
from app.core.permissions import require
from app.shipments.gate_book import booked, hours_of, site_at
from app.shipments.locking import hold, record, write
from app.shipments.messages import moved_on, refuse_first
from app.shipments.models import Gate, Shipment
from app.shipments.policy import may_handle, takes_part
from app.shipments.rules import (
    ENDED,
    PLANNED,
    EmissionClass,
    End,
    GateHours,
    ShipmentStatus,
    gate_faults,
    has_room,
    is_let_in,
    next_free,
    slot_faults,
)
from app.shipments.words import EMISSION_WORDS
from app.trades.models import Trade

DAYS_AHEAD, SLOTS_NAMED = 3, 3
"""How far a refusal looks for other slots, and how many it names."""
SLOT_COLUMNS = {End.LOADING: "load_slot_at", End.UNLOADING: "unload_slot_at"}
MAY_BOOK = {End.LOADING: PLANNED, End.UNLOADING: PLANNED | {ShipmentStatus.IN_TRANSIT}}


@dataclass(frozen=True, slots=True)
class GateDraft:
    """The hours of a gate and the oldest exhaust stage it lets in."""

    hours: GateHours
    least_emission: EmissionClass


def set_gate(session: Session, actor: Actor, site_id: int, draft: GateDraft, now: datetime) -> Gate:
    """Open a gate at a site of the actor's firm, or change it; appointments made stand."""
    site = session.get(Site, site_id)
    if site is None or site.company_id != actor.company_id:
        raise NotFound
    require(is_manager, actor)
    refuse_first(gate_faults(draft.hours))
    gate = session.get(Gate, site_id, with_for_update=True) or Gate(site_id=site_id)
    gate.opens_hour, gate.closes_hour = draft.hours.opens_hour, draft.hours.closes_hour
    gate.slot_minutes = draft.hours.slot_minutes
    gate.trucks_per_slot = draft.hours.trucks_per_slot
    gate.least_emission = draft.least_emission
    session.add(gate)
    audit.record(session, actor, "gate.set", ("site", site_id), now)
    return gate


def book_slot(
    session: Session, actor: Actor, number: str, end: End, at: datetime, now: datetime
) -> Shipment:
    """Make or move the appointment at one end; raises `Refused` naming the next free slots.

    The gate's row is locked, so that the last place of a slot is given once.
    """
    shipment = hold(session, actor, number)
    _require_bookable(actor, shipment, end)
    if getattr(shipment, SLOT_COLUMNS[end]) == at:
        return shipment
    gate = _held(session, site_at(shipment.trade, end))
    hours = hours_of(gate)
    refuse_first(slot_faults(hours, at, now))
    _require_order(shipment, end, at)
    _require_room(session, gate, at)
    _require_plate_free(session, shipment, at)
    write(session, shipment, **{SLOT_COLUMNS[end]: at})
    record(session, actor, "slot", shipment, now, end=end, at=at.isoformat())
    return shipment


def require_let_in(session: Session, trade: Trade, emission: EmissionClass) -> None:
    """Raise `Refused` naming the gate that lets no truck of this exhaust stage in."""
    sites = (trade.producer_site_id, trade.consumer_site_id)
    for gate in session.scalars(select(Gate).where(Gate.site_id.in_(sites)).order_by(Gate.site_id)):
        if not is_let_in(emission, gate.least_emission):
            raise Refused(
                _l(
                    "%(site)s只让%(least)s及以上的车进厂，这辆车是%(emission)s：请换一辆车。",
                    site=gate.site.display_name,
                    least=EMISSION_WORDS[gate.least_emission],
                    emission=EMISSION_WORDS[emission],
                ),
                field="plate",
            )


def _require_bookable(actor: Actor, shipment: Shipment, end: End) -> None:
    if not takes_part(actor, shipment):
        raise NotFound
    require(may_handle, actor)
    if end not in MAY_BOOK or shipment.status in ENDED:
        raise moved_on(shipment)
    if shipment.status not in MAY_BOOK[end]:
        raise moved_on(shipment)


def _held(session: Session, site_id: int) -> Gate:
    gate = session.get(Gate, site_id, with_for_update=True, populate_existing=True)
    if gate is None:
        raise Refused(_l("这个厂区还没有设收发时段，不用预约，按双方商定的时间到厂。"), field="at")
    return gate


def _require_order(shipment: Shipment, end: End, at: datetime) -> None:
    """A load is put on before it is taken off."""
    load = at if end is End.LOADING else shipment.load_slot_at
    unload = at if end is End.UNLOADING else shipment.unload_slot_at
    if load is not None and unload is not None and unload <= load:
        raise Refused(
            _l(
                "卸车时段 %(unload)s 要晚于装车时段 %(load)s。",
                unload=i18n.moment(unload),
                load=i18n.moment(load),
            ),
            field="at",
        )


def _require_room(session: Session, gate: Gate, at: datetime) -> None:
    hours = hours_of(gate)
    until = at + timedelta(days=DAYS_AHEAD)
    taken = booked(session, gate.site_id, at, until)
    if has_room(hours, taken.get(at, 0)):
        return
    free = next_free(hours, taken, at, DAYS_AHEAD, SLOTS_NAMED)
    raise Refused(
        _l(
            "时段 %(at)s 已约满（%(count)s 辆）。最近的空时段：%(free)s。",
            at=i18n.moment(at),
            count=hours.trucks_per_slot,
            free="、".join(map(i18n.moment, free)) or "—",
        ),
        field="at",
    )


def _require_plate_free(session: Session, shipment: Shipment, at: datetime) -> None:
    """A truck cannot stand at two gates at once."""
    other = session.scalar(
        select(Shipment.number).where(
            Shipment.plate == shipment.plate,
            Shipment.id != shipment.id,
            Shipment.status.not_in(ENDED),
            (Shipment.load_slot_at == at) | (Shipment.unload_slot_at == at),
        )
    )
    if other is not None:
        raise Refused(
            _l(
                "车辆 %(plate)s 在 %(at)s 已有运单 %(number)s 的预约：请换一个时段或一辆车。",
                plate=shipment.plate,
                at=i18n.moment(at),
                number=other,
            ),
            field="at",
        )
