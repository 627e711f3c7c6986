"""People, their sessions, attempts to sign in and links that set a password.

Tokens are kept only as SHA-256: whoever reads the tables cannot sign in with what is there.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.companies.models import Company
from app.core.actor import ActorKind, CompanyRole
from app.core.db import Base, UtcDateTime, word_enum

SHA256_HEX = 64


class User(Base):
    """A person. `password_hash` is empty until the person has set a password by mail.

    The kind decides what stands beside it: a company and a role in it, or a regulator's region.
    """

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'company') = (company_id IS NOT NULL AND company_role IS NOT NULL)",
            name="company_people_have_a_company",
        ),
        CheckConstraint("(kind = 'regulator') = (region IS NOT NULL)", name="regulators_region"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(24), default="")
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[ActorKind] = mapped_column(word_enum(ActorKind))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    company_role: Mapped[CompanyRole | None] = mapped_column(word_enum(CompanyRole))
    region: Mapped[str | None] = mapped_column(String(6))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    company: Mapped[Company | None] = relationship()


class SignInSession(Base):
    """One browser that is signed in."""

    __tablename__ = "sign_in_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(SHA256_HEX), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    user: Mapped[User] = relationship()


class SignInAttempt(Base):
    """How often something was tried under one key since `first_at`.

    The key is a hash: what people type into the wrong field must not be readable here.
    """

    __tablename__ = "sign_in_attempt"

    key_sha256: Mapped[str] = mapped_column(String(SHA256_HEX), primary_key=True)
    tries: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class PasswordReset(Base):
    """A link, sent by mail, that sets a password once."""

    __tablename__ = "password_reset"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(SHA256_HEX), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()
