"""Waiting for the worker: what it tells on the way, and when to stop waiting."""

from collections.abc import Mapping

from matching import report
from matching.cli.child import Child, started
from matching.cli.console import Console
from matching.cli.interrupts import Interrupts
from matching.cli.protocol import (
    Done,
    Failed,
    Found,
    Limit,
    Message,
    Refused,
    Request,
    Stage,
    Unknown,
)
from matching.faults import EngineError, InputFaults
from matching.formats.tables import tonnes
from matching.report import Stopwatch

#: Stages after the search: the outcome is on its way and worth waiting for.
FINISHING = ("prices", "reasons", "certificate", "write")
#: The engine ends its search by itself when time is up; it is killed when it is this much late.
LATE_SECONDS, LATE_SHARE = 0.5, 0.05
#: Better plans are told of at most this often.
NOTE_SECONDS = 1.0


class Run:
    """One piece of work as its command sees it.

    Attributes
    ----------
    found
        The best plan so far.
    worker_mib
        The most memory the worker held.
    """

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self.console, self.quiet = console, quiet
        self.watch = Stopwatch("start")
        self.found: Found | None = None
        self.worker_mib: float | None = None
        self._limit: float | None = None
        self._next_note = 0.0

    def until_done(self, request: Request, interrupts: Interrupts) -> object:
        """What the worker returns; ``None`` when it was cut short, with :attr:`found` what is left.

        Raises
        ------
        InputFaults, EngineError
            As the worker met them.
        KeyboardInterrupt
            A second interrupt came.
        """
        with started(request) as child:
            done = self._awaited(child, interrupts)
            if done is None:
                self._cut_short(child)
                return None
        self.worker_mib = done.peak_memory_mib
        return done.result

    def stage(self, name: str) -> None:
        """A stage begins."""
        self.watch.stage(name)
        self._note(f"stage_{name}")

    def facts(self) -> dict[str, object]:
        """Times and memory, for ``report.json``."""
        return report.of_process(self.watch.stop(), self.worker_mib)

    def _awaited(self, child: Child, interrupts: Interrupts) -> Done | None:
        while True:
            message = child.next(interrupts.pipe, self._seconds_left())
            if isinstance(message, Done):
                return message
            if message is not None:
                self._hear(message)
            elif self.watch.current in FINISHING:
                interrupts.heed()
            else:
                return None

    def _hear(self, message: Message) -> None:
        match message:
            case Stage(name):
                self.stage(name)
            case Found(_, kg):
                self.found = message
                self._note_plan(kg)
            case Limit(seconds):
                self._limit = seconds
            case Unknown(columns) if not self.quiet:
                self.console.note_unknown(columns)
            case Refused(faults):
                raise InputFaults(list(faults))
            case Failed(error):
                raise EngineError(error)

    def _seconds_left(self) -> float | None:
        """Until the worker is late; ``None`` while nothing limits it."""
        if self._limit is None or self.watch.current in FINISHING:
            return None
        due = self._limit + LATE_SECONDS + LATE_SHARE * self._limit
        return max(0.0, due - self.watch.elapsed())

    def _cut_short(self, child: Child) -> None:
        child.kill()
        for message in child.left_over():
            self._hear(message)
        self.worker_mib = child.peak_memory_mib

    def _note_plan(self, kg: int) -> None:
        """Not every plan of a lively search is worth a line."""
        if self.watch.elapsed() >= self._next_note:
            self._note("better_plan", {"placed": tonnes(kg)})
            self._next_note = self.watch.elapsed() + NOTE_SECONDS

    def _note(self, code: str, values: Mapping[str, object] | None = None) -> None:
        if not self.quiet:
            self.console.note(code, values)
