"""What can be wrong with an input, said once and in words kept elsewhere.

    MatchingError
    ├── ProblemError    a value breaks an invariant of ``matching.problem``
    ├── InputFaults     a file, or a row of it, cannot be read as a problem or an outcome
    └── EngineError     the flow solver refused a network it should have accepted

A fault carries a code and the values that belong to it; ``matching.messages`` turns the two into a
sentence in the reader's language.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


class MatchingError(Exception):
    """Base of every error this package raises on purpose."""


class EngineError(MatchingError):
    """The flow solver ended in a state other than optimal."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field of one object that breaks an invariant.

    Attributes
    ----------
    field
        Its name; of a whole problem ``supplies``, ``demands`` or ``lanes``.
    values
        What belongs to the fault: whole numbers in the unit of the field, or texts.
    row, column
        Where the field is a list: the place of the row in it as it was given, from 0, and the field
        of that row.
    """

    field: str
    code: str
    values: Mapping[str, int | str] = dataclasses.field(default_factory=dict)
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at one place of an input: file, row (the header is row 1) and column."""

    file: str
    row: int | None
    column: str | None
    code: str
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)


class ProblemError(MatchingError, ValueError):
    """An object cannot exist with these values; ``faults`` names every field concerned."""

    def __init__(self, faults: Iterable[FieldFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.field}: {fault.code}" for fault in self.faults))


class InputFaults(MatchingError, ValueError):
    """An input was refused; ``faults`` holds one entry per thing to mend."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{f.file}:{f.row}:{f.column}: {f.code}" for f in self.faults))
