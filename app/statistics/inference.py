"""What readers of published sums could infer: two guards that each sum must pass.

Both speak of numbered cells that everybody knows to be occupied, and look at the row that a new
sum would add to what is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf

from app.statistics.algebra import Equations, Number, Row, Vector, ratio, subtracted

MILLE = 1000

Group = Hashable
Steps = tuple[Number | float, Number | float]
"""By how much a free cell can grow, without end if nothing shrinks with it; and shrink."""


class FewGroups:
    """No combination of sums may speak of cells of fewer than `fewest` groups alone.

    `holders` are the groups in each cell. Cells of too few groups come after all others; as the
    lowest cell of a sum is solved for, no row of such a cell holds another kind.
    """

    def __init__(
        self, known: Equations, holders: Sequence[frozenset[Group]], fewest: int
    ) -> None:
        self._known, self._holders, self._fewest = known, holders, fewest
        self._solved: dict[Group, set[int]] = defaultdict(set)

    def allows(self, news: Row) -> bool:
        if not self._is_small(news.solved):
            return True
        return not self._is_told(news.vector, frozenset(), set())

    def learn(self, news: Row) -> None:
        if self._is_small(news.solved):
            for group in self._holders[news.solved]:
                self._solved[group].add(news.solved)

    def _is_small(self, cell: int) -> bool:
        return len(self._holders[cell]) < self._fewest

    def _is_told(
        self, news: Vector, among: frozenset[Group], tried: set[frozenset[Group]]
    ) -> bool:
        """Whether some combination with the news speaks of too few groups, `among` or wider.

        A combination that takes one cell of others out of the sum needs a cell that is linked
        with it, or solved by one that is; so only the groups of these can make `among` wide enough.
        """
        tried.add(among)
        inner = self._known_beside(among)
        rest = inner.reduced(self._outside(news, among))
        if not rest:
            return True
        if len(among) == self._fewest - 1:
            return False
        cells = inner.linked(self._least_bound(rest, inner))
        ways = cells.union(*(self._known.users(cell) for cell in cells))
        wider = {among | self._holders[cell] for cell in ways} - tried
        return any(
            self._is_told(news, groups, tried)
            for groups in wider
            if len(groups) < self._fewest and groups not in tried
        )

    def _known_beside(self, among: frozenset[Group]) -> Equations:
        """What is known of others by those who know all cells in which only `among` stand."""
        solved: set[int] = set().union(*(self._solved[group] for group in among))
        rows = (self._known.others(cell) for cell in solved if self._holders[cell] <= among)
        return Equations.of(self._outside(row, among) for row in rows)

    def _outside(self, vector: Vector, among: frozenset[Group]) -> Vector:
        return {
            cell: share for cell, share in vector.items() if not self._holders[cell] <= among
        }

    def _least_bound(self, rest: Vector, inner: Equations) -> int:
        """The cell with the fewest ways to take it out."""
        return min(
            rest, key=lambda cell: (len(inner.users(cell)), len(self._known.users(cell)), cell)
        )


@dataclass(slots=True)
class Secret:
    """A sum that must be able to be more and less by its margin, in thousandths of a kg.

    `rest` is what it tells beyond the known sums, in free cells.
    """

    margin: int
    rest: Vector


class Margins:
    """Each secret keeps its margin on both sides, shown by moving one free cell at a time."""

    def __init__(self, known: Equations, kg: Sequence[int], secrets: Iterable[Secret]) -> None:
        self._known, self._kg, self._secrets = known, kg, list(secrets)
        self._of: dict[int, set[int]] = defaultdict(set)
        for index, secret in enumerate(self._secrets):
            self._enter(index, secret.rest)

    def allows(self, news: Row) -> bool:
        """Whether every secret the news touch could still be otherwise by its margin."""
        follow = self._known.direction(news.solved)

        @cache
        def steps(cell: int) -> Steps:
            return self._steps(cell, news, follow)

        touched = self._of[news.solved].union(*(self._of[cell] for cell in news.others))
        return all(self._can_move(self._secrets[index], news, steps) for index in touched)

    def learn(self, news: Row) -> None:
        for index in self._of.pop(news.solved, ()):
            secret = self._secrets[index]
            before, secret.rest = secret.rest, news.taken_from(secret.rest)
            for cell in before.keys() - secret.rest.keys() - {news.solved}:
                self._of[cell].discard(index)
            self._enter(index, secret.rest)

    def _enter(self, index: int, rest: Vector) -> None:
        for cell in rest:
            self._of[cell].add(index)

    def _can_move(self, secret: Secret, news: Row, steps: Callable[[int], Steps]) -> bool:
        up = down = False
        for cell, share in news.taken_from(secret.rest).items():
            grows, shrinks = steps(cell)
            reach = share * MILLE
            up = up or max(reach * grows, -reach * shrinks) >= secret.margin
            down = down or max(reach * shrinks, -reach * grows) >= secret.margin
            if up and down:
                return True
        return False

    def _steps(self, cell: int, news: Row, follow: Vector) -> Steps:
        """How far a free cell can move once a sum is known, before another cell is empty.

        `follow` is how cells move with the one the news is solved for, which now makes up for it.
        """
        moves = self._known.direction(cell)
        if cell in news.others:
            moves = subtracted(moves, news.others[cell], follow)
        return (
            min((ratio(self._kg[each], -by) for each, by in moves.items() if by < 0), default=inf),
            min(ratio(self._kg[each], by) for each, by in moves.items() if by > 0),
        )
