"""Who produces a material, how much, of what quality, and what becomes of it: for everybody.

A firm stands here by name if it agreed or must publish; of all others not even a sum is told, for
what is left of a published total would be theirs. Whom a producer delivers to, at what price and
how much to each is nobody's business here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import add

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.assays.queries import evidence
from app.assays.rules import Evidence
from app.catalogue.queries import CountyRow, MaterialRow, county_map, material_map
from app.companies.models import Company
from app.companies.public import public_firms
from app.core.clock import add_months
from app.eligibility.queries import rulebooks
from app.eligibility.rules import Outcome
from app.listings.models import Listing, ListingMaterial
from app.listings.queries import is_on_show, qualities_of
from app.listings.rules import Product, Side
from app.passports.outlook import UseOutlook, use_outlooks
from app.statistics.closing import last_close
from app.statistics.indicators import Share, Sums, rate
from app.statistics.models import MonthlyFact, MonthlyFlow
from app.statistics.official import Choice, by_place
from app.trades.models import Trade

STALE_MONTHS = 12
"""How far back the last month a firm declared is looked for; beyond it the firm is not listed."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What is known of a firm's offers on the market: the best evidence, and what they are fit for.

    `uses` are those that the offer with the best evidence is shown to qualify for.
    """

    level: Evidence
    uses: tuple[UseOutlook, ...]


@dataclass(frozen=True, slots=True)
class ProducerRow:
    """A firm's sites in one county; figures of `month`, the last one it declared.

    `is_stale` where that is not the month of the page. `products` is what its takers make of it.
    """

    firm: str
    is_synthetic: bool
    county: CountyRow
    month: date
    is_stale: bool
    sums: Sums
    quality: Quality | None
    products: tuple[Product, ...]

    @property
    def rate(self) -> Share:
        return rate(self.sums)


@dataclass(frozen=True, slots=True)
class MaterialPage:
    """The public producers of a material, the largest first, as of the close of a month.

    `withheld` counts by county the firms that stand in no row; with any, nothing is summed.
    """

    material: MaterialRow
    month: date
    version: int
    as_of: datetime
    rows: list[ProducerRow]
    withheld: Mapping[str, int]

    @property
    def total(self) -> Sums | None:
        """What all producers of the month declared; unknown to the public if one is withheld."""
        if self.withheld:
            return None
        return reduce(add, (row.sums for row in self.rows if not row.is_stale), Sums())


def material_pages(session: Session, month: date, today: date) -> list[MaterialPage]:
    """Every material of a published month, in the order of the catalogue."""
    codes = material_map(session, month)
    pages = (material_page(session, code, month, today) for code in codes)
    return [page for page in pages if page is not None]


def material_page(session: Session, code: str, month: date, today: date) -> MaterialPage | None:
    """The producers of a material in a published month; `None` if that month is not published.

    Raises `KeyError` for no material. In a fixed number of statements.
    """
    material = material_map(session, month)[code]
    close = last_close(session, month)
    if close is None:
        return None
    found = _last_declared(session, code, month)
    public = public_firms(session, today)
    reader = _Reader.prepare(
        session, code, month, today, {firm for firm, _adcode in found} & public
    )
    rows = [
        reader.row(company_id, adcode, when, sums)
        for (company_id, adcode), (when, sums) in found.items()
        if company_id in public
    ]
    return MaterialPage(
        material=material,
        month=month,
        version=close.version,
        as_of=close.as_of,
        rows=sorted(rows, key=lambda row: (row.is_stale, -row.sums.balance.generated_kg, row.firm)),
        withheld=Counter(adcode for company_id, adcode in found if company_id not in public),
    )


Place = tuple[int, str]
"""A firm and a county."""


def _last_declared(session: Session, code: str, month: date) -> dict[Place, tuple[date, Sums]]:
    """By firm and county, the last month of a year in which anything was declared."""
    newest = (
        select(MonthlyFact.company_id, MonthlyFact.adcode, func.max(MonthlyFact.month))
        .where(MonthlyFact.material == code, MonthlyFact.version > 0)
        .where(MonthlyFact.month.between(add_months(month, 1 - STALE_MONTHS), month))
        .group_by(MonthlyFact.company_id, MonthlyFact.adcode)
    )
    last: dict[date, set[Place]] = defaultdict(set)
    for company_id, adcode, when in session.execute(newest):
        last[when].add((company_id, adcode))
    chosen = Choice(frozenset({code}))
    return {
        place: (when, sums)
        for when, places in last.items()
        for place, sums in by_place(session, when, chosen).items()
        if place in places
    }


@dataclass(frozen=True, slots=True)
class _Reader:
    """What every row needs, read once."""

    month: date
    firms: Mapping[int, Company]
    counties: Mapping[str, CountyRow]
    qualities: Mapping[Place, Quality]
    products: Mapping[int, tuple[Product, ...]]

    @classmethod
    def prepare(
        cls, session: Session, code: str, month: date, today: date, firms: set[int]
    ) -> _Reader:
        companies = session.scalars(select(Company).where(Company.id.in_(firms)))
        return cls(
            month=month,
            firms={company.id: company for company in companies},
            counties=county_map(session),
            qualities=_qualities(session, code, today, firms),
            products=_products(session, code, month, firms),
        )

    def row(self, company_id: int, adcode: str, when: date, sums: Sums) -> ProducerRow:
        firm = self.firms[company_id]
        return ProducerRow(
            firm=firm.display_name,
            is_synthetic=firm.is_synthetic,
            county=self.counties[adcode],
            month=when,
            is_stale=when != self.month,
            sums=sums,
            quality=self.qualities.get((company_id, adcode)),
            products=self.products.get(company_id, ()),
        )


def _qualities(session: Session, code: str, today: date, firms: set[int]) -> dict[Place, Quality]:
    """By firm and county, from offers on the market that show whose they are."""
    offers = list(
        session.scalars(
            select(Listing)
            .join(Listing.company)
            .join(ListingMaterial, ListingMaterial.listing_id == Listing.id)
            .where(Listing.side == Side.OFFER, ListingMaterial.material_code == code)
            .where(Listing.company_id.in_(firms), Listing.shows_name, is_on_show())
            .options(joinedload(Listing.site))
            .order_by(Listing.number)
        )
    )
    levels = evidence(session, [offer.number for offer in offers], today)
    known, chapters = qualities_of(session, offers, today), rulebooks(session, today)
    by_place: dict[Place, list[Listing]] = defaultdict(list)
    for offer in offers:
        by_place[offer.company_id, offer.site.adcode].append(offer)
    found = {}
    for place, own in by_place.items():
        best = max(own, key=lambda offer: levels[offer.number])
        quality = known[best.number]
        uses = use_outlooks(chapters.get(quality.kind, ()), quality.lot)
        fit = tuple(each for each in uses if each.verdict.outcome is Outcome.QUALIFIES)
        found[place] = Quality(levels[best.number], fit)
    return found


def _products(
    session: Session, code: str, month: date, firms: set[int]
) -> dict[int, tuple[Product, ...]]:
    """By producer, what those who took the material in a month make of it, by name alone."""
    query = (
        select(Trade.producer_company_id, Listing.product)
        .join(MonthlyFlow, MonthlyFlow.trade_id == Trade.id)
        .join(Listing, Listing.number == Trade.requirement_number)
        .where(MonthlyFlow.month == month, MonthlyFlow.material == code)
        .where(Trade.producer_company_id.in_(firms), Listing.product.is_not(None))
        .distinct()
        .order_by(Trade.producer_company_id, Listing.product)
    )
    found: dict[int, tuple[Product, ...]] = {}
    for company_id, product in session.execute(query):
        if product is not None:
            found[company_id] = (*found.get(company_id, ()), product)
    return found
