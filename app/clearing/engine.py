"""The border to `matching/`: a frozen book becomes a problem, solved in a process of its own.

The solver cannot be interrupted, so it runs as `python -m matching solve - --out -`: problem in on
standard input, outcome out on standard output, nothing on disk. Cancelling kills that process.

Inside the engine months are the indices 0, 1, … of a run's months; a run of one month has none.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from threading import Thread

import numpy as np
import structlog

from app.clearing.rules import Draws, drawn
from app.core.jobs.context import PermanentFailure
from app.listings.queries import BookOrder
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
    """The market problem of a book: kilograms, fen per tonne, listing numbers as ids.

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


def solve_apart(problem: Problem, still_wanted: Callable[[], None] = lambda: None) -> bytes:
    """The outcome's canonical JSON.

    `still_wanted` is called twice a second and may raise to give up; the solver is then killed.
    Raises `SolverFailed` when the solver does not end well.
    """
    return run_apart(COMMAND, problem_to_json(problem), still_wanted)


def run_apart(
    command: Sequence[str], sent: bytes, still_wanted: Callable[[], None] = lambda: None
) -> bytes:
    """What a process answers on standard output; errors and `still_wanted` as in `solve_apart`."""
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
            return _await(process, still_wanted)
        finally:
            process.kill()


def verified(problem: Problem, outcome_json: bytes) -> Outcome:
    """The outcome, once the independent verifier has accepted it; raises `OutcomeRejected`."""
    outcome = outcome_from_json(outcome_json)
    violations = check(problem, outcome)
    if violations:
        log.error("outcome_rejected", properties=sorted({each.property for each in violations}))
        raise OutcomeRejected("outcome_rejected")
    return outcome


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


def _await(process: subprocess.Popen[bytes], still_wanted: Callable[[], None]) -> bytes:
    while True:
        try:
            outcome, noise = process.communicate(timeout=POLL_SECONDS)
        except subprocess.TimeoutExpired:
            still_wanted()
            continue
        if process.returncode:
            raise SolverFailed(noise.decode(errors="replace").strip().rpartition("\n")[2])
        return outcome


class _Frame:
    """How the orders of one run are written down for the engine."""

    def __init__(self, months: Sequence[date], kept: Mapping[str, int]) -> None:
        self._index = {month: index for index, month in enumerate(months)}
        self._kept = kept

    def supply(self, order: BookOrder) -> Supply:
        return Supply(
            id=order.number,
            kg=order.kg,
            material=order.materials[0],
            lon=order.lon,
            lat=order.lat,
            ask=order.limit_fen,
            max_m=_metres(order.max_km),
            month=self._month(order),
            silo_kg=self._silo(order),
            holding=order.holding_fen if self._silo(order) else 0,
        )

    def demand(self, order: BookOrder) -> Demand:
        return Demand(
            id=order.number,
            kg=order.kg,
            materials=order.materials,
            lon=order.lon,
            lat=order.lat,
            bid=order.limit_fen,
            max_m=_metres(order.max_km),
            month=self._month(order),
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
