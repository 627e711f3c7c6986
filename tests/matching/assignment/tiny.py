"""Tiny components with indivisible parts, and their best values by an independent model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.network import NO_LIMIT, Gain, Ints, Lots, Network

FEATURES = ("single", "minimum", "fixed", "open", "use", "capacity", "months", "market")
LEVELS = (
    ("tonnes", "surplus"),
    ("surplus",),
    ("tonnes", "cost"),
    ("surplus", "tonnes"),
    ("cost", "tonnes"),
    ("tonnes", "surplus", "cost"),
)


@dataclass(frozen=True)
class Case:
    network: Network
    gains: tuple[Gain, ...]


def case(seed: int, features: Sequence[str], levels: Sequence[str]) -> Case:
    """A component of two to four orders on each side with the features asked for."""
    draw = np.random.default_rng(seed)
    months = int(draw.integers(2, 4)) if "months" in features else 1
    supplies, demands = draw.integers(2, 4 if months > 1 else 5, 2)
    near, near_month = np.divmod(np.arange(supplies * months), months)
    far, far_month = np.divmod(np.arange(demands * months), months)
    lanes = np.argwhere(
        (near_month[:, None] == far_month) & (draw.random((len(near), len(far))) < 0.8)
    )
    i, j = lanes[:, 0].astype(np.int64), lanes[:, 1].astype(np.int64)
    cost = draw.integers(0, 9, (supplies, demands))[near[i], far[j]]
    ask, bid = draw.integers(0, 8, supplies)[near[i]], draw.integers(4, 20, demands)[far[j]]
    surplus = bid - ask - cost
    if "market" in features:
        i, j, cost, surplus = (a[surplus >= 0] for a in (i, j, cost, surplus))
    single = draw.random(supplies)[near] < 0.6 if "single" in features else near < 0
    held = np.flatnonzero((near[1:] == near[:-1]) & ~single[1:] & ~single[:-1])
    kept = np.flatnonzero(far[1:] == far[:-1])
    network = Network(
        supply_kg=draw.integers(0, 9, len(near)),
        demand_kg=draw.integers(0, 10, len(far)),
        lane_supply=i,
        lane_demand=j,
        lane_kg=_some(draw, "capacity" in features, draw.integers(1, 7, len(i)), NO_LIMIT),
        supply_held=held,
        supply_held_kg=draw.integers(0, 5, len(held)),
        demand_held=kept,
        demand_held_kg=draw.integers(0, 5, len(kept)),
        lots=_lots(draw, features, (near, far, i, j), single, surplus),
    )
    weight = draw.integers(1, 4, supplies)[near[i]] * 500
    holding = draw.integers(0, 3, supplies)[near[held]]
    gains = {
        "tonnes": Gain(weight, np.zeros_like(held)),
        "surplus": Gain(surplus, -holding, spends=True),
        "cost": Gain(-cost, -holding, spends=True),
    }
    return Case(network, tuple(gains[level] for level in levels))


def _some(draw: np.random.Generator, wanted: bool, values: Ints, otherwise: int) -> Ints:
    chosen = draw.random(len(values)) < (0.6 if wanted else -1)
    return np.where(chosen, values, otherwise)


def _lots(
    draw: np.random.Generator,
    features: Sequence[str],
    nodes: tuple[Ints, Ints, Ints, Ints],
    single: np.ndarray[tuple[int], np.dtype[np.bool_]],
    surplus: Ints,
) -> Lots:
    near, far, i, j = nodes
    names = near[i] * 100 + far[j]
    pairs, pair = np.unique(names, return_inverse=True)
    return Lots(
        single=single,
        lane_min_kg=_some(draw, "minimum" in features, draw.integers(1, 6, len(i)), 0),
        lane_use_milli=_some(draw, "use" in features, draw.integers(300, 2600, len(i)), 1000),
        lane_pair=pair.astype(np.int64),
        pair_fixed=_some(draw, "fixed" in features, draw.integers(1, 30, len(pairs)), 0),
        demand_order=far.astype(np.int64),
        open_cost=_some(draw, "open" in features, draw.integers(1, 50, int(far.max()) + 1), 0),
        lane_margin=surplus if "market" in features else None,
    )


def best_values(of: Case) -> tuple[int, ...]:
    """The best value of each level in turn, by CP-SAT on whole kilograms."""
    from ortools.sat.python import cp_model

    floors: list[int] = []
    for level in range(len(of.gains)):
        model = cp_model.CpModel()
        reached = _written(model, of)
        for known, floor in zip(reached, floors, strict=False):
            model.add(known >= floor)
        model.maximize(reached[level])
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        assert solver.solve(model) == cp_model.OPTIMAL
        floors.append(round(solver.objective_value))
    return tuple(floors)


def _written(model: Any, of: Case) -> list[Any]:
    """All rules of a component as constraints; what each level comes to, as expressions."""
    network, lots = of.network, of.network.lots
    assert lots is not None
    lanes = range(len(network.lane_supply))
    most = 20
    kg = [model.new_int_var(0, min(most, int(network.lane_kg[k])), "") for k in lanes]
    on = [model.new_bool_var("") for _ in lanes]
    near = [model.new_int_var(0, int(room), "") for room in network.supply_held_kg]
    far = [model.new_int_var(0, int(room), "") for room in network.demand_held_kg]
    paid = [model.new_bool_var("") for _ in lots.pair_fixed]
    opened = [model.new_bool_var("") for _ in lots.open_cost]
    _lanes(model, of, kg, on, (paid, opened))
    _nodes(model, of, kg, on, (near, far))
    if lots.lane_margin is not None:
        _cover(model, of, kg, paid, opened)
    return [_reached(of, gain, kg, near, (paid, opened)) for gain in of.gains]


def _lanes(
    model: Any, of: Case, kg: list[Any], on: list[Any], switches: tuple[list[Any], list[Any]]
) -> None:
    network, lots = of.network, of.network.lots
    assert lots is not None
    lanes = range(len(kg))
    paid, opened = switches
    for k in lanes:
        i, pair = int(network.lane_supply[k]), int(lots.lane_pair[k])
        order = int(lots.demand_order[network.lane_demand[k]])
        model.add(kg[k] == 0).only_enforce_if(on[k].negated())
        model.add(kg[k] >= max(1, int(lots.lane_min_kg[k]))).only_enforce_if(on[k])
        if lots.single[i]:
            model.add(kg[k] == int(network.supply_kg[i])).only_enforce_if(on[k])
        model.add_implication(on[k], paid[pair])
        model.add_implication(on[k], opened[order])


def _nodes(
    model: Any, of: Case, kg: list[Any], on: list[Any], silos: tuple[list[Any], list[Any]]
) -> None:
    network, lots = of.network, of.network.lots
    assert lots is not None
    lanes = range(len(kg))
    near, far = silos
    for i, mass in enumerate(network.supply_kg):
        given = sum(kg[k] for k in lanes if network.lane_supply[k] == i)
        given += sum(h for h, node in zip(near, network.supply_held, strict=True) if node == i)
        given -= sum(h for h, node in zip(near, network.supply_held, strict=True) if node + 1 == i)
        model.add_linear_constraint(given, 0, int(mass))
        if lots.single[i]:
            model.add(sum(on[k] for k in lanes if network.lane_supply[k] == i) <= 1)
    for j, need in enumerate(network.demand_kg):
        use = lots.lane_use_milli
        taken = sum(int(use[k]) * kg[k] for k in lanes if network.lane_demand[k] == j)
        held = list(zip(far, network.demand_held, strict=True))
        taken -= 1000 * sum(h for h, node in held if node == j)
        taken += 1000 * sum(h for h, node in held if node + 1 == j)
        # Room that is begun counts as a whole kilogram, in the silo too.
        model.add_linear_constraint(taken, -999, 1000 * int(need))


def _cover(model: Any, of: Case, kg: list[Any], paid: list[Any], opened: list[Any]) -> None:
    network, lots = of.network, of.network.lots
    assert lots is not None
    assert lots.lane_margin is not None
    margin = [int(lots.lane_margin[k]) * kg[k] for k in range(len(kg))]
    order_of = lots.demand_order[network.lane_demand]
    for pair, fixed in enumerate(lots.pair_fixed):
        model.add(
            sum(margin[k] for k in np.flatnonzero(lots.lane_pair == pair))
            >= int(fixed) * paid[pair]
        )
    for order, cost in enumerate(lots.open_cost):
        of_order = np.flatnonzero(order_of == order)
        fixed = sum(int(lots.pair_fixed[p]) * paid[p] for p in set(lots.lane_pair[of_order]))
        model.add(sum(margin[k] for k in of_order) - fixed >= int(cost) * opened[order])


def _reached(
    of: Case, gain: Gain, kg: list[Any], near: list[Any], switches: tuple[list[Any], list[Any]]
) -> Any:
    lots = of.network.lots
    assert lots is not None
    total = sum(int(g) * x for g, x in zip(gain.lane, kg, strict=True))
    total += sum(int(g) * h for g, h in zip(gain.held, near, strict=True))
    if gain.spends:
        for costs, on in zip((lots.pair_fixed, lots.open_cost), switches, strict=True):
            total -= sum(int(cost) * switch for cost, switch in zip(costs, on, strict=True))
    return total
