"""Which sums of several tables can be published together: pure decisions on plain values.

A *cell* is the smallest thing that sums are made of, a *group* firms under one control, which
know each other's figures. Everybody is taken to know which groups stand in which cell and that
no mass is negative; a group knows its own masses as well.

Withheld is a sum (primary suppression)

- of fewer groups than `Thresholds.groups`: of two, each knows the other by subtraction;
- of which one group holds more than `share_milli`;
- whose second largest group can bound the largest one to within `margin_milli` of it: the p%
  rule, total − first − second < p · first. A. Hundepool et al., Statistical Disclosure Control
  (Wiley 2012), ch. 4, prefers it to rules of shares, since it says what an insider can do;

and every sum (secondary suppression) with which some additions and subtractions of what is
published would

- speak of cells of fewer groups than `Thresholds.groups` alone, in whatever shares; or
- let a reader who knows no firm's figures bound a sum of the first kind, from above or below, to
  within `margin_milli` of it: the protection level of the same book, taken alike for all.

The second is shown by example, not by a linear programme: for each withheld sum there remain
other markets in which every published sum is the same and one free cell, with those solved by
it, has moved. Where no such market is found, although one may exist, more is withheld. Cells of
most mass are solved for: the heaviest basis makes the lightest cell of each exchange as heavy as
any can.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.statistics.algebra import Equations, Row, Vector
from app.statistics.inference import MILLE, FewGroups, Group, Margins, Secret

Cell = Hashable
Sum = frozenset[Cell]
Shares = Mapping[Group, int]
"""By group, the kilograms it holds of something; none holds nothing."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one group adds to one cell, in kg or any other whole unit, not negative."""

    cell: Cell
    group: Group
    kg: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The fewest groups of a sum, the largest share of one, and the least doubt that stays."""

    groups: int
    share_milli: int
    margin_milli: int


def is_sensitive(shares: Shares, thresholds: Thresholds) -> bool:
    """Whether a sum of these groups tells too much of one; nobody's sum is zero and tells none."""
    if not shares:
        return False
    if len(shares) < thresholds.groups:
        return True
    first, _, *others = sorted([*shares.values(), 0], reverse=True)
    is_dominated = first * MILLE > sum(shares.values()) * thresholds.share_milli
    return is_dominated or _can_be_bound([first, *others], thresholds)


def insider(shares: Shares, thresholds: Thresholds) -> Group | None:
    """The group that may know a sensitive sum: the only one, or one that has so much of it that
    nobody else's part shows.
    """
    first = max(shares, key=lambda group: shares[group])
    others = [kg for group, kg in shares.items() if group != first]
    is_blind = len(shares) >= thresholds.groups and not _can_be_bound(others, thresholds)
    return first if is_blind or not others else None


def _can_be_bound(kg: Collection[int], thresholds: Thresholds) -> bool:
    """Whether the largest of some parts can be told to within the margin by who knows the sum."""
    return (sum(kg) - max(kg)) * MILLE < max(kg) * thresholds.margin_milli


def shares_of(contributions: Iterable[Contribution]) -> dict[Cell, dict[Group, int]]:
    """By cell and group all that was contributed; cells and groups without any are left out."""
    shares: dict[Cell, dict[Group, int]] = {}
    for each in contributions:
        if each.kg:
            held = shares.setdefault(each.cell, {})
            held[each.group] = held.get(each.group, 0) + each.kg
    return shares


def publishable(
    contributions: Iterable[Contribution], sums: Sequence[Sum], thresholds: Thresholds
) -> frozenset[Sum]:
    """Of all sums that anybody might publish, the most important first, those that can be.

    Sums may overlap in any way: rows, columns and margins of tables, with and without a part, a
    whole and its parts. What is a part must be made of the same cells as its whole.
    """
    tables = _Tables(shares_of(contributions), thresholds)
    wanted = dict.fromkeys(sums)
    control = _Control(tables, tables.secrets(wanted))
    return frozenset(each for each in wanted if control.lets_through(each))


class _Tables:
    """The occupied cells, numbered from the one that is best solved for.

    First come those of enough groups, as `FewGroups` asks, and the heavier before the lighter.
    """

    def __init__(self, shares: Mapping[Cell, Shares], thresholds: Thresholds) -> None:
        self.thresholds = thresholds
        mass = {cell: sum(held.values()) for cell, held in shares.items()}
        cells = sorted(
            shares, key=lambda cell: (len(shares[cell]) < thresholds.groups, -mass[cell])
        )
        self.held = [shares[cell] for cell in cells]
        self._shares = shares
        self._numbers = {cell: number for number, cell in enumerate(cells)}

    def vector(self, wanted: Sum) -> Vector:
        """A sum in occupied cells: of the others everybody knows that they are empty."""
        return {self._numbers[cell]: 1 for cell in wanted if cell in self._numbers}

    def is_sensitive(self, wanted: Sum) -> bool:
        return is_sensitive(self._shares_in(wanted), self.thresholds)

    def secrets(self, sums: Iterable[Sum]) -> Iterator[Secret]:
        """The sensitive ones, which must keep their margins."""
        for wanted in filter(self.is_sensitive, sums):
            shares = self._shares_in(wanted)
            yield Secret(shares, insider(shares, self.thresholds), self.vector(wanted))

    def _shares_in(self, wanted: Sum) -> Shares:
        shares: dict[Group, int] = defaultdict(int)
        for cell in wanted & self._shares.keys():
            for group, kg in self._shares[cell].items():
                shares[group] += kg
        return shares


class _Control:
    """What has been let through so far, and the guards of what must not follow from it."""

    def __init__(self, tables: _Tables, secrets: Iterable[Secret]) -> None:
        self._tables, self._known = tables, Equations()
        held, thresholds = tables.held, tables.thresholds
        self._few_groups = FewGroups(self._known, [*map(frozenset, held)], thresholds.groups)
        self._margins = Margins(self._known, held, secrets, thresholds.margin_milli)

    def lets_through(self, wanted: Sum) -> bool:
        """Whether a sum may join what is published; if so, it does."""
        if self._tables.is_sensitive(wanted):
            return False
        news = self._known.news(self._tables.vector(wanted))
        return news is None or self._takes_in(news)

    def _takes_in(self, news: Row) -> bool:
        if not self._few_groups.allow(news):
            return False
        before = self._known.learn(news)
        if not self._margins.allow(news):
            self._known.forget(before)
            return False
        self._few_groups.learn(news)
        self._margins.learn(news)
        return True
