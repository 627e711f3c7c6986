"""Solving in a process of its own: how it is cut short, and that nothing outlives it.

What can only be shown with a search that lasts is shown with a worker that does nothing but say
what it is told to say.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import psutil
import pytest

from matching import (
    Demand,
    Problem,
    Supply,
    cli,
    outcome_to_json,
    problem_from_directory,
    problem_to_json,
    solve,
)
from matching.cli import child
from matching.cli.interrupts import Interrupts
from matching.cli.protocol import Message
from matching.cli.tasks import Teller
from matching.cli.waiting import FINISHING
from matching.files import problem_to_directory
from matching.generate import generate
from matching.search import Proven
from matching.solver import STAGES, solve_with_report

WORKER = """
import os, pickle, sys, time, zlib
from multiprocessing.connection import Connection
from matching import lanes, network
from matching.transport import components
from matching.cli.protocol import *
from matching.search import Proven

request = pickle.load(sys.stdin.buffer)
send = Connection(int(sys.argv[1]), readable=False).send

def nothing():
    problem = request.arguments["source"].read().problem
    book = lanes.build(problem)
    net = network.of(problem, book)
    plan = components.solve(net, network.gains(problem, book, net))
    return Found(zlib.compress(pickle.dumps(Proven(plan.flow, plan))), 0)

"""
HANG = "time.sleep(60)"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")


@pytest.fixture
def market(tmp_path: Path) -> Path:
    directory = tmp_path / "market"
    problem_to_directory(generate("market", 8, 12, 12), directory)
    return directory


@pytest.fixture
def lots(tmp_path: Path) -> Path:
    """A market in which every lot goes to one works, or nowhere."""
    directory = tmp_path / "lots"
    supplies = [Supply(f"S{i}", 3_000 + 7 * i, "ash", 116, 36, single=True) for i in range(12)]
    demands = [Demand(f"D{j}", 7_000, ("ash",), 116, 36, bid=9_000) for j in range(5)]
    problem_to_directory(Problem(tuple(supplies), tuple(demands)), directory)
    return directory


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Have the command start a worker that runs these lines."""

    def put(lines: str) -> None:
        script = tmp_path / "worker.py"
        script.write_text(WORKER + lines)
        monkeypatch.setattr(child, "COMMAND", (str(script),))

    return put


@pytest.fixture
def interrupt() -> Iterator[Callable[[Callable[[], bool], int], None]]:
    """Send this process a signal as soon as something is true."""
    threads = []

    def when(ready: Callable[[], bool], number: int) -> None:
        def watch() -> None:
            while not ready():
                time.sleep(0.02)
            os.kill(os.getpid(), number)

        threads.append(threading.Thread(target=watch, daemon=True))
        threads[-1].start()

    yield when
    for thread in threads:
        thread.join(10)


def written(out: Path) -> set[str]:
    return {file.name for file in out.iterdir()}


def status(out: Path) -> object:
    return json.loads((out / "report.json").read_text())["status"]


def mark(tmp_path: Path) -> tuple[str, Callable[[], bool]]:
    """A line by which a worker says that it has come there, and the question whether it has."""
    file = tmp_path / "reached"
    return f"open({str(file)!r}, 'w').close()\n", file.exists


@pytest.fixture
def noticed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Whether the command has taken note of an interrupt: two at once would be one signal."""
    taken = threading.Event()
    notice = Interrupts._noticed

    def tell(self: Interrupts, number: int, frame: FrameType | None) -> None:
        notice(self, number, frame)
        taken.set()

    monkeypatch.setattr(Interrupts, "_noticed", tell)
    return taken.is_set


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_before_the_first_plan_cancels(
    market: Path,
    tmp_path: Path,
    worker: Callable[[str], None],
    interrupt: Callable[[Callable[[], bool], int], None],
    number: int,
) -> None:
    line, reached = mark(tmp_path)
    worker(f"send(Stage('flow'))\n{line}{HANG}")
    interrupt(reached, number)
    out = tmp_path / "out"
    assert cli.main(["solve", str(market), "--out", str(out)]) == 3
    assert (written(out), status(out)) == ({"report.json"}, "cancelled")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_after_a_plan_gives_that_plan_with_its_gap(
    lots: Path,
    tmp_path: Path,
    worker: Callable[[str], None],
    interrupt: Callable[[Callable[[], bool], int], None],
    number: int,
) -> None:
    line, reached = mark(tmp_path)
    worker(f"send(Stage('flow'))\nsend(nothing())\n{line}{HANG}")
    interrupt(reached, number)
    out = tmp_path / "out"
    assert cli.main(["solve", str(lots), "--out", str(out)]) == 0
    report = json.loads((out / "report.json").read_text())
    assert report["status"] == "feasible"
    assert report["levels"][0]["gap"] > 0
    assert cli.main(["verify", str(lots), str(out)]) == 0


def test_the_time_limit_ends_a_search_that_does_not_end_itself(
    lots: Path, tmp_path: Path, worker: Callable[[str], None]
) -> None:
    worker(f"send(Stage('flow'))\nsend(nothing())\nsend(Limit(0.2))\n{HANG}")
    begun = time.monotonic()
    out = tmp_path / "out"
    assert cli.main(["solve", str(lots), "--out", str(out)]) == 0
    assert status(out) == "feasible"
    assert time.monotonic() - begun < 20


def test_time_that_is_up_before_the_first_plan_cancels(
    market: Path, tmp_path: Path, worker: Callable[[str], None]
) -> None:
    worker(f"send(Limit(0.2))\nsend(Stage('flow'))\n{HANG}")
    out = tmp_path / "out"
    assert cli.main(["solve", str(market), "--out", str(out)]) == 3
    assert status(out) == "cancelled"


@pytest.mark.parametrize("limit", [["--time-limit", "3.5"], []])
def test_the_limit_of_the_command_outranks_that_of_the_settings(
    market: Path, tmp_path: Path, worker: Callable[[str], None], limit: list[str]
) -> None:
    (market / "settings.json").write_text('{"time_limit_s": 7}')
    said = tmp_path / "said"
    worker(
        "problem = request.arguments['source'].read().problem\n"
        "limit = request.arguments['budget'].limit(problem)\n"
        f"print(limit, file=open({str(said)!r}, 'w'), flush=True)\n"
        "send(Failed('enough'))\n"
    )
    cli.main(["solve", str(market), "--out", str(tmp_path / "out"), *limit])
    assert said.read_text() == ("3.5\n" if limit else "7\n")


def test_an_interrupt_while_the_outcome_is_put_together_is_waited_out(
    market: Path,
    tmp_path: Path,
    worker: Callable[[str], None],
    interrupt: Callable[[Callable[[], bool], int], None],
) -> None:
    line, reached = mark(tmp_path)
    report = "{'status': 'optimal', 'matches': 0}"
    done = f"send(Done(Solved({{}}, {report}, 0, 0), 1.0))"
    worker(
        "from matching.cli.tasks import Solved\n"
        f"send(Stage('prices'))\n{line}time.sleep(1)\n{done}\n"
    )
    interrupt(reached, signal.SIGINT)
    assert cli.main(["solve", str(market), "--out", str(tmp_path / "out")]) == 0


def test_a_second_interrupt_gives_up(
    market: Path,
    tmp_path: Path,
    worker: Callable[[str], None],
    interrupt: Callable[[Callable[[], bool], int], None],
    noticed: Callable[[], bool],
) -> None:
    line, reached = mark(tmp_path)
    worker(f"send(Stage('prices'))\n{line}{HANG}")
    interrupt(reached, signal.SIGINT)
    interrupt(noticed, signal.SIGINT)
    out = tmp_path / "out"
    assert cli.main(["solve", str(market), "--out", str(out)]) == 3
    assert status(out) == "cancelled"


def test_a_cancelled_solve_leaves_nothing_of_an_earlier_outcome(
    market: Path,
    tmp_path: Path,
    worker: Callable[[str], None],
    interrupt: Callable[[Callable[[], bool], int], None],
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in ("matches.csv", "storage.csv", "settings.json", "mine.txt"):
        (out / name).write_text("old")
    line, reached = mark(tmp_path)
    worker(f"{line}{HANG}")
    interrupt(reached, signal.SIGINT)
    assert cli.main(["solve", str(market), "--out", str(out)]) == 3
    assert written(out) == {"report.json", "mine.txt"}


@pytest.mark.parametrize("last", ["os._exit(7)", "send(Failed('no optimum'))", "1 / 0"])
def test_a_worker_that_fails_exits_4(
    market: Path, tmp_path: Path, worker: Callable[[str], None], last: str
) -> None:
    worker(last)
    assert cli.main(["solve", str(market), "--out", str(tmp_path / "out")]) == 4
    assert not (tmp_path / "out").exists()


def test_the_stages_after_the_search_are_stages_of_the_engine() -> None:
    assert set(FINISHING) - {"write"} < set(STAGES)


def test_telling_plans_takes_a_small_part_of_the_time(market: Path) -> None:
    plans: list[Proven] = []
    solve_with_report(problem_from_directory(market).problem, on_plan=plans.append)
    sent: list[Message] = []

    def slowly(message: Message) -> None:
        time.sleep(0.05)
        sent.append(message)

    tell = Teller(slowly)
    tell.plan(plans[0])
    tell.plan(plans[0])
    assert len(sent) == 1
    time.sleep(0.6)
    tell.plan(plans[0])
    assert len(sent) == 2


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "matching", *map(str, words)]


def workers_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("the command started no worker")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market whose solve takes long enough to be interrupted."""
    directory = tmp_path_factory.mktemp("large")
    problem_to_directory(generate("market", 1, 2_000, 2_000), directory)
    return directory


def test_no_worker_outlives_a_command_that_is_killed(large: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(command("solve", large, "--out", tmp_path), stderr=subprocess.PIPE)
    workers = workers_of(process)
    process.kill()
    process.communicate()
    gone, alive = psutil.wait_procs(workers, timeout=10)
    assert len(gone) == len(workers)
    assert not alive


def test_no_worker_outlives_a_command_that_is_interrupted(large: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(command("solve", large, "--out", tmp_path), stderr=subprocess.PIPE)
    workers = workers_of(process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 3
    assert not psutil.wait_procs(workers, timeout=10)[1]


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market whose search goes on for long after its first plan."""
    directory = tmp_path_factory.mktemp("hard")
    problem_to_directory(generate("lots", 1, 120, 60), directory)
    return directory


def test_a_search_that_is_interrupted_leaves_an_honest_outcome(hard: Path, tmp_path: Path) -> None:
    words = command("solve", hard, "--out", tmp_path)
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert any(b"a better plan" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert status(tmp_path) == "feasible"
    assert cli.main(["verify", str(hard), str(tmp_path)]) == 0


@pytest.mark.soak
def test_a_timed_search_is_repeated_by_its_iterations(hard: Path, tmp_path: Path) -> None:
    timed, repeated = tmp_path / "timed", tmp_path / "repeated"
    assert cli.main(["solve", str(hard), "--out", str(timed), "--time-limit", "8"]) == 0
    report = json.loads((timed / "report.json").read_text())
    assert report["engine"] != "cut short"
    iterations = str(report["iterations"])
    assert cli.main(["solve", str(hard), "--out", str(repeated), "--iterations", iterations]) == 0
    for name in written(timed) - {"report.json"}:
        assert (timed / name).read_bytes() == (repeated / name).read_bytes()


def test_a_pipe_that_is_cancelled_gives_no_outcome_but_a_report(large: Path) -> None:
    words = command("solve", large, "--out", "-")
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    workers_of(process)
    process.send_signal(signal.SIGTERM)
    told, noted = process.communicate(timeout=30)
    assert (process.returncode, told) == (3, b"")
    assert json.loads(noted.splitlines()[0])["status"] == "cancelled"


def test_the_worker_says_what_a_solve_in_this_process_says(market: Path) -> None:
    problem = problem_from_directory(market).problem
    words = command("solve", "-", "--out", "-")
    piped = subprocess.run(words, input=problem_to_json(problem), capture_output=True, check=True)
    assert piped.stdout == outcome_to_json(solve(problem))
