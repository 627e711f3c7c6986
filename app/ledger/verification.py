"""Whether the books agree with themselves and the chain with the books, row by row.

Reads everything in batches; a fault is one line that names the row. The chain is followed to its
first broken link only: nothing after it can be judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, pairwise

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.ledger.chain import BATCH, Content, contents, head
from app.ledger.legibility import illegible
from app.ledger.models import Entry, Seal
from app.ledger.queries import check
from app.ledger.rules import START, Link, follow, restored


@dataclass(frozen=True, slots=True)
class Sealed:
    """A row of the chain and what it seals; `None` where the entry is gone."""

    link: Link
    entry_id: int
    content: Content | None


def verify(session: Session, expected: Link | None = None) -> list[str]:
    """Every fault of the ledger, none if it is sound.

    `expected` is a head noted elsewhere: only against such a one can a chain that was cut off, or
    written anew from some place on, be told from the true one.
    """
    if unread := list(illegible(session)):
        return unread
    broken = islice(_broken_links(session), 1)
    return [*broken, *_unsealed(session), *check(session), *_unexpected(session, expected)]


def _broken_links(session: Session) -> Iterator[str]:
    last, end = START, head(session)
    for sealed, after in pairwise(chain(_chain(session), [None])):
        assert sealed is not None
        fault = _fault(last, sealed, after, end)
        if fault:
            yield fault
        last = sealed.link
    if last != end:
        yield f"head: stands at {end}, the last seal is {last}"


def _chain(session: Session) -> Iterator[Sealed]:
    """The whole chain in its order."""
    last = START.position
    while rows := session.execute(_seals_after(last)).all():
        entered = contents(session, [row.entry_id for row in rows])
        for row in rows:
            link = Link(row.position, row.digest)
            yield Sealed(link, row.entry_id, entered.get(row.entry_id))
        last = rows[-1].position


def _seals_after(position: int) -> Select[int, int, str]:
    columns = (Seal.position, Seal.entry_id, Seal.digest)
    return select(*columns).where(Seal.position > position).order_by(Seal.position).limit(BATCH)


def _fault(last: Link, sealed: Sealed, after: Sealed | None, end: Link) -> str | None:
    """What is wrong with a row of the chain that should follow on `last`, if anything is."""
    if sealed.link.position != last.position + 1:
        return f"seal {last.position + 1}: missing"
    if sealed.content is None:
        return f"seal {sealed.link.position}: its entry {sealed.entry_id} is missing"
    should = follow(last, sealed.content.record)
    if should == sealed.link:
        return None
    if _goes_on_from(should, after, end):
        return f"seal {sealed.link.position}: its digest was changed"
    return _changed_row(last, sealed, sealed.content)


def _goes_on_from(link: Link, after: Sealed | None, end: Link) -> bool:
    """Whether what follows was built on this link."""
    if after is None:
        return link == end
    return after.content is not None and follow(link, after.content.record) == after.link


def _changed_row(last: Link, sealed: Sealed, content: Content) -> str:
    """Name the posting that was changed, if one explains it; else the entry."""
    record = content.record
    entry = f"entry {sealed.entry_id} ({record.key})"
    legs = restored(last.digest, record, sealed.link.digest)
    if legs is None:
        return f"{entry}: not what was sealed at {sealed.link.position}"
    for posting_id, leg in zip(content.posting_ids, record.legs, strict=True):
        if leg not in legs:
            return f"posting {posting_id} of {entry}: not what was sealed"
    return f"{entry}: a posting that was sealed is missing"


def _unsealed(session: Session) -> Iterator[str]:
    query = (
        select(Entry.id, Entry.key)
        .outerjoin(Seal, Seal.entry_id == Entry.id)
        .where(Seal.position.is_(None))
        .order_by(Entry.id)
    )
    for entry_id, key in session.execute(query):
        yield f"entry {entry_id} ({key}): not sealed"


def _unexpected(session: Session, expected: Link | None) -> Iterator[str]:
    if expected is None or expected == START:
        return
    found = session.scalar(select(Seal.digest).where(Seal.position == expected.position))
    if found is None:
        yield f"expected {expected}: the chain ends at {head(session)}"
    elif found != expected.digest:
        yield f"expected {expected}: the chain has {found} there"
