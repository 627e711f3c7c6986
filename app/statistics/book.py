"""The offers of one month as figures start from them: whose, where, of what, how many kilograms."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, reduce
from operator import add

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from app.catalogue.queries import CountyRow, MaterialRow, county_map, material_map
from app.clearing.models import ClearingRun, RunOrder
from app.clearing.queries import RunRow, last_covering
from app.companies.models import Site
from app.ledger.models import Balance, Entry, Lot, Posting
from app.ledger.rules import Account
from app.listings.models import Listing, ListingMaterial
from app.listings.rules import DealMode, Side
from app.statistics.rules import Cell, Group, Masses, publishable, reachable
from app.trades.models import Trade

UNPLACED = (Account.OPEN, Account.REJECTED, Account.DIFFERENCE)
"""Where kilograms stand that found no taker: also those rejected and those lost on the way."""

RECEIVED = (Account.UTILISED,)
SIGNED = (Account.CONTRACTED, Account.IN_TRANSIT, *RECEIVED)


@dataclass(frozen=True, slots=True)
class OfferMasses:
    """What stands on one offer's lot of the month, attributed to the county of its site."""

    number: str
    company_id: int
    adcode: str
    material: str
    masses: Masses

    @property
    def cell(self) -> Cell:
        return self.adcode, self.material


@dataclass(frozen=True)
class MonthBook:
    """All offers of a month, and the groups of cells whose sums the product publishes.

    `run` is the last recorded clearing that took the month in and when it was recorded; without one
    nothing can be said about what is reachable. `as_of` is the last entry on any lot of the month.
    """

    month: date
    offers: list[OfferMasses]
    counties: dict[str, CountyRow]
    materials: dict[str, MaterialRow]
    run: tuple[str, datetime] | None
    as_of: datetime | None

    @cached_property
    def cells(self) -> dict[Cell, Masses]:
        """The cells somebody offers in, the largest first."""
        sums: dict[Cell, Masses] = defaultdict(Masses)
        for offer in self.offers:
            sums[offer.cell] += offer.masses
        return dict(sorted(sums.items(), key=lambda item: (-item[1].offered, item[0])))

    @cached_property
    def firms(self) -> dict[Cell, frozenset[int]]:
        found: dict[Cell, set[int]] = defaultdict(set)
        for offer in self.offers:
            found[offer.cell].add(offer.company_id)
        return {cell: frozenset(firms) for cell, firms in found.items()}

    @cached_property
    def published(self) -> frozenset[Group]:
        """The groups whose sums anybody may know."""
        return publishable(self._lines(), self.firms)

    def group(
        self, adcode: str | None = None, material: str | None = None, with_red_mud: bool = True
    ) -> Group:
        """The cells of a county, a material, both or neither; red mud is what no target counts."""
        return frozenset(
            cell
            for cell in self.cells
            if adcode in (None, cell[0])
            and material in (None, cell[1])
            and (with_red_mud or self.materials[cell[1]].in_target)
        )

    def sum_of(self, group: Group) -> Masses:
        return reduce(add, (self.cells[cell] for cell in group), Masses())

    def _lines(self) -> list[list[Group]]:
        """Every table the product shows, the most important first: target before red mud."""
        return [
            [self.group(with_red_mud=False)],
            [self.group()],
            self._by_county(with_red_mud=False),
            self._by_material(),
            self._by_county(),
            *(self._by_material(adcode) for adcode in self.counties),
            *(self._by_county(material) for material in self.materials),
        ]

    def _by_county(self, material: str | None = None, with_red_mud: bool = True) -> list[Group]:
        groups = [self.group(adcode, material, with_red_mud) for adcode in self.counties]
        return self._largest_first(groups)

    def _by_material(self, adcode: str | None = None) -> list[Group]:
        return self._largest_first([self.group(adcode, material) for material in self.materials])

    def _largest_first(self, groups: list[Group]) -> list[Group]:
        return sorted(groups, key=lambda group: -self.sum_of(group).offered)


def month_book(session: Session, month: date) -> MonthBook:
    """Everything on offer in a month, in a fixed number of statements."""
    run = last_covering(session, month)
    return MonthBook(
        month=month,
        offers=_offers(session, month, _Reach.of(session, month, run)),
        counties=county_map(session),
        materials=material_map(session, month),
        run=(run.number, run.recorded_at) if run and run.recorded_at else None,
        as_of=_last_entry(session, month),
    )


@dataclass(frozen=True, slots=True)
class _Reach:
    """By offer: what stood committed before a run, and what the run's plan placed of the rest."""

    committed_before: dict[str, int]
    plan_placed: dict[str, int]

    @classmethod
    def of(cls, session: Session, month: date, run: RunRow | None) -> _Reach:
        """What the ledger still holds for trades from before the run; nothing without one."""
        if run is None or run.frozen_at is None:
            return cls({}, {})
        before = (
            select(Lot.listing_number, func.sum(Posting.kg))
            .join(Posting, Posting.lot_id == Lot.id)
            .join(Entry, Entry.id == Posting.entry_id)
            .join(Trade, Trade.number == Entry.reference)
            .where(Lot.month == month, Posting.account.in_((Account.RESERVED, *SIGNED)))
            .where(Trade.origin != run.number, Trade.proposed_at <= run.frozen_at)
            .group_by(Lot.listing_number)
        )
        plan = (
            select(RunOrder.listing_number, RunOrder.plan_placed_kg)
            .join(ClearingRun)
            .where(ClearingRun.number == run.number, RunOrder.side == Side.OFFER)
            .where(RunOrder.month == month)
        )
        return cls(_masses(session, before), _masses(session, plan))

    def kg(self, number: str, offered: int) -> int:
        before = self.committed_before.get(number, 0)
        return reachable(offered, before, self.plan_placed.get(number, 0))


def _masses(session: Session, query: Select[str, int]) -> dict[str, int]:
    return {number: int(kg) for number, kg in session.execute(query)}


def _offers(session: Session, month: date, reach: _Reach) -> list[OfferMasses]:
    """The offers of the month that still have something on offer, by number."""
    accounts = [_stands_on(*names) for names in (UNPLACED, (Account.RESERVED,), SIGNED, RECEIVED)]
    material = func.min(ListingMaterial.material_code)  # an offer has exactly one
    query = (
        select(Listing.number, Listing.company_id, Site.adcode, material, *accounts)
        .join(Site, Site.id == Listing.site_id)
        .join(ListingMaterial, ListingMaterial.listing_id == Listing.id)
        .join(Lot, Lot.listing_number == Listing.number)
        .join(Balance, Balance.lot_id == Lot.id)
        .where(Listing.side == Side.OFFER, Lot.month == month, _is_on_offer())
        .group_by(Listing.number, Listing.company_id, Site.adcode)
        .order_by(Listing.number)
    )
    offers = [_offer(reach, *row) for row in session.execute(query)]
    return [offer for offer in offers if offer.masses.offered]


def _is_on_offer() -> ColumnElement[bool]:
    """A listing made for one deal is on no market: only what the deal holds of it counts."""
    of_a_deal = (Listing.deal_mode == DealMode.PRIVATE, Balance.account.in_(UNPLACED))
    return ~and_(*of_a_deal)


def _stands_on(*accounts: Account) -> ColumnElement[int]:
    return func.coalesce(func.sum(Balance.kg).filter(Balance.account.in_(accounts)), 0)


def _offer(
    reach: _Reach, number: str, company_id: int, adcode: str, material: str, *stands: int
) -> OfferMasses:
    left, reserved, contracted, received = (int(mass) for mass in stands)
    can_go = reach.kg(number, left + reserved + contracted)
    masses = Masses(left, reserved, contracted, received, can_go)
    return OfferMasses(number, company_id, adcode, material, masses)


def _last_entry(session: Session, month: date) -> datetime | None:
    return session.scalar(
        select(func.max(Entry.at))
        .join(Posting, Posting.entry_id == Entry.id)
        .join(Lot, Lot.id == Posting.lot_id)
        .where(Lot.month == month)
    )
