"""Indicators by county, material and offer, cut for their reader.

Regulators see the counties of their own region in full, the operator everything; everybody else,
the firms included, gets what `disclosure` lets through, measure by measure. What is withheld is
`None`, never 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.queries import CountyRow, MaterialRow
from app.companies.models import Company
from app.core.actor import Actor
from app.ledger.models import Lot
from app.statistics.book import MonthBook, OfferMasses, month_book
from app.statistics.policy import sees_in_full
from app.statistics.rules import Masses, Measure, Region, rate_class

WITHHELD: Mapping[str, Any] = {
    "firms": None,
    **dict.fromkeys(Measure),
    "withheld": True,
    "untold": frozenset(Measure),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The indicators of one region, in kg; all `None` where `withheld`, those `untold` otherwise.

    `firms` have something on offer; `received_kg` is a part of `contracted_kg`; `unplaced_kg` is
    neither reserved nor contracted, or was rejected or lost on the way; `reachable_kg` is `None`
    also while the month has not been cleared.
    """

    firms: int | None
    offered_kg: int | None
    reserved_kg: int | None
    contracted_kg: int | None
    received_kg: int | None
    unplaced_kg: int | None
    reachable_kg: int | None
    withheld: bool
    untold: frozenset[Measure]

    @property
    def rate_class(self) -> str | None:
        """The class of the contracted rate, r1 to r7; none where there is no rate."""
        if self.contracted_kg is None or self.offered_kg is None:
            return None
        return rate_class(self.contracted_kg, self.offered_kg)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyFigure(Figure):
    """A county; `short_name` fits on a map."""

    adcode: str
    name: str
    short_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialFigure(Figure):
    """A material; `as_of` is the last entry in the ledger on any lot of the month."""

    code: str
    name: str
    in_target: bool
    as_of: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFigure(Figure):
    """One firm's offer, for the officials of its region."""

    number: str
    firm: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A county, or all of them: with red mud, without, by material, and by offer."""

    whole: Figure
    in_target: Figure
    materials: list[MaterialFigure]
    offers: list[OfferFigure]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataLine(Figure):
    """A line of the open data: a county or all, a material or all with or without red mud."""

    county: CountyRow | None
    material: MaterialRow | None
    with_red_mud: bool = True


@dataclass(frozen=True, slots=True)
class OpenData:
    """A month's lines and what they rest on."""

    month: date
    run_number: str | None
    as_of: datetime | None
    lines: list[DataLine]


@dataclass(frozen=True, slots=True)
class Figures:
    """A table with its total, and what it rests on: the month's last run and last entry."""

    rows: list[CountyFigure]
    total: Figure
    run_number: str | None
    run_recorded_at: datetime | None
    as_of: datetime | None


def county_figures(
    session: Session,
    actor: Actor,
    month: date,
    *,
    with_red_mud: bool,
    material: str | None = None,
) -> Figures:
    """Every county, by its code, with the total; of one material, or of all the target counts.

    `with_red_mud` adds what the target leaves out; where a material is named it changes nothing.
    """
    book = month_book(session, month)
    everything = with_red_mud or material is not None
    total = _figure(book, actor, book.region(None, material, everything))
    run_number, recorded_at = book.run or (None, None)
    return Figures(
        rows=[
            _county_figure(book, actor, county, book.region(county.adcode, material, everything))
            for county in book.counties.values()
        ],
        total=Figure(**total),
        run_number=run_number,
        run_recorded_at=recorded_at,
        as_of=book.as_of,
    )


def material_figures(session: Session, actor: Actor, month: date) -> list[MaterialFigure]:
    """Every material in the order of the catalogue, red mud last."""
    return _material_figures(month_book(session, month), actor, None)


def detail(session: Session, actor: Actor, month: date, adcode: str | None) -> Detail:
    """What the figures of a county, or of all, are made of.

    The offers stand there only for officials of the region, and only below a county.
    """
    book = month_book(session, month)
    sees_offers = adcode is not None and sees_in_full(actor, [adcode])
    return Detail(
        whole=Figure(**_figure(book, actor, book.region(adcode))),
        in_target=Figure(**_figure(book, actor, book.region(adcode, with_red_mud=False))),
        materials=_material_figures(book, actor, adcode),
        offers=_offer_figures(session, book, adcode) if sees_offers else [],
    )


def open_data(session: Session, actor: Actor, month: date) -> OpenData:
    """Every county by every material, with the sums of both; of all counties last."""
    book = month_book(session, month)
    places = [*book.counties.values(), None]
    return OpenData(
        month=month,
        run_number=book.run[0] if book.run else None,
        as_of=book.as_of,
        lines=[line for county in places for line in _lines_of(book, actor, county)],
    )


def first_and_last_month(session: Session) -> tuple[date, date] | None:
    """Between which months anything was ever on offer."""
    first, last = session.execute(select(func.min(Lot.month), func.max(Lot.month))).one()
    return (first, last) if first and last else None


def _lines_of(book: MonthBook, actor: Actor, county: CountyRow | None) -> Iterator[DataLine]:
    adcode = county.adcode if county else None
    for material in book.materials.values():
        region = book.region(adcode, material.code)
        yield DataLine(county=county, material=material, **_figure(book, actor, region))
    for red_mud in (False, True):
        region = book.region(adcode, with_red_mud=red_mud)
        figure = _figure(book, actor, region)
        yield DataLine(county=county, material=None, with_red_mud=red_mud, **figure)


def _county_figure(
    book: MonthBook, actor: Actor, county: CountyRow, region: Region
) -> CountyFigure:
    return CountyFigure(
        adcode=county.adcode,
        name=county.name,
        short_name=county.short_name,
        **_figure(book, actor, region),
    )


def _material_figures(book: MonthBook, actor: Actor, adcode: str | None) -> list[MaterialFigure]:
    return [
        MaterialFigure(
            code=material.code,
            name=material.name,
            in_target=material.in_target,
            as_of=book.as_of,
            **_figure(book, actor, book.region(adcode, material.code)),
        )
        for material in book.materials.values()
    ]


def _offer_figures(session: Session, book: MonthBook, adcode: str | None) -> list[OfferFigure]:
    """What each offer adds to its county's figures, largest first."""
    offers = [offer for offer in book.offers if offer.adcode == adcode]
    offers.sort(key=lambda offer: -offer.masses.offered)
    names = _firm_names(session, {offer.company_id for offer in offers})
    return [_offer_figure(book, offer, names[offer.company_id]) for offer in offers]


def _figure(book: MonthBook, actor: Actor, region: Region) -> Mapping[str, Any]:
    """The fields every figure has, for one reader."""
    whole = _open_figure(book, book.sum_of(region), book.firms_of(region))
    if sees_in_full(actor, {adcode for adcode, _ in region}):
        return whole
    untold = frozenset(measure for measure in Measure if not book.tells(region, measure))
    if Measure.OFFERED in untold:
        return WITHHELD
    return whole | dict.fromkeys(untold) | {"untold": untold}


def _open_figure(book: MonthBook, masses: Masses, firms: int) -> dict[str, Any]:
    return {
        "firms": firms,
        Measure.OFFERED: masses.offered,
        Measure.RESERVED: masses.reserved,
        Measure.CONTRACTED: masses.contracted,
        Measure.RECEIVED: masses.received,
        Measure.UNPLACED: masses.open,
        Measure.REACHABLE: masses.reachable if book.run else None,
        "withheld": False,
        "untold": frozenset(),
    }


def _offer_figure(book: MonthBook, offer: OfferMasses, firm: str) -> OfferFigure:
    return OfferFigure(
        number=offer.number,
        firm=firm,
        code=offer.material,
        name=book.materials[offer.material].name,
        **_open_figure(book, offer.masses, 1),
    )


def _firm_names(session: Session, ids: set[int]) -> dict[int, str]:
    found = session.scalars(select(Company).where(Company.id.in_(ids)))
    return {company.id: company.display_name for company in found}
