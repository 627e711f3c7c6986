import pytest

from matching import Problem, check, generate, problem_to_json, solve
from matching.generate import FLOW_KINDS, KINDS, LOT_KINDS

FAMILIES = ("generalised", "single_source", "facilities", "fixed_charge")


def orders(problem: Problem) -> tuple[int, int]:
    return len({row.id for row in problem.supplies}), len({row.id for row in problem.demands})


def is_divisible(problem: Problem) -> bool:
    lanes = problem.lanes or ()
    return not (
        any(row.single or row.min_lot_kg for row in problem.supplies)
        or any(row.open_fen for row in problem.demands)
        or any(lane.min_kg or lane.fixed_fen or lane.use_milli != 1_000 for lane in lanes)
    )


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_same_seed_makes_the_same_problem(kind: str) -> None:
    first, again, other = (generate.generate(kind, seed, 12, 12) for seed in (3, 3, 4))
    assert problem_to_json(first) == problem_to_json(again) != problem_to_json(other)


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0), (1, 1), (8, 12)])
def test_every_kind_has_the_size_asked_for(kind: str, size: tuple[int, int]) -> None:
    assert orders(generate.generate(kind, 1, *size)) == size


@pytest.mark.parametrize("kind", list(KINDS))
def test_only_kinds_with_lots_hold_what_cannot_be_divided(kind: str) -> None:
    assert is_divisible(generate.generate(kind, 1, 12, 12)) == (kind in FLOW_KINDS)


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0), (1, 1), (80, 120)])
@pytest.mark.parametrize("kind", list(FLOW_KINDS))
def test_every_flow_can_be_solved_and_audited(kind: str, size: tuple[int, int]) -> None:
    problem = generate.generate(kind, 1, *size)
    assert check(problem, solve(problem)) == []


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0), (1, 1), (9, 5)])
@pytest.mark.parametrize("kind", list(LOT_KINDS))
def test_every_kind_with_lots_can_be_solved_and_audited(kind: str, size: tuple[int, int]) -> None:
    problem = generate.generate(kind, 1, *size)
    assert check(problem, solve(problem)) == []


@pytest.mark.parametrize("kind", list(FLOW_KINDS))
def test_every_market_has_trades_and_reasons(kind: str) -> None:
    outcome = solve(generate.generate(kind, 1, 40, 40))
    assert outcome.matches
    assert len({line.reason for line in outcome.orders}) > 1


@pytest.mark.parametrize("kind", FAMILIES)
def test_every_family_has_room_for_most_of_what_is_offered(kind: str) -> None:
    problem = generate.generate(kind, 2, 15, 5)
    outcome = solve(problem)
    offered = sum(row.kg for row in problem.supplies)
    assert outcome.certificate.totals.kg > offered // 4
