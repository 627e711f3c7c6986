"""Runs, what became of each order in them, and who may audit them."""

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

from app.accounts.models import User
from app.clearing.rules import Unplaced
from app.core.db import Base, UtcDateTime, word_enum
from app.listings.rules import Side


class ClearingRun(Base):
    """One clearing of the books of `month` to `last_month`. The boxes are sealed: they hold limits.

    The gaps say how far the market's tonnes and surplus, and the plan's tonnes, may lie below the
    best there is; 0 is proven the best. `round_number` names the call round a run clears; `root` is
    the root of the hash tree over its orders.
    """

    __tablename__ = "clearing_run"
    __table_args__ = (CheckConstraint("month <= last_month", name="horizon_forward"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    month: Mapped[date] = mapped_column(index=True)
    last_month: Mapped[date]
    round_number: Mapped[str | None] = mapped_column(String(16), unique=True)
    root: Mapped[str | None] = mapped_column(String(64))
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
    plan_match_count: Mapped[int | None]
    surplus_fen: Mapped[int | None] = mapped_column(BigInteger)
    gap_kg: Mapped[int | None] = mapped_column(BigInteger)
    surplus_gap_fen: Mapped[int | None] = mapped_column(BigInteger)
    plan_gap_kg: Mapped[int | None] = mapped_column(BigInteger)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    orders: Mapped[list[RunOrder]] = relationship(back_populates="run", order_by="RunOrder.id")

    @property
    def origin(self) -> str:
        """Under which number its trades stand: the call round's, or its own."""
        return self.round_number or self.number

    @property
    def price_rule(self) -> str:
        """The rule of its prices; runs from before there was a choice have the plain midpoint."""
        return str(self.settings.get("price_rule", "midpoint"))

    def context(self, part: str) -> str:
        """What a sealed box of this run is bound to."""
        return f"run:{self.number}:{part}"


class RunOrder(Base):
    """One month of an order of a run, or one step of a bid in a call round.

    It says how much was placed, and why the rest was not.

    `plan_reason` says the same of the plan. `lever` is the limit, fen per tonne in steps of 5 CNY,
    at which all of the rest would have been placed, where that may be told to the owner.
    """

    __tablename__ = "clearing_run_order"
    __table_args__ = (
        UniqueConstraint("run_id", "listing_number", "month", "step"),
        CheckConstraint("placed_kg >= 0 AND placed_kg <= kg", name="placed_within_kg"),
        CheckConstraint("plan_placed_kg >= 0 AND plan_placed_kg <= kg", name="plan_within_kg"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("clearing_run.id"))
    side: Mapped[Side] = mapped_column(word_enum(Side))
    listing_number: Mapped[str] = mapped_column(String(16), index=True)
    month: Mapped[date]
    step: Mapped[int] = mapped_column(default=0)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    adcode: Mapped[str] = mapped_column(String(6))
    materials: Mapped[str] = mapped_column(String(200))
    kg: Mapped[int] = mapped_column(BigInteger)
    placed_kg: Mapped[int] = mapped_column(BigInteger)
    plan_placed_kg: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[Unplaced] = mapped_column(word_enum(Unplaced))
    plan_reason: Mapped[Unplaced | None] = mapped_column(word_enum(Unplaced, "plan_unplaced"))
    detail: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    lever: Mapped[int | None]

    run: Mapped[ClearingRun] = relationship(back_populates="orders")


class RunLeaf(Base):
    """A leaf of the hash tree over a run's orders: digest of a sealed salt and the frozen order."""

    __tablename__ = "clearing_leaf"

    run_id: Mapped[int] = mapped_column(ForeignKey("clearing_run.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order_id: Mapped[str] = mapped_column(String(24), index=True)
    month: Mapped[date]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    salt_box: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))


class RunShutOut(Base):
    """Counterparts that quality kept from an order of a run for the same reason.

    `kind` and `use` are of the lots and what they would have been for; either may be blank. The
    finding is of the one that came nearest, `subjects` are all that it broke or did not show.
    `if_accepted` says whether taking lots that are not shown would have been enough.
    """

    __tablename__ = "clearing_shut_out"

    run_id: Mapped[int] = mapped_column(ForeignKey("clearing_run.id"), primary_key=True)
    listing_number: Mapped[str] = mapped_column(String(16), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))
    use: Mapped[str] = mapped_column(String(32))
    if_accepted: Mapped[bool]
    finding: Mapped[dict[str, Any]] = mapped_column(JSON)
    subjects: Mapped[list[str]] = mapped_column(JSON)


class RunTrial(Base):
    """What one more test of an offer's material would have opened in a run.

    Blank for `parameter` says that no single test would have. The test is tried with a value that
    just passes and with the usual one, where the catalogue has one; both are decimal texts.
    `buyers_…` are the owners in reach that may take the material then. `kg_…` is what the run would
    have placed more, 0 for nothing and none where it may not be told; prices in fen per tonne at
    the producer's gate. Masses and prices are rounded as their owner may read them.
    """

    __tablename__ = "clearing_trial"

    run_id: Mapped[int] = mapped_column(ForeignKey("clearing_run.id"), primary_key=True)
    listing_number: Mapped[str] = mapped_column(String(16), primary_key=True)
    parameter: Mapped[str] = mapped_column(String(40), primary_key=True)
    value_at_limit: Mapped[str] = mapped_column(String(24))
    value_typical: Mapped[str | None] = mapped_column(String(24))
    buyers_at_limit: Mapped[int]
    buyers_typical: Mapped[int | None]
    kg_at_limit: Mapped[int | None] = mapped_column(BigInteger)
    kg_typical: Mapped[int | None] = mapped_column(BigInteger)
    price_at_limit: Mapped[int | None]
    price_typical: Mapped[int | None]


class PriceIndex(Base):
    """A material's mean price at the producer's gate in a run in which three owners a side traded.

    Weighted by kilograms, fen per tonne, rounded half up; `firms` is the smaller side's count.
    """

    __tablename__ = "clearing_price_index"

    run_id: Mapped[int] = mapped_column(ForeignKey("clearing_run.id"), primary_key=True)
    material: Mapped[str] = mapped_column(ForeignKey("material.code"), primary_key=True)
    kg: Mapped[int] = mapped_column(BigInteger)
    price: Mapped[int]
    firms: Mapped[int]


class RunAuditor(Base):
    """Who the operator lets read the sealed documents of a run, until withdrawn."""

    __tablename__ = "clearing_auditor"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("clearing_run.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    named_by: Mapped[str] = mapped_column(String(64))
    named_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()
