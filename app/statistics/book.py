"""The offers of one month as figures start from them: whose, where, of what, how many kilograms.

What the public gets to see are these tables, the most important first, each in every measure of
`rules.PARTS`: the city without and with red mud; counties without; materials; counties with;
materials by county. `disclosure` holds all of them together, so nothing follows from a
difference of rows and totals, of with and without red mud, or of a measure and its parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, reduce
from itertools import chain
from operator import add

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from app.catalogue.queries import CountyRow, MaterialRow, county_map, material_map, terms
from app.catalogue.rules import Term
from app.clearing.models import ClearingRun, RunOrder
from app.clearing.queries import RunRow, last_covering
from app.companies.groups import Groups, group_of, groups_of
from app.companies.models import Site
from app.ledger.models import Balance, Entry, Lot, Posting
from app.ledger.rules import Account
from app.listings.models import Listing, ListingMaterial
from app.listings.rules import DealMode, Side
from app.statistics.disclosure import Contribution, Sum, Thresholds, remembered
from app.statistics.rules import PARTS, Masses, Measure, Place, Region, firms_in, reachable
from app.trades.models import Trade

UNPLACED = (Account.OPEN, Account.REJECTED, Account.DIFFERENCE)
"""Where kilograms stand that found no taker: also those rejected and those lost on the way."""

NOTHING_TOLD = Thresholds(groups=1_000_000, share_milli=0, margin_milli=1000)
"""No sum is of so many groups."""
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
    def place(self) -> Place:
        return self.adcode, self.material


@dataclass(frozen=True)
class MonthBook:
    """All offers of a month, and the regions whose sums the product publishes.

    `groups` are the firms that stand under one control with others, and `thresholds` what
    disclosure control asked for, both on the first of the month. `run` is the last recorded
    clearing that took the month in and when it was recorded; without one nothing can be said about
    what is reachable. `as_of` is the last entry on any lot of the month.
    """

    month: date
    offers: list[OfferMasses]
    counties: dict[str, CountyRow]
    materials: dict[str, MaterialRow]
    groups: Groups
    thresholds: Thresholds
    run: tuple[str, datetime] | None
    as_of: datetime | None

    @cached_property
    def places(self) -> dict[Place, Masses]:
        """The places somebody offers in, the largest first."""
        sums: dict[Place, Masses] = defaultdict(Masses)
        for offer in self.offers:
            sums[offer.place] += offer.masses
        return dict(sorted(sums.items(), key=lambda item: (-item[1].offered, item[0])))

    @cached_property
    def firms(self) -> dict[Place, frozenset[int]]:
        found: dict[Place, set[int]] = defaultdict(set)
        for offer in self.offers:
            found[offer.place].add(offer.company_id)
        return {place: frozenset(firms) for place, firms in found.items()}

    def tells(self, region: Region, measure: Measure) -> bool:
        """Whether anybody may know a sum; of what is withheld as a whole no part is told."""
        sums = {_sum(region, Measure.OFFERED), _sum(region, measure)}
        return sums <= self._published

    def region(
        self, adcode: str | None = None, material: str | None = None, with_red_mud: bool = True
    ) -> Region:
        """A county, a material, both or neither; red mud is what no target counts."""
        return frozenset(
            place
            for place in self.places
            if adcode in (None, place[0])
            and material in (None, place[1])
            and (with_red_mud or self.materials[place[1]].in_target)
        )

    def sum_of(self, region: Region) -> Masses:
        return reduce(add, (self.places[place] for place in region), Masses())

    def firms_of(self, region: Region) -> int:
        return len(firms_in(region, self.firms))

    @cached_property
    def _published(self) -> frozenset[Sum]:
        """What anybody may know of all tables together."""
        tables = [
            [_sum(region, measure) for region in line]
            for line in self._lines()
            for measure in PARTS
        ]
        return remembered(tuple(self._contributions()), tuple(chain(*tables)), self.thresholds)

    def _contributions(self) -> Iterator[Contribution]:
        for offer in self.offers:
            group = group_of(offer.company_id, self.groups)
            for part, kg in offer.masses.parts.items():
                yield Contribution((*offer.place, part), group, kg)

    def _lines(self) -> list[list[Region]]:
        """Every table the product shows, the most important first: target before red mud."""
        return [
            [self.region(with_red_mud=False)],
            [self.region()],
            self._by_county(with_red_mud=False),
            self._by_material(),
            self._by_county(),
            *(self._by_material(adcode) for adcode in self.counties),
            *(self._by_county(material) for material in self.materials),
        ]

    def _by_county(self, material: str | None = None, with_red_mud: bool = True) -> list[Region]:
        regions = [self.region(adcode, material, with_red_mud) for adcode in self.counties]
        return self._largest_first(regions)

    def _by_material(self, adcode: str | None = None) -> list[Region]:
        return self._largest_first([self.region(adcode, material) for material in self.materials])

    def _largest_first(self, regions: list[Region]) -> list[Region]:
        return sorted(regions, key=lambda region: -self.sum_of(region).offered)


def _sum(region: Region, measure: Measure) -> Sum:
    return frozenset((*place, part) for place in region for part in PARTS[measure])


def month_book(session: Session, month: date) -> MonthBook:
    """Everything on offer in a month, in a fixed number of statements."""
    run = last_covering(session, month)
    return MonthBook(
        month=month,
        offers=_offers(session, month, _Reach.of(session, month, run)),
        counties=county_map(session),
        materials=material_map(session, month),
        groups=groups_of(session, month),
        thresholds=thresholds(session, month),
        run=(run.number, run.recorded_at) if run and run.recorded_at else None,
        as_of=_last_entry(session, month),
    )


def thresholds(session: Session, on: date) -> Thresholds:
    """What disclosure control asks for on a day; before it asked for anything nothing is told."""
    values = {row.code: row.value for row in terms(session, on)}
    if Term.DISCLOSURE_GROUPS not in values:
        return NOTHING_TOLD
    return Thresholds(
        groups=values[Term.DISCLOSURE_GROUPS],
        share_milli=values[Term.DISCLOSURE_SHARE_MILLI],
        margin_milli=values[Term.DISCLOSURE_MARGIN_MILLI],
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
