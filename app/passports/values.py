"""What was measured, parameter by parameter, in the units in which standards print them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.assays.rules import AssayTerms, Batch, Standing
from app.assays.spread import Spread, spread
from app.catalogue.quality import ParameterRow, UseRow
from app.catalogue.rules import LimitRole
from app.eligibility.queries import Chapter
from app.eligibility.ranges import Range
from app.eligibility.units import converted


@dataclass(frozen=True, slots=True)
class Measured:
    """A reading of one batch in the unit of its page, and whether the batch still counts."""

    batch: Batch
    reading: Range
    counts: bool


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A parameter that was measured or is asked about, in `unit`.

    `standing` is what decides, its reading as stored; `series` are all batches with a reading, the
    newest first; `spread` is of those that count; `uses` are those that ask for it.
    """

    parameter: ParameterRow
    unit: str
    standing: Standing | None
    series: tuple[Measured, ...]
    spread: Spread
    uses: tuple[UseRow, ...]

    @property
    def reading(self) -> Range | None:
        """The reading that decides, in the unit of the row."""
        if self.standing is None:
            return None
        return converted(self.standing.reading, str(self.parameter.unit), self.unit)


def value_rows(
    batches: Sequence[Batch],
    standing: Mapping[str, Standing],
    chapters: Sequence[Chapter],
    parameters: Mapping[str, ParameterRow],
    on: date,
    terms: AssayTerms,
) -> list[ValueRow]:
    """A row for each parameter with a reading or that a use asks for; the measured ones first."""
    asked = _asked(chapters)
    units = {name: unit for chapter in chapters[::-1] for name, unit in _printed(chapter)}
    measured = {name for batch in batches for name in batch.readings}
    rows = []
    for name, parameter in parameters.items():
        if name not in measured and name not in asked:
            continue
        unit = units.get(name, str(parameter.unit))
        series = tuple(_series(name, str(parameter.unit), unit, batches, on, terms))
        points = [(each.batch.day, each.reading) for each in series if each.counts]
        uses = tuple(asked.get(name, ()))
        rows.append(ValueRow(parameter, unit, standing.get(name), series, spread(points), uses))
    return sorted(rows, key=lambda row: (row.standing is None, not row.series))


def _asked(chapters: Iterable[Chapter]) -> dict[str, list[UseRow]]:
    """The uses that ask for a parameter of the lot itself, by parameter."""
    asked: dict[str, list[UseRow]] = {}
    for chapter in chapters:
        limits = (limit for limit in chapter.limits if limit.role is LimitRole.ACCEPT)
        for name in dict.fromkeys(limit.subject for limit in limits):
            asked.setdefault(name, []).append(chapter.use)
    return asked


def _printed(chapter: Chapter) -> Iterable[tuple[str, str]]:
    limits = (limit for limit in chapter.limits if limit.role is LimitRole.ACCEPT)
    return ((limit.subject, limit.printed_unit) for limit in limits)


def _series(
    name: str, unit: str, into: str, batches: Iterable[Batch], on: date, terms: AssayTerms
) -> Iterable[Measured]:
    for batch in batches:
        if name in batch.readings:
            reading = converted(batch.readings[name], unit, into)
            yield Measured(batch, reading, batch.counts(on, terms))
