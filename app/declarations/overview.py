"""How far the declarations of a month have come, county by county."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.catalogue.queries import CountyRow
from app.declarations.duties import Duty
from app.declarations.monthly import State

PAGE_SIZE = 50
URGENCY = (State.LATE, State.UNBALANCED, State.DUE, State.CORRECTED, State.DECLARED)
"""What an official looks at first."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many wastes of a place are in which state."""

    name: str
    adcode: str
    states: Mapping[State, int]
    escalated: int

    @property
    def wanted(self) -> int:
        return sum(self.states.values())

    @property
    def declared(self) -> int:
        """Whatever has come in, balanced or not."""
        return self.wanted - self.of(State.DUE) - self.of(State.LATE)

    def of(self, state: State) -> int:
        return self.states.get(state, 0)


@dataclass(frozen=True, slots=True)
class DutyPage:
    """A page of duties, the most urgent first; pages count from 1."""

    rows: list[Duty]
    page: int
    total: int

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def by_county(found: Iterable[Duty], counties: Mapping[str, CountyRow]) -> list[Progress]:
    """The progress of every county that has anything to declare, by code."""
    parts: dict[str, list[Duty]] = {}
    for row in found:
        parts.setdefault(row.place.adcode, []).append(row)
    return [
        progress(rows, counties[adcode].name if adcode in counties else adcode, adcode)
        for adcode, rows in sorted(parts.items())
    ]


def progress(found: Iterable[Duty], name: str = "", adcode: str = "") -> Progress:
    rows = list(found)
    states = [row.state for row in rows]
    escalated = sum(row.is_open and row.deadline.is_escalated for row in rows)
    return Progress(name, adcode, {state: states.count(state) for state in State}, escalated)


def page_of(
    found: Iterable[Duty], state: State | None, page: int, size: int = PAGE_SIZE
) -> DutyPage:
    """One page of the duties in a state, or of all."""
    rows = [row for row in found if state in (None, row.state)]
    rows.sort(key=lambda row: URGENCY.index(row.state))
    page = max(1, min(page, -(-len(rows) // size)))
    return DutyPage(rows[(page - 1) * size : page * size], page, len(rows))
