"""What a briefing says, in figures: a published month of one region."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import reduce
from operator import add

from sqlalchemy.orm import Session

from app.catalogue.queries import (
    PROVINCE,
    CountyRow,
    MaterialRow,
    RegionRow,
    TargetRow,
    county_map,
    material_map,
    plan_target,
    region,
)
from app.core.actor import Actor
from app.core.errors import NotFound
from app.oversight.briefing.outlook import Outlook, outlook
from app.statistics import closing, official
from app.statistics.indicators import Sums, gap_kg
from app.statistics.models import MonthClose
from app.statistics.official import Choice, Period
from app.statistics.policy import sees_in_full


@dataclass(frozen=True, slots=True)
class CountyLine:
    """A county in the month, and in the month before."""

    county: CountyRow
    sums: Sums
    before: Sums


@dataclass(frozen=True, slots=True)
class MaterialLine:
    material: MaterialRow
    sums: Sums


@dataclass(frozen=True, slots=True)
class Briefing:
    """Counties with the largest gap first; `apart` are the wastes that the target leaves out.

    `outlook` is the way to the target, where a run has looked for it.

    All sums but those of `materials` and `apart` are of what the target counts.
    """

    close: MonthClose
    counties: list[CountyLine]
    materials: list[MaterialLine]
    apart: list[MaterialLine]
    target: TargetRow
    region: RegionRow | None
    outlook: Outlook | None

    @property
    def month(self) -> date:
        return self.close.month

    @property
    def total(self) -> Sums:
        return _total(line.sums for line in self.counties)

    @property
    def before(self) -> Sums:
        return _total(line.before for line in self.counties)

    @property
    def every_waste(self) -> Sums:
        """With what the target leaves out."""
        return _total(line.sums for line in (*self.materials, *self.apart))

    def gap_kg(self, sums: Sums) -> int:
        return gap_kg(sums, Fraction(self.target.value))


def briefing(session: Session, actor: Actor, month: date) -> Briefing:
    """The briefing of a published month for the counties its reader oversees.

    Raises `NotFound` for a month that is not published and for a reader who oversees none.
    """
    close = closing.last_close(session, month)
    own = [
        county for county in county_map(session).values() if sees_in_full(actor, [county.adcode])
    ]
    if close is None or not own:
        raise NotFound
    period, target = Period.month(month), plan_target(session, month)
    chosen = official.choice(session, period)
    now, then = (official.by_county(session, when, chosen) for when in (period, period.before()))
    lines = [
        CountyLine(county, now.get(county.adcode, Sums()), then.get(county.adcode, Sums()))
        for county in own
    ]
    materials = _materials(session, period, {county.adcode for county in own})
    return Briefing(
        close=close,
        counties=sorted(lines, key=lambda line: -gap_kg(line.sums, Fraction(target.value))),
        materials=[line for line in materials if line.material.in_target],
        apart=[line for line in materials if not line.material.in_target],
        target=target,
        region=region(session),
        outlook=outlook(session, actor, month, target),
    )


def region_of(lines: Iterable[CountyLine]) -> str:
    """What the counties of a briefing are called together: a county, a city or the province."""
    counties = [line.county for line in lines]
    cities = {county.city for county in counties}
    if len(counties) == 1:
        return counties[0].name
    return cities.pop() if len(cities) == 1 else PROVINCE.name


def _materials(session: Session, period: Period, adcodes: set[str]) -> list[MaterialLine]:
    """Every material of the catalogue in the counties, those the target leaves out as well."""
    known: Mapping[str, MaterialRow] = material_map(session, period.last)
    sums = official.by_material(session, period, Choice(frozenset(known)), adcodes)
    return [MaterialLine(row, sums.get(code, Sums())) for code, row in known.items()]


def _total(parts: Iterable[Sums]) -> Sums:
    return reduce(add, parts, Sums())
