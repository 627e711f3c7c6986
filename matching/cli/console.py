"""What a command says, in the language of whoever runs it."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matching.faults import Fault
from matching.messages import Language, say, say_fault, say_violation

if TYPE_CHECKING:
    from matching.verify import Violation

#: Exit codes.
DONE, VIOLATED, BAD_INPUT, CANCELLED, FAILED = range(5)


@dataclass(frozen=True, slots=True)
class Console:
    """Results go to standard output, everything said about the work to standard error."""

    language: Language

    def say(self, code: str, values: Mapping[str, object] | None = None) -> str:
        """The sentence of a code."""
        return say(self.language, code, values)

    def note(self, code: str, values: Mapping[str, object] | None = None) -> None:
        """Say something about the work."""
        note(self.say(code, values))

    def print(self, code: str, values: Mapping[str, object] | None = None) -> None:
        """Print a sentence as a result."""
        print(self.say(code, values))

    def print_violations(self, violations: Iterable["Violation"]) -> None:
        """Print each broken promise as a result."""
        for violation in violations:
            print(say_violation(self.language, violation))

    def faults_as_lines(self, faults: Iterable[Fault]) -> list[str]:
        """One line per thing to mend."""
        return [say_fault(self.language, fault) for fault in faults]

    def note_unknown(self, columns: Mapping[str, tuple[str, ...]]) -> None:
        """Name the columns of a problem that were kept aside."""
        for file, names in columns.items():
            self.note("unknown_columns", {"file": file, "columns": ", ".join(names)})


def note(text: str) -> None:
    """One line on standard error, at once."""
    print(text, file=sys.stderr, flush=True)
