"""What may be sent in as a table, how its head is read, and what becomes of its rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

KEPT = timedelta(days=90)
"""How long a firm's own file stays to be downloaded with its remarks."""

SLICE = 50
"""Rows of one transaction; others who write wait for it, so it stays short."""

WHOLE = 300
"""Rows that are written in one transaction when a file counts wholly or not at all."""

NUMBER = re.compile(r"I-[0-9]{4}-[0-9]{4,6}")
OWN_COLUMN = "#"
"""With this begins the heading of a column that the sender keeps for itself."""

PASSED_OVER = ""
"""The column of headings that are known and hold nothing to enter."""

_NOTE = re.compile(r"\(.*?\)|\*")
"""What a heading says beside its name: a unit in brackets, the star of a needed column."""


class ImportKind(StrEnum):
    OFFERS = "offers"
    REQUIREMENTS = "requirements"
    TICKETS = "tickets"


class ImportMode(StrEnum):
    """Whether one faulty row keeps the others out."""

    ALL = "all"
    VALID = "valid"


class ImportState(StrEnum):
    """`WRITING`: rows may be entered by now. `STOPPED`: some are, and the rest never will be."""

    CHECKING = "checking"
    WRITING = "writing"
    DONE = "done"
    REFUSED = "refused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def has_ended(self) -> bool:
        return self not in UNDER_WAY


UNDER_WAY = frozenset({ImportState.CHECKING, ImportState.WRITING})


class Outcome(StrEnum):
    """What became of a row. `KNOWN`: the same was recorded before, nothing had to be done."""

    ENTERED = "entered"
    KNOWN = "known"
    REFUSED = "refused"


MOST_ROWS: Mapping[ImportKind, int] = {
    ImportKind.OFFERS: WHOLE,
    ImportKind.REQUIREMENTS: WHOLE,
    ImportKind.TICKETS: 50_000,
}


@dataclass(frozen=True, slots=True)
class Remark:
    """What speaks against a row; `column` is the heading it belongs to, or blank."""

    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row; `made` is the number of the listing or note it led to."""

    outcome: Outcome
    made: str = ""
    remarks: tuple[Remark, ...] = ()


@dataclass(slots=True)
class Tally:
    """How many rows of a file came to which outcome."""

    entered: int = 0
    known: int = 0
    refused: int = 0

    def add(self, results: Iterable[Result]) -> None:
        for result in results:
            name = str(result.outcome)
            setattr(self, name, getattr(self, name) + 1)


@dataclass(frozen=True, slots=True)
class Head:
    """Which cell of a row belongs to which column; what the head lacks, doubles or adds."""

    places: Mapping[str, int]
    missing: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def picked(self, cells: tuple[str, ...]) -> dict[str, str]:
        """The texts of a row by column; what the row is too short for is blank."""
        return {
            name: cells[place] if place < len(cells) else "" for name, place in self.places.items()
        }


@dataclass(slots=True)
class _Reading:
    places: dict[str, int] = field(default_factory=dict)
    doubled: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def folded(text: str) -> str:
    """A word as it is compared: whatever its width, case and blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def heading_key(text: str) -> str:
    """A heading as it is compared: without its unit and star too."""
    return _NOTE.sub("", folded(text))


def read_head(cells: Iterable[str], names: Mapping[str, str], needed: Iterable[str]) -> Head:
    """Find the columns. `names` maps the key of every heading that is understood to its column.

    A heading that is not is named: an optional column that is misspelt would be lost in silence.
    """
    found = _Reading()
    for place, text in enumerate(cells):
        name = names.get(heading_key(text))
        if not text or text.startswith(OWN_COLUMN) or name == PASSED_OVER:
            continue
        if name is None:
            found.unknown.append(text)
        elif name in found.places:
            found.doubled.append(text)
        else:
            found.places[name] = place
    missing = tuple(name for name in needed if name not in found.places)
    return Head(found.places, missing, tuple(found.doubled), tuple(found.unknown))


def file_context(number: str) -> str:
    """Binds the sealed file to its import."""
    return f"import:{number}:file"


def row_context(number: str, row: int) -> str:
    """Binds sealed remarks to their row."""
    return f"import:{number}:row:{row}"


def last_state(mode: ImportMode, tally: Tally) -> ImportState:
    """How an import ends whose rows have all been tried."""
    if not tally.refused:
        return ImportState.DONE
    entered = tally.entered + tally.known
    if mode is ImportMode.VALID:
        return ImportState.DONE if entered else ImportState.REFUSED
    return ImportState.STOPPED if tally.entered else ImportState.REFUSED


def may_cancel(state: ImportState, mode: ImportMode) -> bool:
    """Checking may be called off; writing only where the rows stand each for itself."""
    return state is ImportState.CHECKING or (
        state is ImportState.WRITING and mode is ImportMode.VALID
    )
