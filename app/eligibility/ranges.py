"""What a measurement says of a value, and what a limit allows: ranges of decimal numbers.

A laboratory that writes "<0.01" says that the value lies below 0.01 and no more. So a reading is
a range, as a limit is one, and three answers are possible: inside, apart, or neither.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

NOT_DETECTED = frozenset({"未检出", "nd", "n.d.", "n.d", "notdetected", "bdl", "<dl", "<lod"})
_NUMBER = r"[+-]?(\d{1,3}(,\d{3})+(\.\d*)?|\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,2})?"
_READING = re.compile(
    rf"(?P<sign><=|>=|[<>≤≥≦≧]?)(?P<number>{_NUMBER})|(?P<limit>{_NUMBER})l"
    rf"|(?:未检出|n\.?d\.?)\(<(?P<told>{_NUMBER})\)"
)
"""A number, or one with a sign, or a detection limit: `0.02L` as HJ methods write it, `ND(<0.02)`.

A comma only parts thousands: `4,9` may be meant as 4.9 and is not taken for 49.
"""
_MOST_DIGITS = 15


class NotAReading(ValueError):
    """A text that is neither a number, a bound such as `<0.01`, nor "not detected"."""


@dataclass(frozen=True, slots=True)
class Range:
    """All numbers from `low` to `high`; without one of them the range has no end there.

    An open end does not belong to the range.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False

    @property
    def is_exact(self) -> bool:
        return self.low is not None and self.low == self.high

    def is_within(self, other: Range) -> bool:
        """Whether every number of this range belongs to the other one."""
        return _starts_inside(self, other) and _ends_inside(self, other)

    def is_apart_from(self, other: Range) -> bool:
        """Whether the two ranges have no number in common."""
        return _ends_before(self, other) or _ends_before(other, self)


def exactly(amount: Decimal) -> Range:
    """The range of one number."""
    return Range(amount, amount)


def read(text: str) -> Range:
    """What a cell of a lab sheet says; raises `NotAReading`.

    "未检出" without a detection limit says nothing about the value: a range without ends.
    """
    folded = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    if folded in NOT_DETECTED:
        return Range()
    found = _READING.fullmatch(folded)
    if found is None:
        raise NotAReading(text)
    below = found["limit"] or found["told"]
    number = (below or found["number"]).replace(",", "")
    if len(number) > _MOST_DIGITS:
        raise NotAReading(text)
    amount = Decimal(number)
    match "<" if below else found["sign"]:
        case "":
            return exactly(amount)
        case "<":
            return Range(high=amount, high_open=True)
        case ">":
            return Range(low=amount, low_open=True)
        case "<=" | "≤" | "≦":
            return Range(high=amount)
        case _:
            return Range(low=amount)


def written(found: Range) -> str:
    """A range as a lab sheet writes it: `4.9`, `<0.01`, `≥70`, `>2, <12.5`, or "" for any.

    Nobody writes 1.2E+2 for 120, as a decimal does that was brought to another unit.
    """
    if found.is_exact:
        return f"{found.low:f}"
    low = f"{'>' if found.low_open else '≥'}{found.low:f}" if found.low is not None else ""
    high = f"{'<' if found.high_open else '≤'}{found.high:f}" if found.high is not None else ""
    return ", ".join(end for end in (low, high) if end)


def _starts_inside(inner: Range, outer: Range) -> bool:
    if outer.low is None:
        return True
    if inner.low is None or inner.low < outer.low:
        return False
    return inner.low > outer.low or inner.low_open or not outer.low_open


def _ends_inside(inner: Range, outer: Range) -> bool:
    if outer.high is None:
        return True
    if inner.high is None or inner.high > outer.high:
        return False
    return inner.high < outer.high or inner.high_open or not outer.high_open


def _ends_before(first: Range, second: Range) -> bool:
    if first.high is None or second.low is None:
        return False
    if first.high == second.low:
        return first.high_open or second.low_open
    return first.high < second.low
