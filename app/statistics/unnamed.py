"""What firms that are not named add to published figures, and to the difference of two of them.

Who they are is asked of today, as the board asks: a firm that has taken its name back is protected
in every month, whenever it agreed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.queries import county_map, material_map
from app.companies.groups import group_of, groups_of
from app.companies.public import public_firms
from app.core.clock import months_between
from app.declarations.balance import MASSES, MassBalance
from app.declarations.declared import Waste
from app.statistics.book import thresholds
from app.statistics.indicators import year_balance
from app.statistics.models import MonthClose, MonthlyFact
from app.statistics.official import WASTE, Period, open_months
from app.statistics.sources import Declared, declared
from app.statistics.withholding import Cities, Measures, SecretFact, Secrets

NOTHING = MassBalance()
Key = tuple[int, str, int, str, str | None]
"""As `official.WASTE`: site, material, firm, county, park."""


class Part(NamedTuple):
    """What a waste of one firm adds to a figure, or to the difference of two."""

    company_id: int
    adcode: str
    material: str
    measures: Measures


class Fact(NamedTuple):
    """A waste of one firm in one month."""

    month: date
    key: Key
    is_declared: bool
    balance: MassBalance

    @property
    def waste(self) -> Waste:
        return self.key[:2]

    def part(self, measures: Measures) -> Part:
        _site_id, material, company_id, adcode, _park = self.key
        return Part(company_id, adcode, material, measures)


def questions(session: Session, period: Period, today: date) -> Iterator[tuple[Secrets, ...]]:
    """What disclosure control has to let pass before sums of each month of a period are told.

    The figures of the month; where it was stated again, how they differ from each earlier version;
    in a period of several months, what its U0 tells beside theirs. Of an open month nothing is
    asked and nothing told: read before and after a declaration it would tell that firm's masses.
    """
    named, still_open = public_firms(session, today), open_months(session, period)
    facts = _facts(session, period, named)
    shown: defaultdict[date, list[Part]] = defaultdict(list)
    for fact in facts:
        shown[fact.month].append(fact.part(_shown(fact.balance)))
    changed = _changed(session, shown.keys(), named)
    drawn_again = {} if period.is_month else _drawn_again(facts)
    cities = _cities(session)
    for month in months_between(period.first, period.last):
        differences = (each[month] for each in (changed, drawn_again) if month in each)
        asked = () if month in still_open else (shown[month], *differences)
        yield tuple(_secrets(session, month, cities, parts) for parts in asked)


def _secrets(session: Session, month: date, cities: Cities, parts: Sequence[Part]) -> Secrets:
    groups = groups_of(session, month) if parts else {}
    return Secrets(
        facts=tuple(
            SecretFact(adcode, material, group_of(company_id, groups), measures)
            for company_id, adcode, material, measures in parts
        ),
        cities=cities,
        choices=tuple(_choices(session, month)),
        thresholds=thresholds(session, month),
    )


def _shown(balance: MassBalance) -> Measures:
    """What a table shows, or lets be computed: G, U, G + U0, U0, the gap and the closing stock."""
    used, usable = balance.used_kg, balance.usable_kg
    gap = abs(usable - used)
    return balance.generated_kg, used, usable, balance.old_used_kg, gap, balance.closing_kg


def _drawn_again(facts: Iterable[Fact]) -> Mapping[date, list[Part]]:
    """What each month adds to the draws on stock of the same period, and the rest of its U0.

    Where a period is told beside its months, Σ U0 of the months less U0 of the period is known,
    and so is what every month adds to it. Months without such draws are left out.
    """
    begins = _first_declared(facts)
    found: defaultdict[date, list[Part]] = defaultdict(list)
    for _key, months in groupby(facts, attrgetter("key")):
        summed, known = NOTHING, 0
        for fact in months:
            summed += _draws(fact, is_first=fact.month == begins.get(fact.waste))
            again = summed.old_used_kg - year_balance(summed).old_used_kg
            measures = abs(again - known), abs(fact.balance.old_used_kg - again + known)
            if any(measures):
                found[fact.month].append(fact.part(measures))
            known = again
    return {month: parts for month, parts in found.items() if any(p.measures[0] for p in parts)}


def _first_declared(facts: Iterable[Fact]) -> Mapping[Waste, date]:
    found: dict[Waste, date] = {}
    for fact in facts:
        if fact.is_declared:
            found[fact.waste] = min(fact.month, found.get(fact.waste, fact.month))
    return found


def _draws(fact: Fact, *, is_first: bool) -> MassBalance:
    """What a month adds to the balance of a period, as far as its U0 follows from it."""
    balance = fact.balance
    return MassBalance(
        old_used_kg=balance.old_used_kg,
        old_disposed_kg=balance.old_disposed_kg,
        opening_kg=balance.opening_kg if is_first else 0,
    )


def _changed(
    session: Session, months: Collection[date], named: Collection[int]
) -> Mapping[date, list[Part]]:
    """How the last version of each month that was stated again differs from its earlier ones."""
    return {
        month: list(_changes([declared(session, month, as_of) for as_of in instants], named))
        for month, instants in _versions(session, months).items()
        if len(instants) > 1
    }


def _changes(versions: Sequence[Sequence[Declared]], named: Collection[int]) -> Iterator[Part]:
    """By how much the last version of a month differs from each before it, waste by waste.

    Beside what is shown, in that from which U0 of a period follows.
    """
    first, *others = (set(version) for version in versions)
    changed = first.union(*others) - first.intersection(*others)
    places = {row.waste: row.place for version in versions for row in version if row in changed}
    *earlier, last = ({row.waste: row.balance for row in version} for version in versions)
    for waste, place in sorted(places.items()):
        now = _seen(last.get(waste, NOTHING))
        measures = tuple(
            abs(kg - was)
            for version in earlier
            for kg, was in zip(now, _seen(version.get(waste, NOTHING)), strict=True)
        )
        if any(measures) and place.company_id not in named:
            yield Part(place.company_id, place.adcode, waste[1], measures)


def _seen(balance: MassBalance) -> Measures:
    return *_shown(balance), balance.opening_kg, balance.old_disposed_kg


def _versions(session: Session, months: Collection[date]) -> Mapping[date, list[datetime]]:
    """The instants of all versions of each published month, the first first."""
    query = (
        select(MonthClose.month, MonthClose.as_of)
        .where(MonthClose.month.in_(months))
        .order_by(MonthClose.month, MonthClose.version)
    )
    found: defaultdict[date, list[datetime]] = defaultdict(list)
    for month, as_of in session.execute(query):
        found[month].append(as_of)
    return found


def _facts(session: Session, period: Period, named: Collection[int]) -> list[Fact]:
    """The facts of unnamed firms, each waste by its months."""
    fact = MonthlyFact
    key = [getattr(fact, name) for name in WASTE]
    query = (
        select(fact.month, fact.version, *key, *(getattr(fact, name) for name in MASSES))
        .where(fact.month.between(period.first, period.last), fact.company_id.not_in(named))
        .order_by(*key, fact.month)
    )
    end = len(key)
    return [
        Fact(month, tuple(row[:end]), version > 0, MassBalance(*row[end:]))
        for month, version, *row in session.execute(query)
    ]


def _cities(session: Session) -> Cities:
    found: dict[str, list[str]] = defaultdict(list)
    for county in county_map(session).values():
        found[county.city_adcode].append(county.adcode)
    return tuple((city, tuple(adcodes)) for city, adcodes in sorted(found.items()))


def _choices(session: Session, month: date) -> Iterator[tuple[str, ...]]:
    """The target before red mud, both before single wastes."""
    materials = material_map(session, month)
    yield tuple(sorted(row.code for row in materials.values() if row.in_target))
    yield tuple(sorted(materials))
    yield from ((code,) for code in materials)
