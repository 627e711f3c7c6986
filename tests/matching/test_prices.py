from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import (
    Demand,
    Lane,
    Match,
    Mode,
    Outcome,
    PriceRule,
    Problem,
    Property,
    Settings,
    Supply,
    amounts,
    check,
    prices,
)
from matching.generate import KINDS, generate
from matching.solver import solve_with_report
from tests.matching import tiny
from tests.matching.strategies import prices as any_price
from tests.matching.strategies import unhurried


@pytest.mark.parametrize(
    ("ask", "bid", "cost", "support", "producer", "consumer"),
    [
        (0, 10, 0, 0, 5, 5),
        (0, 11, 0, 0, 6, 6),
        (-1_000, 4_000, 2_000, 0, 500, 2_500),
        (-1_000, -500, 400, 0, -950, -550),
        (100, 100, 0, 0, 100, 100),
        (100, 100, 51, 51, 100, 100),
        (0, 0, 50, 53, 2, -1),
    ],
)
def test_the_midpoint_halves_the_surplus_and_gives_the_odd_fen_to_the_producer(
    ask: int, bid: int, cost: int, support: int, producer: int, consumer: int
) -> None:
    found = prices.midpoint(*(np.array([value]) for value in (ask, bid, cost, support)))
    assert [price.tolist() for price in found] == [[producer], [consumer]]


@unhurried
@given(any_price, any_price, st.integers(0, 4_000), st.integers(0, 20_000))
def test_prices_differ_by_freight_less_support_and_keep_both_limits(
    ask: int, bid: int, cost: int, support: int
) -> None:
    if bid - ask - cost + support >= 0:
        arrays = (np.array([value]) for value in (ask, bid, cost, support))
        producer, consumer = (int(price[0]) for price in prices.midpoint(*arrays))
        assert consumer - producer == cost - support
        assert producer >= ask
        assert consumer <= bid


@pytest.mark.parametrize(
    ("ask", "bid", "cost", "support", "producer"),
    [
        (0, 10_00, 0, 0, 5_00),
        (0, 9_00, 0, 0, 5_00),
        (0, 5_00, 0, 0, 5_00),
        (0, 4_99, 0, 0, 0),
        (1, 4_99, 0, 0, 2_50),
        (-12_00, 40_00, 20_00, 0, 5_00),
        (-12_00, -1_00, 0, 0, -5_00),
        (-7_51, -7_49, 0, 0, -7_50),
        (-7_00, 2_00, 0, 0, 0),
        (3_00, 3_00, 51, 51, 3_00),
        (3_00, 3_00, 0, 3_00, 5_00),
    ],
)
def test_a_price_in_steps_is_the_multiple_of_5_cny_nearest_the_middle_if_both_can_live_with_it(
    ask: int, bid: int, cost: int, support: int, producer: int
) -> None:
    found = prices.in_steps(*(np.array([value]) for value in (ask, bid, cost, support)))
    assert [price.tolist() for price in found] == [[producer], [producer + cost - support]]


@unhurried
@given(any_price, any_price, st.integers(0, 4_000), st.integers(0, 20_000))
def test_prices_in_steps_differ_by_freight_less_support_and_keep_both_limits(
    ask: int, bid: int, cost: int, support: int
) -> None:
    if bid - ask - cost + support >= 0:
        arrays = [np.array([value]) for value in (ask, bid, cost, support)]
        producer, consumer = (int(price[0]) for price in prices.in_steps(*arrays))
        even = int(prices.midpoint(*arrays)[0][0])
        assert consumer - producer == cost - support
        assert ask <= producer
        assert consumer <= bid
        assert abs(producer - even) <= prices.STEP // 2
        fits = ask <= -(-ask // prices.STEP) * prices.STEP <= bid - cost + support
        assert producer % prices.STEP == 0 if fits else producer == even


def test_one_price_in_steps_stands_for_ten_cny_of_limits() -> None:
    """Whoever knows its own limit and a price in whole steps still has 1,000 fen to choose from."""
    bids = np.arange(-30_00, 30_00)
    same = [np.full_like(bids, value) for value in (-20_00, 0, 0)]
    found = prices.in_steps(same[0], bids, same[1], same[2])[0][bids >= -20_00]
    sizes = np.unique(found[found % prices.STEP == 0], return_counts=True)[1]
    assert set(sizes[1:-1].tolist()) == {1_000}


@pytest.mark.parametrize("kind", KINDS)
def test_prices_in_steps_pass_the_audit_and_no_other_price_does(kind: str) -> None:
    for seed in range(3):
        problem = generate(kind, seed, 8, 8)
        stated = replace(
            problem, settings=replace(problem.settings, price_rule=PriceRule.MIDPOINT_5)
        )
        outcome = solve_with_report(stated)[0]
        assert check(stated, outcome) == [], seed
        for moved in (-prices.STEP, -1, 1, prices.STEP):
            broken = {each.property for each in check(stated, _first_moved(outcome, moved))}
            assert not outcome.matches or Property.PRICE_RULE in broken, (seed, moved)


def _first_moved(outcome: Outcome, fen: int) -> Outcome:
    """The outcome with the first match at another price, the freight paid as before."""
    if not outcome.matches:
        return outcome
    first, *others = outcome.matches
    moved = replace(
        first,
        price_producer=first.price_producer + fen,
        price_consumer=first.price_consumer + fen,
    )
    return replace(outcome, matches=(moved, *others))


def test_a_market_pays_the_set_support_and_a_plan_what_each_match_needs() -> None:
    surplus = np.array([-70, 0, 40])
    market, plan = Settings(support=25), Settings(support=25, mode=Mode.PLAN)
    assert prices.support_per_tonne(market, surplus).tolist() == [25, 25, 25]
    assert prices.support_per_tonne(plan, surplus).tolist() == [70, 0, 0]


@pytest.mark.parametrize(
    ("kg", "price", "fen"),
    [(1_000, 7, 7), (500, 1, 1), (499, 1, 0), (500, -1, 0), (501, -1, -1), (1, 0, 0)],
)
def test_amounts_are_rounded_half_up_to_the_fen(kg: int, price: int, fen: int) -> None:
    assert amounts(Match("s", "d", kg, 0, 0, price, price)).consumer == fen


@unhurried
@given(st.integers(1, 10**9), any_price, st.integers(-500, 9_000), st.integers(0, 9_000))
def test_money_in_equals_money_out_to_the_fen(kg: int, price: int, cost: int, support: int) -> None:
    match = Match("s", "d", kg, cost, support, price, price + cost - support)
    paid = amounts(match)
    assert paid.consumer + paid.support == paid.producer + paid.freight
    totals = prices.totals([match, match])
    assert totals.consumer + totals.support == totals.producer + totals.freight
    assert totals.kg == 2 * kg


SHADOW = Settings(price_rule=PriceRule.SHADOW)


def shadowed(problem: Problem, settings: Settings = SHADOW) -> Outcome:
    return solve_with_report(replace(problem, settings=settings))[0]


def of_orders(outcome: Outcome) -> dict[tuple[str, str, int | None], set[int]]:
    """The prices each order gets or pays in a month."""
    found: dict[tuple[str, str, int | None], set[int]] = defaultdict(set)
    for match in outcome.matches:
        found["supply", match.supply, match.month].add(match.price_producer)
        found["demand", match.demand, match.month].add(match.price_consumer)
    return found


def test_one_price_is_the_floor_of_the_midpoint_of_what_supports_the_plan() -> None:
    # The cheaper producer sells all it has: the price lies between its own limit and the limit
    # of the dearer one, which would step in, less the difference in freight.
    supplies = (Supply("cheap", 1_000, ask=100), Supply("dear", 1_000, ask=1_005))
    demand = Demand("works", 1_000, bid=4_000)
    lanes = (Lane("cheap", "works", 200), Lane("dear", "works", 100))
    (match,) = shadowed(Problem(supplies, (demand,), lanes=lanes)).matches
    assert match.supply == "cheap"
    assert (match.price_producer, match.price_consumer) == ((100 + 905) // 2, (300 + 1_105) // 2)


def test_an_order_with_something_left_trades_at_its_own_limit() -> None:
    supply, demand = Supply("s", 5_000, ask=-700), Demand("d", 3_000, bid=4_000)
    (match,) = shadowed(Problem((supply,), (demand,), lanes=(Lane("s", "d", 200),))).matches
    assert (match.price_producer, match.price_consumer) == (-700, -500)


def test_prices_between_months_differ_by_no_more_than_the_holding_cost() -> None:
    rows = [Supply("s", kg, month=m, silo_kg=5_000, holding=30) for m, kg in enumerate((6_000, 0))]
    demands = [Demand(f"d{m}", 3_000, month=m, bid=bid) for m, bid in enumerate((900, 4_000))]
    lanes = tuple(Lane("s", demand.id, 100) for demand in demands)
    first, second = shadowed(Problem(tuple(rows), tuple(demands), lanes=lanes)).matches
    assert second.price_producer - first.price_producer == 30


@pytest.mark.parametrize(
    "lanes",
    [
        (Lane("s", "d", 100, capacity_kg=500),),
        (Lane("s", "d", 100, min_kg=500),),
        (Lane("s", "d", 100, fixed_fen=1),),
    ],
    ids=["a full lane", "a least match", "a fixed cost"],
)
def test_where_no_price_could_support_the_plan_the_midpoint_stands(lanes: tuple[Lane]) -> None:
    problem = Problem((Supply("s", 1_000, ask=1),), (Demand("d", 1_000, bid=4_000),), lanes=lanes)
    assert shadowed(problem).matches == shadowed(problem, Settings()).matches


def test_a_plan_that_places_tonnes_at_the_cost_of_surplus_has_midpoint_prices() -> None:
    # a alone could serve y; b serves x only. Most tonnes need a → y though a → x is worth more.
    supplies = (Supply("a", 1_000), Supply("b", 1_000))
    demands = (Demand("x", 1_000, bid=9_000), Demand("y", 1_000, bid=100))
    lanes = (Lane("a", "x"), Lane("a", "y"), Lane("b", "x", 8_500))
    problem = Problem(supplies, demands, SHADOW, lanes)
    outcome, facts = solve_with_report(problem)
    assert (facts.components, facts.shadow_components) == (1, 0)
    assert outcome.matches == shadowed(problem, Settings()).matches


def test_the_report_says_on_how_many_components_one_price_was_found() -> None:
    supplies = tuple(Supply(f"s{k}", 1_000) for k in range(3))
    demands = tuple(Demand(f"d{k}", 1_000, bid=500) for k in range(3))
    lanes = tuple(Lane(f"s{k}", f"d{k}", 0, capacity_kg=10 if k else None) for k in range(3))
    _, facts = solve_with_report(Problem(supplies, demands, SHADOW, lanes))
    assert (facts.components, facts.shadow_components) == (3, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_shadow_prices_of_generated_markets_pass_the_audit(kind: str) -> None:
    for seed in range(2):
        problem = generate(kind, seed, 8, 8)
        for levels in (("tonnes", "surplus"), ("surplus", "tonnes")):
            settings = replace(problem.settings, price_rule=PriceRule.SHADOW, levels=levels)
            stated = replace(problem, settings=settings)
            assert check(stated, solve_with_report(stated)[0]) == [], seed


def test_an_order_has_one_price_a_month_wherever_surplus_alone_decides() -> None:
    for seed in range(80):
        problem = tiny.market(seed)
        lanes = problem.lanes and tuple(replace(lane, capacity_kg=None) for lane in problem.lanes)
        settings = replace(
            problem.settings, price_rule=PriceRule.SHADOW, levels=("surplus",), support=0
        )
        eased = replace(problem, settings=settings, lanes=lanes)
        outcome, facts = solve_with_report(eased)
        assert check(eased, outcome) == [], seed
        if facts.engine == "min-cost flow" and settings.mode is Mode.MARKET:
            assert facts.components == facts.shadow_components
            assert all(len(each) == 1 for each in of_orders(outcome).values()), seed


def test_money_of_many_markets_adds_up_to_the_fen() -> None:
    for seed in range(10):
        for kind in KINDS:
            outcome, _ = solve_with_report(generate(kind, seed, 4, 4))
            paid = outcome.certificate.totals
            assert paid.consumer + paid.support == paid.producer + paid.freight
            assert paid == prices.totals(outcome.matches)
