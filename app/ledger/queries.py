"""Questions to the ledger: what stands where, and whether the books agree with themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.ledger.models import Balance, Entry, Lot, Posting
from app.ledger.rules import Account

LotName = tuple[str, date]
"""A lot as the rest of the product knows it: the listing's number and the month."""


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """Kilograms of one lot by account."""

    open: int = 0
    reserved: int = 0
    contracted: int = 0
    withdrawn: int = 0

    @property
    def offered(self) -> int:
        """What the owner still puts or has put on the market."""
        return self.open + self.reserved + self.contracted


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


def check(session: Session) -> list[str]:
    """Recompute the whole ledger from its postings; one line per fault, none if it is sound."""
    return [
        *_unbalanced_entries(session),
        *_wrong_balances(session),
        *_overdrawn_reservations(session),
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


def _overdrawn_reservations(session: Session) -> Iterator[str]:
    """No reference returns or contracts more than it reserved."""
    sums = (
        select(Entry.reference, Posting.lot_id, func.sum(Posting.kg))
        .join(Posting, Posting.entry_id == Entry.id)
        .where(Posting.account == Account.RESERVED)
        .group_by(Entry.reference, Posting.lot_id)
        .having(func.sum(Posting.kg) < 0)
        .order_by(Entry.reference)
    )
    for reference, lot_id, kg in session.execute(sums):
        yield f"{reference}: {-kg} kg of lot {lot_id} taken beyond its reservation"


def _by_account(rows: Iterable[tuple[int, Account, int]]) -> dict[tuple[int, str], int]:
    return {(lot_id, account.value): int(kg) for lot_id, account, kg in rows}
