"""The chain of entries: each is sealed at its commit, on top of the one before.

The head's lock is the last one a transaction takes and ends with the commit, so that the chain
has one order and nobody who waits for it holds what the sealer still needs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import event, inspect, select, update
from sqlalchemy.orm import Session

from app.core.bulk import add_rows
from app.ledger.models import Entry, Head, Lot, Posting, Seal
from app.ledger.rules import Leg, Link, Record, follow

BATCH = 500
UNSEALED = "ledger.unsealed"
_ENTRY = (
    Entry.id,
    Entry.key,
    Entry.verb,
    Entry.reference,
    Entry.document,
    Entry.at,
    Entry.actor,
)
_POSTING = (
    Posting.entry_id,
    Posting.id,
    Lot.listing_number,
    Lot.month,
    Posting.account,
    Posting.kg,
)


@dataclass(frozen=True, slots=True)
class Content:
    """An entry as the tables hold it; `posting_ids` are those of its record's legs, in order."""

    record: Record
    posting_ids: tuple[int, ...]


def seal_later(session: Session, entry: Entry) -> None:
    """Have a new entry sealed when this session commits."""
    session.info.setdefault(UNSEALED, []).append(entry)


def seal(session: Session) -> None:
    """Seal what this session has entered; what a savepoint took back again is passed over."""
    entries = session.info.pop(UNSEALED, [])  # held here: a state forgets an entry nobody holds
    states = [inspect(entry) for entry in entries]
    ids = sorted(state.identity[0] for state in states if state.persistent)
    for start in range(0, len(ids), BATCH):
        _seal(session, ids[start : start + BATCH])


@event.listens_for(Session, "before_commit")
def _seal_before_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        seal(session)


def head(session: Session) -> Link:
    """The end of the chain."""
    position, digest = session.execute(select(Head.position, Head.digest)).one()
    return Link(position, digest)


def contents(session: Session, entry_ids: Sequence[int]) -> dict[int, Content]:
    """Entries with their postings, by id, as they stand in the tables; at most a batch."""
    legs, posting_ids = _legs(session, entry_ids)
    return {
        row.id: Content(
            Record(
                key=row.key,
                verb=row.verb,
                reference=row.reference,
                document=row.document,
                at=row.at,
                actor=row.actor,
                legs=tuple(legs[row.id]),
            ),
            tuple(posting_ids[row.id]),
        )
        for row in session.execute(select(*_ENTRY).where(Entry.id.in_(entry_ids)))
    }


def _legs(
    session: Session, entry_ids: Sequence[int]
) -> tuple[dict[int, list[Leg]], dict[int, list[int]]]:
    query = (
        select(*_POSTING)
        .join(Lot, Lot.id == Posting.lot_id)
        .where(Posting.entry_id.in_(entry_ids))
        .order_by(Posting.id)
    )
    legs: dict[int, list[Leg]] = defaultdict(list)
    ids: dict[int, list[int]] = defaultdict(list)
    for row in session.execute(query):
        legs[row.entry_id].append((row.listing_number, row.month, row.account, row.kg))
        ids[row.entry_id].append(row.id)
    return legs, ids


def append(session: Session, records: Iterable[tuple[int, Record]]) -> None:
    """Seal entries, by id, in this order; holds the head until the transaction ends."""
    position, digest = session.execute(select(Head.position, Head.digest).with_for_update()).one()
    link, seals = Link(position, digest), []
    for entry_id, record in records:
        link = follow(link, record)
        seals.append({"position": link.position, "entry_id": entry_id, "digest": link.digest})
    add_rows(session, Seal, seals)
    session.execute(
        update(Head)
        .values(position=link.position, digest=link.digest)
        .execution_options(synchronize_session=False)
    )


def _seal(session: Session, ids: Sequence[int]) -> None:
    entered = contents(session, ids)
    append(session, [(entry_id, entered[entry_id].record) for entry_id in ids])
