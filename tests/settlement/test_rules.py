"""Money from received weight, on plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.quantities import amount_fen
from app.settlement.rules import Load, Prices, lines, of_month

START = datetime(2026, 12, 1, 2, tzinfo=UTC)


def loads(*masses: int) -> list[Load]:
    moments = [START + timedelta(hours=count) for count in range(len(masses))]
    return [
        Load("T-2612-0001", f"W-2612-{count:05d}", at, at, kg)
        for count, (at, kg) in enumerate(zip(moments, masses, strict=True), 1)
    ]


@pytest.mark.parametrize(
    ("masses", "price", "amounts"),
    [
        ((30_000,), 155, [4_650]),
        ((30_001,), 155, [4_650]),  # 4,650.155 fen
        ((1, 1, 1, 1), 500, [1, 0, 1, 0]),  # 0.5 is paid at once, 1.0 adds nothing, 1.5 pays again
        ((30_000, 29_500), -1_200, [-36_000, -35_400]),
        ((30_000,), 0, [0]),
    ],
)
def test_each_load_is_paid_what_the_running_sum_grows_by(
    masses: tuple[int, ...], price: int, amounts: list[int]
) -> None:
    found = lines(loads(*masses), Prices(price, price + 2_310))
    assert [line.producer_fen for line in found] == amounts


@given(
    masses=st.lists(st.integers(1, 60_000), max_size=30),
    producer=st.integers(-20_000, 20_000),
    freight=st.integers(0, 20_000),
)
def test_however_many_loads_the_parts_add_up_to_the_whole_to_the_fen(
    masses: list[int], producer: int, freight: int
) -> None:
    prices = Prices(producer, producer + freight)
    found = list(lines(loads(*masses), prices))
    assert sum(line.producer_fen for line in found) == amount_fen(sum(masses), producer)
    assert sum(line.consumer_fen for line in found) == amount_fen(sum(masses), prices.consumer)
    assert all(line.producer_fen + line.freight_fen == line.consumer_fen for line in found)


def test_a_discrepancy_settled_late_changes_nothing_that_was_payable_before() -> None:
    first, second, third = loads(333, 333, 333)
    late = Load(first.trade, first.shipment, first.received_at, START + timedelta(days=40), 330)
    before = list(lines([second, third], Prices(155, 200)))
    assert list(lines([late, second, third], Prices(155, 200)))[:2] == before


def test_a_month_begins_at_midnight_in_china() -> None:
    at = datetime(2026, 11, 30, 16, tzinfo=UTC)  # 1 December, 00:00 in China
    found = list(lines([Load("T", "W", at, at, 1)], Prices(1, 1)))
    assert of_month(found, date(2026, 12, 1)) == found
    assert of_month(found, date(2026, 11, 1)) == []
