"""Indicators and what of them may be published: pure decisions on plain values.

Masses are whole kilograms. A *cell* is one material in one county; a *group* is any set of cells
whose sum somebody might publish or compute: a county, a material, the whole city.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations

DEFINITIONS_VERSION = "v3"
DEFINITIONS_FROM = date(2026, 11, 23)
FEWEST_FIRMS = 3
"""A sum over fewer firms tells one of them, or a neighbour, what another one has."""

FEWEST_TRADES = 3

RATE_STEPS = ((100, "r7"), (95, "r6"), (90, "r5"), (80, "r4"), (70, "r3"), (60, "r2"))
"""From how many per cent on a class of the map begins; below the last one it is r1."""

Cell = tuple[str, str]
"""A county's code and a material's."""

Group = frozenset[Cell]
Firms = Mapping[Cell, frozenset[int]]
_Vector = dict[Cell, Fraction]


@dataclass(frozen=True, slots=True)
class Masses:
    """The kilograms of a month's offers. `reachable` counts as 0 where nothing was cleared yet.

    `contracted` holds what is signed, on its way and received; `received` is the last of these.
    `open` is the rest: also what was rejected or lost on the way and so placed nowhere.
    """

    open: int = 0
    reserved: int = 0
    contracted: int = 0
    received: int = 0
    reachable: int = 0

    @property
    def offered(self) -> int:
        return self.open + self.reserved + self.contracted

    def __add__(self, other: Masses) -> Masses:
        return Masses(
            self.open + other.open,
            self.reserved + other.reserved,
            self.contracted + other.contracted,
            self.received + other.received,
            self.reachable + other.reachable,
        )


def rate_tenths(part: int, whole: int) -> int | None:
    """A rate in tenths of a per cent, cut: 99.96 % is 999. Of nothing there is no rate."""
    return part * 1000 // whole if whole > 0 else None


def rate_class(part: int, whole: int) -> str | None:
    """The class of a rate on the map, r1 to r7; the highest is reached and never rounded to."""
    if whole <= 0:
        return None
    for percent, name in RATE_STEPS:
        if part * 100 >= percent * whole:
            return name
    return "r1"


def reachable(offered: int, committed_before: int, plan_placed: int) -> int:
    """Kilograms of an offer that could physically be placed, by the last run of its month.

    What still holds of the trades from before that run, and what its plan (the most tonnes,
    whatever the price) placed of the rest; never more than is on offer by now.
    """
    return min(offered, committed_before + plan_placed)


def firms_in(group: Iterable[Cell], firms: Firms) -> frozenset[int]:
    return frozenset().union(*(firms[cell] for cell in group))


def is_too_few(count: int) -> bool:
    """Whether a sum over so many firms is withheld; nobody's sum is zero and may be told."""
    return 0 < count < FEWEST_FIRMS


def may_show_flow(trades: int, firms: int, origin_is_published: bool) -> bool:
    """Whether an arc may be public: enough trades and firms, and its origin's sum is public.

    The arcs that leave a county add up to what it has sold, so they follow its figure.
    """
    return trades >= FEWEST_TRADES and firms >= FEWEST_FIRMS and origin_is_published


def publishable(lines: Sequence[Sequence[Group]], firms: Firms) -> frozenset[Group]:
    """Of all groups, those that can be published together without giving a small one away.

    `lines` are the rows, columns and margins of the tables, the most important first; a group is
    let through unless the sum of some groups of one line with fewer than three firms could then
    be computed from everything published so far, by any additions and subtractions. So where one
    county of a total is withheld, the least important other one is withheld with it. Groups hold
    only cells that somebody offers in.
    """
    secrets = [_vector(group) for group in _small_groups(lines, firms)]
    basis: list[tuple[Cell, _Vector]] = []
    published = set()
    for group in dict.fromkeys(group for line in lines for group in line):
        news = _reduced(_vector(group), basis)
        if any(_is_multiple(secret, news) for secret in secrets):
            continue
        published.add(group)
        if news:
            pivot = min(news)
            basis.append((pivot, news))
            secrets = [_eliminated(secret, pivot, news) for secret in secrets]
    return frozenset(published)


def _small_groups(lines: Sequence[Sequence[Group]], firms: Firms) -> set[Group]:
    """Every union of groups of one line in which fewer than three firms take part."""
    return {group for line in lines for group in _small_unions(line, firms)}


def _small_unions(line: Sequence[Group], firms: Firms) -> Iterator[Group]:
    small = [group for group in line if is_too_few(len(firms_in(group, firms)))]
    for size in range(1, len(small) + 1):
        unions = [frozenset().union(*chosen) for chosen in combinations(small, size)]
        found = [group for group in unions if is_too_few(len(firms_in(group, firms)))]
        if not found:
            return
        yield from found


def _vector(group: Group) -> _Vector:
    return dict.fromkeys(group, Fraction(1))


def _reduced(vector: _Vector, basis: Iterable[tuple[Cell, _Vector]]) -> _Vector:
    """What a sum tells beyond the sums of the basis; empty if it follows from them."""
    for pivot, row in basis:
        vector = _eliminated(vector, pivot, row)
    return vector


def _eliminated(vector: _Vector, pivot: Cell, row: _Vector) -> _Vector:
    if pivot not in vector:
        return vector
    factor = vector[pivot] / row[pivot]
    cells = vector.keys() | row.keys()
    rest = {
        cell: vector.get(cell, Fraction()) - factor * row.get(cell, Fraction()) for cell in cells
    }
    return {cell: share for cell, share in rest.items() if share}


def _is_multiple(vector: _Vector, other: _Vector) -> bool:
    """Whether the one sum can be computed once the other is known."""
    if vector.keys() != other.keys():
        return False
    return len({vector[cell] / other[cell] for cell in vector}) == 1
