"""The border to `matching/`: a frozen book becomes a problem, solved in a process of its own.

The solver cannot be interrupted, so it runs as `python -m matching solve - --out -`: problem in on
standard input, outcome out on standard output, nothing on disk. Cancelling kills that process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import structlog

from app.core.jobs.context import PermanentFailure
from app.listings.queries import BookOrder
from app.listings.rules import Side
from app.settings import ROOT
from matching import (
    Demand,
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


def problem_of(book: Iterable[BookOrder], settings: Settings) -> Problem:
    """The market problem of a book: kilograms, fen per tonne, listing numbers as ids."""
    book = list(book)
    return Problem(
        supplies=tuple(_supply(order) for order in book if order.side is Side.OFFER),
        demands=tuple(_demand(order) for order in book if order.side is Side.REQUIREMENT),
        settings=settings,
    )


def as_plan(problem: Problem) -> Problem:
    """The same book asked the other question: what could physically be placed."""
    return replace(problem, settings=replace(problem.settings, mode=Mode.PLAN))


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
    with subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={name: os.environ[name] for name in HARMLESS if name in os.environ},
    ) as process:
        try:
            return _await(process, problem_to_json(problem), still_wanted)
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


def _await(
    process: subprocess.Popen[bytes], sent: bytes, still_wanted: Callable[[], None]
) -> bytes:
    waiting: bytes | None = sent
    while True:
        try:
            outcome, noise = process.communicate(waiting, timeout=POLL_SECONDS)
        except subprocess.TimeoutExpired:
            waiting = None
            still_wanted()
            continue
        if process.returncode:
            raise SolverFailed(noise.decode(errors="replace").strip().rpartition("\n")[2])
        return outcome


def _supply(order: BookOrder) -> Supply:
    return Supply(
        id=order.number,
        kg=order.open_kg,
        material=order.materials[0],
        lon=order.lon,
        lat=order.lat,
        ask=order.limit_fen,
        max_m=_metres(order.max_km),
    )


def _demand(order: BookOrder) -> Demand:
    return Demand(
        id=order.number,
        kg=order.open_kg,
        materials=order.materials,
        lon=order.lon,
        lat=order.lat,
        bid=order.limit_fen,
        max_m=_metres(order.max_km),
    )


def _metres(km: int | None) -> int | None:
    return None if km is None else km * 1000
