"""Limits and uses of a day, as grading wants them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.catalogue import quality
from app.catalogue.quality import KindRow, LimitRow, ParameterRow, UseRow
from app.catalogue.rules import ANY, Exclusive, LimitRole
from app.eligibility.ranges import Range
from app.eligibility.rules import (
    CLOSED,
    PRESUMED_FACTS,
    Limit,
    Lot,
    Purpose,
    Verdict,
    verdict,
)
from app.eligibility.units import converted


@dataclass(frozen=True, slots=True)
class Graded:
    """A use of a kind of waste and the verdict on a lot for it."""

    use: UseRow
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Chapter:
    """A use of a kind of waste and the limits that stand before it."""

    use: UseRow
    limits: tuple[Limit, ...]

    def grade(self, lot: Lot) -> Graded:
        """The verdict on a lot, whose readings are in the units of their parameters."""
        known = Lot(lot.readings, PRESUMED_FACTS | dict(lot.facts))
        purpose = Purpose(self.use.standard or "", self.use.needs_class_1)
        return Graded(self.use, verdict(self.limits, known, purpose))

    @property
    def printed_units(self) -> dict[str, str]:
        """The units in which the standards print the parameters."""
        return {limit.subject: limit.printed_unit for limit in self.limits}


def kinds_named(session: Session, name: str) -> list[KindRow]:
    """The kinds a name means: a kind's own code, a market material or a class such as SW02."""
    kinds = quality.kinds(session)
    own = [row for row in kinds if row.code == name]
    return own or [row for row in kinds if name in (row.material, row.waste_class)]


def parameter_map(session: Session) -> dict[str, ParameterRow]:
    """The parameters a reading may be of, by code."""
    return {row.code: row for row in quality.parameters(session)}


def rulebook(session: Session, kind: str, on: date) -> list[Chapter]:
    """The uses of a kind with the limits of a day, to grade many lots by."""
    parameters, rows = parameter_map(session), quality.limits(session, on, kind)
    return [
        Chapter(use, tuple(_limits_of(use, rows, parameters)))
        for use in quality.uses(session, on, kind)
    ]


def grade(session: Session, kind: str, lot: Lot, on: date) -> list[Graded]:
    """The verdict on a lot for every use of its kind, by the standards of a day."""
    return [chapter.grade(lot) for chapter in rulebook(session, kind, on)]


def _limits_of(
    use: UseRow, rows: Iterable[LimitRow], parameters: Mapping[str, ParameterRow]
) -> list[Limit]:
    return [_limit(row, parameters.get(row.parameter)) for row in rows if _is_of(row, use)]


def _is_of(row: LimitRow, use: UseRow) -> bool:
    """Whether a limit belongs to a use; those of GB 6566 go by the category of its product."""
    is_radioactivity = row.role is LimitRole.PRODUCT and row.use == ANY
    if is_radioactivity:
        return row.grade == use.radioactivity
    return row.use in (ANY, use.code)


def _limit(row: LimitRow, parameter: ParameterRow | None) -> Limit:
    unit = str(parameter.unit) if parameter else ""
    return Limit(
        role=row.role,
        subject=row.parameter or CLOSED,
        allowed=_allowed(row, unit),
        standard=row.standard,
        clause=row.clause,
        confidence=row.confidence,
        words=frozenset(row.allowed),
        grade=row.grade,
        rank=row.grade_rank or 0,
        fact=row.fact or "",
        fact_values=frozenset(row.fact_values),
        unit=unit,
        printed_unit=row.unit or unit,
    )


def _allowed(row: LimitRow, unit: str) -> Range | None:
    """What the limit allows, in the parameter's unit; nothing of it for a fact or a closed use."""
    if row.minimum is None and row.maximum is None:
        return None
    printed = Range(
        low=row.minimum,
        high=row.maximum,
        low_open=row.exclusive in (Exclusive.MIN, Exclusive.BOTH),
        high_open=row.exclusive in (Exclusive.MAX, Exclusive.BOTH),
    )
    return converted(printed, row.unit or unit, unit)


def impossible(parameters: Mapping[str, ParameterRow], readings: Mapping[str, Range]) -> list[str]:
    """The parameters whose readings cannot be, such as a loss on ignition of 140 %."""
    return [
        name
        for name, reading in readings.items()
        if reading.is_apart_from(Range(parameters[name].lowest, parameters[name].highest))
    ]
