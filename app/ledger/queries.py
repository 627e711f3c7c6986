"""Questions to the ledger: what stands where, and whether the books agree with themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.ledger.models import Balance, Entry, Lot, Posting
from app.ledger.rules import FREE, HELD_BY_DOCUMENT, Account

LotName = tuple[str, date]
"""A lot as the rest of the product knows it: the listing's number and the month."""

Held = dict[LotName, dict[Account, int]]
"""Kilograms by lot and account; accounts that hold none are left out."""


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """Kilograms of one lot by account."""

    open: int = 0
    reserved: int = 0
    contracted: int = 0
    in_transit: int = 0
    utilised: int = 0
    rejected: int = 0
    difference: int = 0
    withdrawn: int = 0

    @property
    def signed(self) -> int:
        """What both sides stand by: waiting for a truck, on its way, or received."""
        return self.contracted + self.in_transit + self.utilised

    @property
    def taken(self) -> int:
        """What a trade holds or has used, lost and rejected kilograms included."""
        return self.reserved + self.signed + self.rejected + self.difference

    @property
    def offered(self) -> int:
        """What the owner still puts or has put on the market."""
        return self.open + self.taken


def balances(
    session: Session, numbers: Iterable[str] | None = None, month: date | None = None
) -> dict[LotName, BalanceRow]:
    """The balances of all lots, of those listings, of that month, or of both."""
    query = select(Lot.listing_number, Lot.month, Balance.account, Balance.kg).join(
        Balance, Balance.lot_id == Lot.id
    )
    if numbers is not None:
        query = query.where(Lot.listing_number.in_(list(numbers)))
    if month is not None:
        query = query.where(Lot.month == month)
    masses: dict[LotName, dict[str, int]] = defaultdict(dict)
    for number, lot_month, account, kg in session.execute(query):
        masses[number, lot_month][account.value] = kg
    return {name: BalanceRow(**by_account) for name, by_account in masses.items()}


def balance(session: Session, number: str, month: date) -> BalanceRow:
    """The balance of one lot; all zero if there is none."""
    return balances(session, [number], month).get((number, month), BalanceRow())


def held(session: Session, reference: str, document: str | None = None) -> Held:
    """Where the kilograms of a reference stand now, or those that moved under one paper of it."""
    return _held(session, [reference], document).get(reference, {})


def held_many(session: Session, references: Iterable[str]) -> dict[str, Held]:
    """Where the kilograms of several references stand; one that holds nothing is left out."""
    return _held(session, list(references), None)


def held_by_lot(
    session: Session, reference: str, account: Account, document: str | None = None
) -> dict[int, int]:
    """By lot id, the kilograms a reference, or one paper of it, has on an account."""
    query = (
        select(Posting.lot_id, func.sum(Posting.kg))
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Entry.reference == reference, Posting.account == account)
        .group_by(Posting.lot_id)
    )
    if document is not None:
        query = query.where(Entry.document == document)
    return {lot_id: int(kg) for lot_id, kg in session.execute(query)}


def _held(session: Session, references: list[str], document: str | None) -> dict[str, Held]:
    kg = func.sum(Posting.kg)
    query = (
        select(Entry.reference, Lot.listing_number, Lot.month, Posting.account, kg)
        .join(Entry, Entry.id == Posting.entry_id)
        .join(Lot, Lot.id == Posting.lot_id)
        .where(Entry.reference.in_(references), Posting.account.not_in(FREE))
        .group_by(Entry.reference, Lot.listing_number, Lot.month, Posting.account)
        .having(kg > 0)
        .order_by(Lot.listing_number, Lot.month)
    )
    if document is not None:
        query = query.where(Entry.document == document)
    found: dict[str, Held] = defaultdict(dict)
    for reference, number, month, account, mass in session.execute(query):
        found[reference].setdefault((number, month), {})[account] = int(mass)
    return dict(found)


def check(session: Session) -> list[str]:
    """Recompute the whole ledger from its postings; one line per fault, none if it is sound."""
    return [
        *_unbalanced_entries(session),
        *_wrong_balances(session),
        *_overdrawn(session),
    ]


def _unbalanced_entries(session: Session) -> Iterator[str]:
    """Every entry has postings, and they sum to zero within each lot."""
    sums = (
        select(Entry.key, Posting.lot_id, func.sum(Posting.kg))
        .outerjoin(Posting, Posting.entry_id == Entry.id)
        .group_by(Entry.id, Entry.key, Posting.lot_id)
        .order_by(Entry.id, Posting.lot_id)
    )
    for key, lot_id, kg in session.execute(sums):
        if lot_id is None:
            yield f"entry {key}: no postings"
        elif kg:
            yield f"entry {key}: postings in lot {lot_id} sum to {kg} kg"


def _wrong_balances(session: Session) -> Iterator[str]:
    """Every balance is the sum of its postings, and none is negative."""
    kept = _by_account(session.execute(select(Balance.lot_id, Balance.account, Balance.kg)))
    summed = _by_account(
        session.execute(
            select(Posting.lot_id, Posting.account, func.sum(Posting.kg))
            .where(Posting.account != Account.OUTSIDE)
            .group_by(Posting.lot_id, Posting.account)
        )
    )
    for place in sorted(kept.keys() | summed.keys()):
        lot_id, account = place
        stands, should = kept.get(place, 0), summed.get(place, 0)
        if stands != should:
            yield f"lot {lot_id} {account}: {stands} kg stand, the postings sum to {should} kg"
        if should < 0:
            yield f"lot {lot_id} {account}: {should} kg is negative"


def _overdrawn(session: Session) -> Iterator[str]:
    """No reference moves on more than it held, and no paper more than it moved there."""
    yield from _below_zero(session, Posting.account.not_in(FREE), Entry.reference)
    on_trucks = Posting.account.in_(HELD_BY_DOCUMENT)
    yield from _below_zero(session, on_trucks, Entry.reference, Entry.document)


def _below_zero(
    session: Session, where: ColumnElement[bool], *holder: InstrumentedAttribute[str]
) -> Iterator[str]:
    sums = (
        select(*holder, Posting.lot_id, Posting.account, func.sum(Posting.kg))
        .join(Posting, Posting.entry_id == Entry.id)
        .where(where)
        .group_by(*holder, Posting.lot_id, Posting.account)
        .having(func.sum(Posting.kg) < 0)
        .order_by(*holder, Posting.lot_id, Posting.account)
    )
    for *names, lot_id, account, kg in session.execute(sums):
        yield f"{' '.join(names)}: {-kg} kg of lot {lot_id} taken from {account} beyond its own"


def _by_account(rows: Iterable[tuple[int, Account, int]]) -> dict[tuple[int, str], int]:
    return {(lot_id, account.value): int(kg) for lot_id, account, kg in rows}
