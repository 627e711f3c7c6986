"""Each code on the smallest market that shows it, with its figures; then any market, audited."""

from dataclasses import replace

import pytest
from hypothesis import given

from matching import (
    Demand,
    Lane,
    Mode,
    OrderResult,
    Problem,
    Property,
    Reason,
    Settings,
    Side,
    Supply,
    check,
    solve,
)
from matching.generate import generate
from tests.matching.strategies import generated, markets, unhurried

HERE = (116.0, 36.5)
AN_HOUR_AWAY = (117.0, 36.5)
PLAN = Settings(mode=Mode.PLAN)
MARKET = Settings(mode=Mode.MARKET)
BEST_FIRST = Settings(mode=Mode.MARKET, levels=("surplus", "tonnes"))
Told = tuple[str, dict[str, int]]
TONNES_FIRST = ("market", "ties", "plan", "listed", "gate_fees", "seasons")


def line(problem: Problem, side: Side, order_id: str, month: int | None = None) -> OrderResult:
    outcome = solve(problem)
    broken = [each for each in check(problem, outcome) if each.property.startswith("reason")]
    assert broken == []
    key = side, order_id, month
    return next(each for each in outcome.orders if (each.side, each.id, each.month) == key)


def told(problem: Problem, side: Side, order_id: str, month: int | None = None) -> Told:
    found = line(problem, side, order_id, month)
    return found.reason.value, dict(found.detail)


def one_pair(supply: Supply, demand: Demand, **settings: int) -> Told:
    problem = Problem((supply,), (demand,), Settings(**settings))  # type: ignore[arg-type]
    return told(problem, Side.SUPPLY, "s")


def listed(
    supplies: list[Supply], demands: list[Demand], *lanes: Lane, settings: Settings = PLAN
) -> Problem:
    return Problem(tuple(supplies), tuple(demands), settings, lanes)


def test_a_placed_order_says_so() -> None:
    found = one_pair(Supply("s", 5, "x", *HERE), Demand("d", 5, ("x",), *HERE, bid=5_000))
    assert found == ("placed", {})


def test_an_order_of_nothing_says_so() -> None:
    found = one_pair(Supply("s", 0, "x", *HERE), Demand("d", 5, ("x",), *HERE, bid=5_000))
    assert found == ("zero", {})


def test_nobody_takes_the_material() -> None:
    found = one_pair(Supply("s", 5, "x", *HERE), Demand("d", 5, ("y",), *HERE))
    assert found == ("no_lane_material", {})


def test_a_market_with_one_side_only_lacks_the_material() -> None:
    problem = Problem((Supply("s", 5, "x", *HERE),), ())
    assert told(problem, Side.SUPPLY, "s") == ("no_lane_material", {})


def test_the_nearest_taker_is_too_far() -> None:
    supply, demand = Supply("s", 5, "x", *HERE), Demand("d", 5, ("x",), *AN_HOUR_AWAY)
    reason, detail = one_pair(supply, demand, max_m=80_000)
    assert reason == "no_lane_distance"
    assert detail["nearest_m"] == pytest.approx(116_500, rel=0.01)
    assert (detail["limit_m"], detail["counterparts"]) == (80_000, 1)


def test_a_list_of_lanes_may_leave_an_order_out() -> None:
    problem = listed([Supply("s", 5), Supply("t", 5)], [Demand("d", 5)], Lane("t", "d"))
    assert told(problem, Side.SUPPLY, "s") == ("no_lane_listed", {})


def test_the_price_misses_by_so_much() -> None:
    supply, demand = Supply("s", 5, "x", *HERE, ask=100), Demand("d", 5, ("x",), *HERE, bid=1_250)
    assert one_pair(supply, demand) == ("price", {"counterparts": 1, "missing": 50})
    assert one_pair(supply, demand, support=50) == ("placed", {})


@pytest.mark.parametrize("side", Side)
def test_a_partner_of_another_month_is_named_as_such(side: Side) -> None:
    problem = listed(
        [Supply("s", 5, month=0), Supply("t", 5, month=1)],
        [Demand("d", 5, bid=1, month=1), Demand("e", 5, month=0)],
        Lane("s", "d"),
        settings=MARKET,
    )
    order = ("s", 0) if side is Side.SUPPLY else ("d", 1)
    assert told(problem, side, *order) == ("month", {"counterparts": 1})


def test_a_partner_without_tonnes_in_the_month_is_not_there() -> None:
    problem = listed(
        [Supply("s", 5, month=0)],
        [Demand("d", 0, month=0), Demand("d", 5, month=1)],
        Lane("s", "d"),
    )
    assert told(problem, Side.SUPPLY, "s", 0) == ("month", {"counterparts": 1})


def test_without_months_a_partner_of_nothing_is_a_full_one() -> None:
    problem = listed([Supply("s", 5)], [Demand("d", 0)], Lane("s", "d"))
    reason, detail = told(problem, Side.SUPPLY, "s")
    assert (reason, detail["shortage_kg"]) == ("full", 5)


def test_a_partner_of_another_month_who_does_not_pay_is_a_matter_of_price() -> None:
    problem = listed(
        [Supply("s", 5, ask=30, month=0)],
        [Demand("d", 5, bid=20, month=1)],
        Lane("s", "d", cost=5),
        settings=MARKET,
    )
    assert told(problem, Side.SUPPLY, "s", 0) == ("price", {"counterparts": 1, "missing": 15})


def test_a_lane_of_a_later_month_counts_for_what_can_be_stored() -> None:
    problem = listed(
        [Supply("s", 5, ask=30, silo_kg=5, month=0)],
        [Demand("d", 5, bid=20, month=1)],
        Lane("s", "d"),
        settings=MARKET,
    )
    assert told(problem, Side.SUPPLY, "s", 0) == ("price", {"counterparts": 1, "missing": 10})


@pytest.mark.parametrize(("side", "order"), [(Side.SUPPLY, "s"), (Side.DEMAND, "d")])
def test_an_undivided_row_is_too_large_for_an_empty_partner(side: Side, order: str) -> None:
    problem = listed([Supply("s", 9, single=True)], [Demand("d", 5)], Lane("s", "d"))
    detail = {"counterparts": 1, "lot_kg": 9, "room_kg": 5}
    assert told(problem, side, order) == ("lot_too_large", detail)


def test_an_undivided_row_is_too_large_for_what_is_left() -> None:
    problem = listed(
        [Supply("s", 6, ask=10, single=True), Supply("t", 8)],
        [Demand("d", 10, bid=20)],
        Lane("s", "d"),
        Lane("t", "d"),
        settings=BEST_FIRST,
    )
    detail = {"counterparts": 1, "lot_kg": 6, "room_kg": 2}
    assert told(problem, Side.SUPPLY, "s") == ("lot_too_large", detail)


@pytest.mark.parametrize(("side", "order"), [(Side.SUPPLY, "s"), (Side.DEMAND, "d")])
def test_a_partner_could_never_take_the_least_match(side: Side, order: str) -> None:
    problem = listed([Supply("s", 9, min_lot_kg=7)], [Demand("d", 5)], Lane("s", "d"))
    mirrored = listed([Supply("s", 5)], [Demand("d", 9, min_lot_kg=7)], Lane("s", "d"))
    assert told(problem, side, order) == told(mirrored, side, order)
    detail = {"counterparts": 1, "minimum_kg": 7, "room_kg": 5}
    assert told(problem, side, order) == ("lot_too_small", detail)


def test_what_is_left_is_less_than_the_least_match() -> None:
    problem = listed(
        [Supply("s", 9)],
        [Demand("d", 7, bid=20), Demand("e", 7, bid=1)],
        Lane("s", "d"),
        Lane("s", "e", min_kg=4),
        settings=BEST_FIRST,
    )
    figures = {"minimum_kg": 4, "room_kg": 2}
    assert told(problem, Side.SUPPLY, "s") == ("lot_too_small", {"counterparts": 2, **figures})
    assert told(problem, Side.DEMAND, "e") == ("lot_too_small", {"counterparts": 1, **figures})


def test_a_fixed_cost_that_nothing_covers_keeps_a_row_open() -> None:
    problem = listed(
        [Supply("s", 1_000)],
        [Demand("d", 1_000, bid=50)],
        Lane("s", "d", fixed_fen=60),
        settings=MARKET,
    )
    detail = {"counterparts": 1, "room_kg": 1_000, "unpaid_fen": 60}
    assert told(problem, Side.SUPPLY, "s") == ("costs", detail)
    assert told(problem, Side.DEMAND, "d") == ("costs", detail)


def test_where_cost_comes_before_tonnes_freight_keeps_a_row_open() -> None:
    settings = Settings(mode=Mode.PLAN, levels=("cost", "tonnes"))
    problem = listed([Supply("s", 5)], [Demand("d", 4)], Lane("s", "d", cost=1), settings=settings)
    detail = {"counterparts": 1, "room_kg": 4, "unpaid_fen": 0}
    assert told(problem, Side.SUPPLY, "s") == ("costs", detail)


def test_a_producers_silo_is_too_small_for_the_month_that_has_room() -> None:
    problem = listed(
        [Supply("s", 9, silo_kg=2, month=0)],
        [Demand("d", 3, month=0), Demand("d", 5, month=1)],
        Lane("s", "d"),
    )
    found = line(problem, Side.SUPPLY, "s", 0)
    assert (found.placed, found.reason) == (5, Reason.SILO)
    assert dict(found.detail) == {
        "counterparts": 1,
        "full_silos": 1,
        "region_demands": 1,
        "region_supplies": 1,
        "shortage_kg": 4,
    }


def test_a_consumers_silo_is_too_small_for_the_month_that_has_goods() -> None:
    problem = listed(
        [Supply("s", 9, month=0)],
        [Demand("d", 3, silo_kg=2, month=0), Demand("d", 5, silo_kg=2, month=1)],
        Lane("s", "d"),
    )
    found = line(problem, Side.DEMAND, "d", 1)
    assert (found.placed, found.reason) == (2, Reason.SILO)
    assert found.detail["full_silos"] == 1
    assert line(problem, Side.SUPPLY, "s", 0).reason is Reason.SILO


def test_opening_stock_stands_beside_the_reason() -> None:
    problem = listed(
        [Supply("s", 4, silo_kg=5, stock_kg=3)],
        [Demand("d", 9, silo_kg=2, stock_kg=2), Demand("e", 1, silo_kg=1, stock_kg=1)],
        Lane("s", "d"),
        Lane("s", "e"),
    )
    assert told(problem, Side.SUPPLY, "s") == ("placed", {"from_stock": 3})
    assert told(problem, Side.DEMAND, "d") == ("placed", {"from_stock": 2})
    assert told(problem, Side.DEMAND, "e") == ("stock", {"from_stock": 1})


def region(supplies: int, demands: int, shortage_kg: int) -> dict[str, int]:
    return {
        "region_demands": demands,
        "region_supplies": supplies,
        "shortage_kg": shortage_kg,
    }


def test_a_better_offer_filled_the_demand() -> None:
    dear, cheap = Supply("dear", 5, "x", *HERE, ask=100), Supply("cheap", 5, "x", *HERE, ask=0)
    demand = Demand("d", 5, ("x",), *HERE, bid=9_000)
    found = told(Problem((dear, cheap), (demand,)), Side.SUPPLY, "dear")
    assert found == ("full", {"counterparts": 1, **region(2, 1, 5)})


def test_the_rest_of_a_part_filled_order_is_explained() -> None:
    problem = Problem((Supply("s", 8, "x", *HERE),), (Demand("d", 5, ("x",), *HERE, bid=5_000),))
    found = line(problem, Side.SUPPLY, "s")
    assert (found.placed, found.reason) == (5, Reason.FULL)
    assert dict(found.detail) == {"counterparts": 1, **region(1, 1, 3)}


def test_a_region_grows_through_lanes_in_use_and_ends_where_nothing_can_move() -> None:
    """s and t share d; t could go to e as well, which u fills; f and v stand apart."""
    problem = listed(
        [Supply("s", 6), Supply("t", 5), Supply("u", 4), Supply("v", 3)],
        [Demand("d", 7), Demand("e", 5), Demand("f", 3)],
        Lane("s", "d"),
        Lane("t", "d"),
        Lane("t", "e"),
        Lane("u", "e"),
        Lane("v", "f"),
    )
    open_rows = [each for each in solve(problem).orders if each.reason is not Reason.PLACED]
    assert open_rows
    for each in open_rows:
        reason, detail = told(problem, each.side, each.id)
        assert reason in ("full", "tie")
        if reason == "full":
            assert {k: detail[k] for k in region(0, 0, 0)} == region(3, 2, 3)


def test_lanes_at_their_capacity_bound_a_region() -> None:
    problem = listed([Supply("s", 8)], [Demand("d", 9)], Lane("s", "d", capacity_kg=5))
    found = {"counterparts": 1, **region(1, 0, 3), "full_lanes": 1}
    assert told(problem, Side.SUPPLY, "s") == ("full", found)
    found = {"counterparts": 1, **region(0, 1, 4), "full_lanes": 1}
    assert told(problem, Side.DEMAND, "d") == ("full", found)


def test_an_equal_offer_loses_a_tie_and_is_told_so() -> None:
    twins = Supply("first", 5, "x", *HERE), Supply("second", 5, "x", *HERE)
    problem = Problem(twins, (Demand("d", 5, ("x",), *HERE, bid=9_000),))
    lost = [each for each in solve(problem).orders if each.reason is Reason.TIE]
    assert [(each.placed, each.detail) for each in lost] == [(0, {"counterparts": 1, "rivals": 1})]


def test_an_equal_offer_of_less_weight_does_not_tie() -> None:
    twins = Supply("first", 5, "x", *HERE, weight_milli=900), Supply("second", 5, "x", *HERE)
    problem = Problem(twins, (Demand("d", 5, ("x",), *HERE, bid=9_000),))
    assert told(problem, Side.SUPPLY, "first") == ("full", {"counterparts": 1, **region(2, 1, 5)})


def test_an_equal_offer_in_another_month_does_not_tie() -> None:
    problem = listed(
        [Supply("s", 5, month=0), Supply("t", 5, month=1), Supply("u", 5, month=1)],
        [Demand("d", 2, month=0), Demand("d", 5, month=1)],
        Lane("s", "d"),
        Lane("t", "d"),
    )
    assert told(problem, Side.SUPPLY, "s", 0) == ("full", {"counterparts": 1, **region(1, 1, 3)})


@unhurried
@given(markets())
def test_the_audit_finds_every_reason_of_any_market_true(problem: Problem) -> None:
    broken = check(problem, solve(problem))
    assert [v for v in broken if v.property in (Property.REASON, Property.REASON_DETAIL)] == []


@pytest.mark.parametrize("problem", generated(2, 25, 25, TONNES_FIRST))
def test_where_tonnes_come_first_and_all_is_divisible_room_is_never_left(problem: Problem) -> None:
    left = {Reason.COSTS, Reason.LOT_TOO_LARGE, Reason.LOT_TOO_SMALL}
    assert not {each.reason for each in solve(problem).orders} & left


def with_silos(problem: Problem, kg: int) -> Problem:
    return replace(
        problem,
        supplies=tuple(replace(row, silo_kg=kg, stock_kg=0) for row in problem.supplies),
        demands=tuple(replace(row, silo_kg=kg, stock_kg=0) for row in problem.demands),
        settings=Settings(mode=Mode.PLAN),
    )


@pytest.mark.parametrize("kg", [100_000, 3_000_000, 80_000_000])
@pytest.mark.parametrize("seed", range(5))
def test_silos_are_named_exactly_where_larger_ones_would_place_more(seed: int, kg: int) -> None:
    problem = generate("seasons", seed, 4, 4)
    outcome, wide = solve(with_silos(problem, kg)), solve(with_silos(problem, 10**10))
    more_kg = wide.certificate.totals.kg - outcome.certificate.totals.kg
    assert (more_kg > 0) == any(each.reason is Reason.SILO for each in outcome.orders)


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_what_a_price_misses_opens_a_lane_and_a_fen_less_does_not(seed: int) -> None:
    problem = generate("market", seed, 15, 15)
    short = [each for each in solve(problem).orders if each.reason is Reason.PRICE]
    assert short
    for each in short:
        for fen, still in ((each.detail["missing"] - 1, True), (each.detail["missing"], False)):
            eased = easier(problem, each, fen)
            assert (line(eased, each.side, each.id).reason is Reason.PRICE) == still


def easier(problem: Problem, order: OrderResult, fen: int) -> Problem:
    mine = {(order.side, order.id)}
    return replace(
        problem,
        supplies=tuple(
            replace(r, ask=r.ask - fen) if (Side.SUPPLY, r.id) in mine else r
            for r in problem.supplies
        ),
        demands=tuple(
            replace(r, bid=r.bid + fen) if (Side.DEMAND, r.id) in mine else r
            for r in problem.demands
        ),
    )
