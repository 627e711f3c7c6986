"""May a lot go to a use? A verdict from readings, facts and the limits of a day.

The gates stand in this order: what the lot is called and where it comes from, hazard (GB 5085.1,
GB 5085.3), class I or II (HJ 557 with GB 8978), the use's own standard by grade, the buyer's
tighter limits. GB 6566 binds the buyer's product, so it is told as a condition and never decides.

A lot of a listed class that is not blocked is presumed harmless until a reading says otherwise.
Everywhere else what is unknown is never a pass. Values are compared as measured, not rounded
(whole-value comparison of GB/T 8170).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from app.catalogue.rules import Confidence, LimitRole
from app.eligibility.ranges import Range

DECIDING = (LimitRole.ACCEPT, LimitRole.ORIGIN, LimitRole.BARRED)
"""The roles whose unknown value keeps a lot from being shown fit."""
GATES = (LimitRole.HAZARD, LimitRole.CLASS_1)
"""The roles whose unknown value is presumed met."""
USE_STANDARD = "use_standard"
"""What is missing where no limit of a use could be loaded."""
CLOSED = "permitted"
"""The subject of a row that closes a use."""
OXIDES = ("sio2", "al2o3", "fe2o3", "cao", "mgo", "na2o", "k2o", "tio2", "mno", "so3", "loi")
MOST_OXIDES = 105
"""Per cent: what analyses of one sample add up to at most, with their errors."""
PRESUMED_FACTS = {"ash_class": "F"}
"""Fly ash is of class F unless its producer says otherwise."""


class Outcome(StrEnum):
    """What a verdict says."""

    QUALIFIES = "qualifies"
    FAILS = "fails"
    NOT_SHOWN = "not_shown"


class Ruling(StrEnum):
    """What a lot's reading or fact says against one limit."""

    MET = "met"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Limit:
    """One row of a standard, or a buyer's own limit with a blank `standard`, as it binds one use.

    `subject` is a parameter with an `allowed` range, or a fact of the lot's origin with the
    `words` it may be; with neither the use is closed to the lot. `grade` is blank where a row
    holds for all grades; grades count from 1, the best. The limit binds where `fact` is one of
    `fact_values`, and then takes the place of the row without a condition. `allowed` is in the
    parameter's `unit`; the standard prints it in `printed_unit`.
    """

    role: LimitRole
    subject: str
    allowed: Range | None
    standard: str
    clause: str
    confidence: Confidence
    words: frozenset[str] = frozenset()
    grade: str = ""
    rank: int = 0
    fact: str = ""
    fact_values: frozenset[str] = frozenset()
    unit: str = ""
    printed_unit: str = ""
    text_seen: bool = True

    @property
    def is_unconfirmed(self) -> bool:
        """Whether the row is unsure or the text of its standard was not read."""
        return self.confidence is Confidence.UNSURE or not self.text_seen


@dataclass(frozen=True, slots=True)
class Lot:
    """What is known of a lot: readings by parameter, in its unit, and facts of its origin."""

    readings: Mapping[str, Range] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Purpose:
    """A use as grading sees it: its standard, if any is known, and whether class II is shut out."""

    standard: str
    needs_class_1: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A limit and what the lot shows against it."""

    limit: Limit
    ruling: Ruling
    reading: Range | None = None
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Rung:
    """One grade of a use, blank where the use has none, and what a lot shows against it."""

    grade: str
    met: tuple[Finding, ...]
    failing: tuple[Finding, ...]
    missing: tuple[Finding, ...]

    @property
    def outcome(self) -> Outcome:
        if self.failing:
            return Outcome.FAILS
        return Outcome.NOT_SHOWN if self.missing else Outcome.QUALIFIES

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (*self.failing, *self.missing, *self.met)

    @property
    def deciding(self) -> tuple[Finding, ...]:
        """The findings that make the outcome what it is."""
        return self.failing or self.missing or self.met


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a lot may go to a use, at which grade, and why.

    `rung` is the best grade shown, else the easiest still open, else the easiest of all. `gates`
    are findings of hazard and class: unknown ones are presumed met. `conditions` bind the buyer's
    product, or the lot if a fact nobody stated is so. `ladder` runs from the best grade down.
    """

    rung: Rung
    gates: tuple[Finding, ...]
    conditions: tuple[Limit, ...]
    ladder: tuple[Rung, ...]

    @property
    def outcome(self) -> Outcome:
        return self.rung.outcome

    @property
    def grade(self) -> str:
        """The grade that was shown, blank without one."""
        return self.rung.grade if self.outcome is Outcome.QUALIFIES else ""

    @property
    def is_unconfirmed(self) -> bool:
        """Whether a row that nobody could confirm takes part in the decision."""
        return any(found.limit.is_unconfirmed for found in self.rung.deciding)


def verdict(limits: Iterable[Limit], lot: Lot, purpose: Purpose) -> Verdict:
    """The verdict on a lot for the use these limits belong to."""
    binding, idle = in_force(limits, lot)
    found = [judge(limit, lot) for limit in binding]
    gates = tuple(finding for finding in found if finding.limit.role in GATES)
    ladder = _ladder(found, purpose)
    product = (limit for limit in binding if limit.role is LimitRole.PRODUCT)
    return Verdict(_decisive(ladder), gates, (*idle, *product), ladder)


def hazards(limits: Iterable[Limit], lot: Lot) -> list[Finding]:
    """What makes a lot hazardous waste by the limits of hazard among these."""
    found = (judge(limit, lot) for limit in limits if limit.role is LimitRole.HAZARD)
    return [finding for finding in found if finding.ruling is Ruling.BROKEN]


def address_of(standard: str) -> str:
    """The number of a standard as a part of an address: `GB~T_1596-2017`.

    No two numbers share one: neither sign stands in the number of a standard.
    """
    return standard.replace(" ", "_").replace("/", "~")


def has_too_much(readings: Mapping[str, Range]) -> bool:
    """Whether the oxides and the loss on ignition of one sample add up beyond its whole mass."""
    least = sum(readings[name].low or 0 for name in OXIDES if name in readings)
    return least > MOST_OXIDES


def in_force(limits: Iterable[Limit], lot: Lot) -> tuple[list[Limit], list[Limit]]:
    """The limits that bind a lot, and those that would if a fact nobody stated were so.

    What was measured is judged even then.
    """
    binding: list[Limit] = []
    idle: list[Limit] = []
    places: dict[tuple[LimitRole, str, str, str], list[Limit]] = {}
    for limit in limits:
        place = (limit.role, limit.standard, limit.subject, limit.grade)
        places.setdefault(place, []).append(limit)
    for rows in places.values():
        special = [row for row in rows if row.fact and lot.facts.get(row.fact) in row.fact_values]
        plain = special or [row for row in rows if not row.fact]
        open_question = [row for row in rows if row.fact and row.fact not in lot.facts]
        measured = open_question and open_question[0].subject in lot.readings
        binding += plain or (open_question if measured else [])
        idle += [] if plain or measured else open_question
    return binding, idle


def judge(limit: Limit, lot: Lot) -> Finding:
    """Hold what is known of a lot against one limit."""
    if limit.words:
        fact = lot.facts.get(limit.subject, "")
        known = Ruling.MET if fact in limit.words else Ruling.BROKEN
        return Finding(limit, known if fact else Ruling.UNKNOWN, fact=fact)
    if limit.allowed is None:
        return Finding(limit, Ruling.BROKEN)
    reading = lot.readings.get(limit.subject)
    return Finding(limit, _ruling(reading, limit.allowed), reading)


def _ruling(reading: Range | None, allowed: Range) -> Ruling:
    if reading is None:
        return Ruling.UNKNOWN
    if reading.is_within(allowed):
        return Ruling.MET
    return Ruling.BROKEN if reading.is_apart_from(allowed) else Ruling.UNKNOWN


def _ladder(found: Sequence[Finding], purpose: Purpose) -> tuple[Rung, ...]:
    """The grades of a use, the best first; one without a name where there are none."""
    stops = [finding for finding in found if _is_stop(finding, purpose)]
    deciding = [finding for finding in found if finding.limit.role in DECIDING]
    if not any(_is_of_a_standard(finding.limit) for finding in deciding):
        deciding.append(_without_standard(purpose))
    common = [*stops, *(finding for finding in deciding if not finding.limit.rank)]
    graded = sorted((f for f in deciding if f.limit.rank), key=lambda f: f.limit.rank)
    if not graded:
        return (_rung("", common),)
    grades = groupby(graded, key=lambda finding: finding.limit.grade)
    return tuple(_rung(grade, [*common, *own]) for grade, own in grades)


def _is_of_a_standard(limit: Limit) -> bool:
    return limit.role is LimitRole.ACCEPT and bool(limit.standard)


def _is_stop(finding: Finding, purpose: Purpose) -> bool:
    if finding.ruling is not Ruling.BROKEN:
        return False
    role = finding.limit.role
    return role is LimitRole.HAZARD or (role is LimitRole.CLASS_1 and purpose.needs_class_1)


def _without_standard(purpose: Purpose) -> Finding:
    """Stands for the limits of a use of which none could be loaded."""
    limit = Limit(
        role=LimitRole.ACCEPT,
        subject=USE_STANDARD,
        allowed=Range(),
        standard=purpose.standard,
        clause="",
        confidence=Confidence.UNSURE,
    )
    return Finding(limit, Ruling.UNKNOWN)


def _rung(grade: str, found: Sequence[Finding]) -> Rung:
    by = {ruling: tuple(f for f in found if f.ruling is ruling) for ruling in Ruling}
    return Rung(grade, by[Ruling.MET], by[Ruling.BROKEN], by[Ruling.UNKNOWN])


def _decisive(ladder: Sequence[Rung]) -> Rung:
    shown = [rung for rung in ladder if rung.outcome is Outcome.QUALIFIES]
    still_open = [rung for rung in ladder if rung.outcome is Outcome.NOT_SHOWN]
    return (shown or still_open[::-1] or ladder[::-1])[0]
