"""Small seeded markets that together use everything an outcome can hold."""

import random
from dataclasses import replace
from typing import TypeVar

from matching.problem import Demand, Lane, Mode, PriceRule, Problem, Settings, Supply

Order = TypeVar("Order", Supply, Demand)

LEVELS = (("tonnes", "surplus"), ("tonnes", "surplus"), ("surplus",), ("tonnes", "cost"))
SUPPLIES, DEMANDS = 6, 5


def drawn(seed: int) -> Problem:
    """A market: every other one has months and silos, and every other pair of them lots."""
    draw = random.Random(f"audit {seed}")
    months: tuple[int | None, ...] = (0, 1, 2) if seed % 2 else (None,)
    supplies = [_supply(draw, i) for i in range(SUPPLIES)]
    demands = [_demand(draw, j) for j in range(DEMANDS)]
    lanes = _lanes(draw, supplies, demands)
    if seed % 4 >= 2:
        supplies = [_lot(draw, supply) for supply in supplies]
        demands = [replace(demand, open_fen=draw.choice((0, 0, 40_000))) for demand in demands]
        lanes = [_indivisible(draw, lane) for lane in lanes]
    return Problem(
        tuple(_in_month(draw, row, month) for row in supplies for month in months),
        tuple(_in_month(draw, row, month) for row in demands for month in months),
        Settings(
            levels=draw.choice(LEVELS),
            mode=draw.choice((Mode.MARKET, Mode.MARKET, Mode.PLAN)),
            support=draw.choice((0, 300)),
            price_rule=draw.choice((PriceRule.MIDPOINT, PriceRule.MIDPOINT, PriceRule.SHADOW)),
        ),
        tuple(lanes),
    )


def _supply(draw: random.Random, index: int) -> Supply:
    silo_kg = draw.choice((0, 20_000, 90_000))
    return Supply(
        f"S{index}",
        0,
        ask=draw.randrange(-900, 900),
        silo_kg=silo_kg,
        stock_kg=draw.choice((0, silo_kg // 3)),
        holding=draw.choice((0, 40)),
        weight_milli=draw.choice((1_000, 1_000, 2_500)),
    )


def _demand(draw: random.Random, index: int) -> Demand:
    silo_kg = draw.choice((0, 30_000))
    return Demand(
        f"D{index}",
        0,
        bid=draw.randrange(500, 3_500),
        silo_kg=silo_kg,
        stock_kg=draw.choice((0, silo_kg // 2)),
    )


def _lanes(draw: random.Random, supplies: list[Supply], demands: list[Demand]) -> list[Lane]:
    """About half of the pairs: the first and the last orders meet nobody of each other's."""
    return [
        Lane(
            supply.id,
            demand.id,
            draw.randrange(100, 1_500),
            capacity_kg=draw.choice((None, None, draw.randrange(10_000, 60_000))),
        )
        for i, supply in enumerate(supplies)
        for j, demand in enumerate(demands)
        if (i < SUPPLIES // 2) == (j < DEMANDS // 2) and draw.random() < 0.8
    ]


def _lot(draw: random.Random, supply: Supply) -> Supply:
    """Only the first half, so that a pure flow stands beside what cannot be divided."""
    if int(supply.id[1:]) >= SUPPLIES // 2:
        return supply
    if supply.id == "S0":
        return replace(supply, single=True, silo_kg=0, stock_kg=0)
    return replace(supply, min_lot_kg=draw.choice((0, 8_000)))


def _indivisible(draw: random.Random, lane: Lane) -> Lane:
    if int(lane.supply[1:]) >= SUPPLIES // 2:
        return lane
    return replace(
        lane,
        min_kg=draw.choice((0, 6_000)),
        fixed_fen=draw.choice((0, 0, 5_000)),
        use_milli=draw.choice((1_000, 1_000, 850)),
    )


def _in_month(draw: random.Random, row: Order, month: int | None) -> Order:
    most = 30_000 if isinstance(row, Supply) and row.single else 90_000
    return replace(row, month=month, kg=draw.randrange(0, most))
