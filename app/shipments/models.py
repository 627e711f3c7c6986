"""Vehicles, gates, shipments, weighbridge tickets and discrepancies. Masses are whole kilograms."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.companies.models import Company, Site
from app.core.db import Base, UtcDateTime, word_enum
from app.shipments.rules import (
    UNSETTLED,
    DiscrepancyStatus,
    EmissionClass,
    End,
    Next,
    Packaging,
    RejectReason,
    ShipmentStatus,
    Verdict,
    paid_kg,
    unseen_since,
    waits_for,
)
from app.trades.models import Trade
from app.trades.rules import Party


class Vehicle(Base):
    """A truck of a carrier, or of a firm that drives itself; `load_kg` is the most it may carry."""

    __tablename__ = "vehicle"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    plate: Mapped[str] = mapped_column(String(12), unique=True)
    trailer_plate: Mapped[str] = mapped_column(String(12), default="")
    emission: Mapped[EmissionClass] = mapped_column(word_enum(EmissionClass))
    load_kg: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)

    company: Mapped[Company] = relationship()


class Gate(Base):
    """When a site loads or unloads: hours of China time, and how many trucks a slot takes.

    `least_emission` is the oldest exhaust stage let in.
    """

    __tablename__ = "gate"
    __table_args__ = (
        CheckConstraint("opens_hour < closes_hour", name="opens_before_it_closes"),
        CheckConstraint("trucks_per_slot > 0", name="takes_trucks"),
    )

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    opens_hour: Mapped[int]
    closes_hour: Mapped[int]
    slot_minutes: Mapped[int]
    trucks_per_slot: Mapped[int]
    least_emission: Mapped[EmissionClass] = mapped_column(word_enum(EmissionClass))

    site: Mapped[Site] = relationship()


class Shipment(Base):
    """One truck of one trade: the electronic consignment note.

    Names and addresses of the three parties are those of trade and carrier; what was true at
    departure (plate, driver) is kept here. `dispatched_kg` is the net at loading, `received_kg`
    what the consumer took, `rejected_kg` what it sent back, `returned_at` when that was home again.
    What lies between dispatched and the two others was lost or weighed otherwise. A note that is
    closed without `received_at` is of a load that never arrived.
    """

    __tablename__ = "shipment"
    __table_args__ = (
        CheckConstraint("planned_kg > 0", name="plans_something"),
        CheckConstraint(
            "received_kg + rejected_kg <= dispatched_kg", name="receives_no_more_than_sent"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    trade_id: Mapped[int] = mapped_column(ForeignKey("trade.id"), index=True)
    status: Mapped[ShipmentStatus] = mapped_column(word_enum(ShipmentStatus), index=True)
    planned_kg: Mapped[int] = mapped_column(BigInteger)
    packaging: Mapped[Packaging] = mapped_column(word_enum(Packaging))
    carrier_company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    plate: Mapped[str] = mapped_column(String(12), index=True)
    trailer_plate: Mapped[str] = mapped_column(String(12), default="")
    emission: Mapped[EmissionClass] = mapped_column(word_enum(EmissionClass))
    driver: Mapped[str] = mapped_column(String(40))
    driver_phone: Mapped[str] = mapped_column(String(24))
    via: Mapped[str] = mapped_column(String(120), default="")
    load_slot_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    unload_slot_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(64))
    planned_by: Mapped[Party] = mapped_column(word_enum(Party, "planner"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    loaded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    departed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dispatched_kg: Mapped[int] = mapped_column(BigInteger, default=0)
    received_kg: Mapped[int] = mapped_column(BigInteger, default=0)
    rejected_kg: Mapped[int] = mapped_column(BigInteger, default=0)
    verdict: Mapped[Verdict | None] = mapped_column(word_enum(Verdict))
    reject_reason: Mapped[RejectReason | None] = mapped_column(word_enum(RejectReason))
    words: Mapped[str] = mapped_column(String(300), default="")

    trade: Mapped[Trade] = relationship()
    carrier: Mapped[Company | None] = relationship()
    tickets: Mapped[list[Ticket]] = relationship(
        back_populates="shipment", order_by="Ticket.id", lazy="selectin"
    )
    discrepancies: Mapped[list[Discrepancy]] = relationship(
        back_populates="shipment", order_by="Discrepancy.opened_at", lazy="selectin"
    )

    @property
    def is_back(self) -> bool:
        """Whether nothing of the load is on its way back to the producer."""
        return self.rejected_kg == 0 or self.returned_at is not None

    @property
    def unseen_since(self) -> datetime | None:
        """Since when the load waits for its next weighing, if it is on any road."""
        loaded, unloaded = self.told_at(End.LOADING), self.told_at(End.UNLOADING)
        return unseen_since(self.next, loaded, self.arrived_at, unloaded)

    def told_at(self, end: End) -> datetime | None:
        """When the product was told of a weighing; a ticket may come in long after it."""
        ticket = self.ticket(end)
        return ticket.recorded_at if ticket else None

    @property
    def is_lost(self) -> bool:
        """Whether the load left and was given up: nobody weighed it at the other end."""
        return self.status is ShipmentStatus.CLOSED and self.received_at is None

    @property
    def is_disputed(self) -> bool:
        return any(case.is_unsettled for case in self.discrepancies)

    @property
    def next(self) -> Next:
        """What the note waits for."""
        return waits_for(self.status, self.is_back, self.is_disputed)

    @property
    def paid_kg(self) -> int:
        """What the consumer pays for, by the settled weight if there is one."""
        case = self.discrepancy(End.UNLOADING)
        return paid_kg(self.received_kg, self.rejected_kg, case.settled_kg if case else None)

    def ticket(self, end: End) -> Ticket | None:
        return next((ticket for ticket in self.tickets if ticket.end is end), None)

    def discrepancy(self, end: End) -> Discrepancy | None:
        return next((case for case in self.discrepancies if case.end is end), None)


class Ticket(Base):
    """A weighbridge ticket. Its number is unique at its site; `client_key` makes sending it once.

    `weighed_at` is the time on the ticket, `recorded_at` the server's.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("site_id", "number"),
        UniqueConstraint("shipment_id", "end"),
        CheckConstraint("gross_kg > tare_kg AND tare_kg > 0", name="gross_over_tare"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipment.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    end: Mapped[End] = mapped_column(word_enum(End))
    number: Mapped[str] = mapped_column(String(32))
    gross_kg: Mapped[int]
    tare_kg: Mapped[int]
    weighed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    recorded_by: Mapped[str] = mapped_column(String(64))
    client_key: Mapped[str | None] = mapped_column(String(64), unique=True)

    shipment: Mapped[Shipment] = relationship(back_populates="tickets")
    photo: Mapped[Photo | None] = relationship()

    @property
    def net_kg(self) -> int:
        return self.gross_kg - self.tare_kg


class Photo(Base):
    """The picture or scan of a ticket, as it was sent but for its hidden data."""

    __tablename__ = "ticket_photo"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(32))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Discrepancy(Base):
    """A load that lost more between two weighings than is allowed: a case with a clock.

    `end` is the later of the two. The case is settled when both sides have agreed, or by the
    operator after `deadline`.
    """

    __tablename__ = "discrepancy"

    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipment.id"), primary_key=True)
    end: Mapped[End] = mapped_column(word_enum(End), primary_key=True)
    sent_kg: Mapped[int]
    weighed_kg: Mapped[int]
    allowed_kg: Mapped[int]
    status: Mapped[DiscrepancyStatus] = mapped_column(word_enum(DiscrepancyStatus), index=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deadline: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    proposed_kg: Mapped[int | None]
    proposed_by: Mapped[Party | None] = mapped_column(word_enum(Party))
    settled_kg: Mapped[int | None]
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str] = mapped_column(String(64), default="")
    words: Mapped[str] = mapped_column(String(300), default="")

    shipment: Mapped[Shipment] = relationship(back_populates="discrepancies")

    @property
    def is_unsettled(self) -> bool:
        return self.status in UNSETTLED
