"""Units of laboratory values, and what one is in another."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from app.eligibility.ranges import Range, read

_SAME: tuple[dict[str, Decimal], ...] = (
    {
        "mg/kg": Decimal(1),
        "ppm": Decimal(1),
        "g/kg": Decimal(1000),
        "‰": Decimal(1000),
        "%": Decimal(10_000),
    },
    {"ng/l": Decimal(1), "ug/l": Decimal(1000), "mg/l": Decimal(1_000_000)},
    {"cm2/g": Decimal(1), "m2/kg": Decimal(10), "m2/g": Decimal(10_000)},
    {"kg/m3": Decimal(1), "g/l": Decimal(1), "g/cm3": Decimal(1000), "t/m3": Decimal(1000)},
    {"um": Decimal(1), "mm": Decimal(1000), "cm": Decimal(10_000)},
    {"min": Decimal(1), "h": Decimal(60)},
    {"kg": Decimal(1), "t": Decimal(1000)},
    {"bq/kg": Decimal(1), "bq/g": Decimal(1000)},
    {"mm/a": Decimal(1)},
    {"-": Decimal(1)},
)
_WITH_UNIT = re.compile(
    r"(?P<reading>[<>=＜＞≤≥≦≧]*\s*[+-]?[\d.,]*\d(e[+-]?\d+)?)\s*(?P<unit>.*)", re.IGNORECASE
)
_SPELT = str.maketrans({"μ": "u", "⁻": "-", "·": None, "⋅": None})


class NoSuchUnit(ValueError):
    """A unit nobody knows, or one of another quantity than was asked for."""


def converted(found: Range, unit: str, into: str) -> Range:
    """A range in another unit of the same quantity; raises `NoSuchUnit`."""
    has, wanted = _sizes(unit, into)
    if has == wanted:
        return found
    low, high = (
        amount if amount is None else (amount * has / wanted).normalize()
        for amount in (found.low, found.high)
    )
    return Range(low, high, found.low_open, found.high_open)


def read_in(text: str, unit: str, into: str) -> Range:
    """A reading that may name its own unit, such as `100 mg/kg`; without one it is in `unit`.

    Raises `NotAReading` or `NoSuchUnit`.
    """
    found = _WITH_UNIT.fullmatch(text.strip())
    if found is None:
        return converted(read(text), unit, into)
    return converted(read(found["reading"]), found["unit"] or unit, into)


def _sizes(unit: str, into: str) -> tuple[Decimal, Decimal]:
    first, second = _folded(unit), _folded(into)
    for group in _SAME:
        if first in group and second in group:
            return group[first], group[second]
    raise NoSuchUnit(unit)


def _folded(unit: str) -> str:
    """A unit without width, case, spaces, raised digits and the words for a share of mass."""
    text = unicodedata.normalize("NFKC", unit).translate(_SPELT).casefold()
    text = "".join(text.split()).removeprefix("wt").removesuffix("(m/m)")
    return text or "-"
