import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from matching import Demand, Lane, Mode, Problem, ProblemError, Settings, Supply, default_mode


def faults_of(make: Callable[[], object]) -> list[tuple[str, str]]:
    with pytest.raises(ProblemError) as error:
        make()
    return [(fault.field, fault.code) for fault in error.value.faults]


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"id": ""}, ("id", "blank")),
        ({"id": " plant"}, ("id", "untidy_text")),
        ({"id": "a\nb"}, ("id", "untidy_text")),
        ({"id": "\ud800"}, ("id", "untidy_text")),
        ({"id": 7}, ("id", "not_text")),
        ({"kg": -1}, ("kg", "negative")),
        ({"kg": 10**13}, ("kg", "out_of_range")),
        ({"kg": 1.0}, ("kg", "not_whole")),
        ({"kg": True}, ("kg", "not_whole")),
        ({"ask": -(10**9)}, ("ask", "out_of_range")),
        ({"ask": 0.5}, ("ask", "not_whole")),
        ({"material": "a|b"}, ("material", "several_materials")),
        ({"max_m": -1}, ("max_m", "negative")),
        ({"lon": None}, ("lon", "blank")),
        ({"lat": None}, ("lat", "blank")),
        ({"lon": math.nan}, ("lon", "not_a_number")),
        ({"lat": math.inf}, ("lat", "not_a_number")),
        ({"lon": 181.0}, ("lon", "out_of_range")),
        ({"lat": -91.0, "lon": 116.0}, ("lat", "out_of_range")),
        ({"lon": 36.5, "lat": 116.0}, ("lat", "swapped")),
        ({"lon": 10**400}, ("lon", "not_a_number")),
        ({"month": -1}, ("month", "negative")),
        ({"month": 1_200}, ("month", "out_of_range")),
        ({"single": 1}, ("single", "not_a_flag")),
        ({"single": True, "silo_kg": 5}, ("single", "single_with_silo")),
        ({"min_lot_kg": -1}, ("min_lot_kg", "negative")),
        ({"silo_kg": -1}, ("silo_kg", "negative")),
        ({"silo_kg": 4, "stock_kg": 5}, ("silo_kg", "silo_below_stock")),
        ({"stock_kg": 5}, ("silo_kg", "silo_below_stock")),
        ({"holding": -1}, ("holding", "negative")),
        ({"weight_milli": 10**7}, ("weight_milli", "out_of_range")),
        ({"weight_milli": None}, ("weight_milli", "not_whole")),
    ],
)
def test_a_supply_names_the_field_that_is_wrong(
    values: dict[str, Any], fault: tuple[str, str]
) -> None:
    sound: dict[str, Any] = {"id": "plant", "kg": 1, "material": "x", "lon": 116.0, "lat": 36.5}
    assert faults_of(lambda: Supply(**(sound | values))) == [fault]


def test_all_wrong_fields_of_an_order_are_named_together() -> None:
    wrong = faults_of(lambda: Demand("", -1, ("a|b",), 200.0, 36.0, bid=10**12, max_m=-5))
    assert wrong == [
        ("id", "blank"),
        ("materials", "several_materials"),
        ("kg", "negative"),
        ("bid", "out_of_range"),
        ("max_m", "negative"),
        ("lon", "out_of_range"),
    ]


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"open_fen": -1}, ("open_fen", "negative")),
        ({"silo_kg": 4, "stock_kg": 5}, ("silo_kg", "silo_below_stock")),
        ({"product": " cement"}, ("product", "untidy_text")),
        ({"month": 1.0}, ("month", "not_whole")),
        ({"materials": ("",)}, ("materials", "blank")),
    ],
)
def test_a_demand_names_the_field_that_is_wrong(
    values: dict[str, Any], fault: tuple[str, str]
) -> None:
    sound: dict[str, Any] = {"id": "works", "kg": 1}
    wrong = faults_of(lambda: Demand(**(sound | values)))
    assert fault in wrong
    assert {field for field, _ in wrong} == {fault[0]}


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"supply": ""}, ("supply", "blank")),
        ({"demand": 5}, ("demand", "not_text")),
        ({"cost": 10**9}, ("cost", "out_of_range")),
        ({"fixed_fen": -1}, ("fixed_fen", "negative")),
        ({"min_kg": -1}, ("min_kg", "negative")),
        ({"capacity_kg": -1}, ("capacity_kg", "negative")),
        ({"min_kg": 6, "capacity_kg": 5}, ("min_kg", "min_above_capacity")),
        ({"use_milli": 0}, ("use_milli", "out_of_range")),
        ({"month": True}, ("month", "not_whole")),
    ],
)
def test_a_lane_names_the_field_that_is_wrong(
    values: dict[str, Any], fault: tuple[str, str]
) -> None:
    sound: dict[str, Any] = {"supply": "plant", "demand": "works"}
    assert faults_of(lambda: Lane(**(sound | values))) == [fault]


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"levels": ()}, ("levels", "blank")),
        ({"levels": ("profit",)}, ("levels", "bad_choice")),
        ({"levels": ("cost", "cost")}, ("levels", "repeated_word")),
        ({"mode": "auction"}, ("mode", "bad_choice")),
        ({"price_rule": "highest"}, ("price_rule", "bad_choice")),
        ({"support": -1}, ("support", "negative")),
        ({"detour_milli": 999}, ("detour_milli", "out_of_range")),
        ({"max_m": 10**9}, ("max_m", "out_of_range")),
        ({"freight_per_tkm": 10**9}, ("freight_per_tkm", "out_of_range")),
        ({"seed": -1}, ("seed", "negative")),
        ({"time_limit_s": -1}, ("time_limit_s", "negative")),
        ({"iterations": 1.5}, ("iterations", "not_whole")),
        ({"months": 0}, ("months", "out_of_range")),
        ({"months": 121}, ("months", "out_of_range")),
        ({"start": "2026-13"}, ("start", "not_a_month")),
        ({"start": "2026-1"}, ("start", "not_a_month")),
        ({"start": "2026-01-01"}, ("start", "not_a_month")),
        ({"start": "9999-12"}, ("start", "not_a_month")),
    ],
)
def test_settings_name_the_key_that_is_wrong(
    values: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert faults_of(lambda: Settings(**values)) == [fault]


def places_of(make: Callable[[], object]) -> list[tuple[str, str, int | None, str | None]]:
    with pytest.raises(ProblemError) as error:
        make()
    return [(fault.field, fault.code, fault.row, fault.column) for fault in error.value.faults]


def test_orders_are_kept_by_id_and_month_so_that_equal_markets_are_equal() -> None:
    first, second, third = (
        Supply("a", 1, "x", 1, 1, month=2),
        Supply("a", 1, "x", 1, 1, month=10),
        Supply("b", 1, "x", 1, 1, month=0),
    )
    shuffled = Problem((third, second, first), ())
    assert shuffled == Problem((first, second, third), ())
    assert shuffled.supplies == (first, second, third)
    assert (shuffled.has_months, shuffled.horizon) == (True, (0, 10))


def test_a_problem_without_months_is_one_month() -> None:
    problem = Problem((Supply("a", 1, "x", 1, 1),), ())
    assert (problem.has_months, problem.horizon) == (False, (0, 0))


def test_an_id_may_stand_on_both_sides_but_only_once_on_each() -> None:
    supply, demand = Supply("one", 1, "x", 1, 1), Demand("one", 1, (), 1, 1)
    Problem((supply,), (demand,))
    repeated = places_of(lambda: Problem((supply, supply), (demand,)))
    assert repeated == [("supplies", "repeated_id", 1, "id")]


def test_an_id_stands_once_per_month() -> None:
    rows = [Demand("d", 1, (), 1, 1, month=month) for month in (0, 1, 1)]
    Problem((), tuple(rows[:2]))
    assert places_of(lambda: Problem((), tuple(rows))) == [("demands", "repeated_month", 2, "id")]


def test_months_are_given_everywhere_or_nowhere() -> None:
    with_month, without = Supply("s", 1, "x", 1, 1, month=0), Demand("d", 1, (), 1, 1)
    mixed = places_of(lambda: Problem((with_month,), (without, replace(without, id="e"))))
    assert mixed == [("demands", "mixed_months", 0, "month")]


@pytest.mark.parametrize(
    "value",
    [
        {"ask": 2},
        {"material": "y"},
        {"lat": 2.0},
        {"max_m": 5},
        {"silo_kg": 9},
        {"holding": 3},
        {"weight_milli": 5},
    ],
)
def test_what_holds_for_an_id_is_the_same_in_all_its_months(value: dict[str, Any]) -> None:
    first = Supply("s", 1, "x", 1, 1, month=0)
    later = replace(first, month=1, **value)
    assert places_of(lambda: Problem((later, first), ())) == [
        ("supplies", "changes", 0, next(iter(value)))
    ]


def test_tonnes_and_lots_may_change_from_month_to_month() -> None:
    first = Supply("s", 1, "x", 1, 1, month=0)
    Problem((first, replace(first, month=1, kg=2, single=True, min_lot_kg=1)), ())


def test_orders_without_coordinates_need_listed_lanes() -> None:
    supply, demand = Supply("s", 1), Demand("d", 1)
    missing = faults_of(lambda: Problem((supply,), (demand,)))
    assert missing == [("supplies", "no_place"), ("demands", "no_place")]
    Problem((supply,), (demand,), Settings(), (Lane("s", "d"),))


def test_a_lane_names_known_orders_once() -> None:
    supply, demand = Supply("s", 1), Demand("d", 1)
    lanes = (Lane("s", "d"), Lane("s", "d"), Lane("s", "x"), Lane("y", "d"))
    assert places_of(lambda: Problem((supply,), (demand,), Settings(), lanes)) == [
        ("lanes", "unknown_order", 2, "demand"),
        ("lanes", "unknown_order", 3, "supply"),
        ("lanes", "repeated_lane", 1, "demand"),
    ]


@pytest.mark.parametrize(
    ("months", "is_sound"),
    [((0, 1), True), ((0, 0), False), ((None, 0), False), ((0, None), False)],
)
def test_a_lane_without_a_month_stands_in_every_month(
    months: tuple[int | None, ...], is_sound: bool
) -> None:
    supply, demand = Supply("s", 1, month=0), Demand("d", 1, month=1)
    lanes = tuple(Lane("s", "d", month=month) for month in months)
    if is_sound:
        Problem((supply,), (demand,), Settings(), lanes)
    else:
        wrong = faults_of(lambda: Problem((supply,), (demand,), Settings(), lanes))
        assert wrong == [("lanes", "repeated_lane")]


def test_a_lane_has_no_month_where_nothing_has() -> None:
    lanes = (Lane("s", "d", month=1),)
    wrong = places_of(lambda: Problem((Supply("s", 1),), (Demand("d", 1),), Settings(), lanes))
    assert wrong == [("lanes", "no_months", 0, "month")]


def test_a_pair_has_one_fixed_cost_which_stands_on_all_its_lanes() -> None:
    orders = (Supply("s", 1, month=0),), (Demand("d", 1, month=1),)
    lanes = Lane("s", "d", month=0), Lane("s", "d", month=1, fixed_fen=5)
    problem = Problem(*orders, Settings(), lanes)
    assert [lane.fixed_fen for lane in problem.lanes or ()] == [5, 5]
    two = replace(lanes[0], fixed_fen=6), lanes[1]
    wrong = places_of(lambda: Problem(*orders, Settings(), two))
    assert wrong == [("lanes", "two_fixed_costs", 1, "fixed_fen")]


def test_a_book_past_the_integer_range_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.row_rules.MAX_TOTAL", 10)
    supplies = Supply("a", 6, "x", 1, 1), Supply("b", 5, "x", 1, 1)
    assert faults_of(lambda: Problem(supplies, ())) == [("supplies", "total_too_large")]
    light = tuple(replace(supply, kg=5, weight_milli=2) for supply in supplies)
    assert faults_of(lambda: Problem(light, ())) == [("supplies", "total_too_large")]


def test_money_past_the_integer_range_is_refused() -> None:
    dear = Supply("s", 10**12, "x", 1, 1), Demand("d", 10**12, (), 1, 1, bid=10**8)
    assert faults_of(lambda: Problem(dear[:1], dear[1:])) == [("problem", "value_too_large")]
    fixed = tuple(Lane("s", f"d{n}", fixed_fen=10**13) for n in range(500))
    many = tuple(Demand(f"d{n}", 1) for n in range(500))
    wrong = faults_of(lambda: Problem((Supply("s", 1),), many, Settings(), fixed))
    assert wrong == [("problem", "value_too_large")]


def test_one_order_beyond_all_reason_does_not_stop_the_market() -> None:
    usual = Supply("s", 10**9, "x", 1, 1)
    Problem((usual,), (Demand("d", 10**12, (), 1, 1, bid=10**8),))


def test_a_hundred_thousand_rows_are_checked_in_a_few_seconds() -> None:
    begun = time.process_time()
    rows = (
        Supply(f"s{n // 12}", n, "x", 115.0, 36.0, n // 12, month=n % 12, silo_kg=n // 12)
        for n in range(100_000)
    )
    assert len(Problem(tuple(rows), ()).supplies) == 100_000
    assert time.process_time() - begun < 15


@pytest.mark.parametrize(
    ("ask", "bid", "mode"), [(0, 0, "plan"), (-1, 0, "market"), (0, 5, "market")]
)
def test_a_book_without_a_price_is_a_plan(ask: int, bid: int, mode: str) -> None:
    assert default_mode([Supply("s", 1, ask=ask)], [Demand("d", 1, bid=bid)]) is Mode(mode)
