"""What the front page leads with: the official figures of the last published month."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import reduce
from operator import add

from sqlalchemy.orm import Session

from app.catalogue.queries import MaterialRow, county_map, material_map, plan_target
from app.core.actor import Actor
from app.maps.lines import NOTHING, Line, Table, in_order
from app.maps.rules import Measure
from app.statistics.closing import last_close, last_closed_month
from app.statistics.indicators import Sums
from app.statistics.official import Choice, Period, by_county, by_material
from app.statistics.policy import sees_in_full
from app.statistics.published import Publication, publication


@dataclass(frozen=True, slots=True)
class Official:
    """A published month: `counted` has the materials of the target, `whole` all of them.

    `counties` are of what the target counts, the lowest rate first; `version` is above 1 where the
    month was stated again.
    """

    month: date
    as_of: datetime
    version: int
    counties: Table
    counted: Table
    whole: Table

    @property
    def apart(self) -> list[Line]:
        """The materials the target does not count: red mud."""
        known = {line.code for line in self.counted.lines}
        return [line for line in self.whole.lines if line.code not in known]


def official(session: Session, actor: Actor, today: date) -> Official | None:
    """The last published month, in a fixed number of statements; `None` before there is one."""
    month = last_closed_month(session)
    close = last_close(session, month) if month else None
    if close is None:
        return None
    materials = material_map(session, close.month)
    counted = [row for row in materials.values() if row.in_target]
    target = Fraction(plan_target(session, today).value)
    reader = _Reader.of_month(session, actor, close.month, today)
    return Official(
        month=close.month,
        as_of=close.as_of,
        version=close.version,
        counties=reader.counties(session, counted, target),
        counted=reader.materials(counted, target),
        whole=reader.materials(list(materials.values()), None),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """A month as one reader may see it: officials of all counties in full."""

    month: date
    of: Mapping[str, Sums]
    told: Publication
    in_full: bool

    @classmethod
    def of_month(cls, session: Session, actor: Actor, month: date, today: date) -> _Reader:
        everything = Choice(frozenset(material_map(session, month)))
        return cls(
            month=month,
            of=by_material(session, Period.month(month), everything),
            told=publication(session, month, today),
            in_full=sees_in_full(actor, county_map(session)),
        )

    def materials(self, rows: list[MaterialRow], target: Fraction | None) -> Table:
        shown = {row.code for row in rows if self._counties_of([row])}
        lines = [_line(row.code, row.name, self.of, shown, row.code) for row in rows]
        unseen = (self.of.get(line.key, NOTHING) for line in lines if line.withheld)
        return Table(lines, target, bool(self._counties_of(rows)), reduce(add, unseen, NOTHING))

    def counties(self, session: Session, rows: list[MaterialRow], target: Fraction) -> Table:
        """By county what some materials add up to, the lowest rate first."""
        of = by_county(session, Period.month(self.month), _choice(rows))
        shown = self._counties_of(rows)
        names = county_map(session).values()
        lines = [_line(row.adcode, row.name, of, shown) for row in names]
        unseen = (of.get(line.key, NOTHING) for line in lines if line.withheld)
        ordered = in_order(lines, Measure.UTILISATION)
        return Table(ordered, target, bool(shown), reduce(add, unseen, NOTHING))

    def _counties_of(self, rows: list[MaterialRow]) -> frozenset[str]:
        """The counties whose sums may be read, none where not even the sum of all may."""
        if self.in_full:
            return frozenset(self.told.counties)
        return self.told.counties_of(_choice(rows))


def _choice(rows: list[MaterialRow]) -> Choice:
    return Choice(frozenset(row.code for row in rows))


def _line(
    key: str, name: str, of: Mapping[str, Sums], shown: Collection[str], code: str = ""
) -> Line:
    return Line(key, name, of.get(key, NOTHING) if key in shown else None, code=code)
