"""Pure decisions on reference data: what is refused by name, what is valid on a day."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

ITEM_CODE = re.compile(r"\d{3}-0\d{2}-S(?!08)\d{2}")
HAZARDOUS_CODE = re.compile(r"(HW\d{2})?(\d{3}-?\d{3}-?\d{2})?")


class Confidence(StrEnum):
    """How sure a fact is: a page says so, firm background knowledge, or unconfirmed."""

    SEEN = "V"
    KNOWN = "K"
    UNSURE = "U"


class Answer(StrEnum):
    """Whether the sources count a class of waste in; they do not always agree."""

    YES = "yes"
    NO = "no"
    AMBIGUOUS = "ambiguous"


class Scope(StrEnum):
    LIAOCHENG = "liaocheng"
    SHANDONG = "shandong"
    NATIONAL = "national"


class Measure(StrEnum):
    """What a target or a published figure measures."""

    UTILISATION_RATE = "utilisation_rate"
    UTILISED_MASS = "utilised_mass"
    GENERATED = "generated"
    UTILISED = "utilised"
    DISPOSED = "disposed"
    REGISTERED_FIRMS = "registered_firms"


class Unit(StrEnum):
    PERCENT = "percent"
    TONNES_PER_YEAR = "t_per_year"
    FIRMS = "firms"


class Comparison(StrEnum):
    """How a source words its figure: exactly, more than, or about so much."""

    EXACTLY = "eq"
    OVER = "over"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class BlockRule:
    """One row of the block list. Fragments count wherever they stand in a folded name."""

    code: str
    patterns: tuple[str, ...]
    exceptions: tuple[str, ...] = ()

    def hits(self, text: str) -> bool:
        folded = fold(text)
        for exception in self.exceptions:
            folded = folded.replace(fold(exception), " ")
        return any(fold(pattern) in folded for pattern in self.patterns)


def fold(text: str) -> str:
    """A text without width, case and white space, so that none of them hides a name."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def first_hit(texts: Iterable[str], rules: Iterable[BlockRule]) -> BlockRule | None:
    """The first rule, in the order of the list, that refuses any of the texts."""
    names = [text for text in texts if text]
    return next((rule for rule in rules if any(rule.hits(name) for name in names)), None)


def is_valid_on(day: date, first: date | None, last: date | None) -> bool:
    """Whether a dated row holds on a day; an open end holds for ever."""
    return (first is None or first <= day) and (last is None or day <= last)


def is_item_code(text: str) -> bool:
    """Whether a text has the form of a waste code: industry, serial, class (there is no S08)."""
    return ITEM_CODE.fullmatch(text) is not None


def is_hazardous_code(text: str) -> bool:
    """Whether a text has the form of a hazardous waste code, such as HW18 772-002-18."""
    folded = fold(text).upper()
    return bool(folded) and HAZARDOUS_CODE.fullmatch(folded) is not None
