"""A buyer's own limits in one line of text, as a purchasing clerk types them, and back.

`烧失量 ≤ 8；细度 ≤ 25 %；SO3 2.5~3.5`: a name, a sign and a figure, or a range. Both ends belong to
what is allowed, so "<" is read as "≤".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal

from app.catalogue.quality import ParameterRow
from app.core.faults import Fault
from app.core.i18n import is_english
from app.eligibility.fitting import OwnLimit
from app.eligibility.naming import Names
from app.eligibility.ranges import Range, exactly
from app.eligibility.units import NoSuchUnit, converted
from app.eligibility.words import unit_text

FIELD = "own_limits"
LONGEST_ITEM = 120
MOST_PARTS = 3
"""Of a name that holds commas itself, such as `sum of silica, alumina and iron oxide`."""
_DIGITS = Context(prec=15)
_BETWEEN = re.compile(r"[;；，、且\n\r]|(?<!\d),|,(?!\d)")
_DASHES = str.maketrans(dict.fromkeys("−–—―‐‑", "-") | {"∼": "~"})
_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)"
_UNIT = r"(?:[^\d\s.,<>=≤≥~+-][^<>=≤≥~]{0,11}?)?"
_AT_MOST = (
    "≤|≦|<=?|不大于|不超过|不高于|不多于|至多|最多|小于或?等于|小于|低于|少于"
    "|at most|no more than|not more than|up to|below|under|max"
)
_AT_LEAST = (
    "≥|≧|>=?|不小于|不低于|不少于|至少|最少|大于或?等于|大于|高于|多于"
    "|at least|no less than|not less than|above|over|min"
)
_END = rf"(?P<end>{_NUMBER})\s*(?P<unit>{_UNIT})"
_START = rf"(?P<low>{_NUMBER})\s*(?P<low_unit>{_UNIT})"
_BOUNDS = tuple(
    re.compile(rf"\s*(?:{pattern})\s*", re.IGNORECASE)
    for pattern in (
        rf"(?:(?P<most>{_AT_MOST})|(?P<least>{_AT_LEAST})|=)\s*=?\s*{_END}",
        rf"{_END}\s*(?:(?P<most>及?以[下内])|(?P<least>及?以上))",
        rf"{_START}\s*(?:~|-|至|到|to)\s*{_END}",
    )
)
_WITHIN = re.compile(r"[\d.]$|[-+−–<>=＜＞＝≤≥~]\s*$")
"""The end of what stands before a figure that does not begin there."""
_BARE = re.compile(rf"(?P<name>.*?)\s*{_NUMBER}\s*{_UNIT}\s*")
_AND = re.compile(r"\s*(?:并|and\b)?\s*", re.IGNORECASE)
"""What may stand before a bound of the parameter that was named before it."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The limits that could be read, in the order typed, and what is wrong with the rest."""

    limits: tuple[OwnLimit, ...] = ()
    faults: tuple[Fault, ...] = ()


def read_limits(text: str, parameters: Mapping[str, ParameterRow]) -> Parsed:
    """Read a line of limits. Every fault names its item as it was typed."""
    reader = _Reader(parameters)
    waiting: list[_Piece] = []
    for piece in _pieces(text):
        waiting.append(piece)
        if _holds_bound(piece.text):
            reader.read(text, waiting)
            waiting = []
    for piece in waiting:
        reader.refuse(piece.text)
    return Parsed(tuple(reader.limits.values()), tuple(reader.faults))


def written_limits(limits: Iterable[OwnLimit], parameters: Mapping[str, ParameterRow]) -> str:
    """Limits as a line that `read_limits` reads as the same ones, in either language."""
    items = (" ".join(name_and_bound(limit, parameters[limit.parameter])) for limit in limits)
    return ("; " if is_english() else "；").join(items)


def name_and_bound(limit: OwnLimit, parameter: ParameterRow) -> tuple[str, str]:
    """One limit in words: `("烧失量", "≤ 8 %")`."""
    low, high = (None if end is None else f"{end:f}" for end in (limit.minimum, limit.maximum))
    if low is None or high is None:
        bound = f"≤ {high}" if low is None else f"≥ {low}"
    else:
        bound = f"= {low}" if limit.minimum == limit.maximum else f"{low}~{high}"
    return parameter.name, f"{bound} {unit_text(str(parameter.unit))}".strip()


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between two separators, and where."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Bound:
    """What is allowed, each end as typed with its unit."""

    low: tuple[str, str] | None
    high: tuple[str, str] | None


class _Reader:
    """Reads one item after the other; a bound without a name is of the parameter before it."""

    def __init__(self, parameters: Mapping[str, ParameterRow]) -> None:
        self._parameters = parameters
        self._names = Names(parameters)
        self._last: str | None = None
        self.limits: dict[str, OwnLimit] = {}
        self.faults: list[Fault] = []

    def read(self, text: str, pieces: list[_Piece]) -> None:
        """Read the item that ends with a bound; pieces before it may be parts of its name."""
        for place in range(max(0, len(pieces) - MOST_PARTS), len(pieces)):
            item = text[pieces[place].start : pieces[-1].end].strip()
            known = self._known(item)
            if known:
                break
        else:
            place, item, known = len(pieces) - 1, pieces[-1].text, None
        for piece in pieces[:place]:
            self.refuse(piece.text)
        if known:
            self._take(item, *known)
        else:
            self.refuse(item)

    def refuse(self, item: str) -> None:
        """Say of an item without a limit what it lacks."""
        bare = _BARE.fullmatch(_spelt(item))
        code = self._names.find(item) or (self._names.find(bare["name"]) if bare else None)
        if code:
            self._fault("no_bound", item, code)
        else:
            self._fault("no_such_name" if _holds_bound(item) else "no_limit", item)
        self._last = None

    def _known(self, item: str) -> tuple[str, _Bound] | None:
        """The parameter and its bound; of several ways to part them that with the longest name."""
        for place in reversed(range(min(len(item), LONGEST_ITEM))):
            bound = _bound(item, place)
            code = self._named(item[:place]) if bound else None
            if bound and code:
                return code, bound
        return None

    def _named(self, text: str) -> str | None:
        return self._last if _AND.fullmatch(text) else self._names.find(text)

    def _take(self, item: str, code: str, bound: _Bound) -> None:
        parameter = self._parameters[code]
        self._last = code
        try:
            low, high = (_end(end, str(parameter.unit)) for end in (bound.low, bound.high))
        except NoSuchUnit:
            self._fault("foreign_unit", item, code)
            return
        fault = self._add(OwnLimit(code, low, high))
        if fault:
            self._fault(fault, item, code)

    def _add(self, limit: OwnLimit) -> str:
        """Add a limit, to an opposite one if there is one; the code of its fault, or ""."""
        if not _can_be(limit, self._parameters[limit.parameter]):
            return "impossible"
        before = self.limits.get(limit.parameter)
        whole = _joined(before, limit) if before else limit
        if whole is None:
            return "named_twice"
        if _is_reversed(whole):
            return "reversed"
        self.limits[limit.parameter] = whole
        return ""

    def _fault(self, code: str, item: str, parameter: str = "") -> None:
        self.faults.append(Fault(FIELD, code, {"item": item, "parameter": parameter}))


def _pieces(text: str) -> Iterator[_Piece]:
    start = 0
    for end, following in [*(found.span() for found in _BETWEEN.finditer(text)), (len(text), 0)]:
        piece = text[start:end].strip()
        if piece:
            yield _Piece(start, end, piece)
        start = following


def _spelt(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_DASHES)


def _holds_bound(text: str) -> bool:
    return any(_bound(text, place) for place in range(min(len(text), LONGEST_ITEM)))


def _bound(text: str, place: int) -> _Bound | None:
    """The bound that a text is from a place on, which must not lie within a figure or a sign."""
    if _WITHIN.search(text[:place]) and re.match(r"\s*[\d.=]", text[place:]):
        return None
    rest = _spelt(text[place : place + LONGEST_ITEM])
    found = next(filter(None, (pattern.fullmatch(rest) for pattern in _BOUNDS)), None)
    if found is None:
        return None
    parts = found.groupdict()
    end = (parts["end"], parts["unit"])
    if parts.get("low"):
        return _Bound((parts["low"], parts["low_unit"] or parts["unit"]), end)
    return _Bound(low=None if parts.get("most") else end, high=None if parts.get("least") else end)


def _end(end: tuple[str, str] | None, unit: str) -> Decimal | None:
    """An end in the unit of its parameter; raises `NoSuchUnit`."""
    if end is None:
        return None
    amount = _DIGITS.create_decimal(end[0].replace(",", ""))
    found = converted(exactly(amount), end[1] or unit, unit).low
    return found if found is None else _DIGITS.plus(found)


def _can_be(limit: OwnLimit, parameter: ParameterRow) -> bool:
    possible = Range(parameter.lowest, parameter.highest)
    ends = (end for end in (limit.minimum, limit.maximum) if end is not None)
    return all(exactly(end).is_within(possible) for end in ends)


def _is_reversed(limit: OwnLimit) -> bool:
    low, high = limit.minimum, limit.maximum
    return low is not None and high is not None and low > high


def _joined(first: OwnLimit, second: OwnLimit) -> OwnLimit | None:
    """A lower and an upper bound of one parameter as one limit."""
    low, high = (first, second) if second.minimum is None else (second, first)
    if low.maximum is not None or high.minimum is not None:
        return None
    return OwnLimit(first.parameter, low.minimum, high.maximum)
