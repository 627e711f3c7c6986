"""The border to `matching/`: a frozen book becomes a problem, solved in a process of its own.

The solver cannot be interrupted, so it runs as `python -m matching solve - --out -`: problem in on
standard input, outcome out on standard output, nothing on disk. Cancelling kills that process.

Inside the engine months are the indices 0, 1, … of a run's months; a run of one month has none. An
order's id is its listing's number, with the step of its bid in a call round (`S-2611-0028/2`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from threading import Thread

import numpy as np
import structlog

from app.clearing.rules import Draws, drawn
from app.core.jobs.context import PermanentFailure
from app.listings.book import BookOrder
from app.listings.rules import Side
from app.settings import ROOT
from matching import (
    Demand,
    Match,
    Mode,
    Outcome,
    Problem,
    Settings,
    Supply,
    check,
    geo,
    outcome_from_json,
    problem_to_json,
)

log = structlog.get_logger()
POLL_SECONDS = 0.5
COMMAND = (sys.executable, "-m", "matching", "solve", "-", "--out", "-")
HARMLESS = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH")


Place = tuple[float, float]
"""Longitude and latitude in degrees."""


@dataclass(frozen=True, slots=True)
class Effort:
    """When a search over indivisible orders ends: after seconds, or after so many iterations.

    Without both the engine decides by itself, which can be repeated; only the number of iterations
    repeats a search that a time limit ended.
    """

    seconds: int | None = None
    iterations: int | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """As the engine's command takes it."""
        asked = {"--time-limit": self.seconds, "--iterations": self.iterations}
        pairs = ((name, str(value)) for name, value in asked.items() if value is not None)
        return tuple(chain.from_iterable(pairs))


@dataclass(frozen=True, slots=True)
class Answer:
    """The canonical JSON of an outcome, and how many iterations its search took."""

    outcome: bytes
    iterations: int


class SolverFailed(Exception):
    """The solver's process ended badly; the text is the last line it wrote."""


class OutcomeRejected(PermanentFailure):
    """The independent verifier found the outcome wrong; nothing of it may be recorded."""


def problem_of(
    book: Iterable[BookOrder],
    settings: Settings,
    months: Sequence[date],
    kept: Mapping[str, int] | None = None,
) -> Problem:
    """The market problem of a book: kilograms and fen per tonne.

    `kept` is what standing trades keep in silos, kg by listing; that room is not there any more.
    """
    frame = _Frame(months, kept or {})
    book = list(book)
    return Problem(
        supplies=tuple(frame.supply(order) for order in book if order.side is Side.OFFER),
        demands=tuple(frame.demand(order) for order in book if order.side is Side.REQUIREMENT),
        settings=settings,
    )


def as_plan(problem: Problem) -> Problem:
    """The same book asked the other question: what could physically be placed."""
    return replace(problem, settings=replace(problem.settings, mode=Mode.PLAN))


def month_at(months: Sequence[date], index: int | None) -> date:
    """The month behind an index of the horizon; a run of one month has no indices."""
    return months[index or 0]


def draws_of(outcome: Outcome, months: Sequence[date]) -> list[tuple[Match, Draws, Draws]]:
    """The matches by month, each with what it takes out of its offer's and requirement's months."""
    matches = sorted(outcome.matches, key=lambda match: (match.month or 0, match.supply))
    ends = _Ends(outcome, months)
    offers = ends.draws(matches, [match.supply for match in matches])
    takers = ends.draws(matches, [match.demand for match in matches])
    return list(zip(matches, offers, takers, strict=True))


def road_metres(pairs: Iterable[tuple[Place, Place]], detour_milli: int) -> list[int]:
    """Assumed road metres of each pair of places, by the rule that prices a lane."""
    ends = np.array([(*start, *end) for start, end in pairs], dtype=np.float64).reshape(-1, 4)
    from_lon, from_lat, to_lon, to_lat = ends.T
    metres: list[int] = geo.road_m(from_lon, from_lat, to_lon, to_lat, detour_milli).tolist()
    return metres


def solve_both(
    problem: Problem,
    efforts: tuple[Effort, Effort] = (Effort(), Effort()),
    still_wanted: Callable[[], None] = lambda: None,
) -> tuple[Answer, Answer]:
    """What the market makes of a frozen problem, and the plan; each in a process of its own, both
    at the same time.

    `still_wanted` is called twice a second and may raise to give up; the solvers are then killed.
    Raises `SolverFailed` when one of them does not end well.
    """
    asked = zip((problem, as_plan(problem)), efforts, strict=True)
    with ExitStack() as running:
        market, plan = [
            running.enter_context(_started((*COMMAND, *effort.options), problem_to_json(each)))
            for each, effort in asked
        ]
        return _answer(*_await(market, still_wanted)), _answer(*_await(plan, still_wanted))


def run_apart(
    command: Sequence[str], sent: bytes, still_wanted: Callable[[], None] = lambda: None
) -> bytes:
    """What a process answers on standard output; errors and `still_wanted` as in `solve_both`."""
    with _started(command, sent) as process:
        return _await(process, still_wanted)[0]


def verified(problem: Problem, outcome_json: bytes) -> Outcome:
    """The outcome, once the independent verifier has accepted it; raises `OutcomeRejected`."""
    outcome = outcome_from_json(outcome_json)
    violations = check(problem, outcome)
    if violations:
        log.error("outcome_rejected", properties=sorted({each.property for each in violations}))
        raise OutcomeRejected("outcome_rejected")
    return outcome


@contextmanager
def _started(command: Sequence[str], sent: bytes) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is gone when the block is left, however it is left."""
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={name: os.environ[name] for name in HARMLESS if name in os.environ},
    ) as process:
        _feed(process, sent)
        try:
            yield process
        finally:
            process.kill()


def _feed(process: subprocess.Popen[bytes], sent: bytes) -> None:
    """Write to a process from a thread: `communicate` forgets, when its time runs out, what did not
    yet fit into the pipe.
    """
    pipe, process.stdin = process.stdin, None

    def write() -> None:
        assert pipe is not None
        with suppress(BrokenPipeError), pipe:
            pipe.write(sent)

    Thread(target=write, name="feeder", daemon=True).start()


def _await(process: subprocess.Popen[bytes], still_wanted: Callable[[], None]) -> tuple[bytes, str]:
    """What it wrote on standard output, and the last line of what it wrote beside."""
    while True:
        try:
            outcome, noise = process.communicate(timeout=POLL_SECONDS)
        except subprocess.TimeoutExpired:
            still_wanted()
            continue
        last_line = noise.decode(errors="replace").strip().rpartition("\n")[2]
        if process.returncode:
            raise SolverFailed(last_line)
        return outcome, last_line


def _answer(outcome: bytes, report: str) -> Answer:
    """The engine's report is one line of JSON beside the outcome."""
    return Answer(outcome, json.loads(report)["iterations"])


class _Frame:
    """How the orders of one run are written down for the engine."""

    def __init__(self, months: Sequence[date], kept: Mapping[str, int]) -> None:
        self._index = {month: index for index, month in enumerate(months)}
        self._kept = kept

    def supply(self, order: BookOrder) -> Supply:
        return Supply(
            id=order.order_id,
            kg=order.kg,
            material=order.materials[0],
            lon=order.lon,
            lat=order.lat,
            ask=order.limit_fen,
            max_m=_metres(order.max_km),
            month=self._month(order),
            single=order.is_single,
            min_lot_kg=order.min_lot_kg,
            silo_kg=self._silo(order),
            holding=order.holding_fen if self._silo(order) else 0,
        )

    def demand(self, order: BookOrder) -> Demand:
        return Demand(
            id=order.order_id,
            kg=order.kg,
            materials=order.materials,
            lon=order.lon,
            lat=order.lat,
            bid=order.limit_fen,
            max_m=_metres(order.max_km),
            month=self._month(order),
            min_lot_kg=order.min_lot_kg,
            silo_kg=self._silo(order),
        )

    def _month(self, order: BookOrder) -> int | None:
        return self._index[order.month] if len(self._index) > 1 else None

    def _silo(self, order: BookOrder) -> int:
        """The room left to store; within one month nothing is kept for a later one."""
        if len(self._index) == 1:
            return 0
        return max(0, order.silo_kg - self._kept.get(order.number, 0))


class _Ends:
    """What each order of an outcome gives or needs, month by month."""

    def __init__(self, outcome: Outcome, months: Sequence[date]) -> None:
        self._given: dict[str, Draws] = {}
        for order in sorted(outcome.orders, key=lambda order: order.month or 0):
            row = self._given.setdefault(order.id, {})
            row[month_at(months, order.month)] = order.placed

    def draws(self, matches: Sequence[Match], ids: Sequence[str]) -> list[Draws]:
        """Per match, in order of shipping, its draws on the order whose id stands beside it."""
        shipped: dict[str, list[int]] = {}
        for match, order_id in zip(matches, ids, strict=True):
            shipped.setdefault(order_id, []).append(match.kg)
        found = {each: iter(drawn(self._given[each], kg)) for each, kg in shipped.items()}
        return [next(found[order_id]) for order_id in ids]


def _metres(km: int | None) -> int | None:
    return None if km is None else km * 1000
