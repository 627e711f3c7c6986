"""Names and codes that are refused, and rows that hold on a day."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from app.catalogue.rules import (
    BlockRule,
    Stop,
    WorkingDays,
    first_hit,
    is_day_of_year,
    is_hazardous_code,
    is_item_code,
    is_valid_on,
    working_days,
)
from app.catalogue.spelling import fold

ASH = BlockRule("HW18", ("飞灰", "MSWI"))
CARBON = BlockRule("HW48", ("炭渣",), ("煤炭渣", "木炭渣"))


@pytest.mark.parametrize(
    "name",
    [
        "飞灰",
        "生活垃圾焚烧飞灰",
        "飞 灰",
        "飞\u3000灰",
        "ＭＳＷＩ ash",
        "mswi",
        "炭渣",
        "煤炭渣和炭渣",
    ],
)
def test_a_look_alike_is_refused_however_it_is_written(name: str) -> None:
    assert first_hit([name], (ASH, CARBON)) is not None


@pytest.mark.parametrize("name", ["", "粉煤灰", "煤炭渣", "木 炭渣", "飞机零件", "灰飞"])
def test_a_name_that_only_resembles_one_is_accepted(name: str) -> None:
    assert first_hit([name], (ASH, CARBON)) is None


def test_an_exception_joins_no_two_halves_of_a_pattern() -> None:
    assert first_hit(["飞煤炭渣灰"], (BlockRule("x", ("飞灰",), ("煤炭渣",)),)) is None


def test_the_first_row_of_the_list_gives_the_reason() -> None:
    hit = first_hit(["粉煤灰", "炭渣飞灰"], (ASH, CARBON))
    assert hit is not None
    assert (hit.rule, hit.found) == (ASH, "飞灰")


def test_folding_forgets_width_case_and_space() -> None:
    assert fold(" Ｈｗ　１８\n") == "hw18"


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("441-001-S02", True),
        ("900-099-S59", True),
        ("441-001-S08", False),
        ("441-101-S02", False),
        ("441-001-s02", False),
        ("441001S02", False),
        ("SW02", False),
        ("", False),
    ],
)
def test_a_waste_code_has_its_form(code: str, valid: bool) -> None:
    assert is_item_code(code) is valid


@pytest.mark.parametrize(
    ("code", "hazardous"),
    [
        ("HW18", True),
        ("hw18 772-002-18", True),
        ("772-002-18", True),
        ("77200218", True),
        ("441-001-S02", False),
        ("", False),
    ],
)
def test_a_hazardous_code_is_told_from_a_waste_code(code: str, hazardous: bool) -> None:
    assert is_hazardous_code(code) is hazardous


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [
        (None, None, True),
        (date(2026, 11, 22), None, True),
        (date(2026, 11, 23), None, False),
        (None, date(2026, 11, 22), True),
        (None, date(2026, 11, 21), False),
    ],
)
def test_a_row_holds_from_its_first_to_its_last_day(
    first: date | None, last: date | None, holds: bool
) -> None:
    assert is_valid_on(date(2026, 11, 22), first, last) is holds


@pytest.mark.parametrize("module", ["app.catalogue.rules", "app.listings.rules"])
def test_the_rules_load_neither_the_web_nor_a_database(module: str) -> None:
    look = f"import sys, {module}; print([m for m in ('flask', 'sqlalchemy') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


WINTER = Stop("11-15", "03-15", date(2022, 11, 15))
SPRING_FEAST = Stop("02-01", "02-20", date(2026, 1, 1), date(2027, 2, 10))


@pytest.mark.parametrize(
    ("month", "stops", "found"),
    [
        (date(2026, 10, 1), [WINTER], WorkingDays(31, 31)),
        (date(2026, 11, 1), [WINTER], WorkingDays(14, 30)),
        (date(2026, 12, 1), [WINTER], WorkingDays(0, 31)),
        (date(2028, 2, 1), [WINTER], WorkingDays(0, 29)),
        (date(2027, 3, 1), [WINTER], WorkingDays(16, 31)),
        (date(2022, 3, 1), [WINTER], WorkingDays(31, 31)),
        (date(2022, 11, 1), [WINTER], WorkingDays(14, 30)),
        (date(2026, 2, 1), [SPRING_FEAST], WorkingDays(8, 28)),
        (date(2027, 2, 1), [SPRING_FEAST], WorkingDays(18, 28)),
        (date(2027, 2, 1), [SPRING_FEAST, WINTER], WorkingDays(0, 28)),
        (date(2027, 2, 1), [], WorkingDays(28, 28)),
    ],
)
def test_a_month_has_the_days_that_no_stop_covers(
    month: date, stops: list[Stop], found: WorkingDays
) -> None:
    assert working_days(month, stops) == found


@pytest.mark.parametrize(
    ("text", "valid"),
    [("11-15", True), ("02-29", True), ("02-30", False), ("1-5", False), ("", False)],
)
def test_a_day_of_the_year_is_written_with_two_digits_each(text: str, valid: bool) -> None:
    assert is_day_of_year(text) == valid
