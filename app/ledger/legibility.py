"""Rows of the books that hold what their columns cannot mean.

Whoever takes the guards off can write anything, on SQLite a word where a mass belongs. Such rows
are asked for in the database's own terms, because read into the product they would be errors.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, String, func, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.ledger.models import Balance, Entry, Head, Lot, Posting, Seal
from app.ledger.rules import Account, Verb

Doubt = tuple[str, InstrumentedAttribute[int], ColumnElement[bool]]
"""What a row is called, the column that identifies it, and what makes it illegible."""


def _is_no(
    kind: str, *columns: InstrumentedAttribute[str] | InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """Whether SQLite keeps something else than a text or an integer in one of the columns."""
    return or_(*(func.typeof(column) != kind for column in columns))


def _is_no_time(pattern: str, text: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether SQLite, asked to write a time down again, writes another text."""
    return func.coalesce(func.strftime(pattern, text, "+0 days"), "") != text


DOUBTS: tuple[Doubt, ...] = (
    ("entry", Entry.id, Entry.verb.not_in(Verb)),
    ("posting", Posting.id, Posting.account.not_in(Account)),
    ("balance of lot", Balance.lot_id, Balance.account.not_in(Account)),
)
_AT = func.substr(type_coerce(Entry.at, String), 1, len("2026-11-22 08:42:00"))
_MONTH = type_coerce(Lot.month, String)
SQLITE_DOUBTS: tuple[Doubt, ...] = (
    ("lot", Lot.id, _is_no("text", Lot.listing_number) | _is_no_time("%Y-%m-%d", _MONTH)),
    ("entry", Entry.id, _is_no("text", Entry.key, Entry.reference, Entry.document, Entry.actor)),
    ("entry", Entry.id, _is_no_time("%Y-%m-%d %H:%M:%S", _AT)),
    ("posting", Posting.id, _is_no("integer", Posting.kg)),
    ("balance of lot", Balance.lot_id, _is_no("integer", Balance.kg)),
    ("seal", Seal.position, _is_no("text", Seal.digest)),
)
"""PostgreSQL keeps the types of its columns itself."""


def illegible(session: Session) -> Iterator[str]:
    """One line for each row that cannot be read at all; nothing else can be asked before."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    for name, identity, doubt in (*DOUBTS, *(SQLITE_DOUBTS if on_sqlite else ())):
        for found in session.scalars(select(identity).where(doubt).order_by(identity)):
            yield f"{name} {found}: holds what cannot be read"
    if session.scalar(select(Head.id)) is None:
        yield "head: missing"
