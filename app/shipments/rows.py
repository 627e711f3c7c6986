"""What pages and other features read of a truck, and how it is written from the models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.catalogue.queries import MaterialRow
from app.companies.models import Company, Site
from app.core.actor import Actor
from app.core.i18n import pick
from app.shipments.models import Discrepancy, Shipment, Ticket
from app.shipments.policy import steps
from app.shipments.rules import (
    DiscrepancyStatus,
    EmissionClass,
    End,
    Next,
    Packaging,
    RejectReason,
    ShipmentStatus,
    Step,
    Verdict,
)
from app.trades.policy import sides_of
from app.trades.rules import Party


@dataclass(frozen=True, slots=True)
class FirmRow:
    """A side or the carrier as the consignment note names it; a carrier has no place."""

    company_id: int
    name: str
    credit_code: str
    contact: str
    phone: str
    site_id: int | None = None
    site: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A weighbridge ticket; kilograms. `has_photo` says whether `photo` finds one."""

    end: End
    number: str
    gross_kg: int
    tare_kg: int
    net_kg: int
    weighed_at: datetime
    recorded_at: datetime
    has_photo: bool


@dataclass(frozen=True, slots=True)
class DiscrepancyRow:
    """A disputed weight; see the model of that name."""

    end: End
    sent_kg: int
    weighed_kg: int
    allowed_kg: int
    status: DiscrepancyStatus
    opened_at: datetime
    deadline: datetime
    proposed_kg: int | None
    proposed_by: Party | None
    settled_kg: int | None
    settled_at: datetime | None
    words: str

    @property
    def short_kg(self) -> int:
        return self.sent_kg - self.weighed_kg


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """A load in a list; kilograms. `next` is what it waits for, `steps` what the reader may do."""

    number: str
    trade_number: str
    material: MaterialRow
    status: ShipmentStatus
    next: Next
    steps: frozenset[Step]
    my_sides: frozenset[Party]
    producer_name: str
    consumer_name: str
    carrier_name: str
    plate: str
    driver: str
    planned_kg: int
    dispatched_kg: int
    received_kg: int
    rejected_kg: int
    is_disputed: bool
    load_slot_at: datetime | None
    unload_slot_at: datetime | None
    created_at: datetime
    departed_at: datetime | None
    arrived_at: datetime | None
    received_at: datetime | None
    returned_at: datetime | None
    is_lost: bool

    @property
    def difference_kg(self) -> int:
        """What the two weighings lie apart, once the second was made, or the load given up."""
        if self.received_at is None and not self.is_lost:
            return 0
        return self.dispatched_kg - self.received_kg - self.rejected_kg


@dataclass(frozen=True, slots=True)
class ShipmentView(ShipmentRow):
    """A consignment note on its own page.

    `allowed_kg` is today's tolerance for this load (before departure: for the planned mass),
    `load_kg` the most the truck may carry (`None` if it is not on the list any more), `paid_kg`
    what the consumer pays for, `left_kg` what the trade has to send yet.
    """

    month: date
    contract_number: str
    producer: FirmRow
    consumer: FirmRow
    carrier: FirmRow | None
    trailer_plate: str
    emission: EmissionClass
    driver_phone: str
    packaging: Packaging
    via: str
    planned_by: Party
    confirmed_at: datetime | None
    loaded_at: datetime | None
    closed_at: datetime | None
    voided_at: datetime | None
    verdict: Verdict | None
    reject_reason: RejectReason | None
    words: str
    allowed_kg: int
    load_kg: int | None
    left_kg: int
    paid_kg: int
    tickets: tuple[TicketRow, ...]
    discrepancies: tuple[DiscrepancyRow, ...]

    def ticket(self, end: End) -> TicketRow | None:
        return next((row for row in self.tickets if row.end is end), None)


AS_STORED = (
    "number",
    "status",
    "plate",
    "driver",
    "planned_kg",
    "dispatched_kg",
    "received_kg",
    "rejected_kg",
    "load_slot_at",
    "unload_slot_at",
    "created_at",
    "departed_at",
    "arrived_at",
    "received_at",
    "returned_at",
    "is_disputed",
    "is_lost",
    "next",
)
AS_STORED_ON_THE_PAGE = (
    "trailer_plate",
    "emission",
    "driver_phone",
    "packaging",
    "via",
    "planned_by",
    "confirmed_at",
    "loaded_at",
    "closed_at",
    "voided_at",
    "verdict",
    "reject_reason",
    "words",
    "paid_kg",
)


def shipment_rows(
    shipments: Iterable[Shipment], actor: Actor, materials: Mapping[str, MaterialRow], now: datetime
) -> list[ShipmentRow]:
    return [ShipmentRow(**common(shipment, actor, materials, now)) for shipment in shipments]


def common(
    shipment: Shipment, actor: Actor, materials: Mapping[str, MaterialRow], now: datetime
) -> dict[str, Any]:
    """The fields a list and a page have in common."""
    trade = shipment.trade
    return {
        **{name: getattr(shipment, name) for name in AS_STORED},
        "trade_number": trade.number,
        "material": materials[trade.material],
        "steps": steps(actor, shipment, now),
        "my_sides": sides_of(actor, trade),
        "producer_name": trade.producer.display_name,
        "consumer_name": trade.consumer.display_name,
        "carrier_name": shipment.carrier.display_name if shipment.carrier else "",
    }


def firm_row(company: Company, site: Site | None = None) -> FirmRow:
    return FirmRow(
        company_id=company.id,
        name=company.display_name,
        credit_code=company.credit_code,
        contact=pick(company.contact_name, company.contact_name_en),
        phone=company.contact_phone,
        site_id=site.id if site else None,
        site=site.display_name if site else "",
        address=site.display_address if site else "",
    )


def ticket_row(ticket: Ticket) -> TicketRow:
    return TicketRow(
        end=ticket.end,
        number=ticket.number,
        gross_kg=ticket.gross_kg,
        tare_kg=ticket.tare_kg,
        net_kg=ticket.net_kg,
        weighed_at=ticket.weighed_at,
        recorded_at=ticket.recorded_at,
        has_photo=ticket.photo is not None,
    )


def discrepancy_row(case: Discrepancy) -> DiscrepancyRow:
    return DiscrepancyRow(
        end=case.end,
        sent_kg=case.sent_kg,
        weighed_kg=case.weighed_kg,
        allowed_kg=case.allowed_kg,
        status=case.status,
        opened_at=case.opened_at,
        deadline=case.deadline,
        proposed_kg=case.proposed_kg,
        proposed_by=case.proposed_by,
        settled_kg=case.settled_kg,
        settled_at=case.settled_at,
        words=case.words,
    )
