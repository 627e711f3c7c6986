"""Call rounds with their sealed bids, and direct negotiations with their threads.

What a bid says (steps, smallest lot, whether it may be divided) stands in one sealed box that its
firm and the clearing alone may open: quantities are as private as prices until the close.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.bidding.rules import PRICED, MoveKind, NegotiationStatus, RoundTerms
from app.companies.models import Company, Site
from app.core.db import Base, UtcDateTime, word_enum
from app.listings.models import Listing


class Round(Base):
    """A call round for deliveries in `month`: bids from `opens_at` to before `closes_at`.

    `materials` are codes joined by `|`; empty for all. `run_number` is the clearing that closed it.
    """

    __tablename__ = "bidding_round"
    __table_args__ = (CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    month: Mapped[date] = mapped_column(index=True)
    materials: Mapped[str] = mapped_column(String(200), default="")
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    is_scheduled: Mapped[bool] = mapped_column(default=False)
    run_number: Mapped[str | None] = mapped_column(String(16))
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    bids: Mapped[list[Bid]] = relationship(back_populates="round", order_by="Bid.id")

    @property
    def terms(self) -> RoundTerms:
        codes = tuple(self.materials.split("|")) if self.materials else ()
        return RoundTerms(self.month, self.opens_at, self.closes_at, codes)


class Bid(Base):
    """A firm's asks or bids for one of its listings in one round. `box` seals `rules.Terms`."""

    __tablename__ = "bid"
    __table_args__ = (UniqueConstraint("round_id", "listing_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("bidding_round.id"), index=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    box: Mapped[bytes] = mapped_column(LargeBinary)
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    round: Mapped[Round] = relationship(back_populates="bids")
    listing: Mapped[Listing] = relationship()

    @property
    def context(self) -> str:
        """What the sealed box is bound to."""
        return f"bid:{self.round_id}:{self.listing_id}"


class Negotiation(Base):
    """A direct offer of one firm on another's listing, and what came of it.

    `site_id` is the bidder's site. The moves carry mass and price; the last `OFFER` or `COUNTER` is
    what may be accepted, by the side that did not make it, before `expires_at`.
    """

    __tablename__ = "negotiation"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    owner_company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    material: Mapped[str] = mapped_column(ForeignKey("material.code"))
    month: Mapped[date]
    status: Mapped[NegotiationStatus] = mapped_column(word_enum(NegotiationStatus), index=True)
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trade_number: Mapped[str | None] = mapped_column(String(16))

    listing: Mapped[Listing] = relationship()
    owner: Mapped[Company] = relationship(foreign_keys=[owner_company_id])
    company: Mapped[Company] = relationship(foreign_keys=[company_id])
    site: Mapped[Site] = relationship()
    moves: Mapped[list[Move]] = relationship(order_by="Move.position", lazy="selectin")

    @property
    def standing(self) -> Move:
        """The last offer or counter-offer: what may be accepted."""
        return next(move for move in reversed(self.moves) if move.kind in PRICED)


class Move(Base):
    """One line of a negotiation's thread. `price` is fen per tonne at the producer's gate."""

    __tablename__ = "negotiation_move"
    __table_args__ = (
        CheckConstraint("kg > 0", name="has_mass"),
        CheckConstraint(
            "(kind IN ('offer', 'counter')) = (kg IS NOT NULL)", name="offers_have_mass"
        ),
        CheckConstraint("(kg IS NULL) = (price IS NULL)", name="mass_has_price"),
    )

    negotiation_id: Mapped[int] = mapped_column(ForeignKey("negotiation.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[MoveKind] = mapped_column(word_enum(MoveKind))
    kg: Mapped[int | None] = mapped_column(BigInteger)
    price: Mapped[int | None]
    words: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
