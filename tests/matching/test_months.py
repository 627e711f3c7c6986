import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from matching import (
    Demand,
    InputFaults,
    Problem,
    Settings,
    Supply,
    months,
    problem_from_directory,
    problem_to_directory,
    problem_to_json,
)
from matching.files import problem_under
from matching.formats import settings_file
from matching.months import Stop, open_share, split
from tests.matching.strategies import markets, unhurried

PLANT = Supply("plant", 26_005, "fly_ash", 115.9, 36.5)
WORKS = Demand("works", 24_000, (), 116.1, 36.5)
YEAR = Settings(months=12)


def kilograms(rows: tuple[Supply, ...] | tuple[Demand, ...]) -> list[int]:
    return [row.kg for row in rows]


def test_a_year_is_split_into_equal_whole_months_the_first_taking_the_rest() -> None:
    problem = split(Problem((PLANT,), (WORKS,), YEAR))
    assert kilograms(problem.supplies) == [2_168] + [2_167] * 11
    assert kilograms(problem.demands) == [2_000] * 12
    assert [row.month for row in problem.supplies] == list(range(12))
    assert problem.horizon == (0, 11)


def test_both_sides_get_a_silo_of_half_a_month_unless_they_state_one() -> None:
    stated = replace(WORKS, id="yard", silo_kg=7, stock_kg=5)
    problem = split(Problem((PLANT,), (WORKS, stated), YEAR))
    assert {row.silo_kg for row in problem.supplies} == {26_005 // 24}
    assert {(row.id, row.silo_kg) for row in problem.demands} == {("works", 1_000), ("yard", 7)}


def test_what_has_to_go_in_one_piece_gets_no_silo() -> None:
    problem = split(Problem((replace(PLANT, single=True),), (), YEAR))
    assert {(row.single, row.silo_kg) for row in problem.supplies} == {(True, 0)}


def test_kilns_stand_still_from_the_middle_of_november_to_the_middle_of_march() -> None:
    kiln = replace(WORKS, kg=12 * 31 * 30 * 28, product="cement")
    problem = split(Problem((), (kiln,), YEAR))
    each = 31 * 30 * 28
    shares = [0, 0, each * 16 // 31, *[each] * 7, each * 14 // 30, 0]
    assert kilograms(problem.demands) == shares


@pytest.mark.parametrize(
    ("product", "month", "share"),
    [
        ("cement", dt.date(2026, 1, 1), (0, 31)),
        ("cement", dt.date(2026, 3, 1), (16, 31)),
        ("cement", dt.date(2028, 2, 1), (0, 29)),
        ("cement", dt.date(2026, 7, 1), (31, 31)),
        ("cement", dt.date(2021, 11, 1), (30, 30)),
        ("cement", dt.date(2022, 3, 1), (0, 31)),
        ("cement", dt.date(2022, 11, 1), (14, 30)),
        ("cement", dt.date(2019, 1, 1), (31, 31)),
        ("cement and concrete (proxy)", dt.date(2026, 1, 1), (31, 31)),
        ("", dt.date(2026, 1, 1), (31, 31)),
    ],
)
def test_the_calendar_holds_for_its_dates_and_the_very_product(
    product: str, month: dt.date, share: tuple[int, int]
) -> None:
    assert open_share(product, month) == share


def test_a_stop_within_one_year_includes_both_its_days() -> None:
    stop = Stop("brick", (7, 1), (7, 2), dt.date(2026, 1, 1), dt.date(2026, 7, 1))
    idle = [day for day in range(1, 5) if stop.idles(dt.date(2026, 7, day))]
    assert idle == [1]


def test_every_stop_of_the_calendar_names_its_source() -> None:
    stops = months.stops_of_kilns()
    assert stops
    file = Path(months.__file__).parent / "calendars" / "kilns.csv"
    for line in file.read_text(encoding="utf-8").splitlines()[1:]:
        assert "工信部联原" in line


def test_the_first_month_is_the_start_of_the_settings() -> None:
    kiln = replace(WORKS, product="cement")
    summer = Settings(months=2, start="2026-12")
    assert kilograms(split(Problem((), (kiln,), summer)).demands) == [0, 0]
    assert kilograms(split(Problem((), (kiln,), replace(summer, start="2026-06"))).demands) == [
        12_000,
        12_000,
    ]


@unhurried
@given(problem=markets())
def test_nothing_is_split_unasked_or_twice(problem: Problem) -> None:
    assert split(problem) is problem
    once = split(replace(problem, settings=replace(problem.settings, months=3)))
    assert split(once) == once
    assert once.has_months or not (problem.supplies or problem.demands)


@unhurried
@given(problem=markets())
def test_no_tonne_of_a_supply_is_lost_by_splitting(problem: Problem) -> None:
    once = split(replace(problem, settings=replace(problem.settings, months=5)))
    assert sum(kilograms(once.supplies)) == sum(kilograms(problem.supplies))


def test_the_settings_of_an_outcome_lead_to_the_same_problem(tmp_path: Path) -> None:
    problem_to_directory(Problem((PLANT,), (replace(WORKS, product="cement"),)), tmp_path)
    asked = {"months": "12", "start": "2026-10", "levels": "cost,tonnes", "iterations": "7"}
    problem = problem_from_directory(tmp_path, asked).problem
    assert len(problem.supplies) == 12
    kept = tmp_path / "effective.json"
    kept.write_bytes(settings_file.to_json(problem.settings))
    again = problem_from_directory(tmp_path, settings=kept).problem
    assert problem_to_json(again) == problem_to_json(problem)


def test_a_split_problem_is_written_and_read_without_being_split_again(tmp_path: Path) -> None:
    problem = split(Problem((PLANT,), (WORKS,), YEAR))
    problem_to_directory(problem, tmp_path)
    assert problem_from_directory(tmp_path).problem == problem


def test_rows_that_name_their_months_cannot_be_split_on_command(tmp_path: Path) -> None:
    problem_to_directory(Problem((replace(PLANT, month=3),), ()), tmp_path)
    with pytest.raises(InputFaults) as error:
        problem_from_directory(tmp_path, {"months": "12"})
    assert [(fault.column, fault.code) for fault in error.value.faults] == [
        ("months", "already_months")
    ]


def test_a_document_is_split_under_settings_that_ask_for_it() -> None:
    whole = Problem((PLANT,), (WORKS,))
    once = problem_under(whole, {"months": "12", "mode": "market"})
    assert once == split(Problem((PLANT,), (WORKS,), YEAR))
    assert problem_under(once, {"support": "1"}).supplies == once.supplies
    with pytest.raises(InputFaults) as error:
        problem_under(once, {"months": "6"})
    assert [fault.code for fault in error.value.faults] == ["already_months"]
