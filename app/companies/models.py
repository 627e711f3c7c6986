"""Companies and the sites where their waste arises or is used."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.companies.rules import CompanyStatus, PublicBasis
from app.core.db import Base, UtcDateTime, word_enum
from app.core.i18n import pick
from app.core.places import Datum

MICRO = 1_000_000


class Company(Base):
    """A firm. `refusal_reason` says why it was refused or suspended, for the firm to read.

    `needs_two_approvals`: a second person of the firm must agree to what binds it.
    `barred_at`: since when its defaults keep it from trading anew, until the operator releases it;
    `defaults_released_at`: when that last happened.
    """

    __tablename__ = "company"
    __table_args__ = (
        CheckConstraint("is_producer OR is_consumer OR is_carrier", name="has_a_part"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    is_producer: Mapped[bool]
    is_consumer: Mapped[bool]
    is_carrier: Mapped[bool] = mapped_column(default=False)
    needs_two_approvals: Mapped[bool] = mapped_column(default=False)
    status: Mapped[CompanyStatus] = mapped_column(word_enum(CompanyStatus), index=True)
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    industry_code: Mapped[str | None] = mapped_column(String(4))
    contact_name: Mapped[str] = mapped_column(String(40))
    contact_name_en: Mapped[str] = mapped_column(String(80), default="")
    contact_phone: Mapped[str] = mapped_column(String(24))
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refusal_reason: Mapped[str] = mapped_column(String(500), default="")
    barred_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    defaults_released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    sites: Mapped[list[Site]] = relationship(back_populates="company", order_by="Site.id")

    @property
    def display_name(self) -> str:
        return pick(self.name, self.name_en)

    @property
    def is_approved(self) -> bool:
        return self.status is CompanyStatus.APPROVED

    @property
    def may_deal(self) -> bool:
        """Whether it may enter into anything new: approved, and not barred for its defaults."""
        return self.is_approved and self.barred_at is None


class Site(Base):
    """A place of a company, in whole micro-degrees WGS-84; `source_datum` is what was typed.

    `park` is the industrial park it stands in, if any.
    """

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    adcode: Mapped[str] = mapped_column(String(6), index=True)
    park: Mapped[str | None] = mapped_column(ForeignKey("park.code"))
    lon_e6: Mapped[int]
    lat_e6: Mapped[int]
    address: Mapped[str] = mapped_column(String(160), default="")
    address_en: Mapped[str] = mapped_column(String(200), default="")
    source_datum: Mapped[Datum] = mapped_column(word_enum(Datum))

    company: Mapped[Company] = relationship(back_populates="sites")

    @property
    def lon(self) -> float:
        return self.lon_e6 / MICRO

    @property
    def lat(self) -> float:
        return self.lat_e6 / MICRO

    @property
    def display_name(self) -> str:
        return pick(self.name, self.name_en)

    @property
    def display_address(self) -> str:
        return pick(self.address, self.address_en)


class FirmGroup(Base):
    """Firms under one control, as the operator has entered them: they count as one."""

    __tablename__ = "firm_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    name_en: Mapped[str] = mapped_column(String(120), default="")

    @property
    def display_name(self) -> str:
        return pick(self.name, self.name_en)


class GroupMember(Base):
    """A firm's time in a group; without `valid_to` it lasts."""

    __tablename__ = "group_member"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    group_id: Mapped[int] = mapped_column(ForeignKey("firm_group.id"), index=True)

    group: Mapped[FirmGroup] = relationship()


class PublicFirm(Base):
    """Since when a producer's own figures are public under its name, and on what ground.

    `source` is the rule that says it must, or how the firm agreed.
    """

    __tablename__ = "public_firm"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    basis: Mapped[PublicBasis] = mapped_column(word_enum(PublicBasis))
    source: Mapped[str] = mapped_column(String(200))


class UsePermit(Base):
    """How much of a material a site may take in a calendar year, by the paper of that number."""

    __tablename__ = "use_permit"
    __table_args__ = (CheckConstraint("kg_per_year > 0", name="allows_something"),)

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    material: Mapped[str] = mapped_column(ForeignKey("material.code"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    kg_per_year: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[str] = mapped_column(String(40))
