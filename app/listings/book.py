"""The book of a month: what a clearing takes in, and what bids in a call round stand on.

Limit prices are opened for the clearing (`book`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from app.catalogue import queries as catalogue
from app.catalogue.rules import WorkingDays
from app.core.vault import Vault
from app.eligibility.fitting import Wish
from app.eligibility.rules import Lot
from app.ledger.queries import BalanceRow, balance, balances
from app.listings import limits, rules
from app.listings.models import Listing, ListingMaterial
from app.listings.queries import (
    Quality,
    clearable,
    full_listings,
    is_active,
    qualities_of,
    worked_by,
)
from app.listings.rules import DealMode, Product, Side


@dataclass(frozen=True, slots=True)
class BookOrder:
    """One month of a listing as a clearing takes it in: degrees WGS-84, prices fen per tonne.

    `kg` is what is open of the days its works are open; `worked` is `None` where all are. `step`
    counts the steps of a bid in a call round from 1; it is 0 for a listing without a bid. `kind`
    and `lot` say what an offer's waste is known to be, `wish` what a requirement asks of it.
    """

    number: str
    side: Side
    company_id: int
    site_id: int
    adcode: str
    lon: float
    lat: float
    materials: tuple[str, ...]
    month: date
    product: Product | None
    kg: int
    worked: WorkingDays | None
    limit_fen: int = field(repr=False)
    max_km: int | None
    silo_kg: int
    holding_fen: int = field(repr=False)
    kind: str = ""
    lot: Lot = field(default_factory=Lot)
    wish: Wish = field(default_factory=Wish)
    step: int = 0
    min_lot_kg: int = 0
    is_single: bool = False

    @property
    def order_id(self) -> str:
        """What the engine knows it by: a step of a bid is an order of its own."""
        return f"{self.number}/{self.step}" if self.step else self.number


def book(session: Session, vault: Vault, months: Iterable[date], on: date) -> list[BookOrder]:
    """Every order a clearing of those months takes in, month by month, each by number.

    Its listing is active and open to any price, its firm approved and not barred, and something of
    the month is open. What is at a fixed price is for whoever takes it at that. What is known of
    lots is that of the day `on`.
    """
    worked = catalogue.days_worked(session, months)
    found = [
        (month, listing, held)
        for month in worked
        for listing, held in _open_listings(session, month, takes_part(month))
    ]
    known = qualities_of(session, {listing for _month, listing, _held in found}, on)
    return [
        _book_order(
            listing,
            month,
            held,
            worked_by(listing, worked[month]),
            _limit(vault, listing),
            known[listing.number],
        )
        for month, listing, held in found
    ]


def month_book(
    session: Session, month: date, ids: list[int], modes: Iterable[DealMode], on: date
) -> dict[int, BookOrder]:
    """The same of these listings alone, in one month and without limits, by the listing's id.

    For bids: they bring prices of their own.
    """
    worked = catalogue.days_worked(session, [month])[month]
    wanted = and_(_covers(month), Listing.deal_mode.in_(list(modes)), Listing.id.in_(ids))
    found = _open_listings(session, month, wanted)
    known = qualities_of(session, [listing for listing, _held in found], on)
    return {
        listing.id: _book_order(
            listing, month, held, worked_by(listing, worked), 0, known[listing.number]
        )
        for listing, held in found
    }


def clearable_kg(session: Session, number: str, month: date) -> int:
    """What a clearing may place of one month of a listing, kg; 0 for a month it does not cover."""
    listing = session.scalar(select(Listing).where(Listing.number == number))
    if listing is None or not listing.first_month <= month <= listing.last_month:
        return 0
    worked = catalogue.days_worked(session, [month])[month]
    return clearable(balance(session, number, month), worked_by(listing, worked))


def firms_listing(
    session: Session, month: date, materials: Iterable[str], modes: Iterable[DealMode]
) -> list[int]:
    """The firms with a listing of these modes in a month, of these materials or of any."""
    codes = list(materials)
    query = (
        select(Listing.company_id)
        .join(Listing.company)
        .where(_covers(month), Listing.deal_mode.in_(list(modes)))
        .distinct()
        .order_by(Listing.company_id)
    )
    if codes:
        query = query.where(Listing.accepted.any(ListingMaterial.material_code.in_(codes)))
    return list(session.scalars(query))


def has_orders(session: Session, month: date) -> bool:
    """Whether a clearing of the month would find any listing."""
    found = select(Listing.id).join(Listing.company).where(takes_part(month)).limit(1)
    return session.scalar(found) is not None


def takes_part(month: date) -> ColumnElement[bool]:
    """Is in the book of a month's clearing; a condition on listings joined with their firms."""
    return and_(_covers(month), Listing.deal_mode == DealMode.OPEN)


def _open_listings(
    session: Session, month: date, wanted: ColumnElement[bool]
) -> list[tuple[Listing, BalanceRow]]:
    query = full_listings().where(wanted).order_by(Listing.number)
    standing = balances(session, None, month)
    found = [
        (listing, standing.get((listing.number, month), BalanceRow()))
        for listing in session.scalars(query)
    ]
    return [(listing, held) for listing, held in found if held.open]


def _covers(month: date) -> ColumnElement[bool]:
    return and_(is_active(), Listing.first_month <= month, Listing.last_month >= month)


def _limit(vault: Vault, listing: Listing) -> int:
    return rules.clearing_limit(limits.reveal(vault, listing), listing.list_price)


def _book_order(
    listing: Listing,
    month: date,
    held: BalanceRow,
    worked: WorkingDays | None,
    limit_fen: int,
    quality: Quality,
) -> BookOrder:
    site = listing.site
    return BookOrder(
        number=listing.number,
        side=listing.side,
        company_id=listing.company_id,
        site_id=listing.site_id,
        adcode=site.adcode,
        lon=site.lon,
        lat=site.lat,
        materials=listing.materials,
        month=month,
        product=listing.product,
        kg=clearable(held, worked),
        worked=worked,
        limit_fen=limit_fen,
        max_km=listing.max_km,
        silo_kg=listing.silo_kg or 0,
        holding_fen=listing.holding_price or 0,
        kind=quality.kind,
        lot=quality.lot,
        wish=quality.wish,
    )
