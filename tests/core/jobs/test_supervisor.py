from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from flask import Flask
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.core.audit import AuditEvent
from app.core.clock import now
from app.core.jobs import operations
from app.core.jobs.bell import EXTENSION
from app.core.jobs.rules import JobState
from app.core.jobs.supervisor import Child, Lock, Supervisor, start_embedded
from app.core.transactions import database
from app.settings import Settings
from tests.core.jobs.handlers import effects
from tests.core.jobs.processes import enqueued, job, running, wait_until

Supervise = Callable[[Flask], None]


def cancel(identity: str) -> None:
    with database().writing() as session:
        operations.cancel(session, SYSTEM, identity, now())


def left_program() -> int:
    """The process id that the sleeping handler left."""
    with database().reading() as session:
        verb = AuditEvent.verb == "test.program"
        return int(session.scalars(select(AuditEvent.object_id).where(verb)).one())


def test_a_cancelled_job_ends_with_the_program_it_started(app: Flask, supervise: Supervise) -> None:
    identity = enqueued("test.sleep")
    supervise(app)
    wait_until(lambda: effects("test.program") == 1, "the program runs")
    cancel(identity)
    wait_until(lambda: job(identity).ended, "the job has ended")
    assert job(identity).state is JobState.CANCELLED
    assert effects("test.ended.cancelled", identity) == 1
    assert not psutil.pid_exists(left_program())


def test_a_cancelled_job_that_does_not_listen_is_killed(
    app: Flask, supervise: Supervise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.jobs.supervisor.GRACE_SECONDS", 0.1)
    identity = enqueued("test.ignore")
    supervise(app)
    wait_until(lambda: effects("test.deaf") == 1, "the handler runs")
    cancel(identity)
    wait_until(lambda: job(identity).ended, "the job has ended")
    assert job(identity).state is JobState.CANCELLED


def test_the_foreground_worker_does_what_waits_and_gives_back_what_runs(app: Flask) -> None:
    done, interrupted = enqueued("test.work"), enqueued("test.sleep")
    with running(app, "jobs", "work", "--processes", "2") as worker:
        wait_until(lambda: effects("test.program") == 1, "the program runs")
        wait_until(lambda: job(done).state is JobState.DONE, "the other job is done")
        worker.terminate()
        assert worker.wait(30) == 0
    assert (job(interrupted).state, job(interrupted).attempt) == (JobState.WAITING, 0)
    assert not psutil.pid_exists(left_program())


def test_of_two_supervisors_one_works(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_a_killed_supervisor_leaves_no_lock(app: Flask) -> None:
    settings: Settings = app.extensions["gufei.settings"]
    lock = Lock(settings.data_dir / "supervisor.lock")
    identity = enqueued("test.work")
    with running(app, "jobs", "work") as worker:
        wait_until(lambda: job(identity).state is JobState.DONE, "the job is done")
        assert not lock.acquire()
        worker.kill()
        worker.wait()
    assert lock.acquire()
    lock.release()


def test_a_process_that_cannot_start_is_not_started_again_at_once(
    app: Flask, supervise: Supervise, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    def start_broken(identity: str) -> Child:
        started.append(identity)
        return Child(identity, subprocess.Popen(["false"], start_new_session=True))

    monkeypatch.setattr(Child, "start", start_broken)
    monkeypatch.setattr("app.core.jobs.supervisor.POLL_SECONDS", 0.01)
    identity = enqueued("test.work")
    supervise(app)
    wait_until(lambda: bool(started), "the process is started")
    time.sleep(0.5)
    assert started == [identity]
    assert job(identity).state is JobState.WAITING


def test_work_enqueued_in_this_process_wakes_the_supervisor(app: Flask) -> None:
    enqueued("test.work")
    assert app.extensions[EXTENSION].rung.is_set()


def test_without_embedded_jobs_no_supervisor_starts(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Supervisor, "start", lambda self: pytest.fail("started"))
    start_embedded(app)
