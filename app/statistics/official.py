"""The official figures of a month or a year, level by level, from the prepared facts.

Every level sums to the one above it to the kilogram: county → firm → waste of a site → contract →
truck. What a producer used itself, and entrusted use that no ticket shows, are lines of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, Subquery, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.catalogue.queries import MaterialRow, material_map
from app.core.clock import add_months
from app.declarations.balance import MASSES, MassBalance
from app.statistics.indicators import Sums, year_balance
from app.statistics.models import FactMonth, MonthlyFact, MonthlyFlow

Key = TypeVar("Key", bound=Hashable)
FLOWS = tuple(name for name in MASSES if name not in ("opening_kg", "closing_kg"))
WASTE = ("site_id", "material", "company_id", "adcode", "park")
EVIDENCE = ("ticketed_kg", "tickets", "related_kg", "chained_kg")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months, both included."""

    first: date
    last: date

    @classmethod
    def month(cls, month: date) -> Period:
        return cls(month, month)

    @classmethod
    def year(cls, year: int, last: date) -> Period:
        """A year up to a month of it."""
        return cls(date(year, 1, 1), min(last, date(year, 12, 1)))

    @property
    def is_month(self) -> bool:
        return self.first == self.last

    @property
    def months(self) -> int:
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1

    def before(self) -> Period:
        """The period of the same length that ends where this one begins."""
        return Period(add_months(self.first, -self.months), add_months(self.first, -1))


@dataclass(frozen=True, slots=True)
class Choice:
    """Which wastes are summed: one, or all the target counts, or those and the rest."""

    materials: frozenset[str]

    @classmethod
    def of(
        cls, known: dict[str, MaterialRow], material: str | None = None, with_red_mud: bool = False
    ) -> Choice:
        """One material whatever the target counts; else all, those it leaves out on demand."""
        if material is not None:
            return cls(frozenset({material}))
        return cls(frozenset(row.code for row in known.values() if with_red_mud or row.in_target))


@dataclass(frozen=True, slots=True)
class Basis:
    """What the figures of a period rest on; `version` 0 while its last month is not closed."""

    as_of: datetime | None
    version: int


def choice(
    session: Session, period: Period, material: str | None = None, with_red_mud: bool = False
) -> Choice:
    """The wastes of a question, by what the target counts at the end of the period."""
    return Choice.of(material_map(session, period.last), material, with_red_mud)


def first_and_last(session: Session) -> tuple[date, date] | None:
    """Between which months there are facts."""
    query = select(func.min(FactMonth.month), func.max(FactMonth.month))
    first, last = session.execute(query).one()
    return (first, last) if first and last else None


def basis(session: Session, period: Period) -> Basis:
    found = session.get(FactMonth, period.last)
    return Basis(found.as_of, found.version) if found else Basis(None, 0)


def open_months(session: Session, period: Period) -> frozenset[date]:
    """The months of a period that have facts and are not closed: they still change."""
    is_open = FactMonth.month.between(period.first, period.last) & (FactMonth.version == 0)
    return frozenset(session.scalars(select(FactMonth.month).where(is_open)))


def by_county(session: Session, period: Period, chosen: Choice) -> dict[str, Sums]:
    """By the county code of the producer."""
    return _by(session, period, chosen, MonthlyFact.adcode)


def by_park(
    session: Session, period: Period, chosen: Choice, adcode: str
) -> dict[str | None, Sums]:
    """By the park of a county's sites; `None` for those that stand in none."""
    return _by(session, period, chosen, MonthlyFact.park, MonthlyFact.adcode == adcode)


def by_material(
    session: Session, period: Period, chosen: Choice, adcodes: Collection[str] | None = None
) -> dict[str, Sums]:
    """By material, in some counties or in all."""
    inside = () if adcodes is None else (MonthlyFact.adcode.in_(adcodes),)
    return _by(session, period, chosen, MonthlyFact.material, *inside)


def by_firm(session: Session, period: Period, chosen: Choice, adcode: str) -> dict[int, Sums]:
    """By the id of the firm, for the sites it has in a county."""
    return _by(session, period, chosen, MonthlyFact.company_id, MonthlyFact.adcode == adcode)


def by_place(session: Session, month: date, chosen: Choice) -> dict[tuple[int, str], Sums]:
    """By firm and county, of one month."""
    named = (MonthlyFact.company_id, MonthlyFact.adcode)
    query = _sums(*named).where(*_within(Period.month(month), chosen))
    return {(row[0], row[1]): _sums_of(row[2:]) for row in session.execute(query)}


def by_waste(
    session: Session, period: Period, chosen: Choice, company_id: int, adcode: str
) -> dict[tuple[int, str], Sums]:
    """By site and material, of what one firm has in a county."""
    rows = _wastes(
        session,
        period,
        chosen,
        MonthlyFact.company_id == company_id,
        MonthlyFact.adcode == adcode,
    )
    return _gathered(rows, lambda row: (row.site_id, row.material), period)


def consumed_here(session: Session, period: Period, chosen: Choice) -> dict[str, int]:
    """By the county where it was used, kg: tickets of its consumers, own use of its producers.

    A view of its own: added to the figures by producer it would count every such tonne twice.
    """
    used: dict[str, int] = defaultdict(int)
    for adcode, sums in by_county(session, period, chosen).items():
        used[adcode] += sums.balance.self_used_kg
    flows = (
        select(MonthlyFlow.to_adcode, func.sum(MonthlyFlow.received_kg))
        .where(*flows_within(period, chosen))
        .group_by(MonthlyFlow.to_adcode)
    )
    for adcode, kg in session.execute(flows):
        used[adcode] += int(kg)
    return dict(used)


def _by(
    session: Session,
    period: Period,
    chosen: Choice,
    column: InstrumentedAttribute[Key],
    *inside: ColumnElement[bool],
) -> dict[Key, Sums]:
    """The sums by one column: of a month added up by the database, of more waste by waste."""
    if period.is_month:
        query = _sums(column).where(*_within(period, chosen), *inside)
        return {row[0]: _sums_of(row[1:]) for row in session.execute(query)}
    rows = _wastes(session, period, chosen, *inside)
    return _gathered(rows, lambda row: getattr(row, column.key), period)


def _gathered(
    rows: Iterable[Row[Any]], key: Callable[[Row[Any]], Key], period: Period
) -> dict[Key, Sums]:
    """Wastes added up by a key, the balance of each being that of the whole period."""
    found: dict[Key, Sums] = defaultdict(Sums)
    for row in rows:
        sums = _sums_of(row[len(WASTE) :])
        whole = sums.balance if period.is_month else year_balance(sums.balance)
        found[key(row)] += replace(sums, balance=whole)
    return dict(found)


def _wastes(
    session: Session, period: Period, chosen: Choice, *inside: ColumnElement[bool]
) -> Iterable[Row[Any]]:
    """A row per waste: what names it, then its sums with the stock at both ends of the period.

    It opens with what lay there when it was first declared, and closes with what its last month
    says, which the page of that month shows too; a waste that has not been declared is missing.
    """
    fact, begins = MonthlyFact, _first_declared(period, chosen, *inside)
    same = (fact.site_id == begins.c.site_id) & (fact.material == begins.c.material)
    sums = {name: func.sum(getattr(fact, name)) for name in (*FLOWS, *EVIDENCE)}
    for name, month in (("opening_kg", begins.c.month), ("closing_kg", period.last)):
        sums[name] = func.sum(case((fact.month == month, getattr(fact, name)), else_=0))
    named = [getattr(fact, name) for name in WASTE]
    query = (
        select(*named, *(sums[name] for name in (*MASSES, *EVIDENCE)), *_counts(fact.version))
        .outerjoin(begins, same)
        .where(*_within(period, chosen), *inside)
    )
    return session.execute(query.group_by(*named).order_by(*named[:2]))


def _first_declared(period: Period, chosen: Choice, *inside: ColumnElement[bool]) -> Subquery:
    """The month of a period from which on a waste was declared."""
    waste = (MonthlyFact.site_id, MonthlyFact.material)
    declared = (MonthlyFact.version > 0, *_within(period, chosen), *inside)
    month = func.min(MonthlyFact.month).label("month")
    return select(*waste, month).where(*declared).group_by(*waste).subquery()


def _sums(*columns: InstrumentedAttribute[Any]) -> Select[Any]:
    masses = [func.sum(getattr(MonthlyFact, name)) for name in (*MASSES, *EVIDENCE)]
    return select(*columns, *masses, *_counts(MonthlyFact.version)).group_by(*columns)


def _counts(version: InstrumentedAttribute[int]) -> list[ColumnElement[int]]:
    """How many wastes are declared, and how many are missing."""
    return [func.sum(case((test, 1), else_=0)) for test in (version > 0, version == 0)]


def _within(period: Period, chosen: Choice) -> tuple[ColumnElement[bool], ...]:
    return (
        MonthlyFact.month.between(period.first, period.last),
        MonthlyFact.material.in_(chosen.materials),
    )


def flows_within(period: Period, chosen: Choice) -> tuple[ColumnElement[bool], ...]:
    """Which loads are asked for."""
    return (
        MonthlyFlow.month.between(period.first, period.last),
        MonthlyFlow.material.in_(chosen.materials),
    )


def _sums_of(cells: Sequence[Any]) -> Sums:
    """The cells as `_sums` and `_wastes` order them; a database may answer with decimals."""
    masses = [int(cell) for cell in cells]
    balance = MassBalance(*masses[: len(MASSES)])
    return Sums(balance, *masses[len(MASSES) :])
