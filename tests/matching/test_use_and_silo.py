from matching import Demand, Lane, Mode, Problem, Settings, Supply, check, solve

PLAN = Settings(mode=Mode.PLAN)


def placed(problem: Problem) -> int:
    outcome = solve(problem)
    assert check(problem, outcome) == []
    return outcome.certificate.totals.kg


def test_dry_goods_go_into_a_silo_though_their_room_is_no_whole_number() -> None:
    problem = Problem(
        (Supply("s", 900, month=0),),
        (Demand("d", 1_000, month=1, silo_kg=1_000),),
        PLAN,
        (Lane("s", "d", use_milli=333),),
    )
    assert placed(problem) == 900


def test_a_begun_kilogram_of_room_counts_whole_in_a_full_silo() -> None:
    problem = Problem(
        (Supply("s", 9, month=0),),
        (Demand("d", 10, month=1, silo_kg=3),),
        PLAN,
        (Lane("s", "d", use_milli=400),),
    )
    assert placed(problem) == 7
