"""What the front page leads with: the official figures of the last published month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import reduce
from operator import add

from sqlalchemy.orm import Session

from app.catalogue.queries import MaterialRow, county_map, material_map, plan_target
from app.core.actor import Actor
from app.maps.areas import Ground, ground
from app.maps.counties import area_table
from app.maps.lines import NOTHING, Line, Table
from app.maps.questions import Question
from app.statistics.closing import last_close, last_closed_month
from app.statistics.indicators import Sums
from app.statistics.official import Choice, Period, by_material
from app.statistics.policy import sees_in_full
from app.statistics.published import published
from app.statistics.withholding import WHOLE, Told


@dataclass(frozen=True, slots=True)
class Official:
    """A published month: `counted` has the materials of the target, `whole` all of them.

    `areas` are those of the `ground`, of what the target counts, the lowest rate first; `version`
    is above 1 where the month was stated again.
    """

    month: date
    as_of: datetime
    version: int
    ground: Ground
    areas: Table
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
    materials = list(material_map(session, close.month).values())
    reader, shown = _Reader.of_month(session, actor, close.month, today), ground(session, None)
    target = Fraction(plan_target(session, today).value)
    return Official(
        month=close.month,
        as_of=close.as_of,
        version=close.version,
        ground=shown,
        areas=area_table(session, actor, Question(close.month), shown, today),
        counted=reader.table([row for row in materials if row.in_target], target),
        whole=reader.table(materials, None),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """The materials of a month as one reader may see them: officials of all counties in full."""

    of: Mapping[str, Sums]
    told: Told
    in_full: bool

    @classmethod
    def of_month(cls, session: Session, actor: Actor, month: date, today: date) -> _Reader:
        period = Period.month(month)
        (told,) = published(session, period, today)
        return cls(
            of=by_material(session, period, Choice(frozenset(material_map(session, month)))),
            told=told,
            in_full=sees_in_full(actor, county_map(session)),
        )

    def table(self, rows: list[MaterialRow], target: Fraction | None) -> Table:
        lines = [self._line(row) for row in rows]
        unseen = (self.of.get(line.key, NOTHING) for line in lines if line.withheld)
        is_open = self._reads(row.code for row in rows)
        return Table(lines, target, is_open, reduce(add, unseen, NOTHING))

    def _line(self, row: MaterialRow) -> Line:
        sums = self.of.get(row.code, NOTHING) if self._reads([row.code]) else None
        return Line(row.code, row.name, sums, code=row.code)

    def _reads(self, codes: Iterable[str]) -> bool:
        """Whether what these materials add up to in all counties may be read."""
        return self.in_full or WHOLE in self.told.get(frozenset(codes), ())
