"""Indicators, on plain values."""

from __future__ import annotations

import pytest

from app.statistics.rules import (
    PARTS,
    Masses,
    Measure,
    may_show_flow,
    rate_class,
    rate_tenths,
    reachable,
)


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


def test_the_parts_of_masses_make_up_each_measure() -> None:
    parts = Masses(1, 2, 12, 4, 5).parts
    sums = {measure: sum(parts[part] for part in PARTS[measure]) for measure in Measure}
    assert sums == {
        Measure.OFFERED: 15,
        Measure.CONTRACTED: 12,
        Measure.UNPLACED: 1,
        Measure.REACHABLE: 5,
        Measure.RESERVED: 2,
        Measure.RECEIVED: 4,
    }


@pytest.mark.parametrize(
    ("trades", "tells", "published", "shown"),
    [
        (3, False, True, True),
        (2, False, True, False),
        (3, True, True, False),
        (9, False, False, False),
    ],
)
def test_a_flow_needs_trades_groups_and_a_public_origin(
    trades: int, tells: bool, published: bool, shown: bool
) -> None:
    assert may_show_flow(trades, tells, published) is shown
