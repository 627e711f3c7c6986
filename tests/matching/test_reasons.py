import pytest

from matching import Demand, Lane, Mode, OrderResult, Problem, Reason, Settings, Side, Supply, solve

HERE = (116.0, 36.5)
AN_HOUR_AWAY = (117.0, 36.5)


def line(problem: Problem, side: Side, order_id: str) -> OrderResult:
    lines = solve(problem).orders
    return next(each for each in lines if each.side is side and each.id == order_id)


def one_pair(supply: Supply, demand: Demand, **settings: int) -> OrderResult:
    return line(Problem((supply,), (demand,), Settings(**settings)), Side.SUPPLY, "s")  # type: ignore[arg-type]


def test_a_placed_order_says_so() -> None:
    told = one_pair(Supply("s", 5, "x", *HERE), Demand("d", 5, ("x",), *HERE, bid=5_000))
    assert (told.reason, told.placed, told.detail) == (Reason.PLACED, 5, {})


def test_an_order_of_nothing_says_so() -> None:
    told = one_pair(Supply("s", 0, "x", *HERE), Demand("d", 5, ("x",), *HERE, bid=5_000))
    assert told.reason is Reason.ZERO


def test_nobody_takes_the_material() -> None:
    told = one_pair(Supply("s", 5, "x", *HERE), Demand("d", 5, ("y",), *HERE))
    assert (told.reason, told.detail) == (Reason.NO_LANE_MATERIAL, {})


def test_a_market_with_one_side_only_lacks_the_material() -> None:
    problem = Problem((Supply("s", 5, "x", *HERE),), ())
    assert line(problem, Side.SUPPLY, "s").reason is Reason.NO_LANE_MATERIAL


def test_the_nearest_taker_is_too_far() -> None:
    supply, demand = Supply("s", 5, "x", *HERE), Demand("d", 5, ("x",), *AN_HOUR_AWAY)
    told = one_pair(supply, demand, max_m=80_000)
    assert told.reason is Reason.NO_LANE_DISTANCE
    assert told.detail["limit_m"] == 80_000
    assert told.detail["nearest_m"] == pytest.approx(116_500, rel=0.01)
    assert told.detail["counterparts"] == 1


def test_the_price_misses_by_so_much() -> None:
    supply, demand = Supply("s", 5, "x", *HERE, ask=100), Demand("d", 5, ("x",), *HERE, bid=1_250)
    told = one_pair(supply, demand)
    assert (told.reason, told.detail) == (Reason.PRICE, {"counterparts": 1, "missing": 50})
    eased = one_pair(supply, demand, support=50)
    assert eased.reason is Reason.PLACED


def test_a_better_offer_filled_the_demand() -> None:
    dear, cheap = Supply("dear", 5, "x", *HERE, ask=100), Supply("cheap", 5, "x", *HERE, ask=0)
    demand = Demand("d", 5, ("x",), *HERE, bid=9_000)
    told = line(Problem((dear, cheap), (demand,)), Side.SUPPLY, "dear")
    assert (told.reason, told.placed, told.detail) == (Reason.FULL, 0, {"counterparts": 1})


def test_an_equal_offer_loses_a_tie_and_is_told_so() -> None:
    twins = Supply("first", 5, "x", *HERE), Supply("second", 5, "x", *HERE)
    problem = Problem(twins, (Demand("d", 5, ("x",), *HERE, bid=9_000),))
    lost = [each for each in solve(problem).orders if each.reason is Reason.TIE]
    assert [(each.placed, each.detail) for each in lost] == [(0, {"counterparts": 1, "rivals": 1})]


def test_the_rest_of_a_part_filled_order_is_explained() -> None:
    told = one_pair(Supply("s", 8, "x", *HERE), Demand("d", 5, ("x",), *HERE, bid=5_000))
    assert (told.reason, told.placed, told.kg) == (Reason.FULL, 5, 8)


def test_a_list_of_lanes_may_leave_an_order_out() -> None:
    supplies, demands = (Supply("s", 5), Supply("t", 5)), (Demand("d", 5),)
    problem = Problem(supplies, demands, Settings(mode=Mode.PLAN), (Lane("t", "d"),))
    assert line(problem, Side.SUPPLY, "s").reason is Reason.NO_LANE_LISTED
