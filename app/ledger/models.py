"""Lots, what stands on each of their accounts, and the entries that put it there.

Masses are whole kilograms. A `Balance` is the running sum of the postings, kept so that one
guarded update can refuse what is not there; `verification.verify` proves that the two agree.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.append_only import append_only
from app.core.db import Base, UtcDateTime, word_enum
from app.ledger.rules import Account, Verb


@append_only
class Lot(Base):
    """The mass of one listing in one month."""

    __tablename__ = "lot"
    __table_args__ = (UniqueConstraint("listing_number", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_number: Mapped[str] = mapped_column(String(16))
    month: Mapped[date] = mapped_column(index=True)


class Balance(Base):
    """What stands on one account of one lot; an account never touched has no row."""

    __tablename__ = "balance"
    __table_args__ = (
        CheckConstraint("kg >= 0", name="not_negative"),
        CheckConstraint("account <> 'outside'", name="inside"),
    )

    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    account: Mapped[Account] = mapped_column(word_enum(Account), primary_key=True)
    kg: Mapped[int] = mapped_column(BigInteger)


@append_only
class Entry(Base):
    """One deed on the ledger. `key` makes it happen once; `reference` says for what.

    `document` is the number of the paper that caused it: a consignment note for what moved.
    """

    __tablename__ = "entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(96), unique=True)
    verb: Mapped[Verb] = mapped_column(word_enum(Verb))
    reference: Mapped[str] = mapped_column(String(32), index=True)
    document: Mapped[str] = mapped_column(String(32), default="", index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(64))
    postings: Mapped[list[Posting]] = relationship(back_populates="entry")


@append_only
class Posting(Base):
    """One leg of an entry: kilograms that came to (+) or left (−) an account of a lot."""

    __tablename__ = "posting"
    __table_args__ = (
        UniqueConstraint("entry_id", "lot_id", "account"),
        CheckConstraint("kg <> 0", name="moves_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    account: Mapped[Account] = mapped_column(word_enum(Account))
    kg: Mapped[int] = mapped_column(BigInteger)
    entry: Mapped[Entry] = relationship(back_populates="postings")


@append_only
class Seal(Base):
    """An entry's place in the chain. Its digest covers entry, postings and the digest before.

    Seals are added at the commit, under the lock of the head, so that the chain has one order.
    """

    __tablename__ = "ledger_seal"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), unique=True)
    digest: Mapped[str] = mapped_column(String(64))


class Head(Base):
    """The end of the chain; one row, whose lock makes sealing a queue."""

    __tablename__ = "ledger_head"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
