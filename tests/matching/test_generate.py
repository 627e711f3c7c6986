import pytest

from matching import check, generate, problem_to_json, solve


@pytest.mark.parametrize("kind", list(generate.KINDS))
def test_the_same_seed_makes_the_same_problem(kind: str) -> None:
    first, again, other = (generate.generate(kind, seed, 20, 20) for seed in (3, 3, 4))
    assert problem_to_json(first) == problem_to_json(again) != problem_to_json(other)


@pytest.mark.parametrize("kind", list(generate.KINDS))
@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0), (1, 1), (80, 120)])
def test_every_kind_and_size_can_be_solved_and_audited(kind: str, size: tuple[int, int]) -> None:
    problem = generate.generate(kind, 1, *size)
    assert (len(problem.supplies), len(problem.demands)) == size
    assert check(problem, solve(problem)) == []


@pytest.mark.parametrize("kind", list(generate.KINDS))
def test_every_kind_has_trades_and_reasons(kind: str) -> None:
    outcome = solve(generate.generate(kind, 1, 40, 40))
    assert outcome.matches
    assert len({line.reason for line in outcome.orders}) > 1
