"""Where things stand in the drawings of a passport: the grade ladder, the batches against limits.

Across, places are per cent of the drawing's width; down, px from its top. So nothing but
attributes is needed to draw, and letters keep their size on every screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from app.catalogue.quality import ParameterRow, UseRow
from app.catalogue.rules import LimitRole
from app.eligibility.queries import Chapter
from app.eligibility.ranges import Range
from app.eligibility.rules import Limit, Lot, in_force
from app.eligibility.units import converted
from app.passports.values import Measured, ValueRow

ROOM = Decimal("0.25")
"""What is left free at both ends of a scale, as a share of what it must hold."""
TOP, BOTTOM = 16, 204
"""The first and the last px of the batches' drawing that a value may take."""
LEFT, RIGHT = 3.0, 72.0
"""The same across, per cent; labels of limits stand at the right."""
LABEL_PX = 15
"""What a line of letters needs."""

Place = tuple[Decimal, bool, bool]
"""An end of a limit: the amount, whether it is the upper end, whether it is open."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight axis from `low` to `high`."""

    low: Decimal
    high: Decimal

    def share(self, amount: Decimal) -> float:
        """How far along an amount lies, 0 to 1; what lies beyond an end stands at it."""
        part = float((amount - self.low) / (self.high - self.low))
        return min(max(part, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch of a ladder on which the same grade is the best; blank where none is reached."""

    grade: str
    rank: int
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A limit on a ladder."""

    at: float
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LadderRow:
    """One parameter of a ladder: what each grade allows, and where the lot stands.

    `allowed` goes by grade and has no entry where a grade asks nothing. `at` is the place of the
    value, `None` without one; `band` is left and width of the spread of the batches that count,
    `None` for fewer than two.
    """

    value: ValueRow
    allowed: dict[str, Range]
    zones: tuple[Zone, ...]
    ticks: tuple[Tick, ...]
    at: float | None
    band: tuple[float, float] | None
    grade: str
    is_settled: bool


@dataclass(frozen=True, slots=True)
class Ladder:
    """The graded limits of a standard, for all uses that share them; grades the best first."""

    standard: str
    uses: tuple[UseRow, ...]
    grades: tuple[str, ...]
    rows: tuple[LadderRow, ...]
    is_unconfirmed: bool


@dataclass(frozen=True, slots=True)
class LimitLine:
    """An end of a limit across the batches' drawing, and every limit that ends there."""

    end: Decimal
    is_upper: bool
    is_open: bool
    limits: tuple[tuple[UseRow, Limit], ...]
    y: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A batch in the drawing; `reach` is -1 where the value lies anywhere below, 1 above."""

    measured: Measured
    x: float
    y: float
    reach: int


@dataclass(frozen=True, slots=True)
class BatchChart:
    """The batches of one parameter against its limits; `dots` leaves out what has no number."""

    value: ValueRow
    dots: tuple[Dot, ...]
    lines: tuple[LimitLine, ...]
    first: date | None
    last: date | None


def ladders(chapters: Iterable[Chapter], lot: Lot, values: Iterable[ValueRow]) -> list[Ladder]:
    """A ladder for every standard that grades the lot's kind; uses with equal limits share it."""
    by_name = {row.parameter.code: row for row in values}
    shared: dict[tuple[Limit, ...], list[UseRow]] = {}
    for chapter in chapters:
        graded = tuple(_graded(chapter, lot))
        if graded:
            shared.setdefault(graded, []).append(chapter.use)
    return [_ladder(limits, uses, by_name) for limits, uses in shared.items()]


def batch_chart(value: ValueRow, chapters: Iterable[Chapter], lot: Lot) -> BatchChart:
    """The drawing of one parameter."""
    ends = _ends_by_place(value, chapters, lot)
    drawn = [each for each in value.series if _number(each.reading) is not None]
    amounts = [end for end, _is_upper, _is_open in ends]
    amounts += [_number(each.reading) or Decimal(0) for each in drawn]
    days = [each.batch.day for each in drawn]
    scale = _scale(amounts, value)
    return BatchChart(
        value=value,
        dots=tuple(_dot(each, scale, min(days), max(days)) for each in drawn),
        lines=tuple(_lines(ends, scale)),
        first=min(days, default=None),
        last=max(days, default=None),
    )


def _graded(chapter: Chapter, lot: Lot) -> Iterable[Limit]:
    """The limits of a use that differ by grade, as they bind the lot."""
    binding, _idle = in_force(chapter.limits, lot)
    graded = (limit for limit in binding if limit.rank and limit.allowed is not None)
    return (limit for limit in graded if limit.role is LimitRole.ACCEPT)


def _ladder(limits: Sequence[Limit], uses: Iterable[UseRow], values: dict[str, ValueRow]) -> Ladder:
    by_rank = sorted(limits, key=lambda limit: limit.rank)
    grades = tuple(dict.fromkeys(limit.grade for limit in by_rank))
    names = dict.fromkeys(limit.subject for limit in limits)
    rows = (
        _ladder_row(values[name], grades, [limit for limit in by_rank if limit.subject == name])
        for name in names
    )
    unconfirmed = any(limit.is_unconfirmed for limit in limits)
    return Ladder(limits[0].standard, tuple(uses), grades, tuple(rows), unconfirmed)


def _ladder_row(value: ValueRow, grades: Sequence[str], limits: Iterable[Limit]) -> LadderRow:
    allowed = {limit.grade: _allowed(limit, value.unit) for limit in limits}
    ends = sorted({end for found in allowed.values() for end in _ends(found)})
    reach = [value.reading, value.spread.least, value.spread.most]
    scale = _scale([*ends, *(end for found in reach if found for end in _ends(found))], value)
    grade = _best(value.reading, grades, allowed) if value.reading else None
    number = _number(value.reading) if value.reading else None
    return LadderRow(
        value=value,
        allowed=allowed,
        zones=tuple(_zones(ends, scale, grades, allowed)),
        ticks=tuple(Tick(100 * scale.share(end), end) for end in ends),
        at=None if number is None else 100 * scale.share(number),
        band=_band(value, scale),
        grade=grade or "",
        is_settled=grade is not None,
    )


def _best(reading: Range, grades: Sequence[str], allowed: dict[str, Range]) -> str | None:
    """The best grade a reading reaches, blank if it reaches none, `None` if it does not say."""
    for grade in grades:
        limit = allowed.get(grade, Range())
        if reading.is_within(limit):
            return grade
        if not reading.is_apart_from(limit):
            return None
    return ""


def _zones(
    ends: Sequence[Decimal], scale: Scale, grades: Sequence[str], allowed: dict[str, Range]
) -> Iterable[Zone]:
    """The stretches between limits from left to right; equal neighbours are one."""
    borders = [scale.low, *(end for end in ends if scale.low < end < scale.high), scale.high]
    stretches: list[tuple[str, Decimal, Decimal]] = []
    for low, high in pairwise(borders):
        middle = Range((low + high) / 2, (low + high) / 2)
        grade = _best(middle, grades, allowed) or ""
        is_same = bool(stretches) and stretches[-1][0] == grade
        start = stretches.pop()[1] if is_same else low
        stretches.append((grade, start, high))
    for grade, low, high in stretches:
        left = 100 * scale.share(low)
        rank = grades.index(grade) + 1 if grade else 0
        yield Zone(grade, rank, left, 100 * scale.share(high) - left)


def _band(value: ValueRow, scale: Scale) -> tuple[float, float] | None:
    """Where the batches that count lie; an end nobody knows runs to the end of the drawing."""
    least, most = value.spread.least, value.spread.most
    if value.spread.count < 2 or least is None or most is None:
        return None
    left = 0.0 if least.low is None else 100 * scale.share(least.low)
    right = 100.0 if most.high is None else 100 * scale.share(most.high)
    return left, right - left


def _scale(amounts: Iterable[Decimal], value: ValueRow) -> Scale:
    """An axis with room at both ends, but not beyond what the parameter can be."""
    found = list(amounts) or [Decimal(0)]
    low, high = min(found), max(found)
    room = ROOM * ((high - low) or abs(high) or 1)
    is_own_unit = value.unit == str(value.parameter.unit)
    lowest, highest = _bounds(value.parameter) if is_own_unit else (None, None)
    low = low - room if lowest is None else max(low - room, lowest)
    high = high + room if highest is None else min(high + room, highest)
    return Scale(low, high if high > low else low + room)


def _bounds(parameter: ParameterRow) -> tuple[Decimal | None, Decimal | None]:
    return parameter.lowest, parameter.highest


def _ends(found: Range) -> list[Decimal]:
    return [end for end in (found.low, found.high) if end is not None]


def _number(reading: Range) -> Decimal | None:
    """The number a reading is drawn at: its own, or the end it is known to have."""
    return reading.high if reading.low is None else reading.low


def _ends_by_place(
    value: ValueRow, chapters: Iterable[Chapter], lot: Lot
) -> dict[Place, list[tuple[UseRow, Limit]]]:
    """Where the limits on a parameter end."""
    places: dict[Place, list[tuple[UseRow, Limit]]] = {}
    for chapter in chapters:
        binding, _idle = in_force(chapter.limits, lot)
        for limit in binding:
            if limit.subject == value.parameter.code and limit.role is LimitRole.ACCEPT:
                for place in _places(_allowed(limit, value.unit)):
                    places.setdefault(place, []).append((chapter.use, limit))
    return places


def _allowed(limit: Limit, unit: str) -> Range:
    """What a limit allows, in a unit; everything where it asks for no number."""
    return converted(limit.allowed or Range(), limit.unit, unit)


def _places(allowed: Range) -> Iterable[Place]:
    if allowed.low is not None:
        yield allowed.low, False, allowed.low_open
    if allowed.high is not None:
        yield allowed.high, True, allowed.high_open


def _lines(ends: dict[Place, list[tuple[UseRow, Limit]]], scale: Scale) -> Iterable[LimitLine]:
    """The lines from the top down; labels that would lie on each other move down."""
    free_from = 0.0
    for (end, is_upper, is_open), limits in sorted(ends.items(), reverse=True):
        y = _down(scale, end)
        label_y = max(y, free_from)
        free_from = label_y + LABEL_PX
        yield LimitLine(end, is_upper, is_open, tuple(limits), y, label_y)


def _dot(measured: Measured, scale: Scale, first: date, last: date) -> Dot:
    reading = measured.reading
    days = (last - first).days
    share = (measured.batch.day - first).days / days if days else 0.5
    reach = 0 if reading.is_exact else (-1 if reading.low is None else 1)
    y = _down(scale, _number(reading) or Decimal(0))
    return Dot(measured, LEFT + share * (RIGHT - LEFT), y, reach)


def _down(scale: Scale, amount: Decimal) -> float:
    return TOP + (BOTTOM - TOP) * (1 - scale.share(amount))
