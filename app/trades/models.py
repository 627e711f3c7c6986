"""Trades."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.companies.models import Company, Site
from app.core.db import Base, UtcDateTime, word_enum
from app.trades.rules import EndReason, Party, TradeSource, TradeStatus


class Trade(Base):
    """One month's tonnes of one material from an offer to a requirement; delivered in `month`.

    `origin` is the number of the run or negotiation it came from, `offer_step` and
    `requirement_step` the steps of the bids that met in a call round (0 without steps). Prices and
    freight are fen per tonne, the producer's at its own gate (negative: it pays), the consumer's at
    its gate; `road_m` is the assumed road distance in metres. `version` grows with every change.

    `deadline` is the clock of the present state; `reminded_at` and `escalated_at` belong to it and
    are emptied when the state changes. `ended_by` is empty when time or the operator ended the
    trade; `at_fault` is the side that defaulted. `ended_words` are those of whoever ended it or,
    while `cancel_reason` stands, of the side that asks to cancel.
    """

    __tablename__ = "trade"
    __table_args__ = (
        UniqueConstraint(
            "origin",
            "offer_number",
            "offer_step",
            "requirement_number",
            "requirement_step",
            "month",
            name="uq_trade_meeting",
        ),
        CheckConstraint("kg > 0", name="has_mass"),
        CheckConstraint("price_consumer - price_producer = freight", name="prices_agree"),
        Index("ix_trade_status_deadline", "status", "deadline"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    source: Mapped[TradeSource] = mapped_column(
        word_enum(TradeSource), default=TradeSource.CLEARING
    )
    origin: Mapped[str] = mapped_column(String(16))
    offer_number: Mapped[str] = mapped_column(String(16), index=True)
    requirement_number: Mapped[str] = mapped_column(String(16), index=True)
    offer_step: Mapped[int] = mapped_column(default=0)
    requirement_step: Mapped[int] = mapped_column(default=0)
    producer_company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    consumer_company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    producer_site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    consumer_site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    material: Mapped[str] = mapped_column(ForeignKey("material.code"))
    month: Mapped[date] = mapped_column(index=True)
    kg: Mapped[int] = mapped_column(BigInteger)
    price_producer: Mapped[int]
    price_consumer: Mapped[int]
    freight: Mapped[int]
    road_m: Mapped[int]
    status: Mapped[TradeStatus] = mapped_column(word_enum(TradeStatus))
    deadline: Mapped[datetime] = mapped_column(UtcDateTime)
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    producer_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    consumer_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contract_number: Mapped[str] = mapped_column(String(40), default="")
    producer_signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    consumer_signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contracted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivering_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_asked_by: Mapped[Party | None] = mapped_column(word_enum(Party, "cancel_asker"))
    cancel_reason: Mapped[EndReason | None] = mapped_column(word_enum(EndReason, "cancel_reason"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[Party | None] = mapped_column(word_enum(Party))
    ended_reason: Mapped[EndReason | None] = mapped_column(word_enum(EndReason))
    at_fault: Mapped[Party | None] = mapped_column(word_enum(Party, "side_at_fault"))
    ended_words: Mapped[str] = mapped_column(String(200), default="")

    draws: Mapped[list[TradeDraw]] = relationship(
        cascade="all, delete-orphan",
        lazy="selectin",
        order_by="(TradeDraw.listing_number, TradeDraw.month)",
    )
    producer: Mapped[Company] = relationship(foreign_keys=[producer_company_id])
    consumer: Mapped[Company] = relationship(foreign_keys=[consumer_company_id])
    producer_site: Mapped[Site] = relationship(foreign_keys=[producer_site_id])
    consumer_site: Mapped[Site] = relationship(foreign_keys=[consumer_site_id])

    @property
    def confirmed_by(self) -> frozenset[Party]:
        """The sides that have said yes."""
        times = {
            Party.PRODUCER: self.producer_confirmed_at,
            Party.CONSUMER: self.consumer_confirmed_at,
        }
        return frozenset(party for party, at in times.items() if at is not None)

    @property
    def signed_by(self) -> frozenset[Party]:
        """The sides that have signed the contract."""
        times = {
            Party.PRODUCER: self.producer_signed_at,
            Party.CONSUMER: self.consumer_signed_at,
        }
        return frozenset(party for party, at in times.items() if at is not None)


class TradeApproval(Base):
    """The first of two people's yes, in a firm that asks for two; the second completes the deed."""

    __tablename__ = "trade_approval"

    trade_id: Mapped[int] = mapped_column(ForeignKey("trade.id"), primary_key=True)
    party: Mapped[Party] = mapped_column(word_enum(Party), primary_key=True)
    deed: Mapped[str] = mapped_column(String(16), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class TradeDraw(Base):
    """How much of a trade comes out of which month of its offer, or fills which of its requirement.

    Through a silo goods leave in a later month than they were made in, or arrive in an earlier one
    than they are needed in. The draws on each listing sum to the trade's kilograms.
    """

    __tablename__ = "trade_draw"
    __table_args__ = (CheckConstraint("kg > 0", name="draws_something"),)

    trade_id: Mapped[int] = mapped_column(ForeignKey("trade.id"), primary_key=True)
    listing_number: Mapped[str] = mapped_column(String(16), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    kg: Mapped[int] = mapped_column(BigInteger)
