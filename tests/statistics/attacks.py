"""Those who try to find out what was withheld. They share no arithmetic with the rules.

Unknown to an attacker are the cells in which others stand; what it owns itself it strikes out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from scipy.optimize import linprog

from app.statistics.disclosure import Cell, Contribution, Sum, shares_of
from app.statistics.inference import Group


@dataclass(frozen=True)
class Market:
    """What everybody has, and all the sums that somebody would like to publish."""

    contributions: Sequence[Contribution]
    sums: Sequence[Sum]

    @cached_property
    def shares(self) -> Mapping[Cell, Mapping[Group, int]]:
        return shares_of(self.contributions)

    @cached_property
    def groups(self) -> list[Group]:
        return sorted({each.group for each in self.contributions if each.kg}, key=str)

    def by_group(self, wanted: Sum) -> dict[Group, int]:
        found: dict[Group, int] = {}
        for each in self.contributions:
            if each.cell in wanted and each.kg:
                found[each.group] = found.get(each.group, 0) + each.kg
        return found


class Elimination:
    """Sums over some cells, made independent by elimination without rounding."""

    def __init__(self, sums: Iterable[Sum], cells: Sequence[Cell]) -> None:
        self._cells = cells
        self._rows: list[tuple[int, list[Fraction]]] = []
        for each in sums:
            self._enter(self._reduced(each))

    @property
    def rank(self) -> int:
        return len(self._rows)

    def gives(self, wanted: Sum) -> bool:
        return not any(self._reduced(wanted))

    def _reduced(self, wanted: Sum) -> list[Fraction]:
        left = [Fraction(cell in wanted) for cell in self._cells]
        for pivot, row in self._rows:
            if left[pivot]:
                factor = left[pivot]
                left = [a - factor * b if b else a for a, b in zip(left, row, strict=True)]
        return left

    def _enter(self, left: list[Fraction]) -> None:
        pivot = next((place for place, value in enumerate(left) if value), None)
        if pivot is not None:
            self._rows.append((pivot, [value / left[pivot] for value in left]))


def exposed_groups(market: Market, published: Collection[Sum]) -> Iterator[tuple[Group, Group]]:
    """Who finds some figure of which single other one: a sum, a difference, anything of its own.

    Something is said of one group alone if the sums tell less where it is the only unknown one.
    """
    for attacker in [None, *market.groups]:
        hidden = Elimination(published, _hidden_from(market, {attacker}))
        for victim in set(market.groups) - {attacker}:
            others = Elimination(published, _hidden_from(market, {attacker, victim}))
            if others.rank < hidden.rank:
                yield attacker, victim


def exposed_sums(
    market: Market, published: Collection[Sum], withheld: Iterable[Sum]
) -> Iterator[tuple[Group, Sum]]:
    """Who computes which withheld sum, except whoever has the most of it anyway."""
    for attacker in [None, *market.groups]:
        hidden = Elimination(published, _hidden_from(market, {attacker}))
        for secret in withheld:
            if not _owns_most(market, secret, attacker) and hidden.gives(secret):
                yield attacker, secret


def narrowest(market: Market, published: Collection[Sum], withheld: Iterable[Sum]) -> float:
    """The least doubt left to any reader, up or down, as a part of what the secret hides from it.

    By linear programmes over all markets that agree with what is published and with what the
    reader owns; where it is alone, it knows all.
    """
    doubts = [
        min(_doubts(market, published, secret, attacker))
        for secret in withheld
        for attacker in [None, *market.groups]
        if not _owns_most(market, secret, attacker)
    ]
    return min(doubts, default=1.0)


def _doubts(
    market: Market, published: Collection[Sum], secret: Sum, attacker: Group
) -> Iterator[float]:
    cells = list(market.shares)
    masses = np.array([sum(market.shares[cell].values()) for cell in cells])
    own = np.array([market.shares[cell].get(attacker, 0) for cell in cells])
    wanted = np.array([cell in secret for cell in cells], dtype=float)
    known = np.array([[cell in each for cell in cells] for each in published], dtype=float)
    hides = float(wanted @ (masses - own))
    for sign in (1, -1):
        found = linprog(
            -sign * wanted,
            A_eq=known if len(known) else None,
            b_eq=known @ masses if len(known) else None,
            bounds=[
                (low, low if low == mass else None) for low, mass in zip(own, masses, strict=True)
            ],
        )
        assert found.status in (0, 3), found.message
        yield 1.0 if found.status == 3 else abs(-sign * found.fun - wanted @ masses) / hides


def _owns_most(market: Market, secret: Sum, attacker: Group) -> bool:
    """Whether a sum is withheld for this very group.

    It is the only one, or of at least three the one that has most, while the others together keep
    it from telling the second by a tenth.
    """
    sizes = sorted(market.by_group(secret).values(), reverse=True)
    if market.by_group(secret).get(attacker) != sizes[0] or len(sizes) == 2:
        return False
    return len(sizes) == 1 or sum(sizes[2:]) * 10 >= sizes[1]


def _hidden_from(market: Market, readers: Set[Group]) -> list[Cell]:
    """The cells with something in them that is not the readers' own."""
    return [cell for cell, held in market.shares.items() if held.keys() - readers]
