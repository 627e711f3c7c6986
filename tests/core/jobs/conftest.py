from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app.core.jobs.supervisor import Supervisor
from tests.core.jobs.processes import HANDLERS, environment


@pytest.fixture(autouse=True)
def _test_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUFEI_EXTRA_JOBS", HANDLERS)


@pytest.fixture
def supervise(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Flask], None]]:
    """Start the embedded supervisor in this process, without the features' recurring work."""
    monkeypatch.setattr("app.core.jobs.registry.schedule", lambda: ())
    started: list[Supervisor] = []

    def start(app: Flask) -> None:
        for name, value in environment(app).items():
            monkeypatch.setenv(name, value)
        supervisor = Supervisor(app, width=2)
        supervisor.start()
        started.append(supervisor)

    yield start
    for supervisor in started:
        supervisor.stop()
