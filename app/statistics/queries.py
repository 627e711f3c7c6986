"""Indicators by county, material and offer, cut for their reader.

Regulators see the groups of their own region in full, the operator everything; everybody else,
the firms included, gets what `rules.publishable` lets through. What is withheld is `None`, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.companies.models import Company
from app.core.actor import Actor
from app.statistics.book import MonthBook, OfferMasses, month_book
from app.statistics.policy import sees_in_full
from app.statistics.rules import Group, Masses, firms_in, rate_class

WITHHELD: Mapping[str, Any] = {
    "firms": None,
    "offered_kg": None,
    "reserved_kg": None,
    "contracted_kg": None,
    "unplaced_kg": None,
    "reachable_kg": None,
    "withheld": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The indicators of one group, in kg; all `None` where `withheld`.

    `firms` have something on offer; `unplaced_kg` is neither reserved nor contracted;
    `reachable_kg` is `None` also while the month has not been cleared.
    """

    firms: int | None
    offered_kg: int | None
    reserved_kg: int | None
    contracted_kg: int | None
    unplaced_kg: int | None
    reachable_kg: int | None
    withheld: bool

    @property
    def rate_class(self) -> str | None:
        """The class of the contracted rate, r1 to r7; none where there is no rate."""
        return rate_class(self.contracted_kg or 0, self.offered_kg or 0)


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
    rows = [
        CountyFigure(
            adcode=county.adcode,
            name=county.name,
            short_name=county.short_name,
            **_figure(book, actor, book.group(county.adcode, material, everything)),
        )
        for county in book.counties.values()
    ]
    total = Figure(**_figure(book, actor, book.group(None, material, everything)))
    run_number, recorded_at = book.run or (None, None)
    return Figures(rows, total, run_number, recorded_at, book.as_of)


def material_figures(
    session: Session, actor: Actor, month: date, adcode: str | None = None
) -> list[MaterialFigure]:
    """Every material in the order of the catalogue (red mud last), of one county or of all."""
    book = month_book(session, month)
    return [
        MaterialFigure(
            code=material.code,
            name=material.name,
            in_target=material.in_target,
            as_of=book.as_of,
            **_figure(book, actor, book.group(adcode, material.code)),
        )
        for material in book.materials.values()
    ]


def cell_figures(session: Session, actor: Actor, month: date) -> dict[tuple[str, str], Figure]:
    """Every material in every county, by the two codes."""
    book = month_book(session, month)
    return {
        (adcode, code): Figure(**_figure(book, actor, book.group(adcode, code)))
        for adcode in book.counties
        for code in book.materials
    }


def offer_figures(session: Session, actor: Actor, month: date, adcode: str) -> list[OfferFigure]:
    """What each offer adds to a county's figures, largest first; for officials of the region."""
    if not sees_in_full(actor, [adcode]):
        return []
    book = month_book(session, month)
    offers = [offer for offer in book.offers if offer.adcode == adcode]
    names = _firm_names(session, {offer.company_id for offer in offers})
    rows = [_offer_figure(book, offer, names[offer.company_id]) for offer in offers]
    return sorted(rows, key=lambda row: -(row.offered_kg or 0))


def _figure(book: MonthBook, actor: Actor, group: Group) -> Mapping[str, Any]:
    """The fields every figure has, for one reader."""
    if group in book.published or sees_in_full(actor, {adcode for adcode, _ in group}):
        return _open_figure(book, book.sum_of(group), len(firms_in(group, book.firms)))
    return WITHHELD


def _open_figure(book: MonthBook, masses: Masses, firms: int) -> dict[str, Any]:
    return {
        "firms": firms,
        "offered_kg": masses.offered,
        "reserved_kg": masses.reserved,
        "contracted_kg": masses.contracted,
        "unplaced_kg": masses.open,
        "reachable_kg": masses.reachable if book.run else None,
        "withheld": False,
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
