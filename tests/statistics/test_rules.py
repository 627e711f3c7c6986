"""Indicators and suppression, on plain values."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.statistics.rules import (
    Cell,
    Group,
    Masses,
    firms_in,
    is_too_few,
    may_show_flow,
    publishable,
    rate_class,
    rate_tenths,
    reachable,
)

Firms = dict[Cell, frozenset[int]]


@pytest.mark.parametrize(
    ("part", "whole", "tenths"),
    [
        (0, 1, 0),
        (1, 3, 333),
        (2, 3, 666),
        (9_996, 10_000, 999),
        (99_999_999, 100_000_000, 999),
        (7, 7, 1000),
        (0, 0, None),
    ],
)
def test_a_rate_is_cut_and_never_rounded_up(part: int, whole: int, tenths: int | None) -> None:
    assert rate_tenths(part, whole) == tenths


@pytest.mark.parametrize(
    ("part", "whole", "name"),
    [
        (0, 100, "r1"),
        (5_999, 10_000, "r1"),
        (60, 100, "r2"),
        (70, 100, "r3"),
        (80, 100, "r4"),
        (90, 100, "r5"),
        (95, 100, "r6"),
        (99_999_999, 100_000_000, "r6"),
        (100, 100, "r7"),
        (0, 0, None),
    ],
)
def test_the_highest_class_is_reached_and_not_rounded_to(
    part: int, whole: int, name: str | None
) -> None:
    assert rate_class(part, whole) == name


@pytest.mark.parametrize(
    ("offered", "before", "plan", "kg"),
    [
        (100, 0, 0, 0),
        (100, 30, 50, 80),
        (100, 30, 70, 100),
        (60, 30, 70, 60),
        (0, 30, 70, 0),
    ],
)
def test_what_is_reachable_never_exceeds_what_is_on_offer(
    offered: int, before: int, plan: int, kg: int
) -> None:
    assert reachable(offered, before, plan) == kg


def test_masses_add_up_account_by_account() -> None:
    total = Masses(1, 2, 3, 4, 5) + Masses(10, 20, 30, 40, 50)
    assert total == Masses(11, 22, 33, 44, 55)
    assert total.offered == 66


@pytest.mark.parametrize(("count", "few"), [(0, False), (1, True), (2, True), (3, False)])
def test_a_sum_over_one_or_two_firms_is_too_few_and_none_is_nobody(count: int, few: bool) -> None:
    assert is_too_few(count) is few


@pytest.mark.parametrize(
    ("trades", "firms", "published", "shown"),
    [(3, 3, True, True), (2, 3, True, False), (3, 2, True, False), (9, 9, False, False)],
)
def test_a_flow_needs_trades_firms_and_a_public_origin(
    trades: int, firms: int, published: bool, shown: bool
) -> None:
    assert may_show_flow(trades, firms, published) is shown


def county_table(*firms: int) -> tuple[list[list[Group]], Firms, list[Group]]:
    """One material; so many firms in each county; the total first. Largest counties come first."""
    cells = [(f"county {index}", "ash") for index in range(len(firms))]
    numbers = iter(range(1_000))
    held = {
        cell: frozenset(next(numbers) for _ in range(count))
        for cell, count in zip(cells, firms, strict=True)
    }
    counties = [frozenset({cell}) for cell in cells]
    return [[frozenset(cells)], counties], held, counties


@pytest.mark.parametrize(
    ("firms", "shown"),
    [
        ((3, 3, 3), (True, True, True)),
        ((5, 4, 3, 1), (True, True, False, False)),
        ((5, 1, 4, 3), (True, False, True, False)),
        ((5, 4, 2, 1), (True, True, False, False)),
        ((5, 4, 1, 1), (True, False, False, False)),
        ((4, 1, 1, 1), (True, False, False, False)),
        ((1, 1, 1), (False, False, False)),
        ((4, 2), (False, False)),
    ],
)
def test_a_withheld_county_takes_the_least_important_other_one_with_it(
    firms: tuple[int, ...], shown: tuple[bool, ...]
) -> None:
    lines, held, counties = county_table(*firms)
    published = publishable(lines, held)
    assert lines[0][0] in published
    assert tuple(county in published for county in counties) == shown


def test_a_total_of_too_few_firms_is_withheld_too() -> None:
    lines, held, counties = county_table(1, 1)
    assert not publishable(lines, held)
    assert counties


def test_a_county_without_offers_is_told() -> None:
    assert publishable([[frozenset()]], {}) == {frozenset()}


def test_red_mud_cannot_be_had_by_taking_the_county_without_it_from_the_county_with_it() -> None:
    ash, mud = ("chiping", "ash"), ("chiping", "mud")
    firms = {ash: frozenset({1, 2, 3}), mud: frozenset({4})}
    without, with_mud = frozenset({ash}), frozenset({ash, mud})
    published = publishable([[without], [with_mud], [without, frozenset({mud})]], firms)
    assert published == {without}


CELLS = [(county, material) for county in "ABC" for material in ("ash", "slag", "mud")]


def tables_of(occupied: list[Cell]) -> list[list[Group]]:
    """City, counties without and with mud, materials, and every cell by row and by column."""

    def group(county: str | None = None, material: str | None = None, mud: bool = True) -> Group:
        return frozenset(
            cell
            for cell in occupied
            if county in (None, cell[0])
            and material in (None, cell[1])
            and (mud or cell[1] != "mud")
        )

    counties, materials = "ABC", ("ash", "slag", "mud")
    return [
        [group(mud=False)],
        [group()],
        [group(county, mud=False) for county in counties],
        [group(material=material) for material in materials],
        [group(county) for county in counties],
        *([group(county, material) for material in materials] for county in counties),
        *([group(county, material) for county in counties] for material in materials),
    ]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sets(st.integers(0, 8), max_size=5), min_size=9, max_size=9))
def test_nothing_of_few_firms_follows_from_all_that_is_published(held: list[set[int]]) -> None:
    """Checked by least squares, which knows nothing of the elimination in the rules."""
    firms = {cell: frozenset(each) for cell, each in zip(CELLS, held, strict=True) if each}
    lines = tables_of(list(firms))
    published = publishable(lines, firms)
    known = np.array([[cell in group for cell in firms] for group in published], dtype=float)
    for line in lines:
        for size in (1, 2):
            for chosen in combinations(line, size):
                secret = frozenset().union(*chosen)
                if is_too_few(len(firms_in(secret, firms))):
                    assert not follows(np.array([cell in secret for cell in firms]), known)


def follows(target: np.ndarray, known: np.ndarray) -> bool:
    """Whether a sum is a linear combination of the known ones."""
    if not known.size:
        return False
    answer, *_ = np.linalg.lstsq(known.T, target.astype(float), rcond=None)
    return bool(np.allclose(known.T @ answer, target))
