"""What follows from sums that are known: exact elimination over rational numbers.

Cells are numbered; a vector maps a cell to its share in a sum and holds no zeros. Each sum that
is known is solved for the lowest of its cells, so whoever numbers the cells chooses which ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

Number = int | Fraction
Vector = dict[int, Number]
Before = dict[int, Vector | None]
"""By solved cell, its row before something was learnt; nothing where it was free."""


def subtracted(vector: Mapping[int, Number], factor: Number, other: Mapping[int, Number]) -> Vector:
    """`vector` less `factor` times `other`."""
    rest = dict(vector)
    for cell, share in other.items():
        left = rest.get(cell, 0) - factor * share
        if left:
            rest[cell] = left
        else:
            rest.pop(cell, None)
    return rest


def ratio(part: Number, whole: Number) -> Number:
    """An exact quotient; for speed an integer stays one where that is plain to see."""
    return part * whole if whole in (1, -1) else Fraction(part, whole)


@dataclass(frozen=True, slots=True)
class Row:
    """A sum solved for a cell: it and, in their shares, the `others` make up what is known."""

    solved: int
    others: Vector

    @classmethod
    def of(cls, vector: Vector) -> Self:
        solved = min(vector)
        whole = vector[solved]
        return cls(solved, {c: ratio(x, whole) for c, x in vector.items() if c != solved})

    @property
    def vector(self) -> Vector:
        return {self.solved: 1, **self.others}

    def taken_from(self, vector: Vector) -> Vector:
        """A sum less as much of this one as rids it of the solved cell."""
        share = vector.get(self.solved)
        if share is None:
            return vector
        rest = subtracted(vector, share, self.others)
        del rest[self.solved]
        return rest


class Equations:
    """Known sums, each solved for one cell by cells that stay free."""

    def __init__(self) -> None:
        self._rows: dict[int, Vector] = {}
        self._users: dict[int, set[int]] = defaultdict(set)

    @classmethod
    def of(cls, sums: Iterable[Mapping[int, Number]]) -> Self:
        known = cls()
        for each in sums:
            news = known.news(each)
            if news:
                known.learn(news)
        return known

    def reduced(self, vector: Mapping[int, Number]) -> Vector:
        """What a sum tells beyond the known ones, in free cells; empty if it follows from them."""
        rest = {cell: share for cell, share in vector.items() if cell not in self._rows}
        for cell in vector.keys() & self._rows.keys():
            rest = subtracted(rest, vector[cell], self._rows[cell])
        return rest

    def news(self, vector: Mapping[int, Number]) -> Row | None:
        """The row a sum would add; nothing if it follows from the known ones."""
        rest = self.reduced(vector)
        return Row.of(rest) if rest else None

    def learn(self, news: Row) -> Before:
        """Add a row of `news`; its cell is free no longer. For `forget`, what was before."""
        before: Before = {news.solved: None}
        for user in self._users.get(news.solved, frozenset()).copy():
            before[user] = self._rows[user]
            self._replace(user, news.taken_from(self._rows[user]))
        self._replace(news.solved, news.others)
        return before

    def forget(self, before: Before) -> None:
        """Take back the last row that was learnt."""
        for solved, row in before.items():
            self._replace(solved, row or {})
            if row is None:
                del self._rows[solved]

    def others(self, solved: int) -> Vector:
        """The free cells in the row of a solved one."""
        return self._rows[solved]

    def users(self, cell: int) -> Set[int]:
        """The solved cells in whose rows a free cell is."""
        return self._users.get(cell, frozenset())

    def direction(self, cell: int) -> Vector:
        """How the cells move when this free one grows by 1, no other does and no sum changes."""
        return {cell: 1} | {user: -self._rows[user][cell] for user in self.users(cell)}

    def linked(self, cell: int) -> set[int]:
        """The free cells that hang together with one through rows, and it itself."""
        found, waiting = {cell}, [cell]
        while waiting:
            for user in self.users(waiting.pop()):
                fresh = self._rows[user].keys() - found
                found |= fresh
                waiting += fresh
        return found

    def _replace(self, solved: int, row: Vector) -> None:
        before = self._rows.get(solved, {})
        for cell in before.keys() - row.keys():
            self._users[cell].discard(solved)
        for cell in row.keys() - before.keys():
            self._users[cell].add(solved)
        self._rows[solved] = row
