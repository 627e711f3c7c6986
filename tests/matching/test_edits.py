from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import InputFaults, Problem, problem_from_directory
from matching.formats import edits, settings_file
from matching.formats.layout import DEMANDS, LANES, SUPPLIES
from matching.formats.tables import Origin
from matching.messages import Language, say_fault
from tests.matching.strategies import unhurried

SUPPLY_ROWS = (
    "id,tonnes,waste,lon,lat,ask,month\n"
    "plant,5,fly_ash,115.9,36.5,-10,0\n"
    "plant,6,fly_ash,115.9,36.5,-10,1\n"
    "other,7,slag,115.9,36.5,,1\n"
)
DEMAND_ROWS = "id,tonnes,material,lon,lat,bid,month\nworks,9,,116,36.5,60,1\n"
LANE_ROWS = "supply,demand,cost\nplant,works,3\nother,works,4\n"


def directory(at: Path, *, lanes: bool = True) -> Path:
    (at / "supplies.csv").write_text(SUPPLY_ROWS)
    (at / "demands.csv").write_text(DEMAND_ROWS)
    if lanes:
        (at / "lanes.csv").write_text(LANE_ROWS)
    return at


def edited(at: Path, *rows: str, lanes: bool = True) -> Problem:
    """The directory with these edits, written as rows of an edit file."""
    file = at / "edits.csv"
    file.write_text("\n".join((",".join(edits.COLUMNS), *rows)) + "\n")
    made = edits.read(file)
    return problem_from_directory(directory(at, lanes=lanes), edits=made).problem


def faults_of(
    at: Path, *rows: str, lanes: bool = True
) -> list[tuple[str, int | None, str | None, str]]:
    with pytest.raises(InputFaults) as error:
        edited(at, *rows, lanes=lanes)
    for fault in error.value.faults:
        assert all("\n" not in say_fault(language, fault) for language in Language)
    return [(fault.file, fault.row, fault.column, fault.code) for fault in error.value.faults]


def test_an_edit_changes_one_month_of_an_id(tmp_path: Path) -> None:
    problem = edited(tmp_path, "supplies.csv,plant,1,tonnes,20.5")
    assert [row.kg for row in problem.supplies] == [7_000, 5_000, 20_500]


def test_an_edit_without_a_month_changes_every_month_of_an_id(tmp_path: Path) -> None:
    problem = edited(tmp_path, "supplies.csv,plant,,ask,1.25")
    assert {row.ask for row in problem.supplies if row.id == "plant"} == {125}


def test_an_edit_may_move_a_row_to_another_month(tmp_path: Path) -> None:
    problem = edited(tmp_path, "supplies.csv,other,1,month,0")
    assert [row.month for row in problem.supplies] == [0, 0, 1]


def test_an_edit_may_fill_a_column_that_the_file_lacks(tmp_path: Path) -> None:
    problem = edited(
        tmp_path, "demands.csv,works,,max_km,40", "demands.csv,works,,silo_t,2", lanes=False
    )
    assert [(row.max_m, row.silo_kg) for row in problem.demands] == [(40_000, 2_000)]


def test_an_edit_may_use_the_other_name_of_a_column_and_empty_a_cell(tmp_path: Path) -> None:
    problem = edited(tmp_path, "supplies.csv,other,,waste,ash", "supplies.csv,plant,,ask,")
    assert [(row.material, row.ask) for row in problem.supplies][:2] == [("ash", 0), ("fly_ash", 0)]


def test_a_later_edit_of_a_cell_stands_and_may_follow_the_one_before(tmp_path: Path) -> None:
    problem = edited(tmp_path, "supplies.csv,other,1,month,2", "supplies.csv,other,2,tonnes,1")
    assert [(row.month, row.kg) for row in problem.supplies if row.id == "other"] == [(2, 1_000)]


def test_a_lane_is_named_by_both_its_orders(tmp_path: Path) -> None:
    problem = edited(tmp_path, "lanes.csv,plant|works,,capacity_t,2")
    assert [lane.capacity_kg for lane in problem.lanes or ()] == [None, 2_000]


def test_an_edit_may_change_a_setting(tmp_path: Path) -> None:
    problem = edited(
        tmp_path, "settings.json,,,support,2.5", 'settings.json,,,levels,"cost,tonnes"'
    )
    assert (problem.settings.support, problem.settings.levels) == (250, ("cost", "tonnes"))


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("orders.csv,plant,0,tonnes,5", "file", "bad_choice"),
        ("supplies.csv,plant,0,bid,5", "column", "bad_choice"),
        ("settings.json,,,bid,5", "column", "bad_choice"),
        ("supplies.csv,nobody,,tonnes,5", "id", "unknown_row"),
        ("supplies.csv,plant,2,tonnes,5", "id", "unknown_month_row"),
        ("lanes.csv,works|plant,,cost,5", "id", "unknown_row"),
        ("supplies.csv,plant,0,tonnes,-5", "value", "negative"),
        ("supplies.csv,plant,0,tonnes,", "value", "blank"),
        ("supplies.csv,plant,0,tonnes,5.0001", "value", "too_many_decimals"),
        ("supplies.csv,plant,1,ask,3", "value", "changes"),
        ("supplies.csv,plant,0,month,", "value", "mixed_months"),
        ("supplies.csv,plant,,stock_t,3", "value", "silo_below_stock"),
        ("lanes.csv,plant|works,,demand,x", "value", "unknown_order"),
        ("settings.json,,,detour,0.5", "value", "out_of_range"),
        ("settings.json,,,months,12", "value", "already_months"),
    ],
)
def test_what_is_wrong_with_an_edit_is_said_of_its_own_row(
    tmp_path: Path, row: str, column: str, code: str
) -> None:
    wrong = faults_of(tmp_path, "supplies.csv,plant,0,min_lot,0", row)
    assert ("edits.csv", 3, column, code) in wrong


def test_an_edit_of_a_file_that_does_not_stand_is_refused(tmp_path: Path) -> None:
    wrong = faults_of(tmp_path, "lanes.csv,plant|works,,cost,5", lanes=False)
    assert wrong == [("edits.csv", 2, "id", "unknown_row")]


def test_an_edit_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputFaults) as error:
        edits.read(tmp_path / "none.csv")
    assert [(fault.file, fault.code) for fault in error.value.faults] == [
        ("none.csv", "unreadable_file")
    ]
    (tmp_path / "half.csv").write_text("file,id\n")
    with pytest.raises(InputFaults) as error:
        edits.read(tmp_path / "half.csv")
    assert {fault.code for fault in error.value.faults} == {"missing_column"}


NASTY = st.sampled_from(
    (
        "",
        "0",
        "1",
        "-1",
        "7.5",
        "0.0001",
        "NaN",
        "1e9",
        "9" * 18,
        "9" * 30,
        "x",
        "|",
        "٣",
        "½",
        "\x00",
    )
)
TARGETS = [
    *(("supplies.csv", order, column) for order in ("plant", "other") for column in SUPPLIES.names),
    *(("demands.csv", "works", column) for column in DEMANDS.names),
    *(("lanes.csv", "plant|works", column) for column in LANES.names),
    *(("settings.json", "", column) for column in settings_file.KEYS),
]


@unhurried
@given(drawn=st.lists(st.tuples(st.sampled_from(TARGETS), NASTY), min_size=1, max_size=3))
def test_any_value_makes_a_problem_or_a_fault_that_can_be_said(
    drawn: list[tuple[tuple[str, str, str], str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    at = directory(tmp_path_factory.mktemp("market"))
    made = [
        edits.Edit(file, order, "", column, value, Origin("edits.csv", row, "value"))
        for row, ((file, order, column), value) in enumerate(drawn, start=2)
    ]
    try:
        problem_from_directory(at, edits=made)
    except InputFaults as error:
        said = [say_fault(language, fault) for fault in error.faults for language in Language]
    else:
        said = ["nothing is wrong"]
    assert all(said)
