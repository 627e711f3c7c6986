import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Match, Mode, Settings, amounts, prices
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
