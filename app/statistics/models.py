"""Monthly facts, prepared so that pages need not add up tickets, and what was published of them.

Facts are made from append-only rows and can be made again; masses are whole kilograms.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, mapped_column

from app.core.append_only import append_only
from app.core.db import Base, UtcDateTime
from app.declarations.models import MonthMasses


class FactMonth(Base):
    """What the facts of a month rest on: everything entered until `as_of`.

    While a month is closed (`version` above 0) that is the instant its last close speaks of.
    """

    __tablename__ = "fact_month"

    month: Mapped[date] = mapped_column(primary_key=True)
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int]


class MonthlyFact(MonthMasses, Base):
    """One waste of one site in one month: what is declared, and what of it the tickets show.

    Without a declaration (`version` 0) all declared masses are 0. `ticketed_kg` was received by
    others on weighbridge tickets, `related_kg` of it by firms of the same group, `chained_kg` in a
    use whose product turns up as another waste.
    """

    __tablename__ = "monthly_fact"
    __table_args__ = (Index("ix_monthly_fact_month_adcode", "month", "adcode"),)

    month: Mapped[date] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    material: Mapped[str] = mapped_column(ForeignKey("material.code"), primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    adcode: Mapped[str] = mapped_column(String(6))
    park: Mapped[str | None] = mapped_column(String(32))
    version: Mapped[int]
    ticketed_kg: Mapped[int] = mapped_column(BigInteger)
    tickets: Mapped[int]
    related_kg: Mapped[int] = mapped_column(BigInteger)
    chained_kg: Mapped[int] = mapped_column(BigInteger)


class MonthlyFlow(Base):
    """What one trade brought in one month, by the tickets at the consumer's gate."""

    __tablename__ = "monthly_flow"
    __table_args__ = (
        Index("ix_monthly_flow_month_site_id_material", "month", "site_id", "material"),
        Index("ix_monthly_flow_month_to_adcode", "month", "to_adcode"),
    )

    month: Mapped[date] = mapped_column(primary_key=True)
    trade_id: Mapped[int] = mapped_column(ForeignKey("trade.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    material: Mapped[str] = mapped_column(ForeignKey("material.code"))
    consumer_site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    to_adcode: Mapped[str] = mapped_column(String(6))
    received_kg: Mapped[int] = mapped_column(BigInteger)
    tickets: Mapped[int]
    is_related: Mapped[bool]
    is_chained: Mapped[bool]


OF_ITS_WASTE = and_(
    MonthlyFact.month == MonthlyFlow.month,
    MonthlyFact.site_id == MonthlyFlow.site_id,
    MonthlyFact.material == MonthlyFlow.material,
)
"""Joins a flow to the fact it is a part of, which says whose county it left."""


@append_only
class MonthClose(Base):
    """The figures of a month as they were published: those of `as_of`, under `digest`.

    Version 1 closes the month; every later one restates it for a `reason`. `definitions` is the
    version of the definitions they were computed by.
    """

    __tablename__ = "month_close"
    __table_args__ = (UniqueConstraint("month", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[date]
    version: Mapped[int]
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    definitions: Mapped[str] = mapped_column(String(8))
    digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(300), default="")
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(String(64))
