"""What a cell of a sheet is: a date, a figure, a blank, the number of a method."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from openpyxl.utils import get_column_letter

from app.core.office.sent import SentRow
from app.eligibility.ranges import NotAReading, read
from app.eligibility.units import is_unit, parted

_DATE = re.compile(
    r"(?<!\d)(?P<year>20\d{2})(?:"
    r"\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})(?!\d)|(?P<compact>\d{4})(?!\d))"
)
_DASHES = frozenset("-—–―－/／\\*…. ")
_WITHOUT_VALUE = frozenset({"无", "未检", "未测", "未检测", "未做", "不检", "n/a", "na", "none"})
_BOUND = re.compile(r"\s*(≤|≥|≦|≧|<=|>=|不大于|不小于|不超过|不低于)")
_METHOD = re.compile(
    r"(?:GB|HJ|JC|JG|JTG|JT|YB|YS|DL|DB|TB|SL|CJ|T|ISO|ASTM|EN)[A-Z]*[/ ]*[A-Z]*\s?\d"
)
_SMALL = re.compile(r"\d{1,3}")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the sheet with its cells that hold something, by column from 0."""

    number: int
    cells: dict[int, str]

    def cell(self, column: int) -> str:
        return self.cells.get(column, "")

    def name_of(self, column: int) -> str:
        """`C7`, as the sender's program counts."""
        return f"{get_column_letter(column + 1)}{self.number}"

    @property
    def figures(self) -> list[int]:
        """The columns that hold a figure."""
        return [column for column, text in self.cells.items() if is_figure(text)]


def line_of(row: SentRow) -> Line:
    texts = ((column, text.strip()) for column, text in enumerate(row.cells))
    return Line(row.number, {column: text for column, text in texts if text})


def date_of(text: str) -> date | None:
    """The day that a text names, if it names one and no more: `2026年11月5日`, `20261105`."""
    named = [_day(found) for found in _DATE.finditer(unicodedata.normalize("NFKC", text))]
    return named[0] if len(named) == 1 else None


def is_date(text: str) -> bool:
    """Whether a text is a day and nothing else but a time."""
    bare = _DATE.sub("", unicodedata.normalize("NFKC", text), count=1)
    return date_of(text) is not None and re.fullmatch(r"[日T\s\d:]*", bare) is not None


def is_figure(text: str) -> bool:
    """Whether a text is a reading with or without a unit, and no date."""
    reading, unit = parted(text)
    try:
        read(reading)
    except NotAReading:
        return False
    return (not unit or is_unit(unit)) and not is_date(text)


def is_bound(text: str) -> bool:
    """Whether a text demands rather than tells: `≤5.0`."""
    return _BOUND.match(text) is not None


def is_serial(text: str) -> bool:
    return _SMALL.fullmatch(text) is not None


def has_no_value(text: str) -> bool:
    """Whether a cell says that nothing was measured."""
    return set(text) <= _DASHES or text.casefold() in _WITHOUT_VALUE


def is_method(text: str) -> bool:
    """Whether a text is the number of a standard, such as `GB/T 176-2017`."""
    return _METHOD.match(unicodedata.normalize("NFKC", text).strip("《 ").upper()) is not None


def first_method(texts: Iterable[str]) -> str:
    return next((text for text in texts if is_method(text)), "")


def _day(found: re.Match[str]) -> date | None:
    compact = found["compact"]
    month, day = (compact[:2], compact[2:]) if compact else (found["month"], found["day"])
    try:
        return date(int(found["year"]), int(month), int(day))
    except ValueError:
        return None
