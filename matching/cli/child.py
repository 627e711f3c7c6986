"""The command's end of the process that works for it."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait

from matching.cli.protocol import Failed, Message, Request
from matching.lifeline import environment
from matching.report import peak_memory_mib

#: What the interpreter runs.
COMMAND = ("-m", "matching.cli.worker")


class Child:
    """A worker process, from its request to its end.

    Attributes
    ----------
    peak_memory_mib
        The most memory it held, known once it has been killed.
    """

    def __init__(self, request: Request) -> None:
        ours, theirs = os.pipe()
        self.messages = Connection(ours, writable=False)
        self.peak_memory_mib: float | None = None
        self._process = subprocess.Popen(
            [sys.executable, *COMMAND, str(theirs), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,  # HiGHS writes there
            pass_fds=[theirs],
            start_new_session=True,  # a Ctrl-C is the command's to answer
            env=environment(),
        )
        os.close(theirs)
        self._send(request)

    def next(self, also: int, timeout: float | None) -> Message | None:
        """The next message; ``None`` when time is up or there is something to read at ``also``."""
        ready = wait([self.messages, also], timeout)
        return self.receive() if self.messages in ready else None

    def receive(self) -> Message:
        """The next message; a process that ended without its last word has failed."""
        try:
            message: Message = self.messages.recv()
        except (EOFError, OSError):
            return Failed(f"the engine's process ended with {self._process.wait()}")
        return message

    def left_over(self) -> Iterator[Message]:
        """After the kill, what had been told before it."""
        with suppress(EOFError, OSError):
            while self.messages.poll():
                yield self.messages.recv()

    def kill(self) -> None:
        """End the process and whatever it started."""
        if self._process.returncode is None:
            self.peak_memory_mib = peak_memory_mib(self._process.pid)
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def close(self) -> None:
        """End the process if it still runs, and let go of the pipe."""
        self.kill()
        self.messages.close()

    def _send(self, request: Request) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError), self._process.stdin as pipe:
            pickle.dump(request, pipe, pickle.HIGHEST_PROTOCOL)


@contextmanager
def started(request: Request) -> Iterator[Child]:
    """A child that is gone when the block is left, however it is left."""
    child = Child(request)
    try:
        yield child
    finally:
        child.close()
