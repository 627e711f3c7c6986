"""Which sums of the official figures anybody may know.

The one place that decides it; pages ask here and withhold the rest. All tables the pages show
stand together before disclosure control, in every mass that a rate or a gap is made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.queries import MaterialRow, county_map, material_map
from app.companies.groups import group_of, groups_of
from app.core.clock import months_between
from app.statistics.book import thresholds
from app.statistics.disclosure import Contribution, Sum, publishable
from app.statistics.models import MonthlyFact
from app.statistics.official import Choice, Period

PARTS = ("generated", "used", "old_used", "stored", "closing")


def publishable_counties(session: Session, period: Period, chosen: Choice) -> frozenset[str]:
    """The codes of the counties whose sums anybody may know, with the sum of all counties.

    Of several months only what each of them publishes: their difference would tell the rest. An
    empty answer withholds the sum of all counties, too.
    """
    months = months_between(period.first, period.last)
    return frozenset.intersection(*(_published(session, month, chosen) for month in months))


def _published(session: Session, month: date, chosen: Choice) -> frozenset[str]:
    counties = frozenset(county_map(session))
    contributions = list(_contributions(session, month))
    tables = _tables(counties, material_map(session, month))
    let_through = publishable(contributions, tables, thresholds(session, month))
    if not contributions or not _sums(counties, chosen.materials) <= let_through:
        return frozenset()
    return frozenset(
        adcode for adcode in counties if _sums(frozenset({adcode}), chosen.materials) <= let_through
    )


def _contributions(session: Session, month: date) -> Iterator[Contribution]:
    """What each group of related firms adds to each county, material and mass."""
    groups = groups_of(session, month)
    for fact in session.scalars(select(MonthlyFact).where(MonthlyFact.month == month)):
        group = group_of(fact.company_id, groups)
        for part in PARTS:
            kg = getattr(fact.balance, f"{part}_kg")
            yield Contribution((fact.adcode, fact.material, part), group, kg)


def _tables(counties: frozenset[str], materials: dict[str, MaterialRow]) -> list[Sum]:
    """Every table the official pages show, the most important first: target before red mud."""
    counted = frozenset(row.code for row in materials.values() if row.in_target)
    choices = [counted, frozenset(materials), *(frozenset({code}) for code in materials)]
    regions = [counties, *(frozenset({adcode}) for adcode in sorted(counties))]
    return [
        each
        for choice in choices
        for region in regions
        for each in sorted(_sums(region, choice), key=sorted)
    ]


def _sums(counties: frozenset[str], materials: frozenset[str]) -> frozenset[Sum]:
    """A sum of each mass over some counties and materials."""
    return frozenset(
        frozenset((adcode, material, part) for adcode in counties for material in materials)
        for part in PARTS
    )
