"""Sources, facilities and the log of what happened to a producer's waste inside its own fence."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.companies.models import Company, Site
from app.core.append_only import append_only
from app.core.db import Base, UtcDateTime, word_enum
from app.declarations.balance import MASSES, MassBalance
from app.declarations.rules import ActivityKind, EventKind, FacilityKind, WasteForm


class WasteSource(Base):
    """A line of form 1: a waste of one site; `yearly_kg` is what a year of normal work brings.

    From the month of `registered_at` on every month is to be declared.
    """

    __tablename__ = "waste_source"
    __table_args__ = (UniqueConstraint("site_id", "material"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    material: Mapped[str] = mapped_column(ForeignKey("material.code"))
    waste_name: Mapped[str] = mapped_column(String(80))
    waste_code: Mapped[str] = mapped_column(String(16))
    waste_class: Mapped[str] = mapped_column(String(2))
    process: Mapped[str] = mapped_column(String(120))
    form: Mapped[WasteForm] = mapped_column(word_enum(WasteForm))
    composition: Mapped[str] = mapped_column(String(200), default="")
    pollution: Mapped[str] = mapped_column(String(200), default="")
    yearly_kg: Mapped[int] = mapped_column(BigInteger)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    site: Mapped[Site] = relationship()


class Facility(Base):
    """A place of storage, own use or own disposal; `code` as in the discharge permit (TS001)."""

    __tablename__ = "facility"
    __table_args__ = (
        UniqueConstraint("site_id", "code"),
        CheckConstraint("capacity_kg > 0", name="holds_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    kind: Mapped[FacilityKind] = mapped_column(word_enum(FacilityKind))
    code: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(80))
    material: Mapped[str | None] = mapped_column(ForeignKey("material.code"))
    capacity_kg: Mapped[int | None] = mapped_column(BigInteger)

    site: Mapped[Site] = relationship()


@append_only
class YardEvent(Base):
    """One happening. Rows are added and never changed; a mistake is undone by a reversing event.

    `kg` is negative only in a reversal, which names the event in `reverses_id`.
    """

    __tablename__ = "yard_event"
    __table_args__ = (
        CheckConstraint("kg <> 0", name="moves_something"),
        CheckConstraint("(kg < 0) = (reverses_id IS NOT NULL)", name="only_reversals_take_back"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    material: Mapped[str] = mapped_column(ForeignKey("material.code"))
    kind: Mapped[EventKind] = mapped_column(word_enum(EventKind))
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("facility.id"))
    kg: Mapped[int] = mapped_column(BigInteger)
    moisture_milli: Mapped[int | None]
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    handler: Mapped[str] = mapped_column(String(40))
    destination: Mapped[str] = mapped_column(String(120), default="")
    product: Mapped[str] = mapped_column(String(80), default="")
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("yard_event.id"), unique=True)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[str] = mapped_column(String(64))

    site: Mapped[Site] = relationship()
    facility: Mapped[Facility | None] = relationship()


class MonthMasses:
    """The columns of a `balance.MassBalance`."""

    generated_kg: Mapped[int] = mapped_column(BigInteger)
    self_used_kg: Mapped[int] = mapped_column(BigInteger)
    entrusted_used_kg: Mapped[int] = mapped_column(BigInteger)
    old_used_kg: Mapped[int] = mapped_column(BigInteger)
    stored_kg: Mapped[int] = mapped_column(BigInteger)
    disposed_kg: Mapped[int] = mapped_column(BigInteger)
    old_disposed_kg: Mapped[int] = mapped_column(BigInteger)
    dumped_kg: Mapped[int] = mapped_column(BigInteger)
    opening_kg: Mapped[int] = mapped_column(BigInteger)
    closing_kg: Mapped[int] = mapped_column(BigInteger)

    @property
    def balance(self) -> MassBalance:
        return MassBalance(**{name: getattr(self, name) for name in MASSES})


@append_only
class Declaration(MonthMasses, Base):
    """A producer's statement about one waste of a month; the highest version is in force.

    County and park are those of the site when it was made. `explanation` says why an identity does
    not close, `reason` why a later version was needed.
    """

    __tablename__ = "declaration"
    __table_args__ = (
        UniqueConstraint("site_id", "material", "month", "version"),
        CheckConstraint("version > 0", name="counts_from_one"),
        *(CheckConstraint(f"{name} >= 0", name=f"{name}_not_negative") for name in MASSES),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    month: Mapped[date] = mapped_column(index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    adcode: Mapped[str] = mapped_column(String(6))
    park: Mapped[str | None] = mapped_column(ForeignKey("park.code"))
    material: Mapped[str] = mapped_column(ForeignKey("material.code"))
    version: Mapped[int]
    explanation: Mapped[str] = mapped_column(String(300), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    declared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    declared_by: Mapped[str] = mapped_column(String(64))

    site: Mapped[Site] = relationship()
    company: Mapped[Company] = relationship()


@append_only
class Activity(Base):
    """What a site made or burnt in a month: the ground of what waste to expect of it."""

    __tablename__ = "activity"
    __table_args__ = (
        UniqueConstraint("site_id", "month", "kind", "version"),
        CheckConstraint("quantity >= 0", name="not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    month: Mapped[date] = mapped_column(index=True)
    kind: Mapped[ActivityKind] = mapped_column(word_enum(ActivityKind))
    version: Mapped[int]
    quantity: Mapped[int] = mapped_column(BigInteger)
    declared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    declared_by: Mapped[str] = mapped_column(String(64))

    site: Mapped[Site] = relationship()
