"""How much of each material finds a taker as the distance limit grows: a table of whole runs.

Each cell is the public ``solve`` command in a process of its own, so its seconds and its memory
are those of that run, start-up included; the outcome is read back and audited.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from matching import settings_file
from matching.files import problem_from_directory
from matching.outcome import Outcome
from matching.outcome_files import outcome_from_directory
from matching.problem import Problem
from matching.verify import Violation, check


@dataclass(frozen=True, slots=True)
class Run:
    """One solve of an instance at one distance limit."""

    instance: str
    max_km: str
    offered_kg: Counter[str]
    placed_kg: Counter[str]
    seconds: float
    peak_memory_mib: float
    violations: list[Violation]


def runs(directories: Iterable[Path], limits: Sequence[str]) -> Iterator[Run]:
    """Solve and audit every directory at every limit.

    Raises
    ------
    InputFaults
        A directory does not hold a problem.
    """
    for directory in directories:
        for max_km in limits:
            problem_from_directory(directory, {"max_km": max_km})
            yield _run(directory, max_km)


def table(done: Sequence[Run]) -> str:
    """The runs as a Markdown table in thousand tonnes."""
    materials = sorted({material for run in done for material in run.offered_kg})
    head = ["instance", "max_km", *materials, "all", "seconds", "peak MiB"]
    rows = [head, ["---", *("--:" for _ in head[1:])], *(_cells(run, materials) for run in done)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _run(directory: Path, max_km: str) -> Run:
    with TemporaryDirectory() as scratch:
        out = Path(scratch)
        seconds = _solve(directory, out, max_km)
        report = json.loads((out / "report.json").read_text())
        problem = problem_from_directory(directory, settings=out / settings_file.FILE).problem
        outcome = outcome_from_directory(out)
    offered, placed = _by_material(problem, outcome)
    violations = check(problem, outcome)
    memory = report["peak_memory_mib"]
    return Run(directory.name, max_km, offered, placed, seconds, memory, violations)


def _solve(directory: Path, out: Path, max_km: str) -> float:
    command = [sys.executable, "-m", "matching", "solve", str(directory), "--out", str(out)]
    begun = time.perf_counter()
    subprocess.run([*command, "--set", f"max_km={max_km}"], check=True, capture_output=True)
    return time.perf_counter() - begun


def _by_material(problem: Problem, outcome: Outcome) -> tuple[Counter[str], Counter[str]]:
    material = {supply.id: supply.material for supply in problem.supplies}
    offered: Counter[str] = Counter()
    placed: Counter[str] = Counter()
    for supply in problem.supplies:
        offered[supply.material] += supply.kg
    for match in outcome.matches:
        placed[material[match.supply]] += match.kg
    return offered, placed


def _cells(run: Run, materials: Sequence[str]) -> list[str]:
    amounts = [_share(run.placed_kg[m], run.offered_kg[m]) for m in materials]
    everything = _share(run.placed_kg.total(), run.offered_kg.total())
    figures = [f"{run.seconds:.1f}", f"{run.peak_memory_mib:.0f}"]
    return [run.instance, run.max_km, *amounts, everything, *figures]


def _share(placed_kg: int, offered_kg: int) -> str:
    if not offered_kg:
        return "–"
    return f"{placed_kg / 1e6:,.0f} ({placed_kg / offered_kg:.0%})"
