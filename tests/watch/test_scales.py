"""Weights that repeat beyond chance, and trips nobody can have made."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from math import comb
from random import Random

import pytest

from app.watch.signs import chance
from app.watch.signs.facts import GateHours, Kind, Load, Weighing
from tests.watch.cases import MAKER, TAKER, at, kinds, load, look


def honest(
    count: int, rng: Random, plate: str = "鲁P00001", *, step: int = 20, spread: int = 500
) -> list[Load]:
    """Loads of one truck, one every nine hours, as scales of that step show them."""

    def shown(kg: float) -> int:
        return round(kg / step) * step

    made = []
    for place in range(count):
        full, empty = rng.gauss(47_300, spread), 15_600 + rng.uniform(0, 320)
        made.append(
            load(
                f"W-{plate}-{place}",
                plate=plate,
                loaded=at(1, 0) + timedelta(hours=9 * place),
                gross=shown(full),
                tare=shown(empty),
                arrived=(shown(full - rng.gauss(30, 30)), shown(empty + rng.gauss(20, 30))),
            )
        )
    return made


def copied(loads: list[Load], times: int) -> list[Load]:
    return [
        replace(one, loading=with_weights_of(loads[0].loading, one.loading))
        if place < times
        else one
        for place, one in enumerate(loads)
    ]


def with_weights_of(source: Weighing, target: Weighing) -> Weighing:
    return replace(target, gross_kg=source.gross_kg, tare_kg=source.tare_kg)


@pytest.mark.parametrize("step", [10, 20, 50])
@pytest.mark.parametrize("spread", [60, 100, 500])
def test_honest_weights_repeat_now_and_then_and_are_left_alone(step: int, spread: int) -> None:
    rng = Random(f"{step} {spread}")
    months = [kinds(loads=honest(70, rng, step=step, spread=spread)) for _month in range(20)]
    assert sum(bool(found) for found in months) == 0


def test_a_ticket_printed_again_is_found() -> None:
    loads = copied(honest(50, Random(1)), 7)
    found = [one for one in look(loads=loads) if one.kind is Kind.REPEATED_WEIGHTS]
    assert [one.site for one in found] == [MAKER]
    assert len(found[0].loads) >= 7


def test_two_equal_tickets_prove_nothing() -> None:
    assert kinds(loads=copied(honest(50, Random(2)), 2)) == []


def test_one_ticket_for_many_trucks_is_found() -> None:
    rng = Random(3)
    loads = [one for truck in range(9) for one in honest(20, rng, f"鲁P{truck:05}")]
    first = loads[0].loading
    shared = [
        replace(one, loading=with_weights_of(first, one.loading))
        if one.number.endswith("-0")
        else one
        for one in loads
    ]
    assert kinds(loads=loads) == []
    assert kinds(loads=shared) == [Kind.SHARED_WEIGHTS]


def test_two_scales_do_not_agree_to_the_kilogram_every_time() -> None:
    loads = honest(12, Random(4))
    mirrored = [
        replace(one, unloading=with_weights_of(one.loading, one.unloading)) for one in loads
    ]
    assert kinds(loads=loads) == []
    assert kinds(loads=mirrored) == [Kind.MIRRORED_WEIGHTS]


def test_a_tare_that_never_changes_was_not_weighed() -> None:
    loads = [
        replace(one, loading=replace(one.loading, tare_kg=15_700)) for one in honest(15, Random(5))
    ]
    assert kinds(loads=loads) == [Kind.CONSTANT_TARE]
    assert kinds(loads=loads[:3]) == []


def test_a_truck_does_not_lose_a_tonne_of_its_own() -> None:
    loads = honest(10, Random(6))
    lighter = replace(loads[4].unloading, tare_kg=loads[4].unloading.tare_kg - 1_400)
    found = look(loads=[*loads[:4], replace(loads[4], unloading=lighter), *loads[5:]])
    assert [(one.kind, one.site, one.loads) for one in found] == [
        (Kind.TARE_OFF, TAKER, (loads[4].number,))
    ]


def test_figures_typed_by_hand_are_round() -> None:
    loads = honest(60, Random(7))
    typed = [
        replace(one, loading=replace(one.loading, gross_kg=47_000 + 500 * (n % 3), tare_kg=15_500))
        if n % 5 == 0
        else one
        for n, one in enumerate(loads)
    ]
    assert Kind.ROUND_WEIGHTS in kinds(loads=typed)


def test_filling_up_to_a_round_figure_is_not_typing_it() -> None:
    rng = Random(8)
    loads = [one for truck in range(6) for one in honest(60, rng, f"鲁P{truck:05}", spread=60)]
    assert Kind.ROUND_WEIGHTS not in kinds(loads=loads)


@pytest.mark.parametrize(("gross", "found"), [(49_480, []), (49_500, [Kind.OVERWEIGHT])])
def test_forty_nine_tonnes_and_the_error_of_the_scale_are_the_most(
    gross: int, found: list[Kind]
) -> None:
    assert kinds(loads=[load(gross=gross)]) == found


@pytest.mark.parametrize(("minutes", "found"), [(15, []), (14, [Kind.TOO_FAST])])
def test_thirty_kilometres_take_a_quarter_of_an_hour_at_least(
    minutes: int, found: list[Kind]
) -> None:
    assert kinds(loads=[load(minutes=minutes)]) == found


@pytest.mark.parametrize(("hours", "found"), [(36, []), (37, [Kind.TOO_LONG])])
def test_a_load_may_stand_a_night_and_not_two(hours: int, found: list[Kind]) -> None:
    assert kinds(loads=[load(minutes=hours * 60)]) == found


@pytest.mark.parametrize(("hour", "found"), [(10, [Kind.TWO_PLACES]), (11, [])])
def test_a_truck_is_back_before_it_is_loaded_again(hour: int, found: list[Kind]) -> None:
    loads = [load("W-1"), load("W-2", loaded=at(5, hour, 10), gross=46_900, tare=15_840)]
    assert kinds(loads=loads, metres={(MAKER, TAKER): 30_000}) == found


def test_a_load_within_another_is_in_two_places_however_near_they_are() -> None:
    loads = [load("W-1"), load("W-2", loaded=at(5, 9, 20), gross=46_900, tare=15_840)]
    assert kinds(loads=loads) == [Kind.TWO_PLACES]


@pytest.mark.parametrize(
    ("count", "hour", "found"),
    [(3, 2, [Kind.GATE_CLOSED]), (2, 2, []), (4, 18, []), (4, 5, [])],
)
def test_a_gate_that_weighs_at_night_is_found_at_the_third_time(
    count: int, hour: int, found: list[Kind]
) -> None:
    weights = [(46_320, 15_620), (47_080, 15_880), (45_760, 15_740), (46_640, 15_560)]
    loads = [
        load(f"W-{day}", loaded=at(day + 1, hour, 30), gross=gross, tare=tare)
        for day, (gross, tare) in enumerate(weights[:count])
    ]
    assert kinds(loads=loads, gates={MAKER: GateHours(6, 18)}) == found


def test_the_step_of_a_scale_is_read_off_its_weights() -> None:
    assert chance.division([15_620, 47_380, 46_940]) == 20
    assert chance.division([15_650, 47_300, 46_950]) == 50
    assert chance.division([15_651, 47_303, 46_957]) == 1


def test_a_group_of_equal_normal_weights_is_as_likely_as_reckoned() -> None:
    rng, cells = Random(9), 20_000
    drawn = [(round(rng.gauss(0, 3)), round(rng.gauss(0, 3))) for _ in range(cells)]
    pairs = sum(count * (count - 1) // 2 for count in Counter(drawn).values())
    triples = sum(comb(count, 3) for count in Counter(drawn).values())
    chance_of_pair = pairs / comb(cells, 2)
    assert chance.coincidence(drawn[:300], 1) == pytest.approx(chance_of_pair, rel=0.3)
    assert chance.repeats(3, cells, chance_of_pair) == pytest.approx(triples, rel=0.05)


def test_the_tail_of_a_binomial_is_exact() -> None:
    assert chance.at_least(0, 5, 0.1) == 1
    assert chance.at_least(2, 3, 0.5) == pytest.approx(0.5)
    assert chance.at_least(10, 10, 0.5) == pytest.approx(2**-10)
