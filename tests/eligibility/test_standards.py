"""Every limit of every standard that is loaded: at it, just inside and just outside.

`expected_limits.csv` was transcribed for the tests alone, in the units that the standards print.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from app.catalogue import quality
from app.core.transactions import database
from app.eligibility.queries import Chapter, rulebook
from app.eligibility.ranges import Range, exactly, written
from app.eligibility.rules import Lot, Outcome, Ruling, Verdict
from app.eligibility.units import converted

ON = date(2026, 11, 22)
UNITS = {("fgd_gypsum", "gypsum_products", "cl"): "mg/kg"}
"""Where a standard prints another unit than the parameter has."""
ORIGIN = {"boiler_type": "pulverised"}


@dataclass(frozen=True, slots=True)
class Expected:
    """One end of one limit."""

    kind: str
    use: str
    role: str
    grade: str
    fact: str
    parameter: str
    end: str
    value: str
    bound: str
    standard: str

    @property
    def place(self) -> str:
        grade = f"{self.grade} {self.fact}".strip()
        return f"{self.kind} {self.use} {grade} {self.parameter} {self.end} {self.value}"


def _expected() -> list[Expected]:
    with Path(__file__).with_name("expected_limits.csv").open(encoding="utf-8") as file:
        return [Expected(**row) for row in csv.DictReader(file)]


EXPECTED = _expected()


def facts_of(row: Expected) -> dict[str, str]:
    name, _, value = row.fact.partition("=")
    return ORIGIN | ({name: value} if row.fact else {})


def readings_around(row: Expected, unit: str) -> Iterator[tuple[Range, bool]]:
    """Readings at the limit, a little inside and a little outside; whether each meets it."""
    limit = Decimal(row.value)
    step = Decimal(1).scaleb(-6)
    outwards = step if row.end == "max" else -step
    printed = UNITS.get((row.kind, row.use, row.parameter), unit)
    for amount, is_met in (
        (limit - outwards, True),
        (limit, row.bound == "inclusive"),
        (limit + outwards, False),
    ):
        yield converted(exactly(amount), printed, unit), is_met


@pytest.mark.parametrize("standard", sorted({row.standard for row in EXPECTED}))
def test_each_limit_of_a_standard_holds_at_its_ends(app: Flask, standard: str) -> None:
    with database().reading() as session:
        units = {found.code: str(found.unit) for found in quality.parameters(session)}
        chapters = {
            (kind, chapter.use.code): chapter
            for kind in {kind_of(row) for row in EXPECTED}
            for chapter in rulebook(session, kind, ON)
        }
    wrong = [
        (row.place, written(reading))
        for row in EXPECTED
        if row.standard == standard
        for reading, is_met in readings_around(row, units[row.parameter])
        if holds(chapters[place_of(row)], row, reading) != is_met
    ]
    assert wrong == []


def kind_of(row: Expected) -> str:
    return "fly_ash" if row.kind == "any" else row.kind


def place_of(row: Expected) -> tuple[str, str]:
    """Kind and use to look at; gates stand before every use alike."""
    return kind_of(row), "concrete" if row.use == "any" else row.use


def holds(chapter: Chapter, row: Expected, reading: Range) -> bool:
    """Whether the limit is met, and if it is one of hazard, whether it closes the use."""
    found = chapter.grade(Lot({row.parameter: reading}, facts_of(row)))
    is_met = shown(found, row) is Ruling.MET
    assert row.role != "hazard" or (found.outcome is Outcome.FAILS) != is_met
    return is_met


def shown(found: Verdict, row: Expected) -> Ruling:
    """What the verdict says of the one parameter that was measured."""
    own = next((rung for rung in found.ladder if rung.grade == row.grade), found.ladder[-1])
    findings = own.findings if row.role == "accept" else found.gates
    (ruling,) = {one.ruling for one in findings if one.limit.subject == row.parameter}
    return ruling


def test_no_deciding_limit_is_loaded_that_the_table_does_not_have(app: Flask) -> None:
    with database().reading() as session:
        loaded = Counter(
            row.standard
            for row in quality.limits(session, ON)
            if row.role in ("accept", "hazard", "class_1")
            for end in (row.minimum, row.maximum)
            if end is not None
        )
    assert loaded == Counter(row.standard for row in EXPECTED)
