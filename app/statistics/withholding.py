"""Which sums of what unnamed firms add to the counties of a region can be published together.

Figures of firms that publish under their names are no secret, and whoever wants to can take them
off a sum: so only what the others contribute is protected (`unnamed.py`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import chain
from typing import NamedTuple

from app.companies.rules import GroupKey
from app.statistics.disclosure import Contribution, Sum, Thresholds, is_sensitive, publishable
from app.statistics.inference import Group

WHOLE = ""
"""Stands for all counties among the codes of areas."""
Materials = frozenset[str]
Told = Mapping[Materials, frozenset[str]]
"""By the wastes that are summed, the codes of the areas whose sums are published."""
Cities = tuple[tuple[str, tuple[str, ...]], ...]
"""The codes of counties by that of their city, in the order of the codes."""
Measures = tuple[int, ...]
"""What public tables show of an area, or let be computed from it, in kg, not negative."""


class SecretFact(NamedTuple):
    """What one waste of a firm that is not named adds to published figures."""

    adcode: str
    material: str
    group: GroupKey
    measures: Measures

    @property
    def cell(self) -> tuple[str, str]:
        return self.adcode, self.material


@dataclass(frozen=True)
class Secrets:
    """Facts that are nobody's business, and all that could be told of them.

    `choices` are the wastes that a page sums, the most important first.
    """

    facts: tuple[SecretFact, ...]
    cities: Cities
    choices: tuple[tuple[str, ...], ...]
    thresholds: Thresholds

    @cached_property
    def digest(self) -> str:
        """The same for the same secrets, in every process."""
        plain = [tuple(fact) for fact in self.facts]
        said = (plain, self.cities, self.choices, self.thresholds)
        return sha256(repr(said).encode()).hexdigest()

    @cached_property
    def sums(self) -> dict[tuple[str, Materials], Sum]:
        """By area and wastes every sum that a page shows: all counties, cities, single counties."""
        levels = (
            {WHOLE: frozenset(self.adcodes)},
            {city: frozenset(adcodes) for city, adcodes in self.cities},
            {adcode: frozenset({adcode}) for adcode in self.adcodes},
        )
        return {
            (area, materials): self._sum(adcodes, materials)
            for level in levels
            for materials in map(frozenset, self.choices)
            for area, adcodes in level.items()
        }

    @property
    def adcodes(self) -> list[str]:
        return [adcode for _city, adcodes in self.cities for adcode in adcodes]

    def of_measure(self, place: int) -> list[Contribution]:
        return [Contribution(fact.cell, fact.group, fact.measures[place]) for fact in self.facts]

    def _sum(self, adcodes: frozenset[str], materials: Materials) -> Sum:
        return frozenset(
            cell
            for material in materials
            for adcode in adcodes
            if (cell := (adcode, material)) in self._cells
        )

    @cached_property
    def _cells(self) -> frozenset[tuple[str, str]]:
        return frozenset(fact.cell for fact in self.facts)


def decide(secrets: Secrets) -> Told:
    """What disclosure control lets through of all sums together.

    An area is published in all its measures or in none: one that is withheld could follow from the
    others.
    """
    sums = secrets.sums
    known: frozenset[Sum] = frozenset({frozenset()})
    if secrets.facts:
        known |= frozenset.intersection(
            *(
                publishable(secrets.of_measure(place), list(sums.values()), secrets.thresholds)
                for place in range(len(secrets.facts[0].measures))
            )
        )
    told = {key for key, wanted in sums.items() if wanted in known}
    return {
        materials: _Officials(secrets, materials).cut(
            _open(secrets, {area for area, of in told if of == materials})
        )
        for materials in map(frozenset, secrets.choices)
    }


def _open(secrets: Secrets, told: set[str]) -> Iterator[str]:
    """The areas that are told of and lie in no area that is withheld."""
    if WHOLE not in told:
        return
    yield WHOLE
    for city, adcodes in secrets.cities:
        if city in told:
            yield city
            yield from told.intersection(adcodes)


class _Officials:
    """Those who read a county or a city of their own in full, and what else that tells them.

    What a told area has besides its told parts, less a withheld part that its officials read, must
    not be sensitive; else more parts are withheld, the lightest first, and at last the area.
    """

    def __init__(self, secrets: Secrets, materials: Materials) -> None:
        self._cities, self._thresholds = dict(secrets.cities), secrets.thresholds
        self._held: defaultdict[str, list[Counter[Group]]] = defaultdict(
            lambda: [Counter() for _measure in secrets.facts[0].measures]
        )
        for fact in secrets.facts:
            if fact.material in materials:
                for held, kg in zip(self._held[fact.adcode], fact.measures, strict=True):
                    held[fact.group] += kg

    def cut(self, areas: Iterable[str]) -> frozenset[str]:
        told = set(areas)
        for city, adcodes in self._cities.items():
            self._cut(told, city, {adcode: (adcode,) for adcode in adcodes})
        self._cut(told, WHOLE, self._cities)
        return frozenset(told)

    def _cut(self, told: set[str], whole: str, parts: Mapping[str, tuple[str, ...]]) -> None:
        """Withhold parts of a told area until no official of a withheld one learns of another."""
        droppable = sorted(
            (part for part in parts if part in told and self._kg(parts[part])),
            key=lambda part: (-self._kg(parts[part]), part),
        )
        while whole in told and self._is_seen_through(
            [adcodes for part, adcodes in parts.items() if part not in told]
        ):
            part = droppable.pop() if droppable else whole
            gone = parts[part] if part in parts else chain(parts, *parts.values())
            told -= {part, *gone}

    def _is_seen_through(self, withheld: list[tuple[str, ...]]) -> bool:
        together = self._shares(adcode for adcodes in withheld for adcode in adcodes)
        readers = {*withheld, *((adcode,) for adcodes in withheld for adcode in adcodes)}
        return any(
            is_sensitive(whole - own, self._thresholds)
            for reader in readers
            if self._kg(reader)
            for whole, own in zip(together, self._shares(reader), strict=True)
        )

    def _shares(self, adcodes: Iterable[str]) -> list[Counter[Group]]:
        """By measure, what the groups have in some counties; groups without any are left out."""
        held = [self._held[adcode] for adcode in adcodes if adcode in self._held]
        return [sum(each, Counter[Group]()) for each in zip(*held, strict=True)]

    def _kg(self, adcodes: Iterable[str]) -> int:
        return sum(shares.total() for shares in self._shares(adcodes))
