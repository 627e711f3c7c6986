"""What officials may read of a curve of support and of a scenario, on plain values.

See docs/adr/0023-what-officials-read-of-support.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.companies.rules import GroupKey

FEWEST_OWNERS = 3
"""With fewer owners on a side a figure would follow the limit prices of one of them."""

FREIGHT_STEP_FEN = 5
"""Freight is tried in these steps, fen per tonne and km: over 100 km the 5 CNY/t of a lever."""

KG_PER_TONNE = 1_000


class Traded(NamedTuple):
    """What a trade carries more, or less, kg; whose it is on both sides."""

    producer: GroupKey
    consumer: GroupKey
    material: str
    kg: int


@dataclass(frozen=True, slots=True)
class Band:
    """Tonnes that a range of support adds, told so that no owner is told.

    Attributes
    ----------
    rate
        The most that a tonne of them needs, fen per tonne, a whole step.
    kg
        What they add, rounded down to two significant figures.
    fen
        What they need at most: all of them at that rate.
    materials
        Codes with what switches on, kg, rounded alike, the most first; only those of which three
        owners on either side switch on.
    """

    rate: int
    kg: int
    fen: int
    materials: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class _Group:
    """Steps of a curve that are told as one."""

    rate: int = 0
    kg: int = 0
    on: list[Traded] = field(default_factory=list)

    def add(self, rate: int, kg: int, trades: Iterable[Traded]) -> None:
        self.rate, self.kg = rate, self.kg + kg
        self.on.extend(each for each in trades if each.kg > 0)

    @property
    def hides(self) -> bool:
        return hides_whose(self.on)

    def band(self) -> Band:
        kg = rounded_down(self.kg)
        return Band(self.rate, kg, kg * self.rate // KG_PER_TONNE, tuple(self._materials()))

    def _materials(self) -> Iterator[tuple[str, int]]:
        kg: Counter[str] = Counter()
        for material in {each.material for each in self.on}:
            alike = [each for each in self.on if each.material == material]
            if hides_whose(alike):
                kg[material] = rounded_down(sum(each.kg for each in alike))
        yield from sorted(kg.items(), key=lambda each: (-each[1], each[0]))


def hides_whose(trades: Iterable[Traded]) -> bool:
    """Whether there are enough owners on either side that none stands out."""
    trades = list(trades)
    sides = {each.producer for each in trades}, {each.consumer for each in trades}
    return min(map(len, sides)) >= FEWEST_OWNERS


def bands(steps: Sequence[tuple[int, int, Sequence[Traded]]]) -> list[Band]:
    """The steps of a curve, each its rate, the kg it adds and what switches, as far as told.

    Neighbours are put together until each band has three owners on either side. What is left at the
    top joins the band before it; with no band at all, nothing is told.
    """
    groups: list[_Group] = []
    open_group = _Group()
    for rate, kg, trades in steps:
        open_group.add(rate, kg, trades)
        if open_group.hides:
            groups.append(open_group)
            open_group = _Group()
    if groups and open_group.kg:
        groups[-1].add(open_group.rate, open_group.kg, open_group.on)
    return [group.band() for group in groups]


def rounded_down(kg: int) -> int:
    """A mass rounded down to two significant figures."""
    unit: int = 10 ** max(0, len(str(kg)) - 2)
    return kg // unit * unit


def told_market(kg: int, changed: Iterable[Traded]) -> int | None:
    """What a market places, as a scenario tells it: rounded, and only where it changed for many.

    `changed` are the trades that are not as they are live. Freight that is tried step by step would
    otherwise show at which a single trade ends; so no change and one of few owners look the same.
    """
    return rounded_down(kg) if hides_whose(changed) else None
