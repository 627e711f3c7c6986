import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from matching import (
    STAGES,
    Demand,
    Lane,
    Problem,
    Property,
    Supply,
    Violation,
    cli,
    outcome_from_directory,
    outcome_from_json,
    problem_from_directory,
)
from matching import problem_to_json as to_json
from matching.cli.parser import COMMANDS
from matching.files import problem_to_directory
from matching.generate import generate
from matching.messages import Language, say

OUTPUTS = {"matches.csv", "orders.csv", "certificate.json", "settings.json", "report.json"}


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")


@pytest.fixture
def market(tmp_path: Path) -> Path:
    directory = tmp_path / "市场 one"
    problem_to_directory(generate("market", 8, 30, 30), directory)
    return directory


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outcome of the same market, solved once; a test works on a copy of it."""
    home = tmp_path_factory.mktemp("once")
    problem_to_directory(generate("market", 8, 30, 30), home / "market")
    assert cli.main(["solve", str(home / "market"), "--out", str(home / "out")]) == 0
    return home / "out"


@pytest.fixture
def out(once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(once, tmp_path / "out"))


def run(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "matching", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, env=os.environ)


def test_a_solved_directory_passes_the_audit(
    market: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert cli.main(["solve", str(market), "--out", str(out)]) == 0
    assert {file.name for file in out.iterdir()} == OUTPUTS
    assert "proven optimal" in capsys.readouterr().out
    assert cli.main(["verify", str(market), str(out)]) == 0
    said = capsys.readouterr().out
    assert "every promise holds" in said
    assert "tonnes: proven best\nsurplus: proven best" in said


def test_the_audit_tells_a_claimed_bound_from_a_proven_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lots, out = tmp_path / "lots", tmp_path / "out"
    supplies = tuple(
        Supply(each, kg, single=True) for each, kg in zip("abc", (6, 5, 4), strict=True)
    )
    demands = (Demand("x", 7), Demand("y", 8))
    lanes = tuple(Lane(supply.id, demand.id) for supply in supplies for demand in demands)
    problem_to_directory(Problem(supplies, demands, lanes=lanes), lots)
    assert cli.main(["solve", str(lots), "--out", str(out)]) == 0
    capsys.readouterr()
    assert cli.main(["verify", str(lots), str(out)]) == 0
    said = capsys.readouterr().out
    assert "tonnes: 11000 reached, proven bound 15000; bound claimed without proof 11000" in said


def test_the_report_tells_status_levels_times_and_memory(out: Path) -> None:
    report = json.loads((out / "report.json").read_text())
    assert report["status"] == "optimal"
    assert [(level["name"], level["gap"]) for level in report["levels"]] == [
        ("tonnes", 0),
        ("surplus", 0),
    ]
    assert list(report["seconds"]) == ["start", "read", *STAGES, "write", "total"]
    parts = report["peak_memory_parts_mib"]
    assert report["peak_memory_mib"] == pytest.approx(parts["command"] + parts["worker"])
    assert len(report["input_sha256"]) == 64
    assert (report["engine"], report["iterations"]) == ("min-cost flow", 0)


@pytest.mark.parametrize("kind", ["market", "seasons", "lots"])
def test_shuffled_rows_and_more_workers_give_the_same_bytes(kind: str, tmp_path: Path) -> None:
    plain, shuffled = tmp_path / "plain", tmp_path / "shuffled"
    problem_to_directory(generate(kind, 8, 8, 8), plain)
    shuffled.mkdir()
    for file in plain.iterdir():
        (shuffled / file.name).write_bytes(_shuffled(file))
    outs = tmp_path / "out", tmp_path / "out of shuffled"
    assert cli.main(["solve", str(plain), "--out", str(outs[0])]) == 0
    assert cli.main(["solve", str(shuffled), "--out", str(outs[1]), "--workers", "2"]) == 0
    names = {file.name for file in outs[0].iterdir()}
    assert names == {file.name for file in outs[1].iterdir()}
    assert names - {"storage.csv"} == OUTPUTS
    for name in names - {"report.json"}:
        assert (outs[0] / name).read_bytes() == (outs[1] / name).read_bytes()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_and_option_is_described(
    capsys: pytest.CaptureFixture[str], command: str, language: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--lang", language, "--help"])
    told = "".join(capsys.readouterr().out.split())
    assert ended.value.code == 0
    codes = [f"help_{command}", *(code for code, _ in COMMANDS[command][1].values())]
    for code in codes:
        assert "".join(say(Language(language), code).split()) in told


@pytest.mark.parametrize(
    "words",
    [
        ["--time-limit", "-1"],
        ["--time-limit", "nan"],
        ["--iterations", "some"],
        ["--workers", "0"],
    ],
)
def test_an_option_that_is_no_number_exits_2(
    market: Path, tmp_path: Path, words: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["solve", str(market), "--out", str(tmp_path / "out"), *words])
    assert ended.value.code == 2


def test_progress_is_told_in_chinese_too(
    market: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["solve", str(market), "--out", str(tmp_path / "out"), "--lang", "zh"]) == 0
    told = capsys.readouterr()
    assert told.err.splitlines()[:3] == ["读取问题", "查找线路", "分配吨数"]
    assert "已证明最优" in told.out


def _shuffled(file: Path) -> bytes:
    if file.suffix == ".json":
        return file.read_bytes()
    head, *rows = (line.split(",") for line in file.read_text().splitlines())
    draw = random.Random(3)
    columns = draw.sample(range(len(head)), len(head))
    draw.shuffle(rows)
    lines = (",".join(row[at] for at in columns) for row in (head, *rows))
    return ("\n".join(lines) + "\n").encode()


def test_settings_of_the_command_are_written_and_used_by_the_audit(
    market: Path, tmp_path: Path
) -> None:
    out = str(tmp_path / "out")
    assert cli.main(["solve", str(market), "--out", out, "--set", "mode=plan", "max_km=80"]) == 0
    written = json.loads((tmp_path / "out" / "settings.json").read_text())
    assert (written["mode"], written["max_km"], written["freight_per_tkm"]) == ("plan", 80, 0.5)
    assert cli.main(["verify", str(market), out]) == 0


def test_an_altered_outcome_is_named_and_exits_1(
    market: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    matches = out / "matches.csv"
    head, first, *others = matches.read_text().splitlines()
    cells = first.split(",")
    cells[5] = "0.01"
    matches.write_text("\n".join([head, ",".join(cells), *others]) + "\n")
    capsys.readouterr()
    assert cli.main(["verify", str(market), str(out)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in told] == [
        "support",
        "price_identity",
        "totals",
        "totals",
    ]


@pytest.mark.parametrize("file", sorted(OUTPUTS - {"report.json"}))
def test_an_outcome_without_one_of_its_files_exits_1(
    market: Path, out: Path, capsys: pytest.CaptureFixture[str], file: str
) -> None:
    (out / file).unlink()
    capsys.readouterr()
    assert cli.main(["verify", str(market), str(out)]) == 1
    assert capsys.readouterr().out == f"{file}: the file is missing\n"


PLACED = "id,tonnes,lon,lat\n"


@pytest.mark.parametrize(
    ("file", "content", "place", "what"),
    [
        ("supplies.csv", None, "", "the file is missing"),
        ("supplies.csv", "id\nx\n", ", row 1, column tonnes", "this required column is missing"),
        (
            "supplies.csv",
            f"{PLACED}x,NaN,115,36\n",
            ", row 2, column tonnes",
            "“NaN” is not a plain number",
        ),
        ("supplies.csv", f"{PLACED}x,-1,115,36\n", ", row 2, column tonnes", "-1.000 is negative"),
        (
            "supplies.csv",
            f"{PLACED}x,9999999999,115,36\n",
            ", row 2, column tonnes",
            "9999999999.000 is not within 0.000 to 1000000000.000",
        ),
        (
            "demands.csv",
            f"{PLACED}x,1,36,115\n",
            ", row 2, column lat",
            "115.0 is no latitude; longitude and latitude seem to be swapped",
        ),
        (
            "demands.csv",
            f"{PLACED}x,1,115,36\nx,1,115,36\n",
            ", row 3, column id",
            "“x” stands more than once",
        ),
        ("demands.csv", b"id,tonnes\n\xff,1\n", "", "the text is neither UTF-8 nor GB18030"),
        (
            "settings.json",
            '{"max_km": "far"}',
            ", column max_km",
            "“far” is not a plain number",
        ),
    ],
)
def test_bad_input_exits_2_with_a_line_that_names_the_place(
    market: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    content: str | bytes | None,
    place: str,
    what: str,
) -> None:
    if content is None:
        (market / file).unlink()
    else:
        (market / file).write_bytes(content.encode() if isinstance(content, str) else content)
    assert cli.main(["solve", str(market), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == f"reading the problem\n{file}{place}: {what}\n"
    assert not (tmp_path / "out").exists()


def test_faults_are_told_in_chinese_where_the_environment_is(
    market: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    (market / "supplies.csv").unlink()
    assert cli.main(["solve", str(market), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == "读取问题\nsupplies.csv：缺少该文件\n"
    assert cli.main(["solve", str(market), "--out", str(tmp_path / "out"), "--lang", "en"]) == 2
    assert capsys.readouterr().err == "reading the problem\nsupplies.csv: the file is missing\n"


@pytest.mark.parametrize("option", ["max_km", "colour=red", "max_km=NaN", "levels=none"])
def test_bad_settings_on_the_command_line_exit_2(market: Path, tmp_path: Path, option: str) -> None:
    assert cli.main(["solve", str(market), "--out", str(tmp_path / "out"), "--set", option]) == 2


def test_a_problem_is_not_overwritten_by_its_own_outcome(
    market: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (market / "settings.json").read_bytes()
    assert cli.main(["solve", str(market), "--out", f"{market}/../{market.name}"]) == 2
    assert (market / "settings.json").read_bytes() == before


def test_an_outcome_that_cannot_be_written_exits_2(market: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert cli.main(["solve", str(market), "--out", str(tmp_path / "file" / "out")]) == 2


def test_unknown_columns_are_named(
    market: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (market / "supplies.csv").read_text()
    (market / "supplies.csv").write_text(text.replace("max_km", "colour"))
    cli.main(["solve", str(market), "--out", str(tmp_path / "out")])
    assert "supplies.csv: columns kept aside: colour\n" in capsys.readouterr().err


def test_the_pipe_gives_the_outcome_of_the_directory_and_nothing_else(
    market: Path, tmp_path: Path
) -> None:
    piped = run("solve", "-", "--out", "-", stdin=to_json(problem_from_directory(market).problem))
    assert piped.returncode == 0
    assert json.loads(piped.stderr)["status"] == "optimal"
    assert run("solve", market, "--out", tmp_path / "out").returncode == 0
    assert outcome_from_json(piped.stdout) == outcome_from_directory(tmp_path / "out")


def test_the_pipe_takes_settings_over_those_of_the_problem(market: Path) -> None:
    problem = to_json(problem_from_directory(market).problem)
    plain, plan = (
        run("solve", "-", "--out", "-", *words, stdin=problem).stdout
        for words in ((), ("--set", "mode=plan"))
    )
    plain_kg, plan_kg = (outcome_from_json(each).certificate.totals.kg for each in (plain, plan))
    assert plain_kg < plan_kg


def test_a_broken_pipe_of_json_exits_2_in_one_line() -> None:
    refused = run("solve", "-", "--out", "-", stdin=b"nonsense")
    assert refused.returncode == 2
    assert refused.stdout == b""
    assert len(refused.stderr.splitlines()) == 1


def test_generate_writes_a_problem_that_can_be_read(tmp_path: Path) -> None:
    words = ["generate", "ties", "--seed", "5", "--supplies", "7", "--demands", "9"]
    assert cli.main([*words, "--out", str(tmp_path)]) == 0
    assert problem_from_directory(tmp_path).problem == generate("ties", 5, 7, 9)


def test_reach_prints_an_audited_table(market: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["reach", str(market), "--max-km", "40,90"]) == 0
    head, _, near, far = capsys.readouterr().out.splitlines()
    assert head.startswith("| instance | max_km | bottom_ash |")
    assert near.startswith("| 市场 one | 40 |")
    assert far.startswith("| 市场 one | 90 |")


def test_reach_refuses_limits_that_are_no_numbers(market: Path) -> None:
    assert cli.main(["reach", str(market), "--max-km", "near"]) == 2


def test_reach_reports_a_violation(
    market: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [Violation(Property.TOTALS, "kg", "1", "2")]
    monkeypatch.setattr("matching.reach.check", lambda problem, outcome: broken)
    assert cli.main(["reach", str(market), "--max-km", "40"]) == 1
    assert "totals: kg: found 1, expected 2" in capsys.readouterr().out
