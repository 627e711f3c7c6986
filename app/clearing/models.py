"""Runs and what became of each order in them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clearing.rules import Unplaced
from app.core.db import Base, UtcDateTime, word_enum
from app.listings.rules import Side


class ClearingRun(Base):
    """One clearing of one month's book. The boxes are sealed: they hold limit prices."""

    __tablename__ = "clearing_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    month: Mapped[date] = mapped_column(index=True)
    started_by: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    job_id: Mapped[str] = mapped_column(String(64))
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    problem_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    problem_sha256: Mapped[str | None] = mapped_column(String(64))
    outcome_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    outcome_sha256: Mapped[str | None] = mapped_column(String(64))
    plan_outcome_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    plan_outcome_sha256: Mapped[str | None] = mapped_column(String(64))
    match_count: Mapped[int | None]
    surplus_fen: Mapped[int | None] = mapped_column(BigInteger)

    orders: Mapped[list[RunOrder]] = relationship(back_populates="run", order_by="RunOrder.id")

    def context(self, part: str) -> str:
        """What a sealed box of this run is bound to."""
        return f"run:{self.number}:{part}"


class RunOrder(Base):
    """One order of a run: how much of it was placed, and why the rest was not."""

    __tablename__ = "clearing_run_order"
    __table_args__ = (
        UniqueConstraint("run_id", "listing_number"),
        CheckConstraint("placed_kg >= 0 AND placed_kg <= kg", name="placed_within_kg"),
        CheckConstraint("plan_placed_kg >= 0 AND plan_placed_kg <= kg", name="plan_within_kg"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("clearing_run.id"))
    side: Mapped[Side] = mapped_column(word_enum(Side))
    listing_number: Mapped[str] = mapped_column(String(16), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    adcode: Mapped[str] = mapped_column(String(6))
    materials: Mapped[str] = mapped_column(String(200))
    kg: Mapped[int] = mapped_column(BigInteger)
    placed_kg: Mapped[int] = mapped_column(BigInteger)
    plan_placed_kg: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[Unplaced] = mapped_column(word_enum(Unplaced))
    detail: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)

    run: Mapped[ClearingRun] = relationship(back_populates="orders")
