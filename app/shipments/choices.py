"""What a form about trucks offers to choose from, and what a note says of the waste."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.catalogue.queries import MaterialRow, material_map
from app.companies.models import Company
from app.companies.rules import CompanyStatus
from app.core.actor import Actor
from app.core.clock import china_day
from app.core.errors import NotFound
from app.listings.models import Listing
from app.listings.words import PRODUCTS
from app.shipments.gate_book import booked, hours_of
from app.shipments.models import Gate, Shipment, Vehicle
from app.shipments.queries import Left, found, left_of
from app.shipments.rules import EmissionClass, GateHours, next_free
from app.trades.models import Trade
from app.trades.policy import visible_to

MOST_VEHICLES, DAYS_AHEAD, MOST_SLOTS = 300, 5, 60


@dataclass(frozen=True, slots=True)
class GateChoice:
    """One end of a trade's road: when its gate works, whom it lets in, and the slots with room."""

    hours: GateHours | None
    least_emission: EmissionClass | None
    free: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class TradeChoice:
    """A trade that trucks are planned for."""

    number: str
    material: MaterialRow
    left: Left
    loading: GateChoice
    unloading: GateChoice


@dataclass(frozen=True, slots=True)
class VehicleChoice:
    """A truck that may be sent."""

    plate: str
    company_name: str
    emission: EmissionClass
    load_kg: int

    @classmethod
    def of(cls, vehicle: Vehicle) -> VehicleChoice:
        name = vehicle.company.display_name
        return cls(vehicle.plate, name, vehicle.emission, vehicle.load_kg)


@dataclass(frozen=True, slots=True)
class WasteRow:
    """The waste as the listing names it, with class and code, and the way of its use."""

    name: str
    code: str
    use: str


def trade_choice(session: Session, actor: Actor, number: str, now: datetime) -> TradeChoice:
    """A trade the reader is a side of; raises `NotFound`."""
    trade = session.scalar(select(Trade).where(Trade.number == number, visible_to(actor)))
    if trade is None:
        raise NotFound
    return _choice(session, trade, now)


def load_choice(session: Session, actor: Actor, number: str, now: datetime) -> TradeChoice:
    """The same for a load the reader is a side or the carrier of; raises `NotFound`."""
    return _choice(session, found(session, actor, number).trade, now)


def _choice(session: Session, trade: Trade, now: datetime) -> TradeChoice:
    return TradeChoice(
        number=trade.number,
        material=material_map(session, china_day(now))[trade.material],
        left=left_of(session, trade),
        loading=_gate_choice(session, trade.producer_site_id, now),
        unloading=_gate_choice(session, trade.consumer_site_id, now),
    )


def vehicles(session: Session, actor: Actor) -> list[VehicleChoice]:
    """Trucks in use that the reader may send: its own first, then those of the carriers."""
    query = (
        select(Vehicle)
        .join(Company)
        .options(joinedload(Vehicle.company))
        .where(
            Vehicle.is_active,
            Company.status == CompanyStatus.APPROVED,
            or_(Company.is_carrier, Company.id == actor.company_id),
        )
        .order_by(Company.id != actor.company_id, Company.name, Vehicle.plate)
        .limit(MOST_VEHICLES)
    )
    return [VehicleChoice.of(vehicle) for vehicle in session.scalars(query)]


def waste_of(session: Session, shipment_number: str, material: MaterialRow) -> WasteRow:
    """What the load is by the offer, and what the receiver makes of it by its requirement."""
    offer, requirement = aliased(Listing), aliased(Listing)
    query = (
        select(offer.waste_name, offer.waste_code, requirement.product)
        .select_from(Shipment)
        .join(Trade, Trade.id == Shipment.trade_id)
        .join(offer, offer.number == Trade.offer_number)
        .join(requirement, requirement.number == Trade.requirement_number)
        .where(Shipment.number == shipment_number)
    )
    name, code, product = session.execute(query).one()
    return WasteRow(
        name=name or material.name,
        code=f"{material.waste_class} {code or material.default_item}",
        use=str(PRODUCTS[product]) if product else "",
    )


def _gate_choice(session: Session, site_id: int, now: datetime) -> GateChoice:
    gate = session.get(Gate, site_id)
    if gate is None:
        return GateChoice(None, None, ())
    hours = hours_of(gate)
    taken = booked(session, site_id, now, now + timedelta(days=DAYS_AHEAD))
    free = next_free(hours, taken, now, DAYS_AHEAD, MOST_SLOTS)
    return GateChoice(hours, gate.least_emission, tuple(free))
