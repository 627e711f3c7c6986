"""The deeds of the ledger. Each writes one entry whose postings sum to zero, or nothing at all.

What is not there cannot be taken: the update that takes it carries the condition, so the
database decides, whatever runs at the same time. Each deed has a key; doing it again with the
same facts changes nothing. Entries are their own audit trail, sealed one on the other at the
commit (`chain`).

Lots are locked before they are touched, several of them in the order of their ids: a
transaction that will move more than one lot calls `lock` first, so that no two can wait for
each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Conflict
from app.core.quantities import tonnes_text
from app.ledger.chain import seal_later
from app.ledger.models import Balance, Entry, Lot, Posting
from app.ledger.queries import LotName, balance, held_by_lot
from app.ledger.rules import (
    FREE,
    HELD_BY_DOCUMENT,
    PATHS,
    Account,
    Verb,
    correction,
    hold_key,
    issue_key,
    move_key,
    two_legs,
)

BATCH = 500
INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Oversold(Conflict):
    """A lot does not hold what was to be taken from it."""

    next_step = _l("请按剩余数量重新填写，或选择别的月份。")

    def __init__(self, number: str, month: date, wanted_kg: int, left_kg: int) -> None:
        super().__init__(
            _l(
                "%(number)s 在 %(month)s 只剩 %(left)s 吨，不够 %(wanted)s 吨；没有改动任何数量。",
                number=number,
                month=f"{month:%Y-%m}",
                left=tonnes_text(left_kg),
                wanted=tonnes_text(wanted_kg),
            )
        )
        self.number, self.month = number, month
        self.wanted_kg, self.left_kg = wanted_kg, left_kg


class KeyReused(Exception):
    """A deed was repeated under its old key with other facts: a fault of the caller."""


@dataclass(frozen=True, slots=True)
class Move:
    """An entry to be: for each lot the kilograms that take the verb's path."""

    verb: Verb
    key: str
    reference: str
    masses: tuple[tuple[Lot, int], ...]
    document: str = ""

    @property
    def source(self) -> Account:
        return PATHS[self.verb][0]

    @property
    def target(self) -> Account:
        return PATHS[self.verb][1]

    def legs(self) -> dict[tuple[int, Account], int]:
        """The signed kilograms by lot id and account; raises `ValueError` for no or less mass."""
        return {
            (lot.id, account): leg
            for lot, kg in self.masses
            for account, leg in two_legs(self.verb, kg).items()
        }


def issue(session: Session, actor: Actor, number: str, month: date, kg: int, now: datetime) -> None:
    """Put a listing's mass for one month on the market."""
    issue_months(session, actor, number, {month: kg}, now)


def issue_months(
    session: Session, actor: Actor, number: str, masses: Mapping[date, int], now: datetime
) -> None:
    """Put a listing's masses on the market, month by month, as one entry."""
    lots = {lot.month: lot for lot in _lock(session, Lot.listing_number == number)}
    fresh = [Lot(listing_number=number, month=month) for month in masses if month not in lots]
    session.add_all(fresh)
    session.flush()
    lots |= {lot.month: lot for lot in fresh}
    key = issue_key(number, min(masses))
    moved = tuple((lots[month], kg) for month, kg in masses.items())
    _post(session, actor, Move(Verb.ISSUE, key, number, moved), now)


def set_quantity(
    session: Session, actor: Actor, number: str, month: date, kg: int, now: datetime
) -> None:
    """Make `kg` the mass on offer; raises `Oversold` if more than the rest is already taken."""
    lot = _locked(session, number, month) or _new_lot(session, number, month)
    change = correction(balance(session, number, month).offered, kg)
    if change is None:
        return
    verb, difference = change
    key = f"{verb}:{number}:{month:%Y-%m}:{_entries_on(session, [lot])}"
    _post(session, actor, Move(verb, key, number, ((lot, difference),)), now)


def withdraw_open(session: Session, actor: Actor, number: str, now: datetime) -> int:
    """Take what is still open off the market in every month; returns the kilograms."""
    lots = _lock(session, Lot.listing_number == number)
    masses = tuple((lot, kg) for lot in lots if (kg := _standing(session, lot, Account.OPEN)))
    if masses:
        key = f"{Verb.WITHDRAW}:{number}:{_entries_on(session, lots)}"
        _post(session, actor, Move(Verb.WITHDRAW, key, number, masses), now)
    return sum(kg for _lot, kg in masses)


def reserve(
    session: Session, actor: Actor, masses: Mapping[LotName, int], reference: str, now: datetime
) -> None:
    """Hold open kilograms of these lots for a proposed trade, all or none; raises `Oversold`."""
    _post_for(session, actor, Verb.RESERVE, masses, reference, now)


def give_back(
    session: Session, actor: Actor, masses: Mapping[LotName, int], reference: str, now: datetime
) -> None:
    """Open again what was held under this reference; raises `Oversold` beyond that."""
    _post_for(session, actor, Verb.GIVE_BACK, masses, reference, now)


def contract(
    session: Session, actor: Actor, masses: Mapping[LotName, int], reference: str, now: datetime
) -> None:
    """Bind what was held under this reference; raises `Oversold` beyond that."""
    _post_for(session, actor, Verb.CONTRACT, masses, reference, now)


def move(
    session: Session,
    actor: Actor,
    verb: Verb,
    masses: Mapping[LotName, int],
    *,
    reference: str,
    document: str,
    now: datetime,
) -> None:
    """Move kilograms of a trade's lots, all or none, because of one paper; twice is once.

    What is not open must be held under `reference`, and what is on a truck under `document` too.
    Raises `Oversold` beyond that and `ValueError` for no mass at all.
    """
    if not masses:
        raise ValueError(f"{verb} of nothing for {reference}")
    key = move_key(verb, reference, document)
    _post(session, actor, Move(verb, key, reference, _held(session, masses), document), now)


def lock(session: Session, names: Iterable[LotName]) -> None:
    """Hold these lots until the transaction ends; unknown ones are passed over."""
    _lock_named(session, names)


def lock_listings(session: Session, numbers: Iterable[str]) -> None:
    """Hold every lot of these listings until the transaction ends."""
    _lock(session, Lot.listing_number.in_(set(numbers)))


def _lock_named(session: Session, names: Iterable[LotName]) -> list[Lot]:
    wanted = sorted(set(names))
    if len(wanted) <= BATCH:
        return _lock(session, _named(wanted))
    ids: list[int] = []
    for start in range(0, len(wanted), BATCH):
        chosen = _named(wanted[start : start + BATCH])
        ids += session.scalars(select(Lot.id).where(chosen))
    ids.sort()
    return [
        lot
        for start in range(0, len(ids), BATCH)
        for lot in _lock(session, Lot.id.in_(ids[start : start + BATCH]))
    ]


def _named(names: Sequence[LotName]) -> ColumnElement[bool]:
    return tuple_(Lot.listing_number, Lot.month).in_(names)


def _lock(session: Session, condition: ColumnElement[bool]) -> list[Lot]:
    return list(session.scalars(select(Lot).where(condition).order_by(Lot.id).with_for_update()))


def _locked(session: Session, number: str, month: date) -> Lot | None:
    lots = _lock(session, (Lot.listing_number == number) & (Lot.month == month))
    return lots[0] if lots else None


def _new_lot(session: Session, number: str, month: date) -> Lot:
    lot = Lot(listing_number=number, month=month)
    session.add(lot)
    session.flush()
    return lot


def _post_for(
    session: Session,
    actor: Actor,
    verb: Verb,
    masses: Mapping[LotName, int],
    reference: str,
    now: datetime,
) -> None:
    """Post one movement on behalf of a trade, as one entry however many lots it has."""
    key = hold_key(verb, reference, *min(masses))
    _post(session, actor, Move(verb, key, reference, _held(session, masses)), now)


def _held(session: Session, masses: Mapping[LotName, int]) -> tuple[tuple[Lot, int], ...]:
    """The lots of these names, locked, with their kilograms; `Oversold` where there is no lot."""
    lots = {(lot.listing_number, lot.month): lot for lot in _lock_named(session, masses)}
    for name, kg in masses.items():
        if name not in lots:
            raise Oversold(*name, kg, 0)
    return tuple((lots[name], kg) for name, kg in masses.items())


def _post(session: Session, actor: Actor, move: Move, now: datetime) -> None:
    """Carry a move out once. Its lots are locked by now, so no twin can run beside it."""
    if _is_posted(session, move):
        return
    _require_held(session, move)
    _shift(session, move)
    entry = Entry(
        key=move.key,
        verb=move.verb,
        reference=move.reference,
        document=move.document,
        at=now,
        actor=actor.label,
    )
    session.add(entry)
    session.flush()
    legs = [
        {"entry_id": entry.id, "lot_id": lot_id, "account": account, "kg": kg}
        for (lot_id, account), kg in move.legs().items()
    ]
    session.execute(insert(Posting), legs)
    seal_later(session, entry)


def _is_posted(session: Session, move: Move) -> bool:
    """Whether the ledger holds this move; raises `KeyReused` if it holds another by its key."""
    legs = move.legs()
    entry = session.scalar(select(Entry).where(Entry.key == move.key))
    if entry is None:
        return False
    if {(leg.lot_id, leg.account): leg.kg for leg in entry.postings} != legs:
        raise KeyReused(move.key)
    return True


def _require_held(session: Session, move: Move) -> None:
    """A reference moves its own kilograms only, never what another one holds."""
    if move.source in FREE:
        return
    document = move.document if move.source in HELD_BY_DOCUMENT else None
    held = held_by_lot(session, move.reference, move.source, document)
    for lot, kg in move.masses:
        if held.get(lot.id, 0) < kg:
            raise Oversold(lot.listing_number, lot.month, kg, held.get(lot.id, 0))


def _shift(session: Session, move: Move) -> None:
    if move.source is not Account.OUTSIDE:
        for lot, kg in move.masses:
            _take(session, lot, move.source, kg)
    if move.target is not Account.OUTSIDE:
        _add(session, move)


def _take(session: Session, lot: Lot, account: Account, kg: int) -> None:
    """The guarded update: the row changes only while it holds enough."""
    result = session.execute(
        update(Balance)
        .where(Balance.lot_id == lot.id, Balance.account == account, Balance.kg >= kg)
        .values(kg=Balance.kg - kg)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    if not result.rowcount:
        left = _standing(session, lot, account)
        raise Oversold(lot.listing_number, lot.month, kg, left)


def _add(session: Session, move: Move) -> None:
    upsert = INSERT[session.get_bind().dialect.name](Balance)
    session.execute(
        upsert.on_conflict_do_update(
            index_elements=[Balance.lot_id, Balance.account],
            set_={"kg": Balance.kg + upsert.excluded.kg},
        ),
        [{"lot_id": lot.id, "account": move.target, "kg": kg} for lot, kg in move.masses],
    )


def _standing(session: Session, lot: Lot, account: Account) -> int:
    query = select(Balance.kg).where(Balance.lot_id == lot.id, Balance.account == account)
    return session.scalar(query) or 0


def _entries_on(session: Session, lots: Iterable[Lot]) -> int:
    """How many entries touched these lots so far: it tells one correction from the next."""
    ids = [lot.id for lot in lots]
    query = select(func.count(Posting.entry_id.distinct())).where(Posting.lot_id.in_(ids))
    return session.scalar(query) or 0
