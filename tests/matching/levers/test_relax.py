import pytest

from matching import Demand, Lane, Mode, Problem, Settings, Supply, generate, solve
from matching.bench.levers import most_with
from matching.levers.relax import relax

MARKET = Settings(mode=Mode.MARKET)


def added(found: object) -> list[tuple[object, ...]]:
    assert isinstance(found, list)
    names = ("kind", "supply", "demand", "month", "id")
    return [
        (*(each[name] for name in names if each.get(name) is not None), each["added_kg"])
        for each in found
    ]


def test_the_lane_that_only_its_price_keeps_shut_is_named_with_what_it_adds() -> None:
    problem = Problem(
        (Supply("a", 10), Supply("b", 7)),
        (Demand("x", 10, bid=100), Demand("y", 4, bid=100)),
        MARKET,
        (Lane("a", "x", 50), Lane("b", "x", 50), Lane("b", "y", 130)),
    )
    found = relax(problem, solve(problem), 5)

    assert found["placed_kg"] == found["most_kg"] == 10
    assert found["exact"] is True
    shut = found["lanes"]
    assert isinstance(shut, list)
    assert added(shut) == [("lane", "b", "y", 4)]
    assert (shut[0]["failed"], shut[0]["missing"]) == (["price"], 30)
    assert added(found["needs"]) == [("need", "x", 7)]


def test_a_lane_helps_through_a_chain_of_others() -> None:
    problem = Problem(
        (Supply("a", 10), Supply("b", 10)),
        (Demand("x", 10, bid=100), Demand("y", 10, bid=100)),
        MARKET,
        (Lane("a", "x", 50), Lane("b", "x", 50), Lane("a", "y", 500)),
    )
    shut = relax(problem, solve(problem), 5)["lanes"]
    assert added(shut) == [("lane", "a", "y", 10)]


def test_a_full_lane_is_worth_what_its_capacity_holds_back() -> None:
    problem = Problem(
        (Supply("a", 10), Supply("b", 8)),
        (Demand("x", 10, bid=100), Demand("y", 5, bid=100)),
        MARKET,
        (Lane("a", "x", 50), Lane("a", "y", 50), Lane("b", "x", 50, capacity_kg=2)),
    )
    shut = relax(problem, solve(problem), 5)["lanes"]
    assert isinstance(shut, list)
    assert added(shut) == [("lane", "b", "x", 3)]
    assert shut[0]["failed"] == ["capacity"]


def test_a_pair_out_of_reach_says_how_far_it_lies_beyond_its_limit() -> None:
    problem = Problem(
        (Supply("a", 10, "fly_ash", 116.0, 36.0),),
        (Demand("x", 10, ("fly_ash",), 116.5, 36.0, bid=90_000, max_m=50_000),),
        MARKET,
    )
    shut = relax(problem, solve(problem), 5)["lanes"]
    assert isinstance(shut, list)
    assert added(shut) == [("lane", "a", "x", 10)]
    assert shut[0]["failed"] == ["distance"]
    assert 0 < shut[0]["beyond_m"] < 50_000


def test_a_pair_in_all_months_and_a_larger_silo_are_compound_changes() -> None:
    problem = Problem(
        (Supply("a", 10, month=0), Supply("a", 10, month=1)),
        (Demand("x", 7, bid=100, month=1), Demand("y", 3, month=0), Demand("y", 3, month=1)),
        MARKET,
        (Lane("a", "x", 50), Lane("a", "y", 50)),
    )
    found = relax(problem, solve(problem), 5)
    assert added(found["pairs"]) == [("pair", "a", "y", 6)]
    assert added(found["silos"]) == []


def test_a_silo_carries_goods_into_a_month_that_has_room() -> None:
    problem = Problem(
        (Supply("a", 10, month=0), Supply("a", 2, month=1)),
        (Demand("x", 9, bid=100, month=1),),
        MARKET,
        (Lane("a", "x", 50),),
    )
    assert added(relax(problem, solve(problem), 5)["silos"]) == [("silo", "x", 4), ("silo", "a", 3)]


def test_indivisible_orders_make_the_gain_a_bound() -> None:
    problem = Problem(
        (Supply("a", 10, single=True),),
        (Demand("x", 6, bid=100),),
        MARKET,
        (Lane("a", "x", 50),),
    )
    found = relax(problem, solve(problem), 5)
    assert found["exact"] is False
    assert [each["at_most_kg"] for each in found["needs"]] == [10]  # type: ignore[attr-defined]


def test_no_more_changes_are_told_than_were_asked_for() -> None:
    problem = generate.generate("market", 3, 20, 20)
    some, everything = (relax(problem, solve(problem), top) for top in (3, 500))
    assert added(some["lanes"]) == added(everything["lanes"])[:3]
    assert added(some["needs"]) == added(everything["needs"])[:3]


@pytest.mark.parametrize("kind", ["market", "seasons", "capacities"])
@pytest.mark.parametrize("seed", range(8))
def test_what_is_predicted_is_what_solving_again_finds(kind: str, seed: int) -> None:
    problem = generate.generate(kind, seed, 8, 8)
    found = relax(problem, solve(problem), 2)
    for change in (*found["lanes"], *found["needs"], *found["pairs"], *found["silos"]):  # type: ignore[misc]
        assert most_with(problem, change) == found["placed_kg"] + change["added_kg"]
