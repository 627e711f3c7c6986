"""How much of each material finds a taker as the distance limit grows: a table of whole runs.

Each cell is the public ``solve`` command in a process of its own, so its seconds and its memory
are those of that run, start-up included; the outcome is read back and audited.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from matching import report
from matching.files import problem_from_directory
from matching.formats import settings_file
from matching.formats.outcome_files import outcome_from_directory
from matching.lifeline import environment
from matching.outcome import Outcome
from matching.problem import Problem
from matching.verify import Violation, check


@dataclass(frozen=True, slots=True)
class Run:
    """One solve of an instance, audited.

    Attributes
    ----------
    offered_kg, placed_kg
        Per material.
    seconds, audit_seconds
        Of the whole ``solve`` command, and of reading everything back and auditing it.
    peak_memory_mib
        Of the command and its worker together.
    """

    instance: str
    overrides: Mapping[str, str]
    offered_kg: Counter[str]
    placed_kg: Counter[str]
    seconds: float
    audit_seconds: float
    peak_memory_mib: float
    violations: list[Violation]


def runs(directories: Iterable[Path], limits: Sequence[str]) -> Iterator[Run]:
    """Solve and audit every directory at every limit in kilometres.

    Raises
    ------
    InputFaults
        A directory does not hold a problem.
    """
    for directory in directories:
        for max_km in limits:
            yield run(directory, {"max_km": max_km})


def run(directory: Path, overrides: Mapping[str, str]) -> Run:
    """Solve a directory under some settings, and audit the outcome.

    Raises
    ------
    InputFaults
        It does not hold a problem.
    """
    problem_from_directory(directory, overrides)
    with TemporaryDirectory() as scratch:
        out = Path(scratch)
        seconds = _solve(directory, out, overrides)
        facts = json.loads((out / report.FILE).read_text(encoding="utf-8"))
        begun = time.perf_counter()
        problem = problem_from_directory(directory, settings=out / settings_file.FILE).problem
        outcome = outcome_from_directory(out)
        violations = check(problem, outcome)
        audited = time.perf_counter() - begun
    return Run(
        directory.name,
        overrides,
        *_by_material(problem, outcome),
        seconds,
        audited,
        facts["peak_memory_mib"],
        violations,
    )


def table(done: Sequence[Run]) -> str:
    """The runs as a Markdown table in thousand tonnes."""
    materials = sorted({material for each in done for material in each.offered_kg})
    head = ["instance", "max_km", *materials, "all", "seconds", "peak MiB"]
    rows = [head, ["---", *("--:" for _ in head[1:])], *(_cells(each, materials) for each in done)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def share(placed_kg: int, offered_kg: int) -> str:
    """Thousand tonnes placed, and how much of what is on offer that is."""
    if not offered_kg:
        return "–"
    return f"{placed_kg / 1e6:,.0f} ({placed_kg / offered_kg:.0%})"


def _solve(directory: Path, out: Path, overrides: Mapping[str, str]) -> float:
    command = [sys.executable, "-m", "matching", "solve", str(directory), "--out", str(out)]
    settings = [f"{key}={value}" for key, value in overrides.items()]
    begun = time.perf_counter()
    words = [*command, "--set", *settings]
    subprocess.run(words, check=True, capture_output=True, env=environment())
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


def _cells(done: Run, materials: Sequence[str]) -> list[str]:
    amounts = [share(done.placed_kg[m], done.offered_kg[m]) for m in materials]
    everything = share(done.placed_kg.total(), done.offered_kg.total())
    figures = [f"{done.seconds:.1f}", f"{done.peak_memory_mib:.0f}"]
    return [done.instance, done.overrides["max_km"], *amounts, everything, *figures]
