"""``solve``: makes the best of what the worker found, also when it was cut short."""

import argparse
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from matching import report
from matching.cli import tasks
from matching.cli.console import CANCELLED, DONE, Console, note
from matching.cli.interrupts import Interrupts
from matching.cli.protocol import Request
from matching.cli.tasks import PIPE, Budget, Solved, Source
from matching.cli.waiting import Run
from matching.faults import Fault, InputFaults
from matching.formats import outcome_files, settings_file
from matching.formats.tables import tonnes


def solve(options: argparse.Namespace, console: Console) -> int:
    """Solve a problem and write its outcome."""
    _refuse_same_directory(options.source, options.out)
    is_pipe = options.out == PIPE
    run = Run(console, quiet=is_pipe)
    answer = _answer(options, run)
    facts = {**(report.CANCELLED if answer is None else answer.report), **run.facts()}
    if is_pipe:
        _pipe(answer, facts)
    else:
        _write(answer, facts, Path(options.out))
    if answer is None:
        console.note("cancelled")
        return CANCELLED
    if not is_pipe:
        _conclude(answer, options.out, console)
    return DONE


def _answer(options: argparse.Namespace, run: Run) -> Solved | None:
    """The outcome in bytes; ``None`` when there was no plan yet."""
    begun = time.monotonic()
    data = sys.stdin.buffer.read() if options.source == PIPE else b""
    source = Source(options.source, data, settings_file.texts_from_options(options.set))
    arguments = {
        "source": source,
        "budget": Budget(options.time_limit, options.iterations, options.workers, begun),
        "as_json": options.out == PIPE,
    }
    try:
        with Interrupts() as interrupts:
            solved = run.until_done(Request("solve", arguments), interrupts)
            if solved is None and run.found is not None:
                run.stage("finish")
                return tasks.finished(run.found, source, options.out == PIPE)
    except KeyboardInterrupt:
        return None
    assert solved is None or isinstance(solved, Solved)
    return solved


def _pipe(answer: Solved | None, facts: Mapping[str, object]) -> None:
    if answer is not None:
        sys.stdout.buffer.write(answer.content[PIPE])
        sys.stdout.buffer.flush()
    note(json.dumps(facts))


def _write(answer: Solved | None, facts: Mapping[str, object], out: Path) -> None:
    """Write all files; of an earlier outcome nothing stays, also when there is none now."""
    out.mkdir(parents=True, exist_ok=True)
    content = {} if answer is None else answer.content
    for name in (*outcome_files.FILES, settings_file.FILE):
        if name in content:
            (out / name).write_bytes(content[name])
        else:
            (out / name).unlink(missing_ok=True)
    (out / report.FILE).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _conclude(answer: Solved, out: str, console: Console) -> None:
    values = {
        "offered": tonnes(answer.offered_kg),
        "placed": tonnes(answer.placed_kg),
        "matches": answer.report["matches"],
    }
    console.print("solved", values)
    console.print("proven" if answer.report["status"] == "optimal" else "not_proven")
    console.print("written", {"path": out})


def _refuse_same_directory(source: str, out: str) -> None:
    if PIPE not in (source, out) and Path(source).resolve() == Path(out).resolve():
        raise InputFaults([Fault("--out", None, None, "same_directory")])
