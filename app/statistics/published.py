"""Which counties' official sums anybody may know. The one place that decides it: pages ask here.

Figures of firms that publish under their names are no secret, and whoever wants to can take them
off a sum: so only what the others contribute is protected. Who they are is asked of today, as the
board asks: a firm that has taken its name back is protected in every month, whenever it agreed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.queries import county_map, material_map
from app.companies.groups import GroupKey, group_of, groups_of
from app.companies.public import public_firms
from app.core.clock import months_between
from app.statistics.book import thresholds
from app.statistics.disclosure import Contribution, Sum, Thresholds, remembered
from app.statistics.models import MonthlyFact
from app.statistics.official import Choice, Period

Cell = tuple[str, str]
"""A county and a material."""
MEASURES: tuple[Callable[[MonthlyFact], int], ...] = (
    lambda fact: fact.generated_kg,
    lambda fact: fact.balance.used_kg,
    lambda fact: fact.balance.usable_kg,
    lambda fact: fact.closing_kg,
)
"""What a public table shows of a county, or lets be computed from its rate."""


def publishable_counties(
    session: Session, period: Period, chosen: Choice, today: date
) -> frozenset[str]:
    """The codes of the counties whose sums anybody may know, with the sum of all counties.

    Of several months only what each of them publishes: their difference would tell the rest. An
    empty answer withholds the sum of all counties, too.
    """
    months = months_between(period.first, period.last)
    told = (publication(session, month, today).counties_of(chosen) for month in months)
    return frozenset.intersection(*told)


@dataclass(frozen=True, slots=True)
class Publication:
    """Which official sums of one month anybody may know: one decision about all its tables."""

    counties: tuple[str, ...]
    cells: frozenset[Cell]
    known: frozenset[Sum]

    def counties_of(self, chosen: Choice) -> frozenset[str]:
        """A county is published whole or not at all, so that no identity of its masses tells more.

        An empty answer withholds the sum of all counties, too.
        """
        if _sum(self.cells, chosen.materials) not in self.known:
            return frozenset()
        return frozenset(
            adcode
            for adcode in self.counties
            if _sum(self.cells, chosen.materials, adcode) in self.known
        )


def publication(session: Session, month: date, today: date) -> Publication:
    """What of a month is public, for a page that shows several choices of its wastes."""
    counties = tuple(county_map(session))
    secrets = _secrets(session, month, counties, today)
    cells = frozenset(cell for cell, _group, _fact in secrets.facts)
    told = frozenset.intersection(*(secrets.published(measure) for measure in MEASURES))
    return Publication(counties, cells, told | {frozenset()})


@dataclass(frozen=True, slots=True)
class _Secrets:
    """The facts of a month that are nobody's business, and the tables they are summed in."""

    facts: tuple[tuple[Cell, GroupKey, MonthlyFact], ...]
    tables: tuple[Sum, ...]
    thresholds: Thresholds

    def published(self, measure: Callable[[MonthlyFact], int]) -> frozenset[Sum]:
        """The sums of a measure that tell too little of anybody; those of nobody among them."""
        contributions = tuple(
            Contribution(cell, group, measure(fact)) for cell, group, fact in self.facts
        )
        return remembered(contributions, self.tables, self.thresholds)


def _secrets(session: Session, month: date, counties: Sequence[str], today: date) -> _Secrets:
    named, groups = public_firms(session, today), groups_of(session, month)
    found = session.scalars(select(MonthlyFact).where(MonthlyFact.month == month))
    facts = tuple(
        ((fact.adcode, fact.material), group_of(fact.company_id, groups), fact)
        for fact in found
        if fact.company_id not in named
    )
    cells = {cell for cell, _group, _fact in facts}
    tables = tuple(_tables(session, month, cells, counties))
    return _Secrets(facts, tables, thresholds(session, month))


def _tables(
    session: Session, month: date, cells: Set[Cell], counties: Sequence[str]
) -> Iterator[Sum]:
    """Every sum the official pages show, the most important first: target before red mud."""
    materials = material_map(session, month)
    counted = frozenset(row.code for row in materials.values() if row.in_target)
    choices = [counted, frozenset(materials), *(frozenset({code}) for code in materials)]
    for choice in choices:
        yield _sum(cells, choice)
    for choice in choices:
        yield from (_sum(cells, choice, adcode) for adcode in counties)


def _sum(cells: Set[Cell], materials: frozenset[str], adcode: str | None = None) -> Sum:
    return frozenset(cell for cell in cells if adcode in (None, cell[0]) and cell[1] in materials)
