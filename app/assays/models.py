"""Assays: a sample's values, the offers they speak of, the reports behind them, facts of origin."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.catalogue.rules import Basis
from app.core.append_only import append_only
from app.core.db import Base, UtcDateTime, word_enum


class AssayReport(Base):
    """The file a laboratory wrote. It waits for its owner to confirm what was read from it.

    `thrown_at` is set when its owner does not want it; its content goes then.
    """

    __tablename__ = "assay_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    listing_number: Mapped[str] = mapped_column(String(16), index=True)
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    thrown_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Assay(Base):
    """One sample of a firm's material. It is never changed, only voided with a reason.

    `moisture` is per cent by mass as received, a decimal text; `batch_kg` as received.
    """

    __tablename__ = "assay"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    sampled_on: Mapped[date | None]
    laboratory: Mapped[str] = mapped_column(String(80))
    certificate: Mapped[str] = mapped_column(String(24))
    report_number: Mapped[str] = mapped_column(String(40))
    basis: Mapped[Basis] = mapped_column(word_enum(Basis))
    batch_kg: Mapped[int | None] = mapped_column(BigInteger)
    moisture: Mapped[str | None] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(200))
    report_id: Mapped[int | None] = mapped_column(ForeignKey("assay_report.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    void_reason: Mapped[str] = mapped_column(String(200), default="")

    values: Mapped[list[AssayValue]] = relationship(order_by="AssayValue.position")
    report: Mapped[AssayReport | None] = relationship()


@append_only
class AssayValue(Base):
    """One value of a sample: as it was written, and the range of numbers it stands for.

    The ends are decimal texts in the unit of the parameter and on its basis; without one of them
    the range has no end there.
    """

    __tablename__ = "assay_value"

    assay_id: Mapped[int] = mapped_column(ForeignKey("assay.id"), primary_key=True)
    parameter: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(24))
    unit: Mapped[str] = mapped_column(String(12))
    method: Mapped[str] = mapped_column(String(60))
    cell: Mapped[str] = mapped_column(String(8))
    low: Mapped[str | None] = mapped_column(String(24))
    high: Mapped[str | None] = mapped_column(String(24))
    low_open: Mapped[bool]
    high_open: Mapped[bool]


@append_only
class AssayOffer(Base):
    """That an assay speaks of the material of an offer; a renewed offer may carry it on."""

    __tablename__ = "assay_offer"

    assay_id: Mapped[int] = mapped_column(ForeignKey("assay.id"), primary_key=True)
    listing_number: Mapped[str] = mapped_column(String(16), primary_key=True, index=True)
    carried_at: Mapped[datetime] = mapped_column(UtcDateTime)


@append_only
class SiteFact(Base):
    """What a firm said of the origin of what a site gives off; the latest word counts."""

    __tablename__ = "site_fact"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    fact: Mapped[str] = mapped_column(String(32))
    value: Mapped[str] = mapped_column(String(32))
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
    told_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
