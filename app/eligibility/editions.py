"""The days on which the rules change: what begins and ends of standards, uses and limits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.catalogue.models import QualityLimit, Standard, Use
from app.catalogue.quality import StandardRow
from app.catalogue.queries import NamedRow, filled

ONE_DAY = timedelta(days=1)


class Change(StrEnum):
    """What becomes of a row on a day; one that ends where another of its name begins changes."""

    STARTS = "starts"
    ENDS = "ends"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class StandardChange:
    """An edition that comes into force or goes out of it."""

    row: StandardRow
    change: Change


@dataclass(frozen=True, slots=True)
class UseChange(NamedRow):
    """A use that becomes known, is known no longer, or is described anew."""

    kind: str
    change: Change


@dataclass(frozen=True, slots=True)
class Coming:
    """A day on which the rules change. Limits that begin and end are counted by standard."""

    day: date
    standards: tuple[StandardChange, ...]
    uses: tuple[UseChange, ...]
    starting: Counter[str]
    ending: Counter[str]

    @property
    def limited_by(self) -> list[str]:
        """The standards of which limits begin or end, those that begin first."""
        return [*sorted(self.starting), *sorted(self.ending.keys() - self.starting.keys())]


def coming_changes(session: Session, on: date, until: date | None = None) -> list[Coming]:
    """The days after `on`, up to and with `until`, on which the rules change; the nearest first."""
    standards = _turns(session, Standard, on)
    uses = _turns(session, Use, on)
    limits = _turns(session, QualityLimit, on)
    days = sorted({*standards, *uses, *limits})
    return [
        Coming(
            day=day,
            standards=_new_first(map(_standard, _named(standards[day], "code").values())),
            uses=tuple(map(_use, _named(uses[day], "kind", "code").values())),
            starting=Counter(row.standard for row, starts in limits[day] if starts),
            ending=Counter(row.standard for row, starts in limits[day] if not starts),
        )
        for day in days
        if until is None or day <= until
    ]


Turn = tuple[Any, bool]
"""A dated row and whether it begins; else it ended the day before."""


def _turns(session: Session, model: Any, on: date) -> defaultdict[date, list[Turn]]:
    """What begins and ends after a day, by the first day on which that shows."""
    found: defaultdict[date, list[Turn]] = defaultdict(list)
    query = select(model).where(or_(model.valid_from > on, model.valid_to >= on))
    for row in session.scalars(query):
        if row.valid_from > on:
            found[row.valid_from].append((row, True))
        if row.valid_to is not None and row.valid_to >= on:
            found[row.valid_to + ONE_DAY].append((row, False))
    return found


def _named(turns: Iterable[Turn], *names: str) -> dict[tuple[str, ...], list[Turn]]:
    """The turns of each name, in their order."""
    found: dict[tuple[str, ...], list[Turn]] = {}
    for row, starts in sorted(turns, key=lambda turn: [getattr(turn[0], name) for name in names]):
        found.setdefault(tuple(getattr(row, name) for name in names), []).append((row, starts))
    return found


def _standard(turns: list[Turn]) -> StandardChange:
    return StandardChange(filled(StandardRow, _latest(turns)), _change(turns))


def _new_first(found: Iterable[StandardChange]) -> tuple[StandardChange, ...]:
    return tuple(sorted(found, key=lambda each: each.change is Change.ENDS))


def _use(turns: list[Turn]) -> UseChange:
    return filled(UseChange, _latest(turns), change=_change(turns))


def _latest(turns: list[Turn]) -> Any:
    return max(turns, key=lambda turn: turn[1])[0]


def _change(turns: list[Turn]) -> Change:
    if len({starts for _row, starts in turns}) > 1:
        return Change.CHANGES
    return Change.STARTS if turns[0][1] else Change.ENDS
