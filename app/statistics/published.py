"""Which sums of the official figures anybody may know.

The one place that decides it; pages ask here and withhold the rest.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.queries import MaterialRow, county_map, material_map
from app.core.clock import months_between
from app.statistics.models import MonthlyFact
from app.statistics.official import Choice, Period
from app.statistics.rules import Cell, Firms, Group, publishable


def publishable_counties(session: Session, period: Period, chosen: Choice) -> frozenset[str]:
    """The codes of the counties whose sums anybody may know, with the sum of all counties.

    Of several months only what each of them publishes: their difference would tell the rest. An
    empty answer withholds the sum of all counties, too.
    """
    months = months_between(period.first, period.last)
    published = [_published(session, month, chosen) for month in months]
    return frozenset.intersection(*published)


def _published(session: Session, month: date, chosen: Choice) -> frozenset[str]:
    firms = _firms(session, month)
    materials = material_map(session, month)
    let_through = publishable(_lines(firms, materials), firms)
    if not _group(firms, chosen.materials) or _group(firms, chosen.materials) not in let_through:
        return frozenset()
    return frozenset(
        adcode
        for adcode in county_map(session)
        if _group(firms, chosen.materials, adcode) in let_through
    )


def _firms(session: Session, month: date) -> Firms:
    """By county and material, the firms that have a fact in a month."""
    found: dict[Cell, set[int]] = defaultdict(set)
    columns = (MonthlyFact.adcode, MonthlyFact.material, MonthlyFact.company_id)
    for adcode, material, company_id in session.execute(
        select(*columns).where(MonthlyFact.month == month).distinct()
    ):
        found[adcode, material].add(company_id)
    return {cell: frozenset(found[cell]) for cell in sorted(found)}


def _lines(firms: Firms, materials: dict[str, MaterialRow]) -> list[list[Group]]:
    """Every table the official pages show, the most important first: target before red mud."""
    everything = frozenset(materials)
    counted = frozenset(row.code for row in materials.values() if row.in_target)
    choices = [counted, everything, *(frozenset({code}) for code in materials)]
    counties = sorted({adcode for adcode, _material in firms})
    return [
        *([_group(firms, choice)] for choice in choices),
        *([_group(firms, choice, adcode) for adcode in counties] for choice in choices),
    ]


def _group(firms: Firms, materials: frozenset[str], adcode: str | None = None) -> Group:
    return frozenset(cell for cell in firms if adcode in (None, cell[0]) and cell[1] in materials)
