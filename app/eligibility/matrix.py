"""Limits as a standard prints them: a line for each requirement, the grades side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.catalogue.quality import LimitRow
from app.catalogue.rules import Confidence, LimitRole

LEAST_SURE_LAST = (Confidence.SEEN, Confidence.KNOWN, Confidence.UNSURE)
OF_THE_LOT = (LimitRole.ORIGIN, LimitRole.BARRED, LimitRole.ACCEPT)
"""The roles that stand in one table: what a use asks of a lot itself."""


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement: a cell for each grade, empty where it asks nothing, or one for all."""

    cells: tuple[LimitRow | None, ...]
    is_common: bool

    @property
    def limit(self) -> LimitRow:
        """What the cells have in common: subject, unit and condition."""
        return self._rows[0]

    @property
    def clauses(self) -> list[str]:
        return list(dict.fromkeys(row.clause for row in self._rows if row.clause))

    @property
    def confidence(self) -> Confidence:
        """That of the least sure cell."""
        return max((row.confidence for row in self._rows), key=LEAST_SURE_LAST.index)

    @property
    def _rows(self) -> list[LimitRow]:
        return [row for row in self.cells if row is not None]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The limits of one standard on one use of a kind that decide the same; no grades is one."""

    standard: str
    kind: str
    use: str
    role: LimitRole
    grades: tuple[str, ...]
    lines: tuple[Line, ...]


def matrices(rows: Iterable[LimitRow]) -> list[Matrix]:
    """A table for every standard, kind, use and role, in the order in which they first occur."""
    tables: dict[tuple[str, str, str, LimitRole], list[LimitRow]] = {}
    for row in rows:
        role = LimitRole.ACCEPT if row.role in OF_THE_LOT else row.role
        tables.setdefault((row.standard, row.kind, row.use, role), []).append(row)
    return [_matrix(*key, found) for key, found in tables.items()]


def _matrix(
    standard: str, kind: str, use: str, role: LimitRole, rows: Sequence[LimitRow]
) -> Matrix:
    by_rank = sorted(rows, key=lambda row: row.grade_rank or 0)
    grades = tuple(dict.fromkeys(row.grade for row in by_rank if row.grade))
    lines: dict[tuple[object, ...], list[LimitRow]] = {}
    for row in rows:
        requirement = (row.role, row.parameter, row.fact, row.fact_values, not row.grade)
        lines.setdefault(requirement, []).append(row)
    return Matrix(
        standard, kind, use, role, grades, tuple(_line(found, grades) for found in lines.values())
    )


def _line(rows: Sequence[LimitRow], grades: Sequence[str]) -> Line:
    by_grade = {row.grade: row for row in rows}
    if "" in by_grade:
        return Line((by_grade[""],), is_common=True)
    return Line(tuple(by_grade.get(grade) for grade in grades), is_common=False)
