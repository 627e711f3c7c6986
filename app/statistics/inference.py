"""What readers of published sums could infer: two guards that each sum must pass.

Both speak of numbered cells that everybody knows to be occupied, and look at the row that a new
sum would add to what is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import chain

from app.statistics.algebra import Equations, Number, Row, Vector, ratio, subtracted

MILLE = 1000

PLAIN, DETOURS = 8, 2
"""How many exchanges of one free cell are tried, and past one cell, before a sum is withheld."""

Group = Hashable
Reader = Group | None
STRANGER: Reader = None
"""Who has no masses of its own."""


class FewGroups:
    """No combination of sums may speak of cells of fewer than `fewest` groups alone.

    `holders` are the groups in each cell. Cells of too few groups come after all others; as the
    lowest cell of a sum is solved for, no row of such a cell holds another kind.
    """

    def __init__(self, known: Equations, holders: Sequence[frozenset[Group]], fewest: int) -> None:
        self._known, self._holders, self._fewest = known, holders, fewest
        self._solved: dict[Group, set[int]] = defaultdict(set)

    def allow(self, news: Row) -> bool:
        if not self._is_small(news.solved):
            return True
        return not self._is_told(news.vector, frozenset(), set())

    def learn(self, news: Row) -> None:
        if self._is_small(news.solved):
            for group in self._holders[news.solved]:
                self._solved[group].add(news.solved)

    def _is_small(self, cell: int) -> bool:
        return len(self._holders[cell]) < self._fewest

    def _is_told(self, news: Vector, among: frozenset[Group], tried: set[frozenset[Group]]) -> bool:
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
        return {cell: share for cell, share in vector.items() if not self._holders[cell] <= among}

    def _least_bound(self, rest: Vector, inner: Equations) -> int:
        """The cell with the fewest ways to take it out."""
        return min(
            rest, key=lambda cell: (len(inner.users(cell)), len(self._known.users(cell)), cell)
        )


@dataclass(slots=True, eq=False)
class Secret:
    """A sensitive sum: the kilograms in it by group, who may know it, and what it tells.

    `insider` is the group that dominates enough others, or is the only one. `rest` is what the
    sum is beyond the known ones, in free cells.
    """

    shares: Mapping[Group, int]
    insider: Group | None
    rest: Vector
    kg: int = field(init=False)

    def __post_init__(self) -> None:
        self.kg = sum(self.shares.values())


@dataclass(frozen=True, slots=True)
class Exchange:
    """A way for cells to move that changes no known sum, and by how much a secret moves with it."""

    moves: Vector
    by: Number


class Margins:
    """Each reader must deem each secret able to be more, and less, by `milli` of what it hides.

    A reader is a stranger, who knows nobody's figures, or any one group. It is shown by exchanges
    that lead to another market with the same known sums, so far off, that the reader cannot tell
    from the true one: no cell falls below what the reader owns of it, and none moves that the
    reader owns alone. `shares` are the kilograms of each cell by group.
    """

    def __init__(
        self,
        known: Equations,
        shares: Sequence[Mapping[Group, int]],
        secrets: Iterable[Secret],
        milli: int,
    ) -> None:
        self._known, self._shares, self._milli = known, shares, milli
        self._kg = [sum(held.values()) for held in shares]
        self._most = [max(held.values()) for held in shares]
        self._touching: dict[int, set[Secret]] = defaultdict(set)
        for secret in secrets:
            self._enter(secret, secret.rest)

    def allow(self, news: Row) -> bool:
        """Whether every secret that the last row learnt touches keeps its margins."""
        touched = self._touching[news.solved].union(*map(self._touching.__getitem__, news.others))
        return all(self._is_kept(secret, news.taken_from(secret.rest)) for secret in touched)

    def learn(self, news: Row) -> None:
        for secret in self._touching.pop(news.solved, ()):
            secret.rest = news.taken_from(secret.rest)
            self._enter(secret, secret.rest)

    def _enter(self, secret: Secret, cells: Iterable[int]) -> None:
        """Look at a secret again when any of these cells turns up in a row."""
        for cell in cells:
            self._touching[cell].add(secret)

    def _is_kept(self, secret: Secret, rest: Vector) -> bool:
        """Whether every reader is left a way up and a way down."""
        return all(
            self._is_left_a_way(reader, secret, rest, sign)
            for sign in (1, -1)
            for reader in self._who_knows_better(secret, rest, sign)
        )

    def _who_knows_better(self, secret: Secret, rest: Vector, sign: int) -> Set[Reader]:
        """The readers to whom no plain exchange is open that moves a secret as for a stranger."""
        left: Set[Reader] = {STRANGER}
        for exchange in self._exchanges(rest):
            excluding = self._who_excludes(exchange, secret.kg, sign)
            if excluding is not None:
                left = excluding - {secret.insider} if STRANGER in left else left & excluding
            if not left:
                break
        return left

    def _is_left_a_way(self, reader: Reader, secret: Secret, rest: Vector, sign: int) -> bool:
        """Whether a reader can move what of a secret is not its own, if need be by a detour."""
        for exchange in chain(self._exchanges(rest), self._detours(rest, reader)):
            if self._may_be(exchange, secret, reader, sign):
                self._enter(secret, exchange.moves)
                return True
        return False

    def _exchanges(self, rest: Vector) -> Iterator[Exchange]:
        """The heaviest free cells of a secret one by one; all by as large a part."""
        for cell in self._heaviest(rest):
            yield Exchange(self._known.direction(cell), rest[cell])
        if len(rest) > 1:
            parts = {cell: share * self._kg[cell] for cell, share in rest.items()}
            moves: Vector = {}
            for cell, part in parts.items():
                moves = subtracted(moves, -part, self._known.direction(cell))
            yield Exchange(moves, sum(rest[cell] * part for cell, part in parts.items()))

    def _heaviest(self, rest: Vector) -> list[int]:
        """Where most of a secret may lie: a cell of few groups can be heavier than any other."""

        def lightness(cell: int) -> tuple[Number, int]:
            part = rest[cell] * self._kg[cell]
            return min(part, -part), cell

        return nsmallest(PLAIN, rest, key=lightness)

    def _detours(self, rest: Vector, reader: Reader) -> Iterator[Exchange]:
        """A free cell and one more, such that a solved cell of the reader's stays; the heaviest."""
        for cell in self._heaviest(rest)[:DETOURS]:
            moves = self._known.direction(cell)
            for solved in moves.keys() - {cell}:
                if reader in self._shares[solved]:
                    row = self._known.others(solved)
                    for other in nsmallest(DETOURS, self._strange_to(reader, row, cell)):
                        factor = ratio(row[cell], row[other])
                        yield Exchange(
                            subtracted(moves, factor, self._known.direction(other)),
                            rest[cell] - factor * rest.get(other, 0),
                        )

    def _strange_to(self, reader: Reader, row: Vector, but: int) -> Iterator[int]:
        return (cell for cell in row if cell != but and reader not in self._shares[cell])

    def _who_excludes(self, exchange: Exchange, hidden: int, sign: int) -> set[Group] | None:
        """The groups that know better; nothing where some cell would hold less than nothing."""
        if not exchange.by:
            return None
        found: set[Group] = set()
        for cell, change, scale in self._changes(exchange, hidden, sign):
            after = self._kg[cell] * scale + change
            if after < 0:
                return None
            if after < self._most[cell] * scale or self._most[cell] == self._kg[cell]:
                found |= {
                    group
                    for group, own in self._shares[cell].items()
                    if after < own * scale or own == self._kg[cell]
                }
        return found

    def _may_be(self, exchange: Exchange, secret: Secret, reader: Reader, sign: int) -> bool:
        """Whether a reader who owns a part of a secret cannot exclude that the rest moves."""
        hidden = secret.kg - secret.shares.get(reader, 0)
        if not exchange.by:
            return False
        for cell, change, scale in self._changes(exchange, hidden, sign):
            kg, own = self._kg[cell], self._shares[cell].get(reader, 0)
            if (change and own == kg) or kg * scale + change < own * scale:
                return False
        return True

    def _changes(
        self, exchange: Exchange, hidden: int, sign: int
    ) -> Iterator[tuple[int, Number, Number]]:
        """By cell, how it changes when a secret moves by its margin, and the unit of that."""
        toward = sign if exchange.by > 0 else -sign
        scale, margin = exchange.by * toward * sign * MILLE, hidden * self._milli * toward
        for cell, share in exchange.moves.items():
            yield cell, share * margin, scale
