import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import (
    Demand,
    InputFaults,
    Lane,
    Mode,
    Problem,
    Settings,
    Supply,
    problem_from_directory,
    problem_from_json,
    problem_to_directory,
    problem_to_json,
)
from matching.messages import Language, say_fault
from tests.matching.strategies import markets, unhurried

SUPPLIES = "id,tonnes,material,lon,lat,ask\nplant,1000,fly_ash,115.9,36.5,-10\n"
VERSION_1 = (
    b'{"demands":[{"bid":60,"id":"works","kg":400,"lat":36.5,"lon":116.1,'
    b'"materials":["fly_ash"],"max_m":100000}],"format":"gufei-matching-problem","lanes":null,'
    b'"settings":{"detour_milli":1300,"freight_per_t":1200,"freight_per_tkm":50,'
    b'"levels":["tonnes","surplus"],"max_m":300000,"mode":"market","price_rule":"midpoint",'
    b'"seed":0,"support":5},"supplies":[{"ask":-1000,"id":"plant","kg":1000,"lat":36.5,'
    b'"lon":115.9,"material":"fly_ash","max_m":null}],"version":1}\n'
)
DEMANDS = "id,tonnes,material,lon,lat,bid,max_km\nworks,400,fly_ash|slag,116.1,36.5,60,100\n"

Faults = list[tuple[str, int | None, str | None, str]]


def write(directory: Path, **files: str | bytes | None) -> Path:
    """A sound directory with some of its files replaced; ``None`` leaves a file out."""
    content: dict[str, str | bytes | None] = {"supplies": SUPPLIES, "demands": DEMANDS, **files}
    for name, data in content.items():
        if data is not None:
            file = directory / f"{name}.{'json' if name == 'settings' else 'csv'}"
            file.write_bytes(data.encode() if isinstance(data, str) else data)
    return directory


def faults_of(directory: Path, **overrides: str) -> Faults:
    with pytest.raises(InputFaults) as error:
        problem_from_directory(directory, overrides)
    return told(error.value)


def json_faults(data: bytes) -> Faults:
    with pytest.raises(InputFaults) as error:
        problem_from_json(data)
    return told(error.value)


def told(error: InputFaults) -> Faults:
    """The places and codes of the faults, each of which can be said in both languages."""
    for fault in error.faults:
        assert all("\n" not in say_fault(language, fault) for language in Language)
    return [(fault.file, fault.row, fault.column, fault.code) for fault in error.faults]


def test_a_directory_is_read_in_whole_units(tmp_path: Path) -> None:
    problem, unknown = problem_from_directory(write(tmp_path))
    (supply,), (demand,) = problem.supplies, problem.demands
    assert (supply.kg, supply.ask, supply.lon) == (1_000_000, -1_000, 115.9)
    assert (demand.materials, demand.bid, demand.max_m) == (("fly_ash", "slag"), 6_000, 100_000)
    assert problem.settings.mode is Mode.MARKET
    assert unknown == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_may_differ_in_encoding(tmp_path: Path, encoding: str) -> None:
    supplies = SUPPLIES.replace("fly_ash", "粉煤灰").encode(encoding)
    demands = DEMANDS.replace("fly_ash", "粉煤灰")
    problem = problem_from_directory(write(tmp_path, supplies=supplies, demands=demands)).problem
    assert problem.supplies[0].material == "粉煤灰"
    assert problem.demands[0].accepts("粉煤灰")


def test_lines_may_end_as_on_windows_and_blank_lines_are_passed_over(tmp_path: Path) -> None:
    windows = SUPPLIES.replace("\n", "\r\n") + "\r\n,,,,,\r\n"
    assert problem_from_directory(write(tmp_path, supplies=windows)).problem.supplies


def test_other_names_of_columns_are_read_and_unknown_columns_kept_aside(tmp_path: Path) -> None:
    supplies = "id,name,waste,tonnes_per_year,lon,lat\ns,Plant,fly_ash,7,115,36\n"
    problem, unknown = problem_from_directory(write(tmp_path, supplies=supplies))
    assert (problem.supplies[0].material, problem.supplies[0].kg) == ("fly_ash", 7_000)
    assert unknown == {"supplies.csv": ("name",)}


def test_a_header_without_rows_is_an_empty_market(tmp_path: Path) -> None:
    directory = write(tmp_path, supplies="id,tonnes\n", demands="id,tonnes\n")
    assert problem_from_directory(directory).problem == Problem((), (), Settings(mode=Mode.PLAN))


def test_a_book_without_prices_is_read_as_a_plan_unless_told_otherwise(tmp_path: Path) -> None:
    directory = write(
        tmp_path,
        supplies="id,tonnes,lon,lat,ask\ns,5,115,36,\n",
        demands="id,tonnes,lon,lat,bid\nd,5,115,36,0\n",
    )
    assert problem_from_directory(directory).problem.settings.mode is Mode.PLAN
    told = problem_from_directory(directory, {"mode": "market"}).problem
    assert told.settings.mode is Mode.MARKET


def test_settings_of_the_file_stand_under_those_of_the_command(tmp_path: Path) -> None:
    stated = '{"max_km": 120.5, "support": 3.25, "detour": 1.2, "time_limit_s": null}'
    directory = write(tmp_path, settings=stated)
    settings = problem_from_directory(directory, {"support": "4"}).problem.settings
    assert (settings.max_m, settings.support, settings.detour_milli) == (120_500, 400, 1_200)


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"supplies": None}, ("supplies.csv", None, None, "missing_file")),
        ({"demands": None}, ("demands.csv", None, None, "missing_file")),
        ({"supplies": ""}, ("supplies.csv", 1, None, "no_header")),
        ({"supplies": "id,material\nx,y\n"}, ("supplies.csv", 1, "tonnes", "missing_column")),
        (
            {"supplies": SUPPLIES.replace("ask", "lon")},
            ("supplies.csv", 1, "lon", "repeated_column"),
        ),
        ({"supplies": b"id,tonnes\n\xff\xff,1\n"}, ("supplies.csv", None, None, "bad_encoding")),
        ({"supplies": 'id,tonnes\n"a,1\n'}, ("supplies.csv", None, None, "bad_csv")),
        ({"supplies": SUPPLIES + "a,1\n"}, ("supplies.csv", 3, None, "ragged_row")),
        ({"supplies": SUPPLIES * 2}, ("supplies.csv", 3, "tonnes", "not_a_number")),
        ({"settings": "{"}, ("settings.json", None, None, "bad_json")),
        ({"settings": "[1]"}, ("settings.json", None, None, "bad_json")),
        ({"settings": '{"suport": 1}'}, ("settings.json", None, "suport", "unknown_setting")),
        ({"settings": '{"months": 0}'}, ("settings.json", None, "months", "out_of_range")),
        ({"settings": '{"start": "May"}'}, ("settings.json", None, "start", "not_a_month")),
        (
            {"settings": '{"time_limit_s": 0.5}'},
            ("settings.json", None, "time_limit_s", "too_many_decimals"),
        ),
        ({"settings": '{"detour": NaN}'}, ("settings.json", None, "detour", "not_a_number")),
        ({"settings": '{"detour": 0.5}'}, ("settings.json", None, "detour", "out_of_range")),
        (
            {"settings": '{"support": 0.001}'},
            ("settings.json", None, "support", "too_many_decimals"),
        ),
        ({"settings": '{"mode": "auction"}'}, ("settings.json", None, "mode", "bad_choice")),
        ({"settings": '{"levels": ["profit"]}'}, ("settings.json", None, "levels", "bad_choice")),
        (
            {"settings": '{"price_rule": "highest"}'},
            ("settings.json", None, "price_rule", "bad_choice"),
        ),
        ({"lanes": "supply,demand\nplant,x\n"}, ("lanes.csv", 2, "demand", "unknown_order")),
        ({"lanes": "supply,demand\nx,works\n"}, ("lanes.csv", 2, "supply", "unknown_order")),
        (
            {"lanes": "supply,demand\nplant,works\nplant,works\n"},
            ("lanes.csv", 3, "demand", "repeated_lane"),
        ),
        (
            {"lanes": "supply,demand,min_t,capacity_t\nplant,works,5,4.999\n"},
            ("lanes.csv", 2, "min_t", "min_above_capacity"),
        ),
        (
            {"lanes": "supply,demand,use\nplant,works,0\n"},
            ("lanes.csv", 2, "use", "out_of_range"),
        ),
        (
            {"lanes": "supply,demand,month\nplant,works,0\n"},
            ("lanes.csv", 2, "month", "no_months"),
        ),
        ({"lanes": "supply,demand\n,works\n"}, ("lanes.csv", 2, "supply", "blank")),
    ],
)
def test_a_broken_directory_names_the_file_row_and_column(
    tmp_path: Path,
    files: dict[str, str | bytes | None],
    fault: tuple[str, int | None, str | None, str],
) -> None:
    assert fault in faults_of(write(tmp_path, **files))


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (",1,x,115,36,0", "id", "blank"),
        ("plant,1,x,115,36,0", "id", "repeated_id"),
        ("s,,x,115,36,0", "tonnes", "blank"),
        ("s,-1,x,115,36,0", "tonnes", "negative"),
        ("s,NaN,x,115,36,0", "tonnes", "not_a_number"),
        ("s,inf,x,115,36,0", "tonnes", "not_a_number"),
        ("s,1e3,x,115,36,0", "tonnes", "not_a_number"),
        ('s,"1,000",x,115,36,0', "tonnes", "not_a_number"),
        ("s,1.0005,x,115,36,0", "tonnes", "too_many_decimals"),
        ("s,99999999999,x,115,36,0", "tonnes", "out_of_range"),
        ("s,1,a|b,115,36,0", "material", "several_materials"),
        ("s,1,x,115,36,1.005", "ask", "too_many_decimals"),
        ("s,1,x,115,36,-99999999", "ask", "out_of_range"),
        ("s,1,x,east,36,0", "lon", "not_a_number"),
        ("s,1,x,,36,0", "lon", "blank"),
        ("s,1,x,,,0", "lon", "no_place"),
        ("s,1,x,200,36,0", "lon", "out_of_range"),
        ("s,1,x,36,115,0", "lat", "swapped"),
    ],
)
def test_a_broken_row_names_its_column_once(
    tmp_path: Path, row: str, column: str, code: str
) -> None:
    directory = write(tmp_path, supplies=f"{SUPPLIES}{row}\n")
    assert faults_of(directory) == [("supplies.csv", 3, column, code)]


def test_all_faults_of_a_directory_are_named_together(tmp_path: Path) -> None:
    directory = write(
        tmp_path,
        supplies="id,tonnes,lon,lat\n,-1,36,115\ns,x,115,36\n",
        demands="id,tonnes,lon,lat,month\nd,1,115,36,May\n",
        settings='{"detour": 9.9999}',
    )
    assert faults_of(directory, mode="x") == [
        ("supplies.csv", 2, "id", "blank"),
        ("supplies.csv", 2, "tonnes", "negative"),
        ("supplies.csv", 2, "lat", "swapped"),
        ("supplies.csv", 3, "tonnes", "not_a_number"),
        ("demands.csv", 2, "month", "not_a_number"),
        ("settings.json", None, "detour", "too_many_decimals"),
        ("settings.json", None, "mode", "bad_choice"),
    ]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"{", ("json", None, None, "bad_json")),
        (b"[]", ("json", None, None, "bad_json")),
        (b"\xff", ("json", None, None, "bad_json")),
        (b"{}", ("json", None, "format", "bad_choice")),
        (
            b'{"format":"gufei-matching-problem","version":3}',
            ("json", None, "version", "bad_choice"),
        ),
    ],
)
def test_a_broken_json_document_is_refused(
    data: bytes, fault: tuple[str, int | None, str | None, str]
) -> None:
    assert json_faults(data) == [fault]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b'"kg":', b'"kgs":', ("demands", 1, "kgs", "unknown_key")),
        (b'"kg":', b'"kg":-', ("demands", 1, "kg", "negative")),
        (b'"id":"plant"', b'"id":7', ("supplies", 1, "id", "not_text")),
        (
            b'"materials":["fly_ash","slag"]',
            b'"materials":"x"',
            ("demands", 1, "materials", "not_a_list"),
        ),
        (
            b'"materials":["fly_ash","slag"]',
            b'"materials":[1]',
            ("demands", 1, "materials", "not_a_list"),
        ),
        (
            b'"lat":36.5,"lon":115.9',
            b'"lat":NaN,"lon":115.9',
            ("supplies", 1, "lat", "not_a_number"),
        ),
        (b'"supplies":[{', b'"supplies":[7,{', ("supplies", 1, None, "not_an_object")),
        (b'"mode":"market"', b'"mode":"x"', ("settings", 1, "mode", "bad_choice")),
        (b'"lanes":null', b'"lanes":5', ("lanes", None, None, "not_a_list")),
        (
            b'"lanes":null',
            b'"lanes":[{"supply":"x","demand":"works"}]',
            ("lanes", 1, "supply", "unknown_order"),
        ),
        (
            b'"ask":',
            b'"silo_kg":4,"stock_kg":5,"ask":',
            ("supplies", 1, "silo_kg", "silo_below_stock"),
        ),
        (b'"ask":', b'"single":1,"ask":', ("supplies", 1, "single", "not_a_flag")),
        (b'"ask":', b'"month":1,"ask":', ("demands", 1, "month", "mixed_months")),
        (
            b'"levels":["tonnes",',
            b'"levels":["tonnes","tonnes",',
            ("settings", 1, "levels", "repeated_word"),
        ),
    ],
)
def test_a_broken_json_problem_names_the_place(
    tmp_path: Path, old: bytes, new: bytes, fault: tuple[str, int | None, str | None, str]
) -> None:
    sound = problem_to_json(problem_from_directory(write(tmp_path)).problem)
    assert old in sound
    assert fault in json_faults(sound.replace(old, new, 1))


def test_optional_keys_of_a_json_problem_may_be_left_out() -> None:
    problem = problem_from_json(
        b'{"format":"gufei-matching-problem","version":2,'
        b'"supplies":[{"id":"s","kg":5,"lon":115,"lat":36}],'
        b'"demands":[{"id":"d","kg":5,"lon":115,"lat":36,"bid":1}]}'
    )
    assert problem.settings.mode is Mode.MARKET
    assert problem.supplies[0].lon == 115.0


def test_rows_of_a_json_problem_leave_out_what_has_its_default() -> None:
    demand = Demand("d", 5, (), 116.0, 36.5, open_fen=7)
    content = json.loads(problem_to_json(Problem((), (demand,))))
    assert content["version"] == 2
    assert content["demands"] == [{"id": "d", "kg": 5, "lat": 36.5, "lon": 116.0, "open_fen": 7}]


def test_a_problem_written_as_version_1_is_still_read() -> None:
    problem = problem_from_json(VERSION_1)
    assert problem == Problem(
        (Supply("plant", 1_000, "fly_ash", 115.9, 36.5, ask=-1_000),),
        (Demand("works", 400, ("fly_ash",), 116.1, 36.5, bid=60, max_m=100_000),),
        Settings(support=5),
    )


def test_months_silos_and_lots_are_read_in_whole_units(tmp_path: Path) -> None:
    problem = problem_from_directory(
        write(
            tmp_path,
            supplies="id,tonnes,month,single,min_lot,silo_t,stock_t,holding,weight\n"
            "a,5,1,,,,,,1.5\na,4,0,,1.25,20,0.5,0.75,1.5\nb,3,0,1,,,,,\n",
            demands="id,tonnes,month,min_lot,open_cost,silo_t,stock_t,product\n"
            "d,9,0,2.5,12.34,8,,cement\n",
            lanes="supply,demand,cost,fixed,min_t,capacity_t,use,month\n"
            "a,d,3,100,0.5,,1.25,0\na,d,4,,,7,,1\n",
        )
    ).problem
    assert problem.supplies == (
        Supply(
            "a",
            4_000,
            month=0,
            min_lot_kg=1_250,
            silo_kg=20_000,
            stock_kg=500,
            holding=75,
            weight_milli=1_500,
        ),
        Supply("a", 5_000, month=1, silo_kg=20_000, stock_kg=500, holding=75, weight_milli=1_500),
        Supply("b", 3_000, month=0, single=True),
    )
    assert problem.demands == (
        Demand(
            "d",
            9_000,
            month=0,
            min_lot_kg=2_500,
            open_fen=1_234,
            silo_kg=8_000,
            product="cement",
        ),
    )
    assert problem.lanes == (
        Lane("a", "d", 300, fixed_fen=10_000, min_kg=500, use_milli=1_250, month=0),
        Lane("a", "d", 400, fixed_fen=10_000, capacity_kg=7_000, month=1),
    )


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("s,1,115,36,,\nt,1,115,36,0,\n", ("supplies.csv", 2, "month", "mixed_months")),
        ("s,1,115,36,0,\ns,1,115,36,0,\n", ("supplies.csv", 3, "id", "repeated_month")),
        ("s,1,115,36,0,\ns,1,115,36,1,5\n", ("supplies.csv", 3, "silo_t", "changes")),
        ("s,1,115,36,1,5\ns,1,115,36,0,\n", ("supplies.csv", 2, "silo_t", "changes")),
        ("s,1,115,36,0,x\ns,1,115,36,1,\n", ("supplies.csv", 2, "silo_t", "not_a_number")),
        ("s,1,115,36,0,\ns,1,115,37,1,\n", ("supplies.csv", 3, "lat", "changes")),
        ("s,1,115,36,0.5,\n", ("supplies.csv", 2, "month", "too_many_decimals")),
    ],
)
def test_months_that_do_not_fit_together_name_one_row(
    tmp_path: Path, rows: str, fault: tuple[str, int, str, str]
) -> None:
    directory = write(
        tmp_path,
        supplies=f"id,tonnes,lon,lat,month,silo_t\n{rows}",
        demands="id,tonnes,lon,lat,month\n",
    )
    assert faults_of(directory) == [fault]


def test_a_total_past_the_integer_range_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.row_rules.MAX_TOTAL", 10)
    assert faults_of(write(tmp_path)) == [("supplies.csv", None, None, "total_too_large")]


def test_files_leave_out_columns_in_which_nothing_stands(tmp_path: Path) -> None:
    lanes = (Lane("s", "d", 5),)
    problem_to_directory(Problem((Supply("s", 5),), (Demand("d", 5),), Settings(), lanes), tmp_path)
    assert (tmp_path / "supplies.csv").read_text() == "id,tonnes\ns,0.005\n"
    assert (tmp_path / "lanes.csv").read_text() == "supply,demand,cost\ns,d,0.05\n"


@unhurried
@given(problem=markets())
def test_both_forms_give_back_any_problem(
    problem: Problem, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("market")
    problem_to_directory(problem, directory)
    assert problem_from_directory(directory).problem == problem
    assert problem_from_json(problem_to_json(problem)) == problem


@unhurried
@given(problem=markets(), shuffled=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_change_the_document(
    problem: Problem, shuffled: random.Random
) -> None:
    supplies, demands = list(problem.supplies), list(problem.demands)
    lanes = None if problem.lanes is None else list(problem.lanes)
    for rows in (supplies, demands, lanes or []):
        shuffled.shuffle(rows)
    listed = None if lanes is None else tuple(lanes)
    other = Problem(tuple(supplies), tuple(demands), problem.settings, listed)
    assert problem_to_json(other) == problem_to_json(problem)


def test_lanes_of_an_earlier_problem_do_not_stay_behind(tmp_path: Path) -> None:
    listed = Problem((Supply("s", 5),), (), Settings(), ())
    made = Problem((Supply("s", 5, "", 116.0, 36.5),), (), Settings())
    for problem in (listed, made):
        problem_to_directory(problem, tmp_path)
        assert problem_from_directory(tmp_path).problem == problem
