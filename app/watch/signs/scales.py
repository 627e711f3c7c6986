"""Weights that no scale would show: repeats beyond chance, kept tares, round figures, overweight.

A digital scale shows steps of 10 to 100 kg, so honest weights repeat now and then. Every rule here
asks how often they would, and speaks up only when that is less than the set chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from statistics import median
from typing import TypeVar

from app.catalogue.rules import Threshold
from app.watch.signs import chance
from app.watch.signs.facts import (
    Dossier,
    Evidence,
    Finding,
    Kind,
    Load,
    Measure,
    Passage,
    numbers,
)
from app.watch.signs.thresholds import MILLI, Thresholds

COUNT, KG = Measure.COUNT, Measure.KG
Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")


def repeated_weights(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """One truck shows the same gross and the same tare at one gate too often."""
    steps = _steps(dossier)
    for (site, plate), passages in _by_gate_and_plate(dossier).items():
        step = steps[site]
        groups = _equal(passages, step)
        if not groups:
            continue
        rate = chance.coincidence([_cell(each, step) for each in passages], _reach(step, terms))
        for same, one_in in _beyond_chance(groups, len(passages), rate, terms):
            facts = _same_weights(same, passages, one_in)
            yield _at_gate(Kind.REPEATED_WEIGHTS, dossier, site, same, facts, plate)


def shared_weights(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """Different trucks show the same gross and the same tare at one gate too often."""
    steps = _steps(dossier)
    for site, passages in _by_gate(dossier.passages()).items():
        step = steps[site]
        firsts = _first_of_each_truck(passages)
        groups = _equal(firsts, step)
        if not groups:
            continue
        trucks = _grouped((each.load.plate, _cell(each, step)) for each in firsts).values()
        rate = chance.coincidence_between(trucks, _reach(step, terms))
        for same, one_in in _beyond_chance(groups, len(firsts), rate, terms):
            facts = _same_weights(same, firsts, one_in)
            plates = Evidence("trucks", len({each.load.plate for each in same}), COUNT)
            yield _at_gate(Kind.SHARED_WEIGHTS, dossier, site, same, (*facts, plates))


def mirrored_weights(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """A truck's loads weigh the same to the kilogram at both ends, on two different scales."""
    honest = terms.of(Threshold.MIRROR_MILLI) / MILLI
    lanes = _grouped(
        ((load.plate, load.loading.site, load.unloading.site), load) for load in dossier.loads
    )
    for (plate, site, _), loads in lanes.items():
        same = [load for load in loads if _is_mirrored(load)]
        expected = chance.at_least(len(same), len(loads), honest)
        if same and expected < terms.chance:
            yield Finding(
                Kind.MIRRORED_WEIGHTS,
                site,
                dossier.month,
                plate=plate,
                evidence=(
                    Evidence("same_at_both_ends", len(same), COUNT),
                    Evidence("loads", len(loads), COUNT),
                    Evidence("one_in", chance.odds(expected), Measure.ONE_IN),
                ),
                loads=tuple(load.number for load in same),
            )


def constant_tare(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """A truck's tare at a gate never changes although fuel, mud and driver do."""
    steps = _steps(dossier)
    spread = terms.of(Threshold.TARE_SPREAD_KG)
    for (site, plate), passages in _by_gate_and_plate(dossier).items():
        tares = Counter(each.weighing.tare_kg for each in passages)
        tare, times = tares.most_common(1)[0]
        share = chance.commonest_share(spread, steps[site])
        expected = chance.at_least(times, len(passages), share) / share
        if expected < terms.chance:
            same = [each for each in passages if each.weighing.tare_kg == tare]
            facts = (
                Evidence("tare", tare, KG),
                Evidence("times", times, COUNT),
                Evidence("weighings", len(passages), COUNT),
                Evidence("one_in", chance.odds(expected), Measure.ONE_IN),
            )
            yield _at_gate(Kind.CONSTANT_TARE, dossier, site, same, facts, plate)


def tare_off(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """A truck is said to weigh much more or less empty than it does otherwise."""
    slack = terms.of(Threshold.TARE_SLACK_KG)
    for plate, passages in _grouped((each.load.plate, each) for each in dossier.passages()).items():
        if len(passages) < terms.of(Threshold.TARE_WEIGHINGS):
            continue
        usual = int(median(each.weighing.tare_kg for each in passages))
        off = [each for each in passages if abs(each.weighing.tare_kg - usual) > slack]
        for site, same in _by_gate(off).items():
            worst = max((each.weighing.tare_kg for each in same), key=lambda kg: abs(kg - usual))
            facts = Evidence("tare", worst, KG), Evidence("usual_tare", usual, KG)
            times = Evidence("times", len(same), COUNT)
            yield _at_gate(Kind.TARE_OFF, dossier, site, same, (*facts, times), plate)


def round_weights(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """A gate shows round figures so often that somebody must have typed them.

    Trucks are filled up to round figures, so exact ones are held against those that just miss: of
    the weighings within some steps of round gross and round tare, one in so many amounts is exact.
    """
    steps, figure = _steps(dossier), terms.of(Threshold.ROUND_STEP_KG)
    for site, passages in _by_gate(dossier.passages()).items():
        reach = _reach(steps[site], terms)
        near = [each for each in passages if _off_round(each, figure) <= reach * steps[site]]
        same = [each for each in near if _off_round(each, figure) == 0]
        expected = chance.at_least(len(same), len(near), 1 / (2 * reach + 1) ** 2)
        if same and expected < terms.chance:
            facts = (
                Evidence("round_weighings", len(same), COUNT),
                Evidence("nearly_round", len(near) - len(same), COUNT),
                Evidence("step", figure, KG),
                Evidence("one_in", chance.odds(expected), Measure.ONE_IN),
            )
            yield _at_gate(Kind.ROUND_WEIGHTS, dossier, site, same, facts)


def overweight(dossier: Dossier, terms: Thresholds) -> Iterator[Finding]:
    """A truck weighed more than any vehicle may."""
    legal = terms.of(Threshold.LEGAL_GROSS_KG)
    most = legal * (MILLI + terms.of(Threshold.LEGAL_SLACK_MILLI)) // MILLI
    for (site, plate), passages in _by_gate_and_plate(dossier).items():
        over = [each for each in passages if each.weighing.gross_kg > most]
        if over:
            heaviest = max(each.weighing.gross_kg for each in over)
            facts = (
                Evidence("gross", heaviest, KG),
                Evidence("legal_gross", legal, KG),
                Evidence("times", len(over), COUNT),
            )
            yield _at_gate(Kind.OVERWEIGHT, dossier, site, over, facts, plate)


def _equal(passages: list[Passage], step: int) -> list[list[Passage]]:
    """The weighings that show both weights alike, where there are several."""
    groups = _grouped((_cell(each, step), each) for each in passages).values()
    return [same for same in groups if len(same) > 1]


def _beyond_chance(
    groups: list[list[Passage]], weighings: int, rate: float, terms: Thresholds
) -> Iterator[tuple[list[Passage], int]]:
    """The groups that are too large to be honest, with the odds against each."""
    for same in groups:
        expected = chance.repeats(len(same), weighings, rate)
        if expected < terms.chance:
            yield same, chance.odds(expected)


def _reach(step: int, terms: Thresholds) -> int:
    """Within how many steps of a scale two weighings nearly agree."""
    return max(1, terms.of(Threshold.NEAR_KG) // step)


def _first_of_each_truck(passages: list[Passage]) -> list[Passage]:
    """Every pair of weights of a truck once: its own repeats are another finding."""
    firsts = {
        (each.load.plate, each.weighing.gross_kg, each.weighing.tare_kg): each
        for each in reversed(passages)
    }
    return list(firsts.values())


def _same_weights(
    same: list[Passage], passages: list[Passage], one_in: int
) -> tuple[Evidence, ...]:
    weighing = same[0].weighing
    return (
        Evidence("gross", weighing.gross_kg, KG),
        Evidence("tare", weighing.tare_kg, KG),
        Evidence("times", len(same), COUNT),
        Evidence("weighings", len(passages), COUNT),
        Evidence("one_in", one_in, Measure.ONE_IN),
    )


def _at_gate(
    kind: Kind,
    dossier: Dossier,
    site: int,
    passages: list[Passage],
    facts: tuple[Evidence, ...],
    plate: str = "",
) -> Finding:
    return Finding(kind, site, dossier.month, plate=plate, evidence=facts, loads=numbers(passages))


def _steps(dossier: Dossier) -> dict[int, int]:
    """The step of each gate's scale, by what it showed this month."""
    weights = _grouped(
        (each.weighing.site, kg)
        for each in dossier.passages()
        for kg in (each.weighing.gross_kg, each.weighing.tare_kg)
    )
    return {site: chance.division(shown) for site, shown in weights.items()}


def _by_gate(passages: Iterable[Passage]) -> dict[int, list[Passage]]:
    return _grouped((each.weighing.site, each) for each in passages)


def _by_gate_and_plate(dossier: Dossier) -> dict[tuple[int, str], list[Passage]]:
    return _grouped(((each.weighing.site, each.load.plate), each) for each in dossier.passages())


def _grouped(pairs: Iterable[tuple[Key, Item]]) -> dict[Key, list[Item]]:
    found: dict[Key, list[Item]] = {}
    for key, item in pairs:
        found.setdefault(key, []).append(item)
    return found


def _lane(load: Load) -> tuple[str, int, int]:
    return load.plate, load.loading.site, load.unloading.site


def _cell(passage: Passage, step: int) -> chance.Cell:
    return passage.weighing.gross_kg // step, passage.weighing.tare_kg // step


def _is_mirrored(load: Load) -> bool:
    one, other = load.loading, load.unloading
    return (one.gross_kg, one.tare_kg) == (other.gross_kg, other.tare_kg)


def _off_round(passage: Passage, figure: int) -> int:
    """By how many kilograms gross or tare misses a round figure, whichever misses it by more."""
    weights = passage.weighing.gross_kg, passage.weighing.tare_kg
    return max(min(kg % figure, -kg % figure) for kg in weights)
