"""Units of laboratory values, and what one is in another."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from app.eligibility.ranges import NotAReading, Range, read

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
    {
        "um": Decimal(1),
        "微米": Decimal(1),
        "mm": Decimal(1000),
        "毫米": Decimal(1000),
        "cm": Decimal(10_000),
    },
    {"min": Decimal(1), "分钟": Decimal(1), "h": Decimal(60), "小时": Decimal(60)},
    {"kg": Decimal(1), "t": Decimal(1000), "吨": Decimal(1000)},
    {"bq/kg": Decimal(1), "bq/g": Decimal(1000)},
    {"mm/a": Decimal(1)},
    {"-": Decimal(1)},
)
_WITH_UNIT = re.compile(
    r"(?P<reading>[<>=＜＞≤≥≦≧]*\s*[+-]?[\d.,]*\d(e[+-]?\d+)?)\s*(?P<unit>([^\W\d]|[%％‰㎎㎏㎡]).*)?",
    re.IGNORECASE,
)
_SPELT = str.maketrans({"μ": "u", "−": "-", "·": None, "⋅": None, "*": None})
_PER = re.compile(r"(?<=[a-z\d])(kg|g|l|cm|m|a)-([1-3])")
"""What a unit is divided by, where that is written as a power: `mg·kg⁻¹`, `g·cm⁻³`."""


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
    reading, own = parted(text)
    return converted(read(reading), own or unit, into)


def parted(text: str) -> tuple[str, str]:
    """A reading without the unit behind it, and that unit or "": `("100", "mg/kg")`."""
    whole = text.strip()
    try:
        read(whole)
    except NotAReading:
        found = _WITH_UNIT.fullmatch(whole)
        return (found["reading"], found["unit"] or "") if found else (whole, "")
    return whole, ""


def is_unit(text: str) -> bool:
    """Whether a text is the name of a unit, other than that of a number without dimension."""
    folded = _folded(text)
    return folded != "-" and any(folded in group for group in _SAME)


def are_alike(first: str, second: str) -> bool:
    """Whether two units measure the same quantity."""
    try:
        _sizes(first, second)
    except NoSuchUnit:
        return False
    return True


def _sizes(unit: str, into: str) -> tuple[Decimal, Decimal]:
    first, second = _folded(unit), _folded(into)
    for group in _SAME:
        if first in group and second in group:
            return group[first], group[second]
    raise NoSuchUnit(unit)


def _folded(unit: str) -> str:
    """A unit without width, case, spaces, raised digits and the words for a share of mass."""
    text = unicodedata.normalize("NFKC", unit).translate(_SPELT).casefold()
    text = "".join(text.split()).removeprefix("wt").removeprefix(".").removesuffix("(m/m)")
    text = _PER.sub(lambda found: f"/{found[1]}{found[2].removeprefix('1')}", text)
    return text or "-"
