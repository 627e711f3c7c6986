"""Indivisible parts: families of the literature, generated here and proved within a time limit.

Generalised assignment of types C, D and E (P. C. Chu, J. E. Beasley, *A genetic algorithm for the
generalised assignment problem*, Computers & Operations Research 24, 1997; the room a job takes is
the lane's ``use``), single-source and splittable location with opening costs (K. Holmberg and
others, *An exact algorithm for the capacitated facility location problems with single sourcing*,
EJOR 113, 1999), and transport with a fixed cost per pair.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matching import assignment
from matching.assignment import Budget
from matching.bench import Row
from matching.network import NO_LIMIT, Gain, Ints, Lots, Network, Plan, Proof

TONNE = 1_000
#: A hundred fen times a tonne: one yuan, in thousandths of a fen.
YUAN = 100 * TONNE
SECONDS = 60.0
WIDEST_GAP = 0.01


@dataclass(frozen=True, slots=True)
class Member:
    """One instance: orders of one month, every supply to every demand."""

    name: str
    network: Network
    gains: tuple[Gain, Gain]


def generalised_assignment(kind: str, agents: int, jobs: int, seed: int) -> Member:
    """Jobs are single supplies of a tonne; agents are demands with room for 80 % of what is due."""
    draw = np.random.default_rng(seed)
    shape = (jobs, agents)
    use, cost = draw.integers(5, 26, shape), draw.integers(10, 51, shape)
    if kind == "D":
        use = draw.integers(1, 101, shape)
        cost = 111 - use + draw.integers(-10, 11, shape)
    elif kind == "E":
        use = 1 + (-10 * np.log(1 - draw.random(shape))).astype(np.int64)
        cost = (1000 / use - 10 * draw.random(shape)).astype(np.int64)
    room = 8 * use.sum(axis=0) // (10 * agents)
    return _member(
        f"generalised assignment {kind}, {agents} × {jobs}",
        (np.full(jobs, TONNE), room * TONNE),
        cost * 100,
        single=True,
        use=use * 1_000,
    )


def location(sites: int, customers: int, seed: int, *, single: bool, slack: float) -> Member:
    """Customers are supplies and sites demands with an opening cost."""
    draw = np.random.default_rng(seed)
    mass = draw.integers(10, 50, customers)
    share = draw.integers(80, 160, sites)
    room = (slack * mass.sum() * share / share.sum()).astype(np.int64)
    near, far = draw.random((customers, 1, 2)) * 100, draw.random((1, sites, 2)) * 100
    km = np.linalg.norm(near - far, axis=2)
    kind = "single-source" if single else "splittable"
    return _member(
        f"{kind} with opening costs, {sites} × {customers}",
        (mass * TONNE, room * TONNE),
        np.rint(km * 10).astype(np.int64),
        single=single,
        opening=draw.integers(300, 700, sites) * YUAN,
    )


def fixed_charge(supplies: int, demands: int, seed: int) -> Member:
    """All that is supplied is needed, and each pair that trades pays once."""
    draw = np.random.default_rng(seed)
    need = draw.integers(20, 100, demands)
    share = draw.random(supplies) + 0.5
    mass = (need.sum() * share / share.sum()).astype(np.int64)
    mass[-1] += need.sum() - mass.sum()
    return _member(
        f"fixed charge, {supplies} × {demands}",
        (mass * TONNE, need * TONNE),
        draw.integers(3, 9, (supplies, demands)) * 100,
        fixed=draw.integers(50, 500, supplies * demands) * YUAN,
    )


def members() -> Iterator[Member]:
    """What the table shows."""
    yield generalised_assignment("C", 5, 100, 1)
    yield generalised_assignment("D", 10, 100, 1)
    yield generalised_assignment("E", 20, 200, 1)
    yield location(10, 50, 1, single=True, slack=3.0)
    yield location(30, 200, 1, single=True, slack=3.0)
    yield location(16, 50, 1, single=False, slack=3.0)
    yield location(50, 50, 1, single=False, slack=5.0)
    yield fixed_charge(6, 12, 1)
    yield fixed_charge(10, 20, 1)
    yield fixed_charge(14, 14, 2)


def rows() -> Iterator[Row]:
    """One line per member: proven, or the gap left after the time limit."""
    for member in members():
        began = time.monotonic()
        plan = assignment.solve(member.network, member.gains, Budget(deadline=began + SECONDS))
        seconds = time.monotonic() - began
        gap = relative_gap(plan)
        proven = plan.status == "optimal"
        yield Row(
            what=member.name,
            bar="proven optimum, or gap ≤ 1 % in 60 s",
            measured=f"{'proven' if proven else f'gap {gap:.2%}'} in {seconds:.1f} s",
            met=gap <= WIDEST_GAP,
            seconds=seconds,
        )


def relative_gap(plan: Plan) -> float:
    """The widest gap of any level, as a share of its value."""
    return max(_gap(proof) / max(1, abs(proof.value)) for proof in plan.proofs)


def _gap(proof: Proof) -> int:
    tighter = proof.bound if proof.claimed is None else min(proof.bound, proof.claimed)
    return tighter - proof.value


def _member(
    name: str,
    masses: tuple[Ints, Ints],
    cost: Ints,
    *,
    single: bool = False,
    use: Ints | None = None,
    fixed: Ints | None = None,
    opening: Ints | None = None,
) -> Member:
    """Levels are tonnes, then cost."""
    supplies, demands = cost.shape
    nothing, pairs = np.zeros(0, dtype=np.int64), np.arange(cost.size)
    zeros = np.zeros(cost.size, dtype=np.int64)
    lots = Lots(
        single=np.full(supplies, single),
        lane_min_kg=zeros,
        lane_use_milli=np.full(cost.size, 1_000) if use is None else use.ravel(),
        lane_pair=pairs,
        pair_fixed=zeros if fixed is None else fixed,
        demand_order=np.arange(demands),
        open_cost=np.zeros(demands, dtype=np.int64) if opening is None else opening,
        lane_margin=None,
    )
    network = Network(
        supply_kg=masses[0].astype(np.int64),
        demand_kg=masses[1].astype(np.int64),
        lane_supply=pairs // demands,
        lane_demand=pairs % demands,
        lane_kg=np.full(cost.size, NO_LIMIT),
        supply_held=nothing,
        supply_held_kg=nothing,
        demand_held=nothing,
        demand_held_kg=nothing,
        lots=lots,
    )
    tonnes = Gain(np.full(cost.size, 1_000), nothing)
    return Member(name, network, (tonnes, Gain(-cost.ravel(), nothing, spends=True)))
