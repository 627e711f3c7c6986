"""Levers against what solving again finds: ``relax`` and ``frontier``."""

import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import numpy.typing as npt

from matching import lanes, network
from matching.bench import Row
from matching.faults import EngineError
from matching.generate import generate
from matching.lanes import NO_LIMIT, Book
from matching.levers import frontier, relax
from matching.network import Gain, Network
from matching.problem import MILLI, Demand, Lane, Mode, Problem
from matching.solver import solve

Ints = npt.NDArray[np.int64]
Change = Mapping[str, object]

SAMPLES = 200
KINDS = {"single": ("lanes", "needs"), "compound": ("pairs", "silos")}
#: Enough to lift any limit of a generated market.
PLENTY_KG = 10**11
#: Shorter pieces have no room for a difference on either side of their middle.
MIN_PIECE_KG = 8


def rows() -> Iterator[Row]:
    """Predicted gains against solved ones, and slopes against finite differences."""
    yield _predictions()
    yield _slopes()


def _predictions() -> Row:
    begun = time.perf_counter()
    wanted = {"single": SAMPLES // 2, "compound": SAMPLES - SAMPLES // 2}
    equal = {
        kind: sum(
            most_with(problem, change) == predicted_kg
            for problem, predicted_kg, change in islice(_changes(kind), count)
        )
        for kind, count in wanted.items()
    }
    measured = ", ".join(f"{kind} {equal[kind]} of {count}" for kind, count in wanted.items())
    return Row(
        f"`relax` predicted against re-solved, {SAMPLES} samples, both kinds",
        "equal in all",
        f"equal: {measured}",
        equal == wanted,
        time.perf_counter() - begun,
    )


def _changes(kind: str) -> Iterator[tuple[Problem, int, Change]]:
    """Changes ``relax`` names in generated markets, a few drawn from each."""
    draw = random.Random(kind)
    seed = 0
    while True:
        markets = ("seasons",) if kind == "compound" else ("market", "capacities")
        problem = generate(markets[seed % len(markets)], seed, 12, 12)
        found = relax.relax(problem, solve(problem), 12)
        changes = [change for name in KINDS[kind] for change in _listed(found[name])]
        placed_kg = _whole(found, "placed_kg")
        for change in draw.sample(changes, min(4, len(changes))):
            yield problem, placed_kg + _whole(change, "added_kg"), change
        seed += 1


def most_with(problem: Problem, change: Change) -> int:
    """The most kilograms once a change is made, by solving the changed problem as a plan."""
    changed = _edited(problem, change)
    book = lanes.build(changed)
    open_lanes = _permitted(book)
    if change["kind"] in ("lane", "pair"):
        pair = str(change["supply"]), str(change["demand"])
        open_lanes |= {(*pair, month): None for month in _months(book, change)}
    plan = replace(problem.settings, mode=Mode.PLAN, levels=("tonnes",))
    listed = tuple(
        Lane(supply, demand, month=month, capacity_kg=capacity_kg)
        for (supply, demand, month), capacity_kg in open_lanes.items()
    )
    supplies = tuple(replace(each, weight_milli=MILLI) for each in changed.supplies)
    plain = replace(changed, supplies=supplies, settings=plan, lanes=listed)
    return solve(plain).certificate.totals.kg


def _edited(problem: Problem, change: Change) -> Problem:
    """The problem with the silo or the need of a change; a lane is opened elsewhere."""
    if change["kind"] == "silo" and change["side"] == "supply":
        return replace(
            problem,
            supplies=tuple(
                replace(each, silo_kg=each.silo_kg + _whole(change, "silo_kg"))
                if each.id == change["id"]
                else each
                for each in problem.supplies
            ),
        )
    return replace(problem, demands=tuple(_edited_demand(each, change) for each in problem.demands))


def _edited_demand(demand: Demand, change: Change) -> Demand:
    if change["kind"] == "silo" and demand.id == change["id"]:
        return replace(demand, silo_kg=demand.silo_kg + _whole(change, "silo_kg"))
    if change["kind"] == "need" and (demand.id, demand.month) == (
        change["demand"],
        change["month"],
    ):
        return replace(demand, kg=demand.kg + PLENTY_KG)
    return demand


def _listed(changes: object) -> list[Change]:
    assert isinstance(changes, list)
    return changes


def _whole(change: Change, key: str) -> int:
    value = change[key]
    assert isinstance(value, int)
    return value


def _permitted(book: Book) -> dict[tuple[str, str, int | None], int | None]:
    """The permitted lanes by the ids of their orders and their month, with their capacity."""
    found = book.lanes.only(book.lanes.permitted)
    supply, demand = book.supply, book.demand
    columns = (found.supply.tolist(), found.demand.tolist(), found.kg.tolist())
    return {
        (
            supply.ids[supply.order[i]],
            demand.ids[demand.order[j]],
            int(supply.month[i]) if book.horizon.dated else None,
        ): None if kg == NO_LIMIT else kg
        for i, j, kg in zip(*columns, strict=True)
    }


def _months(book: Book, change: Change) -> list[int | None]:
    if change["kind"] == "pair":
        return list(range(book.horizon.first, book.horizon.last + 1))
    month = change["month"]
    assert month is None or isinstance(month, int)
    return [month]


def _slopes() -> Row:
    begun = time.perf_counter()
    pieces = [
        (market, loss, low, high)
        for seed in range(10)
        for market, loss in [_market(seed)]
        for low, high in pairwise(frontier.complete(market, _worth(loss)).points)
        if high.kg - low.kg >= MIN_PIECE_KG
    ]
    close = sum(
        abs(_finite_difference(market, loss, low.kg, high.kg) - high.slope) <= high.slope / 1_000
        for market, loss, low, high in pieces
    )
    return Row(
        f"`frontier` slope against finite differences, {len(pieces)} segments",
        "within 0.1 % away from breakpoints",
        f"within 0.1 %: {close} of {len(pieces)}",
        close == len(pieces) > 0,
        time.perf_counter() - begun,
    )


def _market(seed: int) -> tuple[Network, Ints]:
    book = lanes.build(generate("plan", seed, 60, 60))
    return network.of(generate("plan", seed, 60, 60), book), np.maximum(0, -book.lanes.surplus)


def _worth(loss: Ints) -> Gain:
    return Gain(-loss, np.zeros(0, dtype=np.int64))


def _finite_difference(market: Network, loss: Ints, low_kg: int, high_kg: int) -> float:
    """The slope in the middle of a segment, from two solves that fix the tonnes."""
    middle, step = (low_kg + high_kg) // 2, (high_kg - low_kg) // 4
    rise = _support_of(market, loss, middle + step) - _support_of(market, loss, middle - step)
    return rise / (2 * step)


def _support_of(market: Network, loss: Ints, kg: int) -> int:
    """The least support that places exactly so much, by one flow between a source and a sink."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415

    supplies, demands = len(market.supply_kg), len(market.demand_kg)
    source, sink = supplies + demands, supplies + demands + 1
    tail = [np.full(supplies, source), market.lane_supply, supplies + np.arange(demands)]
    head = [np.arange(supplies), supplies + market.lane_demand, np.full(demands, sink)]
    room = [market.supply_kg, np.full(len(loss), kg), market.demand_kg]
    cost = [np.zeros(supplies), loss, np.zeros(demands)]
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        np.concatenate(tail).astype(np.int32),
        np.concatenate(head).astype(np.int32),
        np.concatenate(room).astype(np.int64),
        np.concatenate(cost).astype(np.int64),
    )
    solver.set_node_supply(source, kg)
    solver.set_node_supply(sink, -kg)
    if solver.solve() != solver.OPTIMAL:
        raise EngineError(f"{kg} kg cannot be placed")
    flows = solver.flows(arcs)[supplies : supplies + len(loss)]
    return sum(int(x) * int(each) for x, each in zip(flows, loss, strict=True) if x)
