"""One measurement in a process of its own: a clean memory figure, and an end when time is up."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

from matching.lifeline import die_with_parent
from matching.report import peak_memory_mib

T = TypeVar("T")

#: What a process that has answered gets to put its own house in order.
_PARTING_S = 5.0


@dataclass(frozen=True, slots=True)
class Measured(Generic[T]):
    """What a function returned, how long it took, and the memory it added.

    Attributes
    ----------
    added_mib
        Peak of the process above what it held before the call (its arguments included), MiB.
    """

    value: T
    seconds: float
    added_mib: float


def run(function: Callable[..., T], *arguments: object, limit_s: float) -> Measured[T] | None:
    """Call a module-level function apart; ``None`` when it was not done in ``limit_s`` seconds.

    Raises
    ------
    RuntimeError
        The process died, or the function raised; the text says what.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(theirs, function, arguments))
    process.start()
    theirs.close()
    try:
        if not ours.poll(limit_s):
            return None
        measured: Measured[T] = _received(ours)
        process.join(_PARTING_S)
        return measured
    finally:
        _end(process)
        ours.close()


def _end(process: BaseProcess) -> None:
    """Kill the process with whatever it started: a solver may be a program of its own."""
    process.kill()
    process.join()
    if process.pid is not None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _received(ours: Connection) -> Measured[T]:
    try:
        answer = ours.recv()
    except EOFError:
        raise RuntimeError("the process ended without an answer") from None
    if isinstance(answer, str):
        raise RuntimeError(answer)
    measured: Measured[T] = answer
    return measured


def _child(
    pipe: Connection, function: Callable[..., object], arguments: tuple[object, ...]
) -> None:
    os.setsid()
    die_with_parent()
    before = peak_memory_mib() or 0.0
    begun = time.perf_counter()
    try:
        value = function(*arguments)
    except Exception as error:  # the parent raises it again
        pipe.send(f"{type(error).__name__}: {error}")
        return
    seconds = time.perf_counter() - begun
    pipe.send(Measured(value, seconds, (peak_memory_mib() or 0.0) - before))
