"""A month's deals: all of it in its month, in order, and no truck in two places."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import china_day
from app.history.deals import Deal, NotEnoughTrucks, Place, Route, Truck, Window, month_deals
from app.history.rules import TRUCK_LOAD_KG
from app.listings.rules import Product

OCTOBER = Window(date(2026, 10, 1), date(2026, 10, 30))
TRUCKS = [Truck(9, f"鲁PDEM{place}", "", "司机", 15_000) for place in range(10, 13)]


def route(road_m: int) -> Route:
    return Route(
        producer=Place(1, 1),
        consumer=Place(2, 2),
        material="fly_ash",
        kind=None,
        product=Product.CEMENT,
        price=500,
        freight=2_000,
        road_m=road_m,
    )


ROUTES = st.lists(
    st.tuples(st.builds(route, st.integers(1_000, 120_000)), st.integers(0, 20)), max_size=8
)


@given(seed=st.integers(), wanted=ROUTES)
def test_every_load_of_a_month_is_plausible(seed: int, wanted: list[tuple[Route, int]]) -> None:
    deals = month_deals(Random(seed), OCTOBER, wanted, TRUCKS)
    assert [len(deal.loads) for deal in deals] == [count for _route, count in wanted if count]
    for deal in deals:
        assert_in_order(deal)
    assert_no_truck_meets_itself(deals)


def assert_in_order(deal: Deal) -> None:
    first = min(load.loading.at for load in deal.loads)
    steps = (deal.proposed_at, deal.confirmed_at, deal.producer_signed_at, deal.contracted_at)
    assert [*steps, first] == sorted([*steps, first])
    assert {china_day(at).replace(day=1) for at in deal.instants} == {deal.month}
    for load in deal.loads:
        assert load.loading.at < load.unloading.at
        assert load.unloading.net_kg <= load.loading.net_kg <= TRUCK_LOAD_KG
        assert load.lost_kg * 100 <= load.loading.net_kg


def assert_no_truck_meets_itself(deals: list[Deal]) -> None:
    for truck in TRUCKS:
        trips = sorted(
            (load.loading.at, load.unloading.at)
            for deal in deals
            for load in deal.loads
            if load.truck is truck
        )
        assert all(there < away for (_, there), (away, _) in pairwise(trips))


def test_more_loads_than_trips_are_refused() -> None:
    with pytest.raises(NotEnoughTrucks):
        month_deals(Random(1), OCTOBER, [(route(1_000), 59)], TRUCKS[:1])
