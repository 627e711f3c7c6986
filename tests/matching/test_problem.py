import math
from collections.abc import Callable
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
        ({"levels": ("surplus",)}, ("levels", "bad_choice")),
        ({"mode": "auction"}, ("mode", "bad_choice")),
        ({"price_rule": "shadow"}, ("price_rule", "bad_choice")),
        ({"support": -1}, ("support", "negative")),
        ({"detour_milli": 999}, ("detour_milli", "out_of_range")),
        ({"max_m": 10**9}, ("max_m", "out_of_range")),
        ({"freight_per_tkm": 10**9}, ("freight_per_tkm", "out_of_range")),
        ({"seed": -1}, ("seed", "negative")),
    ],
)
def test_settings_name_the_key_that_is_wrong(
    values: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert faults_of(lambda: Settings(**values)) == [fault]


def test_orders_are_kept_in_id_order_so_that_equal_markets_are_equal() -> None:
    first, second = Supply("a", 1, "x", 1, 1), Supply("b", 1, "x", 1, 1)
    assert Problem((second, first), ()) == Problem((first, second), ())


def test_an_id_may_stand_on_both_sides_but_only_once_on_each() -> None:
    supply, demand = Supply("one", 1, "x", 1, 1), Demand("one", 1, (), 1, 1)
    Problem((supply,), (demand,))
    assert faults_of(lambda: Problem((supply, supply), (demand,))) == [("supplies", "repeated_id")]


def test_orders_without_coordinates_need_listed_lanes() -> None:
    supply, demand = Supply("s", 1), Demand("d", 1)
    missing = faults_of(lambda: Problem((supply,), (demand,)))
    assert missing == [("supplies", "no_place"), ("demands", "no_place")]
    Problem((supply,), (demand,), Settings(), (Lane("s", "d"),))


def test_a_lane_names_known_orders_once() -> None:
    supply, demand = Supply("s", 1), Demand("d", 1)
    lanes = (Lane("s", "d"), Lane("s", "d"), Lane("s", "x"), Lane("y", "d"))
    assert faults_of(lambda: Problem((supply,), (demand,), Settings(), lanes)) == [
        ("lanes", "repeated_lane"),
        ("lanes", "unknown_order"),
        ("lanes", "unknown_order"),
    ]


def test_a_book_past_the_integer_range_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.problem.MAX_TOTAL_KG", 10)
    supplies = Supply("a", 6, "x", 1, 1), Supply("b", 5, "x", 1, 1)
    assert faults_of(lambda: Problem(supplies, ())) == [("supplies", "total_too_large")]


@pytest.mark.parametrize(
    ("ask", "bid", "mode"), [(0, 0, "plan"), (-1, 0, "market"), (0, 5, "market")]
)
def test_a_book_without_a_price_is_a_plan(ask: int, bid: int, mode: str) -> None:
    assert default_mode([Supply("s", 1, ask=ask)], [Demand("d", 1, bid=bid)]) is Mode(mode)
