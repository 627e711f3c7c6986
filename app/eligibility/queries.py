"""Limits and uses of a day, as grading wants them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.catalogue import quality
from app.catalogue.quality import (
    KindRow,
    LimitRow,
    ParameterRow,
    QualityNoteRow,
    StandardRow,
    UseRow,
)
from app.catalogue.rules import ANY, Exclusive, LimitRole
from app.core.errors import NotFound
from app.eligibility.ranges import Range
from app.eligibility.rules import (
    CLOSED,
    GATES,
    PRESUMED_FACTS,
    Limit,
    Lot,
    Purpose,
    Verdict,
    address_of,
    verdict,
)
from app.eligibility.units import converted


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition of a standard as of a day: its limits, its notes, and what took its place."""

    row: StandardRow
    day: date
    limits: list[LimitRow]
    notes: list[QualityNoteRow]
    successor: StandardRow | None


@dataclass(frozen=True, slots=True)
class Questions:
    """What there is to ask about a lot for a use: readings by what they decide, and facts.

    `units` says what a reading without a unit is in.
    """

    readings: tuple[ParameterRow, ...]
    gates: tuple[ParameterRow, ...]
    facts: tuple[str, ...]
    units: dict[str, str]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A use of a kind of waste and the limits that stand before it."""

    use: UseRow
    limits: tuple[Limit, ...]

    def grade(self, lot: Lot, own: Iterable[Limit] = ()) -> Verdict:
        """The verdict on a lot, whose readings are in the units of their parameters.

        `own` are limits that a buyer sets beside those of the standard.
        """
        known = Lot(lot.readings, PRESUMED_FACTS | dict(lot.facts))
        purpose = Purpose(self.use.standard or "", self.use.needs_class_1)
        return verdict((*self.limits, *own), known, purpose)

    @property
    def printed_units(self) -> dict[str, str]:
        """The units in which the standards print the parameters."""
        return {limit.subject: limit.printed_unit for limit in self.limits}


def edition(session: Session, address: str, today: date) -> Edition:
    """A standard by its address; raises `NotFound`.

    One that is not in force today is shown as of its last day, or its first. The notes are those
    worth knowing today, for they tell of the past, too.
    """
    editions = quality.editions(session)
    row = next((row for row in editions[::-1] if address_of(row.code) == address), None)
    if row is None:
        raise NotFound
    day = max(row.valid_from, min(today, row.valid_to or today))
    return Edition(
        row=row,
        day=day,
        limits=[limit for limit in quality.limits(session, day) if limit.standard == row.code],
        notes=[note for note in quality.quality_notes(session, today) if note.standard == row.code],
        successor=next((later for later in editions if later.replaces == row.code), None),
    )


def limit_counts(session: Session, on: date) -> Counter[str]:
    """How many limits of each standard are in force on a day."""
    return Counter(row.standard for row in quality.limits(session, on))


def unread(session: Session) -> set[str]:
    """The standards whose own text nobody has read."""
    return {row.code for row in quality.editions(session) if not row.text_seen}


def chapter(session: Session, kind: str, code: str, on: date) -> Chapter | None:
    """A use with its limits as they stand on a day, if it is known then."""
    chapters = rulebook(session, kind, on)
    return next((found for found in chapters if found.use.code == code), None)


def notes_on(session: Session, use: UseRow, on: date) -> list[QualityNoteRow]:
    """What is worth knowing about a use on a day."""
    return [
        row
        for row in quality.quality_notes(session, on)
        if row.kind == use.kind and row.use in ("", ANY, use.code)
    ]


def limits_on(session: Session, use: UseRow, on: date) -> list[LimitRow]:
    """The limits that bind a use on a day, as printed."""
    return binding(use, quality.limits(session, on, use.kind))


def questions(chapter: Chapter, parameters: Iterable[ParameterRow]) -> Questions:
    """What may be asked about a lot for a use."""
    limits, known = chapter.limits, list(parameters)
    asked = {limit.subject for limit in limits if limit.role is LimitRole.ACCEPT}
    gates = {limit.subject for limit in limits if limit.role in GATES} - asked
    return Questions(
        readings=tuple(row for row in known if row.code in asked),
        gates=tuple(row for row in known if row.code in gates),
        facts=facts_asked([chapter]),
        units=chapter.printed_units,
    )


def facts_asked(chapters: Iterable[Chapter]) -> tuple[str, ...]:
    """The facts of origin on which some limit depends."""
    limits = [limit for chapter in chapters for limit in chapter.limits]
    origins = [limit.subject for limit in limits if limit.words]
    return tuple(dict.fromkeys([*origins, *(limit.fact for limit in limits if limit.fact)]))


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
    limits = _Limits(parameter_map(session), unread(session))
    rows = quality.limits(session, on, kind)
    return [
        Chapter(use, tuple(map(limits.of, binding(use, rows))))
        for use in quality.uses(session, on, kind)
    ]


def rulebooks(session: Session, on: date) -> dict[str, list[Chapter]]:
    """The rulebook of every kind that has one, read at once."""
    limits = _Limits(parameter_map(session), unread(session))
    rows = [(row, limits.of(row)) for row in quality.limits(session, on)]
    found: dict[str, list[Chapter]] = {}
    for use in quality.uses(session, on):
        own = (limit for row, limit in rows if row.kind in (use.kind, ANY) and _is_of(row, use))
        found.setdefault(use.kind, []).append(Chapter(use, tuple(own)))
    return found


def gates(session: Session, on: date) -> tuple[Limit, ...]:
    """The limits of hazard and class on a day: they hold for every lot, whatever its use."""
    limits = _Limits(parameter_map(session), unread(session))
    rows = quality.limits(session, on, ANY)
    return tuple(limits.of(row) for row in rows if row.use == ANY and row.role in GATES)


def binding(use: UseRow, rows: Iterable[LimitRow]) -> list[LimitRow]:
    """Of the limits of a kind, those that belong to a use."""
    return [row for row in rows if _is_of(row, use)]


def printed_range(row: LimitRow) -> Range | None:
    """What a limit allows, as printed; nothing of it for a fact or a closed use."""
    if row.minimum is None and row.maximum is None:
        return None
    return Range(
        low=row.minimum,
        high=row.maximum,
        low_open=row.exclusive in (Exclusive.MIN, Exclusive.BOTH),
        high_open=row.exclusive in (Exclusive.MAX, Exclusive.BOTH),
    )


def _is_of(row: LimitRow, use: UseRow) -> bool:
    """Whether a limit belongs to a use; those of GB 6566 go by the category of its product."""
    is_radioactivity = row.role is LimitRole.PRODUCT and row.use == ANY
    if is_radioactivity:
        return row.grade == use.radioactivity
    return row.use in (ANY, use.code)


@dataclass(frozen=True, slots=True)
class _Limits:
    """Makes limits of rows, with what else the catalogue knows of them."""

    parameters: Mapping[str, ParameterRow]
    unread: Container[str]

    def of(self, row: LimitRow) -> Limit:
        parameter = self.parameters.get(row.parameter)
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
            text_seen=row.standard not in self.unread,
        )


def _allowed(row: LimitRow, unit: str) -> Range | None:
    printed = printed_range(row)
    return converted(printed, row.unit or unit, unit) if printed else None
