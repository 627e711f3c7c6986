"""The levels below the map: a county's firms and parks, a firm's wastes, contracts, trucks."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Park
from app.catalogue.queries import CountyRow, MaterialRow, county_map, material_map
from app.companies.models import Company, Site
from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.i18n import pick
from app.declarations.balance import MassBalance
from app.declarations.models import Declaration
from app.maps.counties import chosen_of, target_of
from app.maps.lines import Line, Table, in_order
from app.maps.questions import Question
from app.statistics import leaves, official
from app.statistics.indicators import Sums
from app.statistics.leaves import TruckLine, UseSheet
from app.statistics.models import MonthlyFact
from app.statistics.official import Choice, Period
from app.statistics.policy import sees_either_end, sees_in_full
from app.trades.models import Trade

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Place:
    """A firm's site in its county; `site` is none where a firm as a whole is meant."""

    county: CountyRow
    company_id: int
    firm: str
    site_id: int | None = None
    site: str = ""


@dataclass(frozen=True, slots=True)
class DeclaredLine:
    """The declaration in force that a month's figures rest on."""

    month: date
    number: str
    version: int
    declared_at: datetime
    balance: MassBalance


@dataclass(frozen=True, slots=True)
class WastePage:
    """What the figures of one waste of one site are made of."""

    place: Place
    material: MaterialRow
    sheet: UseSheet
    declared: list[DeclaredLine]


@dataclass(frozen=True, slots=True)
class LoadsPage:
    """The trucks of one trade; `is_own` where they left a county that the reader oversees."""

    place: Place
    is_own: bool
    material: MaterialRow
    number: str
    contract_number: str
    taker: str
    taker_county: CountyRow
    trucks: list[TruckLine]

    @property
    def received_kg(self) -> int:
        return sum(truck.received_kg for truck in self.trucks)


def county_of(session: Session, actor: Actor, adcode: str) -> CountyRow:
    """A county the reader oversees; raises `NotFound` for any other."""
    found = county_map(session).get(adcode)
    if found is None or not sees_in_full(actor, [adcode]):
        raise NotFound
    return found


def firm_of(session: Session, actor: Actor, adcode: str, company_id: int) -> Place:
    """A firm with a site in a county the reader oversees; raises `NotFound`."""
    county = county_of(session, actor, adcode)
    company = session.get(Company, company_id)
    if company is None or adcode not in {site.adcode for site in company.sites}:
        raise NotFound
    return Place(county, company.id, company.display_name)


def site_of(session: Session, actor: Actor, site_id: int) -> Place:
    """A site in a county the reader oversees; raises `NotFound`."""
    site = session.get(Site, site_id)
    if site is None:
        raise NotFound
    return _place(site, county_of(session, actor, site.adcode))


def firms_table(session: Session, question: Question, adcode: str, today: date) -> Table:
    """The firms of a county."""
    sums, before = _twice(
        question,
        lambda period: official.by_firm(
            session, period, chosen_of(session, question, period), adcode
        ),
    )
    names = _firm_names(session, sums.keys() | before.keys())
    lines = [
        _line(
            str(company_id),
            name,
            sums.get(company_id),
            before.get(company_id),
            question,
            question.address("maps.drill.firm", adcode=adcode, company_id=company_id),
        )
        for company_id, name in names.items()
    ]
    return _table(session, question, lines, today)


def parks_table(session: Session, question: Question, adcode: str, today: date) -> Table:
    """The parks of a county, and what stands in none."""
    sums, before = _twice(
        question,
        lambda period: official.by_park(
            session, period, chosen_of(session, question, period), adcode
        ),
    )
    names = _park_names(session)
    lines = [
        _line(park or "", names.get(park or "", ""), sums.get(park), before.get(park), question)
        for park in sums.keys() | before.keys()
    ]
    return _table(session, question, lines, today)


def wastes_table(session: Session, question: Question, place: Place, today: date) -> Table:
    """The wastes of a firm's sites in a county."""
    company_id, adcode = place.company_id, place.county.adcode
    sums, before = _twice(
        question,
        lambda period: official.by_waste(
            session, period, chosen_of(session, question, period), company_id, adcode
        ),
    )
    wastes = sums.keys() | before.keys()
    names = _site_names(session, {site_id for site_id, _material in wastes})
    lines = [
        _line(
            f"{site_id:09d} {code}",
            names[site_id],
            sums.get((site_id, code)),
            before.get((site_id, code)),
            question,
            question.address("maps.drill.waste", site_id=site_id, code=code),
            code,
        )
        for site_id, code in wastes
    ]
    return _table(session, question, lines, today)


def waste_page(session: Session, question: Question, place: Place, code: str) -> WastePage:
    """One waste of a site; raises `NotFound` for an unknown material."""
    material = material_map(session, question.period.last).get(code)
    if material is None or place.site_id is None:
        raise NotFound
    period, chosen = question.period, Choice(frozenset({code}))
    wastes = official.by_waste(session, period, chosen, place.company_id, place.county.adcode)
    sums = wastes.get((place.site_id, code), Sums())
    contracts = leaves.contracts(session, period, place.site_id, code)
    declared = _declared(session, period, place.site_id, code)
    return WastePage(place, material, UseSheet(sums, contracts), declared)


def loads_page(session: Session, actor: Actor, question: Question, number: str) -> LoadsPage:
    """The trucks of a trade of which the reader oversees an end; raises `NotFound`."""
    trade = session.scalar(select(Trade).where(Trade.number == number))
    if trade is None:
        raise NotFound
    origin, destination = trade.producer_site.adcode, trade.consumer_site.adcode
    if not sees_either_end(actor, (origin, destination)):
        raise NotFound
    counties = county_map(session)
    return LoadsPage(
        place=_place(trade.producer_site, counties[origin]),
        is_own=sees_in_full(actor, [origin]),
        material=material_map(session, question.period.last)[trade.material],
        number=trade.number,
        contract_number=trade.contract_number or "",
        taker=trade.consumer.display_name,
        taker_county=counties[destination],
        trucks=leaves.trucks(session, question.period, number),
    )


def _place(site: Site, county: CountyRow) -> Place:
    company = site.company
    return Place(county, company.id, company.display_name, site.id, site.display_name)


def _twice(
    question: Question, ask: Callable[[Period], dict[Key, Sums]]
) -> tuple[dict[Key, Sums], dict[Key, Sums]]:
    """The sums of the period asked for, and of the one it is held against."""
    return ask(question.period), ask(question.other) if question.other else {}


def _table(session: Session, question: Question, lines: list[Line], today: date) -> Table:
    return Table(in_order(lines, question.measure), target_of(session, question, today))


def _line(
    key: str,
    name: str,
    sums: Sums | None,
    before: Sums | None,
    question: Question,
    url: str | None = None,
    code: str = "",
) -> Line:
    held_against = (before or Sums()) if question.against else None
    return Line(key, name, sums or Sums(), held_against, url, code)


def _firm_names(session: Session, ids: set[int]) -> dict[int, str]:
    query = select(Company.id, Company.name, Company.name_en).where(Company.id.in_(ids))
    return {company_id: pick(zh, en) for company_id, zh, en in session.execute(query)}


def _site_names(session: Session, ids: set[int]) -> dict[int, str]:
    query = select(Site.id, Site.name, Site.name_en).where(Site.id.in_(ids))
    return {site_id: pick(zh, en) for site_id, zh, en in session.execute(query)}


def _park_names(session: Session) -> dict[str, str]:
    query = select(Park.code, Park.name_zh, Park.name_en)
    return {code: pick(zh, en) for code, zh, en in session.execute(query)}


def _declared(session: Session, period: Period, site_id: int, code: str) -> list[DeclaredLine]:
    """The declarations that the facts of a period were made of, by month."""
    fact = (
        (MonthlyFact.month == Declaration.month)
        & (MonthlyFact.site_id == Declaration.site_id)
        & (MonthlyFact.material == Declaration.material)
        & (MonthlyFact.version == Declaration.version)
    )
    query = (
        select(Declaration)
        .join(MonthlyFact, fact)
        .where(Declaration.site_id == site_id, Declaration.material == code)
        .where(Declaration.month.between(period.first, period.last))
        .order_by(Declaration.month)
    )
    return [
        DeclaredLine(row.month, row.number, row.version, row.declared_at, row.balance)
        for row in session.scalars(query)
    ]
