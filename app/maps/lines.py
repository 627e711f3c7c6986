"""A line of an official table, the same at every level, and the table with its total."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from operator import add

from app.maps.rules import Measure
from app.statistics.indicators import Share, Sums, gap_kg, rate
from app.statistics.rules import rate_class, rate_tenths

NOTHING = Sums()


@dataclass(frozen=True, slots=True)
class Line:
    """What one county, park, firm or waste adds to the level above; `sums` is none if withheld.

    `before` are the sums of the period it is held against; `code` is the material of a waste;
    `used_here_kg` is what was used in it, whosever it was; `used_here_before_kg` that of the other
    period.
    """

    key: str
    name: str
    sums: Sums | None
    before: Sums | None = None
    url: str | None = None
    code: str = ""
    used_here_kg: int | None = None
    used_here_before_kg: int | None = None

    @property
    def withheld(self) -> bool:
        return self.sums is None

    @property
    def is_empty(self) -> bool:
        return self.sums == NOTHING

    @property
    def rate(self) -> Share:
        return rate(self.sums or NOTHING)

    @property
    def rate_class(self) -> str | None:
        return rate_class(self.rate.part, self.rate.whole)

    @property
    def rate_before(self) -> Share:
        return rate(self.before or NOTHING)

    @property
    def points(self) -> int | None:
        """How much higher the rate is than before, in tenths of a percentage point."""
        now, before = (rate_tenths(one.part, one.whole) for one in (self.rate, self.rate_before))
        return None if now is None or before is None else now - before


@dataclass(frozen=True)
class Table:
    """The lines of a level, worst or largest first, and what they add up to.

    `target` is in per cent, none where what is chosen is no part of the target. `is_open` says
    whether the total may be read.
    """

    lines: Sequence[Line]
    target: Fraction | None
    is_open: bool = True
    unseen: Sums = NOTHING
    unseen_before: Sums = NOTHING

    @cached_property
    def total(self) -> Line:
        """The sum of all lines, those included whose own sums are withheld."""
        if not self.is_open:
            return Line("", "", None)
        sums = reduce(add, (line.sums for line in self.lines if line.sums), self.unseen)
        shown = (line.before for line in self.lines if line.before)
        before = reduce(add, shown, self.unseen_before)
        return Line("", "", sums, before)

    def gap_kg(self, line: Line) -> int | None:
        """What is still to be used until the target is reached."""
        if line.sums is None or self.target is None:
            return None
        return gap_kg(line.sums, self.target)

    def gap_before_kg(self, line: Line) -> int | None:
        if line.before is None or self.target is None:
            return None
        return gap_kg(line.before, self.target)


def in_order(lines: Iterable[Line], measure: Measure) -> list[Line]:
    """The lowest rate or the greatest mass first; what is empty or withheld last."""
    return sorted(
        lines, key=lambda line: (line.withheld, line.is_empty, _rank(line, measure), line.key)
    )


def _rank(line: Line, measure: Measure) -> Fraction | int:
    sums = line.sums or NOTHING
    if measure is Measure.STOCK:
        return -sums.balance.closing_kg
    if measure is Measure.GAP:
        return sums.used_kg - sums.usable_kg
    if measure is Measure.USED_HERE:
        return -(line.used_here_kg or 0)
    exact = line.rate.exact
    return 2 if exact is None else exact
