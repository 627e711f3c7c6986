"""Listings: one table for offers and requirements. Masses whole kg, prices whole fen per tonne."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.companies.models import Company, Site
from app.core.db import Base, UtcDateTime, word_enum
from app.eligibility.fitting import OwnLimit
from app.listings.rules import DealMode, ListingStatus, Product, Side


class Listing(Base):
    """An offer or a requirement: so much a month, from `first_month` to `last_month`.

    `limit_price_box` is the sealed private limit; `list_price` is public. Its tonnes by month
    stand in the ledger under `number`. `silo_kg` is its room to store from one month to the next,
    `holding_price` what that costs a producer, fen per tonne and month; both are its owner's.
    `kind` is what quality rules call an offer's waste, finer than its material. A requirement that
    `accepts_not_shown` takes lots whose fitness nobody has shown, where its use tolerates that.
    `version` grows with every change, so that of two people editing the later one is told.
    """

    __tablename__ = "listing"
    __table_args__ = (
        CheckConstraint("kg_per_month > 0", name="has_mass"),
        CheckConstraint("first_month <= last_month", name="window_forward"),
        CheckConstraint(
            "deal_mode <> 'list_price' OR list_price IS NOT NULL", name="fixed_price_is_named"
        ),
        CheckConstraint("silo_kg > 0", name="silo_holds_something"),
        CheckConstraint(
            "holding_price IS NULL OR (holding_price >= 0 AND silo_kg IS NOT NULL)",
            name="holding_has_a_silo",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    side: Mapped[Side] = mapped_column(word_enum(Side), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    kg_per_month: Mapped[int] = mapped_column(BigInteger)
    first_month: Mapped[date]
    last_month: Mapped[date] = mapped_column(index=True)
    max_km: Mapped[int | None]
    list_price: Mapped[int | None]
    silo_kg: Mapped[int | None] = mapped_column(BigInteger)
    holding_price: Mapped[int | None]
    limit_price_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[ListingStatus] = mapped_column(
        word_enum(ListingStatus), default=ListingStatus.ACTIVE
    )
    deal_mode: Mapped[DealMode] = mapped_column(word_enum(DealMode), default=DealMode.OPEN)
    version: Mapped[int] = mapped_column(default=1)
    shows_name: Mapped[bool] = mapped_column(default=False)
    waste_name: Mapped[str] = mapped_column(String(80), default="")
    waste_code: Mapped[str] = mapped_column(String(16), default="")
    product: Mapped[Product | None] = mapped_column(word_enum(Product))
    kind: Mapped[str | None] = mapped_column(ForeignKey("waste_kind.code"))
    accepts_not_shown: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(500), default="")
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    site: Mapped[Site] = relationship()
    company: Mapped[Company] = relationship()
    accepted: Mapped[list[ListingMaterial]] = relationship(
        cascade="all, delete-orphan", order_by="ListingMaterial.position", lazy="selectin"
    )
    limit_rows: Mapped[list[ListingLimit]] = relationship(
        cascade="all, delete-orphan", order_by="ListingLimit.position", lazy="selectin"
    )

    __mapper_args__ = {"polymorphic_on": "side"}  # noqa: RUF012 - SQLAlchemy reads it so

    @property
    def materials(self) -> tuple[str, ...]:
        """The codes of its materials, in the order they were given."""
        return tuple(row.material_code for row in self.accepted)

    @property
    def own_limits(self) -> tuple[OwnLimit, ...]:
        """What a buyer asks of a lot beside the standard, in the order it was given."""
        return tuple(
            OwnLimit(row.parameter, _decimal(row.minimum), _decimal(row.maximum))
            for row in self.limit_rows
        )


class Offer(Listing):
    """A producer's waste; exactly one material."""

    __mapper_args__ = {"polymorphic_identity": Side.OFFER}  # noqa: RUF012


class Requirement(Listing):
    """A consumer's need; any of the accepted materials will do."""

    __mapper_args__ = {"polymorphic_identity": Side.REQUIREMENT}  # noqa: RUF012


class ListingMaterial(Base):
    """One material of a listing."""

    __tablename__ = "listing_material"

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    material_code: Mapped[str] = mapped_column(
        ForeignKey("material.code"), primary_key=True, index=True
    )
    position: Mapped[int]


class ListingLimit(Base):
    """A buyer's own bound on a parameter, decimal texts in its unit; both ends belong to it."""

    __tablename__ = "listing_limit"

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    parameter: Mapped[str] = mapped_column(ForeignKey("quality_parameter.code"), primary_key=True)
    minimum: Mapped[str | None] = mapped_column(String(24))
    maximum: Mapped[str | None] = mapped_column(String(24))
    position: Mapped[int]


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
