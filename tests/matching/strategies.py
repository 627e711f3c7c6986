"""Small random markets for property tests, and the catalogue of generated ones."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st

from matching import Demand, Lane, Mode, PriceRule, Problem, Settings, Supply
from matching.generate import KINDS, generate

MATERIALS = ("fly_ash", "fgd_gypsum", "red_mud")
LISTS_OF_LEVELS = (
    ("tonnes", "surplus"),
    ("surplus",),
    ("surplus", "tonnes"),
    ("tonnes", "cost"),
    ("tonnes", "cost", "surplus"),
    ("cost", "tonnes"),
)
HORIZONS: list[list[int | None]] = [[None], [None], [0], [0, 1], [0, 1, 2], [2, 3, 5]]

Order = TypeVar("Order", Supply, Demand)

#: For ``@given``: the solver's first import and a busy machine are slower than the usual deadline.
unhurried = settings(deadline=None, max_examples=60)

ids = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=8
)
kilograms = st.integers(0, 50_000)
prices = st.integers(-5_000, 9_000)
longitudes = st.floats(115, 117).map(lambda degrees: round(degrees, 6))
latitudes = st.floats(36, 37).map(lambda degrees: round(degrees, 6))
limits = st.none() | st.integers(0, 150_000)
stores = st.just((0, 0)) | st.tuples(kilograms, st.just(0)) | st.tuples(kilograms, kilograms)


@st.composite
def markets(draw: st.DrawFn, *, pure_flow: bool = False) -> Problem:
    """A market on a map of one by two degrees, or one that lists its own lanes.

    It may have months, silos, opening stocks, capacities and weights, and pursue any levels;
    unless a ``pure_flow`` is asked for, also indivisible lots, minimums and fixed costs.
    """
    months: list[int | None] = draw(st.sampled_from(HORIZONS))
    supplies: list[Supply] = draw(st.lists(_supplies(), max_size=5, unique_by=_id))
    demands: list[Demand] = draw(st.lists(_demands(), max_size=5, unique_by=_id))
    offered = [row for each in supplies for row in draw(_months_of(each, months))]
    wanted = [row for each in demands for row in draw(_months_of(each, months))]
    lanes = draw(st.none() | _lanes(supplies, demands, months))
    problem = Problem(tuple(offered), tuple(wanted), draw(_settings()), lanes)
    return problem if pure_flow else draw(_with_lots(problem))


def generated(
    each: int, supplies: int, demands: int, kinds: Iterable[str] = tuple(KINDS)
) -> list[Problem]:
    """So many seeded markets of every kind."""
    return [generate(kind, seed, supplies, demands) for kind in kinds for seed in range(each)]


def _id(order: Supply | Demand) -> str:
    return order.id


@st.composite
def _supplies(draw: st.DrawFn) -> Supply:
    silo_kg, stock_kg = draw(stores)
    return Supply(
        draw(ids),
        draw(kilograms),
        draw(st.sampled_from(MATERIALS)),
        draw(longitudes),
        draw(latitudes),
        draw(prices),
        draw(limits),
        silo_kg=max(silo_kg, stock_kg),
        stock_kg=stock_kg,
        holding=draw(st.sampled_from((0, 0, 7, 300))),
        weight_milli=draw(st.sampled_from((1_000, 1_000, 0, 250, 3_500))),
    )


@st.composite
def _demands(draw: st.DrawFn) -> Demand:
    silo_kg, stock_kg = draw(stores)
    materials: list[str] = draw(st.lists(st.sampled_from(MATERIALS), max_size=2))
    return Demand(
        draw(ids),
        draw(kilograms),
        tuple(materials),
        draw(longitudes),
        draw(latitudes),
        draw(prices),
        draw(limits),
        silo_kg=max(silo_kg, stock_kg),
        stock_kg=stock_kg,
        product=draw(st.sampled_from(("", "cement"))),
    )


@st.composite
def _months_of(draw: st.DrawFn, order: Order, months: list[int | None]) -> list[Order]:
    """The order in some of the months, with a mass of its own in each."""
    chosen = draw(st.lists(st.sampled_from(months), min_size=1, unique=True))
    return [replace(order, month=month, kg=draw(kilograms)) for month in chosen]


@st.composite
def _lanes(
    draw: st.DrawFn,
    supplies: list[Supply],
    demands: list[Demand],
    months: list[int | None],
) -> tuple[Lane, ...]:
    """Some pairs, open in every month or in some."""
    lanes = []
    for supply in supplies:
        for demand in demands:
            some = st.lists(st.sampled_from(months), max_size=2, unique=True)
            for month in draw(st.just([]) | st.just([None]) | some):
                cost = draw(st.integers(-500, 4_000))
                capacity_kg = draw(st.none() | kilograms)
                lanes.append(Lane(supply.id, demand.id, cost, capacity_kg=capacity_kg, month=month))
    return tuple(lanes)


@st.composite
def _with_lots(draw: st.DrawFn, problem: Problem) -> Problem:
    """The market with some orders and lanes that cannot be divided at will."""
    seldom = st.sampled_from((False, False, True))
    supplies = tuple(
        replace(
            row,
            single=draw(seldom) and not row.silo_kg,
            min_lot_kg=draw(st.sampled_from((0, 0, 5_000))),
        )
        for row in problem.supplies
    )
    open_fen = {row.id: draw(st.sampled_from((0, 0, 30_000))) for row in problem.demands}
    least = {row.id: draw(st.sampled_from((0, 0, 5_000))) for row in problem.demands}
    demands = tuple(
        replace(row, open_fen=open_fen[row.id], min_lot_kg=least[row.id]) for row in problem.demands
    )
    lanes = None
    if problem.lanes is not None:
        lanes = tuple(draw(_indivisible(lane)) for lane in problem.lanes)
    return Problem(supplies, demands, problem.settings, _one_fixed_cost(lanes))


@st.composite
def _indivisible(draw: st.DrawFn, lane: Lane) -> Lane:
    least = draw(st.sampled_from((0, 0, 4_000)))
    return replace(
        lane,
        min_kg=least if lane.capacity_kg is None else min(least, lane.capacity_kg),
        fixed_fen=draw(st.sampled_from((0, 0, 20_000))),
        use_milli=draw(st.sampled_from((1_000, 1_000, 800, 1_333))),
    )


def _one_fixed_cost(lanes: tuple[Lane, ...] | None) -> tuple[Lane, ...] | None:
    """A pair pays its fixed cost once; where its months drew different ones, the last counts."""
    if lanes is None:
        return None
    fixed = {(lane.supply, lane.demand): lane.fixed_fen for lane in lanes}
    return tuple(replace(lane, fixed_fen=fixed[lane.supply, lane.demand]) for lane in lanes)


def _settings() -> st.SearchStrategy[Settings]:
    return st.builds(
        Settings,
        levels=st.sampled_from(LISTS_OF_LEVELS),
        mode=st.sampled_from(Mode),
        support=st.integers(0, 2_000),
        detour_milli=st.integers(1_000, 1_500),
        max_m=st.integers(0, 200_000),
        freight_per_t=st.integers(0, 2_000),
        freight_per_tkm=st.integers(0, 80),
        seed=st.integers(0, 9),
        price_rule=st.sampled_from(PriceRule),
    )
