"""What the worker process does for each command; everything here can take long.

Each task gets a :class:`Teller` and plain values, and returns something that can be pickled.
"""

import pickle
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from matching import report
from matching.cli.protocol import Found, Limit, Message, Stage, Unknown
from matching.faults import Fault, InputFaults
from matching.files import (
    Reading,
    problem_from_directory,
    problem_from_json,
    problem_sha256,
    problem_under,
)
from matching.formats import edits, settings_file
from matching.formats.outcome_files import outcome_from_directory, outcome_to_files
from matching.formats.outcome_json import outcome_to_json
from matching.outcome import Outcome
from matching.problem import Problem, Side

if TYPE_CHECKING:
    from matching.search import Proven
    from matching.solver import RunFacts

PIPE = "-"
#: Fast and small enough for plans that are mostly zeros and mostly never opened.
_COMPRESSION = 1
#: Of the worker's time so much at most goes into telling plans; those in between are passed over.
_TELLING_SHARE = 0.1


class Teller:
    """Tells the command how the work goes."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._next_plan = 0.0

    def stage(self, name: str) -> None:
        """A stage begins."""
        self._send(Stage(name))

    def unknown(self, columns: Mapping[str, tuple[str, ...]]) -> None:
        """Some columns were kept aside."""
        if columns:
            self._send(Unknown(columns))

    def limit(self, seconds: float | None) -> None:
        """The search has to end after so many seconds."""
        if seconds is not None:
            self._send(Limit(seconds))

    def plan(self, told: "Proven") -> None:
        """A better plan was found."""
        begun = time.monotonic()
        if begun < self._next_plan:
            return
        packed = zlib.compress(pickle.dumps(told, pickle.HIGHEST_PROTOCOL), _COMPRESSION)
        self._send(Found(packed, int(told.flow.lane.sum())))
        told_at = time.monotonic()
        self._next_plan = told_at + (told_at - begun) * (1 / _TELLING_SHARE - 1)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a problem stands, and how long its search may take.

    Attributes
    ----------
    directory
        Its directory, or ``-``.
    data
        The canonical JSON where the directory is ``-``.
    overrides
        Settings in written form that replace its own.
    """

    directory: str
    data: bytes
    overrides: Mapping[str, str]

    def read(self) -> Reading:
        """The problem.

        Raises
        ------
        InputFaults
            One fault per thing to mend.
        """
        if self.directory != PIPE:
            return problem_from_directory(Path(self.directory), self.overrides)
        problem = problem_from_json(self.data)
        return Reading(problem_under(problem, self.overrides), {})


@dataclass(frozen=True, slots=True)
class Budget:
    """What a search may use.

    Attributes
    ----------
    time_limit_s, iterations
        As the command says; ``None`` for what the settings say.
    begun
        When the command began, on the clock of :func:`time.monotonic`, which all processes share.
    """

    time_limit_s: float | None
    iterations: int | None
    workers: int
    begun: float

    def limit(self, problem: Problem) -> float | None:
        """Seconds from the beginning of the command; ``None`` for no limit."""
        stated = problem.settings.time_limit_s
        return stated if self.time_limit_s is None else self.time_limit_s


@dataclass(frozen=True, slots=True)
class Solved:
    """A solve's answer, ready to be written.

    Attributes
    ----------
    content
        File name → bytes; under ``-`` the canonical JSON where that was asked for.
    report
        What ``report.json`` says, but for times and memory.
    offered_kg, placed_kg
        For the sentence that ends the command.
    """

    content: Mapping[str, bytes]
    report: Mapping[str, object]
    offered_kg: int
    placed_kg: int


def solve_apart(tell: Teller, source: Source, budget: Budget, as_json: bool) -> Solved:
    """Read, solve and put into bytes."""
    from matching.solver import solve_with_report  # noqa: PLC0415 (the command does without)

    tell.stage("read")
    problem, unknown = source.read()
    tell.unknown(unknown)
    limit = budget.limit(problem)
    tell.limit(limit)
    outcome, facts = solve_with_report(
        problem,
        on_stage=tell.stage,
        workers=budget.workers,
        iterations=budget.iterations,
        deadline=None if limit is None else budget.begun + limit,
        on_plan=tell.plan,
    )
    tell.stage("write")
    return solved(problem, outcome, facts, as_json)


def finished(found: Found, source: Source, as_json: bool) -> Solved:
    """The answer that a plan makes whose search was cut short."""
    from matching.solver import finish  # noqa: PLC0415 (few commands come to this)

    problem = source.read().problem
    told = pickle.loads(zlib.decompress(found.packed))  # noqa: S301 (from our own worker)
    return solved(problem, *finish(problem, told), as_json)


def solved(problem: Problem, outcome: Outcome, facts: "RunFacts", as_json: bool) -> Solved:
    """An outcome in bytes."""
    if as_json:
        content = {PIPE: outcome_to_json(outcome)}
    else:
        content = outcome_to_files(outcome)
        content[settings_file.FILE] = settings_file.to_json(problem.settings)
    offered = sum(supply.kg for supply in problem.supplies)
    told = report.of_run(outcome, facts)
    return Solved(content, told, offered, outcome.certificate.totals.kg)


def explain_order(
    tell: Teller, directory: str, outcome: str, side: Side | None, order: str, month: int | None
) -> dict[str, object]:
    """Why one order stands as it does, and what would change that."""
    from matching.levers.explain import explain  # noqa: PLC0415 (only this task needs it)

    problem, plan = _both(tell, directory, outcome)
    tell.stage("explain")
    return explain(problem, plan, side, order, month)


def relax_problem(tell: Teller, directory: str, outcome: str, top: int) -> dict[str, object]:
    """The single relaxations that would place the most more."""
    from matching.levers.relax import relax  # noqa: PLC0415 (only this task needs it)

    problem, plan = _both(tell, directory, outcome)
    tell.stage("relax")
    return relax(problem, plan, top)


def edit_problem(tell: Teller, directory: str, outcome: str, edit: str) -> dict[str, object]:
    """What some edits of the problem would change."""
    from matching.levers.whatif import compare  # noqa: PLC0415 (only this task needs it)
    from matching.solver import solve  # noqa: PLC0415 (the command does without)

    _, before = _both(tell, directory, outcome)
    changes = edits.read(Path(edit))
    settings = _settings_of(outcome)
    reading = problem_from_directory(Path(directory), settings=settings, edits=changes)
    return compare(before, solve(reading.problem, tell.stage))


def draw_frontier(
    tell: Teller, directory: str, overrides: Mapping[str, str], points: int | None
) -> tuple[bytes, dict[str, object]]:
    """The curve of support over tonnes as ``frontier.csv``, and what is to be known of it."""
    from matching.levers.frontier import frontier, to_csv  # noqa: PLC0415 (only this task needs it)

    tell.stage("read")
    problem, unknown = problem_from_directory(Path(directory), overrides)
    tell.unknown(unknown)
    tell.stage("frontier")
    curve = frontier(problem, points)
    return to_csv(curve), {
        "relaxation": "divisible",
        "holding": "excluded",
        "points": len(curve.points),
        "every_breakpoint": curve.complete,
        "chord_error_milli_fen": curve.chord_error,
    }


TASKS: Mapping[str, Callable[..., object]] = {
    "solve": solve_apart,
    "explain": explain_order,
    "relax": relax_problem,
    "whatif": edit_problem,
    "frontier": draw_frontier,
}


def _both(tell: Teller, directory: str, outcome: str) -> tuple[Problem, Outcome]:
    """A problem under the settings an outcome was found with, and that outcome."""
    tell.stage("read")
    plan = outcome_from_directory(Path(outcome))
    problem = problem_from_directory(Path(directory), settings=_settings_of(outcome)).problem
    if plan.certificate.problem_sha256 != problem_sha256(problem):
        raise InputFaults([Fault(outcome, None, None, "other_problem")])
    return problem, plan


def _settings_of(outcome: str) -> Path:
    path = Path(outcome) / settings_file.FILE
    if not path.exists():
        raise InputFaults([Fault(settings_file.FILE, None, None, "missing_file")])
    return path
