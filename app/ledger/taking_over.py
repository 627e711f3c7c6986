"""Entering many movements at once, as when the books of earlier months are taken over.

The entries, postings, balances and seals are those that the deeds of `operations` would have made
one by one in the same order; only the number of statements differs. The head of the chain is held
until the transaction ends, so this is no way to trade while others do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.bulk import add_rows, add_with_ids
from app.ledger.chain import append, seal
from app.ledger.models import Balance, Entry, Lot, Posting
from app.ledger.operations import BATCH, INSERT, Oversold, lock
from app.ledger.queries import LotName
from app.ledger.rules import (
    FREE,
    HELD_BY_DOCUMENT,
    Account,
    Record,
    Verb,
    hold_key,
    issue_key,
    move_key,
    two_legs,
)

HOLDS = frozenset({Verb.RESERVE, Verb.GIVE_BACK, Verb.CONTRACT})
COUNTED = frozenset({Verb.ENLARGE, Verb.REDUCE, Verb.WITHDRAW})
"""Deeds whose keys count the entries before them: they are left to `operations`."""
Place = tuple[int, Account]
"""A lot, by its id, and an account."""
Holding = tuple[str, str, int, Account]
"""Reference, document where it matters, and the place of what they hold."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A deed of the past: the kilograms of each lot that took the verb's path at `at`."""

    verb: Verb
    reference: str
    masses: Mapping[LotName, int]
    at: datetime
    actor: str
    document: str = ""

    @property
    def key(self) -> str:
        if self.verb is Verb.ISSUE:
            return issue_key(*min(self.masses))
        if self.verb in HOLDS:
            return hold_key(self.verb, self.reference, *min(self.masses))
        return move_key(self.verb, self.reference, self.document)

    def legs(self) -> Iterator[tuple[LotName, Account, int]]:
        for name, kg in self.masses.items():
            for account, leg in two_legs(self.verb, kg).items():
                yield name, account, leg

    def record(self) -> Record:
        """What the chain covers of it."""
        return Record(
            key=self.key,
            verb=self.verb,
            reference=self.reference,
            document=self.document,
            at=self.at,
            actor=self.actor,
            legs=tuple((*name, account, kg) for name, account, kg in self.legs()),
        )


def take_over(session: Session, movements: Sequence[Movement]) -> None:
    """Enter movements in the order given, all or none, on top of what this session has entered.

    Raises `Oversold` as the deeds would, and `ValueError` for one that cannot be taken over.
    """
    if not movements:
        return
    if refused := COUNTED & {movement.verb for movement in movements}:
        raise ValueError(f"{sorted(refused)} cannot be taken over")
    session.flush()
    seal(session)
    books = _Books(session, movements)
    for movement in movements:
        books.post(movement)
    books.write()
    ids = _enter(session, movements)
    _write_postings(session, books.lots, ids, movements)
    append(session, zip(ids, (movement.record() for movement in movements), strict=True))


class _Books:
    """What stands where while the movements are gone through, in memory."""

    def __init__(self, session: Session, movements: Sequence[Movement]) -> None:
        self._session = session
        names = sorted({name for movement in movements for name in movement.masses})
        self.lots = _known_lots(session, names)
        self._held = _held(session, movements, set(self.lots.values()))
        self._stands = _standing(session, set(self.lots.values()))
        issued = {name for one in movements if one.verb is Verb.ISSUE for name in one.masses}
        self.lots |= _new_lots(session, [name for name in names if name in issued - set(self.lots)])

    def post(self, movement: Movement) -> None:
        for name, account, kg in movement.legs():
            if name not in self.lots:
                raise Oversold(*name, abs(kg), 0)
            if account is not Account.OUTSIDE:
                self._shift(name, movement, account, kg)

    def write(self) -> None:
        """Put every balance that was touched where it stands now."""
        rows = [
            {"lot_id": lot_id, "account": account, "kg": kg}
            for (lot_id, account), kg in self._stands.items()
        ]
        upsert = INSERT[self._session.get_bind().dialect.name](Balance)
        self._session.execute(
            upsert.on_conflict_do_update(
                index_elements=[Balance.lot_id, Balance.account],
                set_={"kg": upsert.excluded.kg},
            ),
            rows,
        )

    def _shift(self, name: LotName, movement: Movement, account: Account, kg: int) -> None:
        place = (self.lots[name], account)
        left = self._stands[place]
        if account not in FREE:
            document = movement.document if account in HELD_BY_DOCUMENT else ""
            holding = (movement.reference, document, *place)
            left = min(left, self._held[holding])
            self._held[holding] += kg
        if left + kg < 0:
            raise Oversold(*name, -kg, left)
        self._stands[place] += kg


def _known_lots(session: Session, names: Sequence[LotName]) -> dict[LotName, int]:
    """The ids of the lots there are, held from here on."""
    lock(session, names)
    numbers = sorted({number for number, _month in names})
    wanted, found = set(names), {}
    for start in range(0, len(numbers), BATCH):
        chosen = Lot.listing_number.in_(numbers[start : start + BATCH])
        for lot in session.execute(select(Lot.id, Lot.listing_number, Lot.month).where(chosen)):
            found[lot.listing_number, lot.month] = lot.id
    return {name: lot_id for name, lot_id in found.items() if name in wanted}


def _new_lots(session: Session, names: Sequence[LotName]) -> dict[LotName, int]:
    rows = [{"listing_number": number, "month": month} for number, month in names]
    return dict(zip(names, add_with_ids(session, Lot, rows), strict=True))


def _standing(session: Session, lot_ids: set[int]) -> defaultdict[Place, int]:
    stands: defaultdict[Place, int] = defaultdict(int)
    for chosen in _batches(lot_ids):
        query = select(Balance.lot_id, Balance.account, Balance.kg)
        for lot_id, account, kg in session.execute(query.where(Balance.lot_id.in_(chosen))):
            stands[lot_id, account] = kg
    return stands


def _held(
    session: Session, movements: Sequence[Movement], lot_ids: set[int]
) -> defaultdict[Holding, int]:
    """What the references of these movements hold of lots there were before."""
    references = {movement.reference for movement in movements}
    held: defaultdict[Holding, int] = defaultdict(int)
    columns = (Entry.reference, Entry.document, Posting.lot_id, Posting.account)
    for chosen in _batches(lot_ids):
        query = (
            select(*columns, func.sum(Posting.kg))
            .join(Posting, Posting.entry_id == Entry.id)
            .where(Posting.lot_id.in_(chosen), Posting.account.not_in(FREE))
            .group_by(*columns)
        )
        for reference, paper, lot_id, account, kg in session.execute(query):
            if reference in references:
                document = paper if account in HELD_BY_DOCUMENT else ""
                held[reference, document, lot_id, account] += int(kg)
    return held


def _enter(session: Session, movements: Sequence[Movement]) -> list[int]:
    """The ids of the entries, in the order of the movements."""
    rows = [
        {
            "key": movement.key,
            "verb": movement.verb,
            "reference": movement.reference,
            "document": movement.document,
            "at": movement.at,
            "actor": movement.actor,
        }
        for movement in movements
    ]
    return add_with_ids(session, Entry, rows)


def _write_postings(
    session: Session,
    lots: Mapping[LotName, int],
    ids: Sequence[int],
    movements: Sequence[Movement],
) -> None:
    rows: list[dict[str, Any]] = [
        {"entry_id": entry_id, "lot_id": lots[name], "account": account, "kg": kg}
        for entry_id, movement in zip(ids, movements, strict=True)
        for name, account, kg in movement.legs()
    ]
    add_rows(session, Posting, rows)


def _batches(ids: set[int]) -> Iterator[list[int]]:
    in_order = sorted(ids)
    for start in range(0, len(in_order), BATCH):
        yield in_order[start : start + BATCH]
