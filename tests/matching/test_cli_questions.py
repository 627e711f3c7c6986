"""The commands that ask about a solved problem, and what measures the engine."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from matching import cli
from matching.bench import Row
from matching.bench import run as benching
from matching.files import problem_to_directory
from matching.formats.outcome_files import outcome_from_directory
from matching.generate import generate


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A market with months and silos, and its outcome."""
    home = tmp_path_factory.mktemp("solved")
    problem_to_directory(generate("seasons", 3, 8, 8), home / "problem")
    places = str(home / "problem"), str(home / "outcome")
    assert cli.main(["solve", places[0], "--out", places[1]]) == 0
    return places


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert cli.main(words) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def unplaced(out: str) -> tuple[str, str, str]:
    """Side, id and month of a row that stayed open over its price."""
    for line in outcome_from_directory(Path(out)).orders:
        if line.reason == "price":
            return line.side.value, line.id, str(line.month)
    raise AssertionError("every order is placed")


def test_explain_prints_what_an_order_is_told(
    solved: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    side, order, month = unplaced(solved[1])
    words = ["--order", order, "--side", side, "--month", month]
    told = asked(capsys, "explain", *solved, *words)
    assert (told["side"], told["id"], told["month"]) == (side, order, int(month))
    assert told["reason"] == "price"
    assert told["changes"]["price"]["change"] > 0


@pytest.mark.parametrize(
    ("words", "place"),
    [(["--order", "nobody"], "--order"), (["--order", "S00001"], "--month")],
)
def test_an_order_that_is_not_one_row_exits_2(
    solved: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    place: str,
) -> None:
    assert cli.main(["explain", *solved, *words]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"{place}: ")


def test_relax_ranks_what_would_place_more(
    solved: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    told = asked(capsys, "relax", *solved, "--top", "2")
    placed = outcome_from_directory(Path(solved[1])).certificate.totals.kg
    assert told["placed_kg"] == placed
    added = [change["added_kg"] for change in told["lanes"]]
    assert len(added) == 2
    assert added == sorted(added, reverse=True)


def test_whatif_tells_what_an_edit_changes(
    solved: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, order, _ = unplaced(solved[1])
    edit = tmp_path / "edit.csv"
    edit.write_text(f"file,id,month,column,value\nsupplies.csv,{order},,ask,-200\n")
    told = asked(capsys, "whatif", *solved, "--edit", str(edit))
    assert told["change"]["placed_kg"] > 0
    assert order in {line["id"] for line in told["orders"]}


def test_an_edit_of_nothing_exits_2(
    solved: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit = tmp_path / "edit.csv"
    edit.write_text("file,id,month,column,value\nsupplies.csv,nobody,,ask,1\n")
    assert cli.main(["whatif", *solved, "--edit", str(edit)]) == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("edit.csv, row 2")


def test_frontier_writes_the_curve_and_says_what_it_is(
    solved: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["frontier", solved[0], "--out", str(tmp_path)]) == 0
    with (tmp_path / "frontier.csv").open() as file:
        points = list(csv.DictReader(file))
    assert list(points[0]) == ["tonnes", "support_cny", "slope_cny_per_t", "lanes_on"]
    about = json.loads((tmp_path / "frontier.json").read_text())
    assert (about["points"], about["relaxation"]) == (len(points), "divisible")
    assert "divisible relaxation" in capsys.readouterr().out


def test_an_outcome_of_another_problem_is_refused(
    solved: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem_to_directory(generate("seasons", 4, 8, 8), tmp_path)
    assert cli.main(["relax", str(tmp_path), solved[1], "--lang", "zh"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"{solved[1]}：这份结果属于另一个问题"


@pytest.mark.parametrize("file", ["settings.json", "matches.csv"])
def test_a_question_about_an_outcome_that_is_not_whole_exits_2(
    solved: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str
) -> None:
    for each in Path(solved[1]).iterdir():
        if each.name != file:
            (tmp_path / each.name).write_bytes(each.read_bytes())
    assert cli.main(["relax", solved[0], str(tmp_path)]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"{file}: the file is missing"


MET = Row("speed", "≤ 1.35 × the bare call", "1.2 ×", True, 3.21)
MISSED = Row("memory", "≤ 250 bytes a lane", "251", False, 60)


@pytest.mark.parametrize(("row", "code"), [(MET, 0), (MISSED, 1)])
def test_bench_prints_the_table_and_exits_1_while_a_bar_is_missed(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    row: Row,
    code: int,
) -> None:
    monkeypatch.setattr(benching, "measured", lambda topic, instances: [row])
    page = tmp_path / "page.md"
    assert cli.main(["bench", "--only", "order", "--out", str(page)]) == code
    told = capsys.readouterr().out
    assert page.read_text(encoding="utf-8") == told.rstrip("\n") + "\n"
    met = "yes" if row.met else "**no**"
    assert f"| {row.what} | {row.bar} | {row.measured} | {met} | {row.seconds:,.1f} |" in told


def test_a_page_names_the_machine_and_the_libraries() -> None:
    page = benching.page([MET])
    assert "cores" in page
    assert "ortools 9." in page


def test_a_topic_that_fails_is_a_row_that_says_so() -> None:
    rows = benching.measured("no_such_topic", [])
    assert [row.met for row in rows] == [False]
    assert "no_such_topic" in rows[0].measured


@pytest.mark.parametrize("topic", benching.TOPICS)
def test_every_topic_is_a_module_that_measures(topic: str) -> None:
    home = Path(benching.__file__).parent
    assert (home / f"{topic}.py").exists() or (home / topic / "__init__.py").exists()
