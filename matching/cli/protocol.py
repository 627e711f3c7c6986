"""What a command and the process that works for it tell each other, as pickles over pipes.

The command sends one :class:`Request`; the process answers with any number of the messages below
and ends with :class:`Done`, :class:`Refused` or :class:`Failed`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from matching.faults import Fault


@dataclass(frozen=True, slots=True)
class Request:
    """A function of :mod:`matching.cli.tasks` by its name, and what it is called with."""

    task: str
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the work begins."""

    name: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Per file the columns that were kept aside."""

    columns: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Limit:
    """The seconds the search may take, where there is a limit."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Found:
    """A plan better than any before; packed, because only the last one is ever opened."""

    packed: bytes
    kg: int


@dataclass(frozen=True, slots=True)
class Done:
    """What the function returned, and the most memory the process held, MiB."""

    result: object
    peak_memory_mib: float | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The input is at fault."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """The solver failed."""

    error: str


Message = Stage | Unknown | Limit | Found | Done | Refused | Failed
