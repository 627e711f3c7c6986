from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given

from matching import Demand, Lane, Mode, Problem, Settings, Side, Supply, geo, lanes
from matching.generate import generate
from matching.lanes import NO_LIMIT, Book, Failed, Near
from tests.matching import tiny
from tests.matching.strategies import markets, unhurried

Pair = tuple[str, str]
#: Supply id, demand id, month, cost.
Way = tuple[str, str, int, int]


@dataclass(frozen=True)
class Found:
    """A near-lane by ids."""

    asking: str
    month: int
    other: str
    other_month: int
    failed: int
    price: int
    metres: int
    months: int
    kg: int


def months_of(
    orders: tuple[Supply, ...] | tuple[Demand, ...], order_id: str, all_months: list[int]
) -> list[int]:
    """The months in which an order may trade, by the words of the format."""
    rows = [order for order in orders if order.id == order_id]
    own = [row.month or 0 for row in rows]
    if not rows[0].silo_kg:
        return own
    first, last = all_months[0], all_months[-1]
    return list(
        range(own[0], last + 1) if isinstance(rows[0], Supply) else range(first, own[-1] + 1)
    )


def horizon(problem: Problem) -> list[int]:
    named = [s.month or 0 for s in problem.supplies] + [d.month or 0 for d in problem.demands]
    return list(range(min(named, default=0), max(named, default=0) + 1))


def pairs_in_reach(problem: Problem) -> Iterator[tuple[Supply, Demand, int]]:
    """Every pair of orders in reach with its road metres, found by asking each pair in turn."""
    for supply in {supply.id: supply for supply in problem.supplies}.values():
        for demand in {demand.id: demand for demand in problem.demands}.values():
            road_m = road_metres(problem, supply, demand)
            if road_m <= limit_m(problem, supply, demand) and demand.accepts(supply.material):
                yield supply, demand, road_m


def road_metres(problem: Problem, supply: Supply, demand: Demand) -> int:
    detour = problem.settings.detour_milli
    return int(geo.road_m(*place_of(supply), *place_of(demand), detour)[0])


def limit_m(problem: Problem, supply: Supply, demand: Demand) -> int:
    reach = problem.settings.max_m if demand.max_m is None else demand.max_m
    return reach if supply.max_m is None else min(reach, supply.max_m)


def place_of(order: Supply | Demand) -> tuple[geo.Floats, geo.Floats]:
    assert order.lon is not None
    assert order.lat is not None
    return np.array([order.lon]), np.array([order.lat])


def cross_product(problem: Problem) -> list[Way]:
    """Every lane of a problem, found by asking each pair and each month in turn."""
    settings, every = problem.settings, horizon(problem)
    listed: Iterator[tuple[str, str, int, int | None]]
    if problem.lanes is None:
        listed = (
            (s.id, d.id, settings.freight_per_t + half_up(road_m * settings.freight_per_tkm), None)
            for s, d, road_m in pairs_in_reach(problem)
        )
    else:
        listed = ((lane.supply, lane.demand, lane.cost, lane.month) for lane in problem.lanes)
    return sorted(
        (supply, demand, month, cost)
        for supply, demand, cost, only in listed
        for month in months_of(problem.supplies, supply, every)
        if month in months_of(problem.demands, demand, every) and only in (None, month)
    )


def half_up(thousandths: int) -> int:
    whole, rest = divmod(thousandths, 1_000)
    return whole + (rest >= 500)


def found_lanes(book: Book) -> list[Way]:
    supply, demand = book.lanes.supply, book.lanes.demand
    return [
        (book.supply.ids[a], book.demand.ids[b], month, cost)
        for a, b, month, cost in zip(
            book.supply.order[supply].tolist(),
            book.demand.order[demand].tolist(),
            book.supply.month[supply].tolist(),
            book.lanes.cost.tolist(),
            strict=True,
        )
    ]


@pytest.mark.parametrize("seed", range(6))
def test_the_index_finds_the_lanes_of_the_full_cross_product(seed: int) -> None:
    problem = generate("market", seed, 60, 60)
    assert sorted(found_lanes(lanes.build(problem))) == cross_product(problem)


@unhurried
@given(markets())
def test_the_book_agrees_with_the_cross_product_on_any_small_market(problem: Problem) -> None:
    book = lanes.build(problem)
    assert sorted(found_lanes(book)) == cross_product(problem)
    ends = list(zip(book.lanes.supply.tolist(), book.lanes.demand.tolist(), strict=True))
    assert ends == sorted(set(ends))
    assert (book.supply.month[book.lanes.supply] == book.demand.month[book.lanes.demand]).all()


def test_the_months_of_any_tiny_market_are_those_of_its_rows_and_silos() -> None:
    for seed in range(200):
        problem = tiny.market(seed)
        book, every = lanes.build(problem), horizon(problem)
        for nodes, orders in ((book.supply, problem.supplies), (book.demand, problem.demands)):
            for k, order_id in enumerate(nodes.ids):
                months = nodes.month[nodes.starts[k] : nodes.starts[k + 1]].tolist()
                assert months == months_of(orders, order_id, every), seed


@pytest.mark.parametrize(
    ("road_m", "cost"),
    [(0, 1_200), (9, 1_200), (10, 1_201), (1_000, 1_250), (29, 1_201), (30, 1_202)],
)
def test_freight_is_rounded_half_up_to_the_fen(road_m: int, cost: int) -> None:
    assert lanes.lane_cost(np.array([road_m]), Settings()).tolist() == [cost]


@pytest.mark.parametrize(
    ("material", "materials", "meets"),
    [
        ("fly_ash", ("fly_ash",), True),
        ("fly_ash", (), True),
        ("fly_ash", ("red_mud", "fly_ash"), True),
        ("fly_ash", ("red_mud",), False),
        ("", ("red_mud",), False),
        ("", (), True),
    ],
)
def test_material_decides_who_meets(material: str, materials: tuple[str, ...], meets: bool) -> None:
    supply, demand = Supply("s", 1, material, 116, 36), Demand("d", 1, materials, 116, 36)
    assert len(lanes.build(Problem((supply,), (demand,))).lanes) == int(meets)


def test_a_demand_without_a_reach_of_its_own_takes_the_default() -> None:
    supply = Supply("s", 1, "x", 116.0, 36.5)
    near, far = Demand("near", 1, (), 117.0, 36.5), Demand("far", 1, (), 117.0, 36.5, max_m=200_000)
    problem = Problem((supply,), (near, far), Settings(mode=Mode.PLAN, max_m=100_000))
    assert [way[1] for way in found_lanes(lanes.build(problem))] == ["far"]


def test_listed_lanes_are_taken_as_they_stand() -> None:
    supplies, demands = (Supply("s", 1, "x"),), (Demand("d", 1, ("y",)),)
    problem = Problem(supplies, demands, Settings(mode=Mode.PLAN), (Lane("s", "d", 77),))
    assert lanes.build(problem).lanes.cost.tolist() == [77]


def bits(problem: Problem) -> list[int]:
    failed: list[int] = lanes.build(problem).lanes.failed.tolist()
    return failed


def test_a_market_permits_only_lanes_that_pay_for_themselves() -> None:
    supply, demand = Supply("s", 1, ask=100), Demand("d", 1, bid=150)
    problem = Problem((supply,), (demand,), Settings(), (Lane("s", "d", 51),))
    assert bits(problem) == [Failed.PRICE]
    for eased in (Settings(support=1), Settings(mode=Mode.PLAN)):
        assert bits(replace(problem, settings=eased)) == [0]


@pytest.mark.parametrize(
    ("supply", "demand", "lane", "failed"),
    [
        (Supply("s", 9), Demand("d", 9), Lane("s", "d", min_kg=9), 0),
        (Supply("s", 8), Demand("d", 9), Lane("s", "d", min_kg=9), Failed.MINIMUM),
        (Supply("s", 9), Demand("d", 8), Lane("s", "d", min_kg=9), Failed.MINIMUM),
        (Supply("s", 9, min_lot_kg=9), Demand("d", 8), Lane("s", "d", min_kg=2), Failed.MINIMUM),
        (
            Supply("s", 9, min_lot_kg=6),
            Demand("d", 9),
            Lane("s", "d", capacity_kg=5),
            Failed.MINIMUM,
        ),
        (Supply("s", 8), Demand("d", 9, min_lot_kg=9), Lane("s", "d"), Failed.MINIMUM),
        (Supply("s", 9, min_lot_kg=2), Demand("d", 9, min_lot_kg=9), Lane("s", "d"), 0),
        (Supply("s", 9, single=True), Demand("d", 9), Lane("s", "d"), 0),
        (Supply("s", 9, single=True), Demand("d", 8), Lane("s", "d"), Failed.LOT),
        (Supply("s", 9, single=True), Demand("d", 9), Lane("s", "d", use_milli=1_001), Failed.LOT),
        (Supply("s", 9, single=True), Demand("d", 8), Lane("s", "d", use_milli=888), 0),
    ],
)
def test_a_lot_that_never_fits_takes_its_lane_out(
    supply: Supply, demand: Demand, lane: Lane, failed: int
) -> None:
    problem = Problem((supply,), (demand,), Settings(mode=Mode.PLAN), (lane,))
    assert bits(problem) == [failed]


def test_a_lane_could_carry_what_silos_may_add_on_both_sides() -> None:
    supplies = [Supply("s", 10, month=m, silo_kg=4, stock_kg=3) for m in (0, 1)]
    demands = [Demand("d", kg, month=m, silo_kg=5, stock_kg=2) for m, kg in ((0, 20), (1, 7))]
    problem = Problem(tuple(supplies), tuple(demands), lanes=(Lane("s", "d"),))
    book = lanes.build(problem)
    assert book.supply.most.tolist() == [13, 14]
    assert book.demand.own_kg.tolist() == [18, 7]
    assert book.demand.most.tolist() == [23, 7]
    assert lanes.capacity(book).tolist() == [13, 7]


def test_opening_stock_in_a_consumers_silo_leaves_less_room_until_it_is_used() -> None:
    demands = [Demand("d", kg, month=m, silo_kg=9, stock_kg=8) for m, kg in ((1, 3), (3, 7))]
    problem = Problem((Supply("s", 1, month=0),), tuple(demands), lanes=())
    nodes = lanes.build(problem).demand
    assert nodes.month.tolist() == [0, 1, 2, 3]
    assert nodes.own_kg.tolist() == [0, 0, 0, 2]
    assert nodes.held_kg.tolist() == [1, 4, 4, 0]


def test_a_month_without_a_row_keeps_the_least_lot_of_the_row_before() -> None:
    rows = [Supply("s", 9, month=m, silo_kg=9, min_lot_kg=lot) for m, lot in ((0, 4), (2, 6))]
    demands = [Demand("d", 9, month=m) for m in range(4)]
    book = lanes.build(Problem(tuple(rows), tuple(demands), lanes=(Lane("s", "d"),)))
    assert book.lanes.min_kg.tolist() == [4, 4, 6, 6]


def test_columns_of_made_lanes_that_are_all_alike_take_no_memory() -> None:
    made = lanes.build(generate("market", 1, 40, 40)).lanes
    assert [column.strides for column in (made.kg, made.min_kg, made.use_milli)] == [(0,)] * 3
    assert set(made.kg.tolist()) == {NO_LIMIT}


def near_of(problem: Problem, side: Side) -> list[Found]:
    book = lanes.build(problem)
    here, there = book.nodes(side), book.nodes(side.opposite)
    near = lanes.near(problem, book, side, np.arange(len(here)))
    assert (near.failed > 0).all()
    return [told(near, k, here, there) for k in range(len(near))]


def told(near: Near, k: int, here: lanes.Nodes, there: lanes.Nodes) -> Found:
    node, other = int(near.node[k]), int(near.other[k])
    numbers = (near.month, near.failed, near.price, near.metres, near.months, near.kg)
    return Found(
        here.ids[here.order[node]],
        int(here.month[node]),
        there.ids[other],
        *(int(column[k]) for column in numbers),
    )


def rejected_by_hand(problem: Problem, side: Side) -> list[tuple[str, int, str, int, int]]:
    """Asking id and month, other id, missing price and months apart of pairs in reach, by hand."""
    every, settings = horizon(problem), problem.settings
    found = []
    for supply, demand, road_m in pairs_in_reach(problem):
        cost = settings.freight_per_t + half_up(road_m * settings.freight_per_tkm)
        short = max(0, supply.ask + cost - demand.bid - settings.support)
        short = 0 if settings.mode is Mode.PLAN else short
        giving = months_of(problem.supplies, supply.id, every)
        taking = months_of(problem.demands, demand.id, every)
        mine, theirs = (giving, taking) if side is Side.SUPPLY else (taking, giving)
        ids = (supply.id, demand.id) if side is Side.SUPPLY else (demand.id, supply.id)
        for month in mine:
            apart = min(abs(month - other) for other in theirs)
            if apart or short:
                found.append((ids[0], month, ids[1], short, apart))
    return sorted(found)


@pytest.mark.parametrize("side", list(Side))
def test_near_lanes_in_reach_are_those_of_the_full_cross_product(side: Side) -> None:
    for seed in range(150):
        problem = replace(tiny.market(seed), lanes=None)
        near = [each for each in near_of(problem, side) if not each.failed & Failed.DISTANCE]
        plain = [each for each in near if each.failed & (Failed.PRICE | Failed.MONTH)]
        ours = [(f.asking, f.month, f.other, f.price, f.months) for f in plain]
        known = [each for each in ours if not stranger(problem, side, each[0])]
        assert sorted(known) == rejected_by_hand(problem, side), seed
        for each in plain:
            assert bool(each.failed & Failed.PRICE) == (each.price > 0)
            assert bool(each.failed & Failed.MONTH) == (each.months > 0)


def stranger(problem: Problem, side: Side, order_id: str) -> bool:
    """Whether nobody is in reach of an order."""
    ids = {(s.id if side is Side.SUPPLY else d.id) for s, d, _ in pairs_in_reach(problem)}
    return order_id not in ids


def test_an_order_out_of_reach_is_told_the_nearest_that_handles_its_material() -> None:
    supply = Supply("s", 1, "x", 116.0, 36.5, max_m=50_000)
    other = Demand("other", 1, ("y",), 116.0, 36.5)
    near, far = Demand("near", 1, ("x",), 117.0, 36.5), Demand("far", 1, ("x",), 118.0, 36.5)
    problem = Problem((supply,), (other, near, far), Settings(mode=Mode.PLAN))
    (found,) = near_of(problem, Side.SUPPLY)
    assert (found.other, found.failed) == ("near", Failed.DISTANCE)
    assert found.metres + 50_000 == pytest.approx(1.3 * 89_600, rel=0.01)
    book = lanes.build(problem)
    told_all = lanes.near(problem, book, Side.DEMAND, np.array([book.demand.ids.index("other")]))
    assert told_all.failed.tolist() == [Failed.MATERIAL]
    assert lanes.near(problem, book, Side.SUPPLY, np.array([0])).counterparts.tolist() == [2]


def test_a_lane_listed_for_another_month_is_near_by_the_months_between() -> None:
    supplies = tuple(Supply("s", 5, month=m) for m in (0, 2))
    demands = tuple(Demand("d", 5, month=m) for m in (0, 2, 3))
    problem = Problem(supplies, demands, Settings(mode=Mode.PLAN), (Lane("s", "d", month=3),))
    found = [(each.month, each.other_month, each.failed) for each in near_of(problem, Side.SUPPLY)]
    assert found == [(0, 3, Failed.MONTH), (2, 3, Failed.MONTH)]


def test_a_lot_out_of_proportion_is_near_by_the_kilograms_it_is_too_large() -> None:
    supply, demand = Supply("s", 9, single=True), Demand("d", 5)
    problem = Problem((supply,), (demand,), Settings(mode=Mode.PLAN), (Lane("s", "d", min_kg=2),))
    (found,) = near_of(problem, Side.SUPPLY)
    assert (found.failed, found.kg) == (Failed.LOT, 4)
