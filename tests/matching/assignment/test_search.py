"""The search as a whole: rounds that can be repeated, time limits, and what it never does."""

import time
from dataclasses import replace

import numpy as np
import pytest

from matching import assignment
from matching.assignment import Budget, search
from matching.assignment.measure import may_stand, values
from matching.assignment.parts import Parts
from matching.assignment.start import starting_plans
from matching.bench.lots import Member, fixed_charge, generalised_assignment, location
from matching.network import Flow, Plan
from tests.matching.assignment.proofs import bound
from tests.matching.assignment.tiny import FEATURES, Case, case

MEMBERS = [
    generalised_assignment("D", 3, 12, 3),
    location(4, 10, 3, single=True, slack=1.6),
    fixed_charge(4, 6, 3),
]


def solved(member: Member, budget: Budget) -> Plan:
    return assignment.solve(member.network, member.gains, budget)


def same(one: Plan, other: Plan) -> bool:
    return (
        one.flow.lane.tobytes() == other.flow.lane.tobytes()
        and one.iterations == other.iterations
        and repr(one.proofs) == repr(other.proofs)
    )


@pytest.fixture
def neighbourhoods_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_WHOLE", 0)


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_the_same_component_gives_the_same_bytes(member: Member) -> None:
    assert same(solved(member, Budget(iterations=3)), solved(member, Budget(iterations=3)))


@pytest.mark.usefixtures("neighbourhoods_only")
@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_a_timed_run_is_repeated_by_its_iterations(member: Member) -> None:
    timed = solved(member, Budget(deadline=time.monotonic() + 0.5))
    assert same(timed, solved(member, Budget(iterations=timed.iterations)))


@pytest.mark.usefixtures("neighbourhoods_only")
@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_more_rounds_never_make_a_plan_worse(member: Member) -> None:
    reached = [
        tuple(proof.value for proof in solved(member, Budget(iterations=rounds)).proofs)
        for rounds in (0, 2, 5)
    ]
    assert reached == sorted(reached)


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_a_plan_is_never_worse_than_the_repaired_flow(member: Member) -> None:
    parts = Parts.of(member.network)
    repaired = next(starting_plans(parts, member.gains))
    plan = solved(member, Budget(iterations=1))
    assert values(parts, member.gains, plan.flow) >= values(parts, member.gains, repaired)


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_without_time_the_repaired_flow_stands_with_its_gap(member: Member) -> None:
    plan = solved(member, Budget(deadline=time.monotonic()))
    assert plan.iterations == 0
    assert may_stand(Parts.of(member.network), plan.flow)
    assert plan.flow.lane.any()
    assert all(proof.bound >= proof.value for proof in plan.proofs)
    assert plan.status == "feasible"


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_each_plan_told_on_the_way_may_stand_and_is_better(member: Member) -> None:
    parts, told = Parts.of(member.network), list[Flow]()
    plan = solved(member, Budget(iterations=2, on_plan=told.append))
    reached = [values(parts, member.gains, flow) for flow in told]
    assert all(may_stand(parts, flow) for flow in told)
    assert reached == sorted(set(reached))
    assert reached[-1] == tuple(proof.value for proof in plan.proofs)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    solved(MEMBERS[0], Budget(iterations=1))
    assert capfd.readouterr().out == ""


def test_masses_and_prices_of_any_size_are_settled_to_the_kilogram() -> None:
    small = case(12, ["single", "minimum", "open", "fixed"], ("tonnes", "surplus"))
    grown = scaled(small, kg=10**9 + 7)
    plan, large = (assignment.solve(one.network, one.gains) for one in (small, grown))
    assert large.proofs[0].value == plan.proofs[0].value * (10**9 + 7)
    assert large.proofs[1].value == plan.proofs[1].value * (10**9 + 7)


def scaled(one: Case, kg: int) -> Case:
    """Every mass and every cost paid once, so many times over."""
    network, lots = one.network, one.network.lots
    assert lots is not None
    names = ("supply_kg", "demand_kg", "supply_held_kg", "demand_held_kg")
    masses = {name: getattr(network, name) * kg for name in names}
    more = replace(
        lots,
        lane_min_kg=lots.lane_min_kg * kg,
        pair_fixed=lots.pair_fixed * kg,
        open_cost=lots.open_cost * kg,
    )
    return replace(one, network=replace(network, **masses, lots=more))


def test_a_lot_that_fits_nowhere_leaves_the_others_alone() -> None:
    one = case(5, ["single"], ("tonnes", "surplus"))
    lots = one.network.lots
    assert lots is not None
    first = int(np.flatnonzero(lots.single)[0])
    masses = one.network.supply_kg.copy()
    masses[first] = 10**6
    plan = assignment.solve(replace(one.network, supply_kg=masses), one.gains)
    assert plan.status == "optimal"
    assert not plan.flow.lane[one.network.lane_supply == first].any()
    assert plan.proofs[0].value > 0


def test_a_component_without_lanes_or_without_lots_is_solved_too() -> None:
    one = case(1, (), ("tonnes", "surplus"))
    divisible = assignment.solve(replace(one.network, lots=None), one.gains)
    assert divisible.status == "optimal"
    assert divisible.iterations == 0
    empty = replace(
        one.network,
        supply_kg=np.zeros_like(one.network.supply_kg),
        demand_kg=np.zeros_like(one.network.demand_kg),
    )
    assert assignment.solve(empty, one.gains).proofs[0].value == 0


@pytest.mark.usefixtures("neighbourhoods_only")
@pytest.mark.parametrize("seed", range(8))
def test_neighbourhoods_alone_keep_every_rule_and_a_valid_bound(seed: int) -> None:
    one = case(seed, FEATURES[: 3 + seed % 6], ("tonnes", "surplus"))
    plan = assignment.solve(one.network, one.gains, Budget(iterations=4))
    assert may_stand(Parts.of(one.network), plan.flow)
    assert all(proof.bound == bound(one, plan, k) for k, proof in enumerate(plan.proofs))
