"""The market page's questions: what a filter finds, a page of it, and its sums by county."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.catalogue import queries as catalogue
from app.catalogue.queries import CountyRow, MaterialRow
from app.companies.models import Company, Site
from app.core.actor import Actor
from app.core.clock import month_of
from app.ledger.models import Balance, Lot
from app.ledger.rules import Account
from app.listings import policy, rules
from app.listings.models import Listing, ListingMaterial
from app.listings.queries import ListingRow, is_on_show, rows_of
from app.listings.rules import Side
from matching import geo

PAGE_SIZES = (25, 50, 100)


class Sort(StrEnum):
    """What the market can be sorted by; a limit price is not among it."""

    PUBLISHED = "published"
    QUANTITY = "quantity"
    PRICE = "price"
    UNTIL = "until"
    DISTANCE = "distance"


@dataclass(frozen=True, slots=True)
class ListingFilter:
    """What a reader looks for. `on` is the day; `site_id` the own site distances start from."""

    side: Side
    on: date
    materials: tuple[str, ...] = ()
    text: str = ""
    adcode: str = ""
    min_kg: int | None = None
    max_km: int | None = None
    site_id: int | None = None
    month: date | None = None
    sort: Sort = Sort.PUBLISHED
    descending: bool = True
    page: int = 1
    size: int = PAGE_SIZES[0]


@dataclass(frozen=True, slots=True)
class MarketRow:
    """A listing and how far it is from the reader's site: road kilometres in steps of 5."""

    listing: ListingRow
    km: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the market, and what all pages of the same filter hold together."""

    rows: list[MarketRow]
    number: int
    size: int
    matched: int
    matched_kg: int
    on_market: int

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def has_next(self) -> bool:
        return self.last < self.matched


@dataclass(frozen=True, slots=True)
class CountyPoint:
    """What the filter finds of one material in one county; `None` where any of several will do."""

    county: CountyRow
    kg: int
    listings: int
    material: MaterialRow | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A listing that passed the filter: just enough to sort, count and add up."""

    id: int
    kg: int
    adcode: str
    km: int | None


def browse(session: Session, actor: Actor, wanted: ListingFilter) -> Page:
    """A page of the market; a page beyond the last answers the last."""
    found = _candidates(session, actor, wanted)
    pages = max(1, -(-len(found) // wanted.size))
    number = min(max(1, wanted.page), pages)
    shown = found[(number - 1) * wanted.size : number * wanted.size]
    return Page(
        rows=_rows(session, actor, wanted, shown),
        number=number,
        size=wanted.size,
        matched=len(found),
        matched_kg=sum(one.kg for one in found),
        on_market=_count_on_market(session, wanted),
    )


def everything(session: Session, actor: Actor, wanted: ListingFilter) -> list[MarketRow]:
    """All rows the filter finds, in its order: for an export."""
    return _rows(session, actor, wanted, _candidates(session, actor, wanted))


def county_points(session: Session, actor: Actor, wanted: ListingFilter) -> list[CountyPoint]:
    """What the filter finds, summed by county and material: no site can be read off the map."""
    found = _candidates(session, actor, wanted)
    alone = _only_materials(session, [one.id for one in found])
    sums: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in found:
        sums[one.adcode, alone.get(one.id, "")].append(one.kg)
    counties = catalogue.county_map(session)
    materials = catalogue.material_map(session, wanted.on)
    return [
        CountyPoint(counties[adcode], sum(masses), len(masses), materials.get(code))
        for (adcode, code), masses in sorted(sums.items())
    ]


def _is_on_market(wanted: ListingFilter, month: date | None) -> ColumnElement[bool]:
    """Active, with something still open this month or later, or in the month asked for."""
    this_month = month_of(wanted.on)
    when = Lot.month == month if month else Lot.month >= this_month
    something_open = exists().where(
        Lot.listing_number == Listing.number,
        when,
        Balance.lot_id == Lot.id,
        Balance.account == Account.OPEN,
        Balance.kg > 0,
    )
    return and_(Listing.side == wanted.side, is_on_show(), something_open)


def _count_on_market(session: Session, wanted: ListingFilter) -> int:
    query = select(func.count()).select_from(Listing).join(Listing.company)
    return session.scalar(query.where(_is_on_market(wanted, None))) or 0


def _candidates(session: Session, actor: Actor, wanted: ListingFilter) -> list[Candidate]:
    """Everything the filter finds, in its order.

    Distance and its order are reckoned on the coarse value only: a filter on the exact one
    would give sites away, a kilometre at a time.
    """
    query = (
        select(Listing.id, Listing.kg_per_month, Site.adcode, Site.lon_e6, Site.lat_e6)
        .join(Listing.company)
        .join(Listing.site)
        .where(_is_on_market(wanted, wanted.month), *_conditions(session, actor, wanted))
        .order_by(*_order(wanted), Listing.id.desc())
    )
    found = session.execute(query).all()
    places = np.array([(row.lon_e6, row.lat_e6) for row in found]).reshape(-1, 2) / 1e6
    distances = _distances(session, actor, wanted, places)
    ones = [
        Candidate(row.id, row.kg_per_month, row.adcode, km)
        for row, km in zip(found, distances, strict=True)
    ]
    return _by_distance(ones, wanted)


def _conditions(
    session: Session, actor: Actor, wanted: ListingFilter
) -> Iterable[ColumnElement[bool]]:
    if wanted.materials:
        yield Listing.accepted.any(ListingMaterial.material_code.in_(wanted.materials))
    if wanted.adcode:
        yield Site.adcode == wanted.adcode
    if wanted.min_kg is not None:
        yield Listing.kg_per_month >= wanted.min_kg
    if wanted.text:
        yield _text_condition(session, actor, wanted)


def _text_condition(session: Session, actor: Actor, wanted: ListingFilter) -> ColumnElement[bool]:
    """A text is looked for in the number, the names of waste and county, and visible firms."""
    sought = wanted.text.casefold()
    materials = [
        row.code
        for row in catalogue.materials(session, wanted.on)
        if sought in row.name_zh or sought in row.name_en.casefold()
    ]
    counties = [
        row.adcode
        for row in catalogue.counties(session)
        if sought in row.name_zh or sought in row.name_en.casefold()
    ]
    firm = or_(
        *(name.icontains(sought, autoescape=True) for name in (Company.name, Company.name_en))
    )
    return or_(
        Listing.number.icontains(sought, autoescape=True),
        Listing.waste_name.icontains(sought, autoescape=True),
        Listing.accepted.any(ListingMaterial.material_code.in_(materials)),
        Site.adcode.in_(counties),
        and_(policy.name_is_visible(actor), firm),
    )


def _order(wanted: ListingFilter) -> list[ColumnElement[object]]:
    columns = {
        Sort.PUBLISHED: Listing.published_at,
        Sort.QUANTITY: Listing.kg_per_month,
        Sort.PRICE: Listing.list_price,
        Sort.UNTIL: Listing.last_month,
    }
    column = columns.get(wanted.sort, Listing.published_at)
    ordered = column.desc() if wanted.descending else column.asc()
    return [ordered.nulls_last()]


def _distances(
    session: Session, actor: Actor, wanted: ListingFilter, places: npt.NDArray[np.float64]
) -> list[int | None]:
    """Coarse road kilometres from the reader's site to each place (lon, lat); none without one.

    Measured to the middle of the place's cell: somebody who asks from many sites finds the cell
    and nothing finer.
    """
    origin = own_site(session, actor, wanted.site_id)
    if origin is None or not len(places):
        return [None] * len(places)
    detour = catalogue.freight_terms(session, wanted.on).detour_milli
    here = np.broadcast_to((origin.lon, origin.lat), places.shape)
    coarse = np.round(places / rules.CELL_DEGREES) * rules.CELL_DEGREES
    metres = geo.road_m(here[:, 0], here[:, 1], coarse[:, 0], coarse[:, 1], detour)
    return [rules.coarse_km(int(metre)) for metre in metres]


def own_site(session: Session, actor: Actor, site_id: int | None) -> Site | None:
    """The site distances start from; somebody else's counts as none."""
    if site_id is None or actor.company_id is None:
        return None
    site = session.get(Site, site_id)
    return site if site is not None and site.company_id == actor.company_id else None


def _by_distance(found: list[Candidate], wanted: ListingFilter) -> list[Candidate]:
    near = [
        one for one in found if wanted.max_km is None or one.km is None or one.km <= wanted.max_km
    ]
    if wanted.sort is Sort.DISTANCE:
        near.sort(key=lambda one: one.km or 0, reverse=wanted.descending)
    return near


def _rows(
    session: Session, actor: Actor, wanted: ListingFilter, shown: list[Candidate]
) -> list[MarketRow]:
    rows = rows_of(session, actor, wanted.on, [one.id for one in shown])
    return [MarketRow(rows[one.id], one.km) for one in shown]


def _only_materials(session: Session, ids: list[int]) -> dict[int, str]:
    """The material of every listing that has exactly one."""
    code = ListingMaterial.material_code
    query = (
        select(ListingMaterial.listing_id, func.min(code).label("only"))
        .where(ListingMaterial.listing_id.in_(ids))
        .group_by(ListingMaterial.listing_id)
        .having(func.count() == 1)
    )
    return {row.listing_id: row.only for row in session.execute(query)}
