"""Worlds with frauds in them; nothing here knows the watch's figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random

from tests.watch.damage import Cell, Fraud, Trick
from tests.watch.paper_frauds import ON_PAPER
from tests.watch.road_frauds import ON_THE_ROAD
from tests.watch.worlds import World, declare, trucked_world


@dataclass(frozen=True, slots=True)
class Crooked:
    """A world with what was done to it."""

    world: World
    frauds: tuple[Fraud, ...]

    @property
    def touched(self) -> frozenset[Cell]:
        return frozenset(cell for fraud in self.frauds for cell in fraud.touched)


def crooked_world(seed: int, count: int = 20, kinds: Iterable[str] = ()) -> Crooked:
    """A world with so many frauds, each of a kind of its own as far as there are kinds."""
    rng = Random(f"{seed} frauds")
    world = trucked_world(seed)
    wanted = _wanted(list(kinds) or [*ON_THE_ROAD, *ON_PAPER], count, rng)
    on_road = [kind for kind in wanted if kind in ON_THE_ROAD]
    frauds = _commit(world, on_road, ON_THE_ROAD, frozenset(), rng)
    declare(world, seed)
    used = frozenset(cell for fraud in frauds for cell in fraud.touched)
    on_paper = [kind for kind in wanted if kind in ON_PAPER]
    frauds += _commit(world, on_paper, ON_PAPER, used, rng)
    return Crooked(world, tuple(frauds))


def _wanted(kinds: list[str], count: int, rng: Random) -> list[str]:
    rng.shuffle(kinds)
    return [kinds[place % len(kinds)] for place in range(count)]


def _commit(
    world: World,
    kinds: list[str],
    tricks: Mapping[str, Trick],
    used: frozenset[Cell],
    rng: Random,
) -> list[Fraud]:
    """One fraud after another; a kind that finds no place is replaced by one that does."""
    done: list[Fraud] = []
    for kind in kinds:
        others = rng.sample(sorted(tricks), len(tricks))
        tries = (tricks[each](world, used, rng) for each in [kind, *others])
        fraud = next((one for one in tries if one), None)
        assert fraud, "a world without room for another fraud"
        done.append(fraud)
        used |= fraud.touched
    return done
