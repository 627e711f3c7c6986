"""The embedded mode: one supervisor per machine runs each job in a child process.

A child is a fresh interpreter, not a fork: the web process has threads. Whatever kills a child,
its job is taken back at once; whatever kills the supervisor, the next one to get the lock goes on.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from flask import Flask

from app.core.clock import now
from app.core.jobs import operations, queries, schedule
from app.core.jobs.bell import EXTENSION, LocalBell
from app.core.jobs.runner import worker_name
from app.core.transactions import database
from app.settings import ROOT, Settings

log = structlog.get_logger()
POLL_SECONDS = 0.5
GRACE_SECONDS = 10.0
"""How long a child may take to end by itself once it was asked to."""

PAUSE_SECONDS = 2.0
"""How long nothing is started after a child failed, and nothing done after the database did."""


@dataclass(slots=True)
class Child:
    """A process at work on a job; `kill_at` is set once it was asked to end."""

    job: str
    process: subprocess.Popen[bytes]
    kill_at: float | None = None

    @classmethod
    def start(cls, job: str) -> Child:
        """Run the job in a session of its own, so that what it starts can be ended with it."""
        command = [sys.executable, "-m", "flask", "jobs", "run", job]
        return cls(job, subprocess.Popen(command, cwd=ROOT, start_new_session=True))

    def ask_to_end(self) -> None:
        """SIGTERM at first, SIGKILL once its grace is over; call it again and again."""
        if self.kill_at is None:
            self.process.terminate()
            self.kill_at = time.monotonic() + GRACE_SECONDS
        elif time.monotonic() >= self.kill_at:
            self.kill()

    def kill(self) -> None:
        """End the process and everything it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Lock:
    """A file lock: held by one process of the machine, let go when that process ends."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w")
        self.held = False

    def acquire(self) -> bool:
        """Whether the lock is ours, now or already."""
        if not self.held:
            with suppress(BlockingIOError):
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.held = True
        return self.held

    def release(self) -> None:
        self._file.close()
        self.held = False


class Supervisor:
    """Starts what is due, ends what is cancelled, keeps the schedule; `width` jobs at a time."""

    def __init__(self, app: Flask, width: int = 1) -> None:
        settings: Settings = app.extensions["gufei.settings"]
        self._app = app
        self._width = width
        self._lock = Lock(settings.data_dir / "supervisor.lock")
        self._children: list[Child] = []
        self._rested_at = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="supervisor", daemon=True)

    def start(self) -> None:
        """Work in a thread until the process ends."""
        self._thread.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        self._stopping.set()
        self._rung.set()
        self._thread.join()

    def run(self) -> None:
        """Work until `stop` or an interrupt; the children are given their grace."""
        try:
            with self._app.app_context():
                while not self._stopping.is_set():
                    if self._lock.acquire():
                        self._tick()
                    self._rung.wait(POLL_SECONDS)
                    self._rung.clear()
        finally:
            self._end_children()
            self._lock.release()

    @property
    def _rung(self) -> threading.Event:
        bell = self._app.extensions[EXTENSION]
        assert isinstance(bell, LocalBell)
        return bell.rung

    def _tick(self) -> None:
        try:
            self._collect()
            self._end_cancelled()
            schedule.add_recurring(now())
            self._start_due()
        except Exception:
            log.exception("supervisor_tick_failed")
            self._stopping.wait(PAUSE_SECONDS)

    def _collect(self) -> None:
        """Take note of the children that ended; a job that died in one goes back."""
        for child in [child for child in self._children if child.process.poll() is not None]:
            child.kill()
            if child.process.returncode != 0:
                log.warning("job_process_died", job_id=child.job, code=child.process.returncode)
                self._rested_at = time.monotonic() + PAUSE_SECONDS
                with database().writing() as session:
                    worker = worker_name(child.process.pid)
                    operations.abandon(session, child.job, worker, now())
            self._children.remove(child)

    def _end_cancelled(self) -> None:
        if not self._children:
            return
        with database().reading() as session:
            wanted = queries.cancel_wanted(session, [child.job for child in self._children])
        for child in self._children:
            if child.job in wanted:
                child.ask_to_end()

    def _start_due(self) -> None:
        free = self._width - len(self._children)
        if free <= 0 or time.monotonic() < self._rested_at:
            return
        with database().reading() as session:
            found = queries.due(session, now(), limit=self._width)
        busy = {child.job for child in self._children}
        fresh = [job.id for job in found if job.id not in busy]
        self._children += [Child.start(job) for job in fresh[:free]]

    def _end_children(self) -> None:
        for child in self._children:
            child.ask_to_end()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self._children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            child.kill()


def start_embedded(app: Flask) -> None:
    """Start the supervisor in this web process, if the settings want background work here."""
    settings: Settings = app.extensions["gufei.settings"]
    if settings.run_embedded_jobs:
        Supervisor(app).start()
