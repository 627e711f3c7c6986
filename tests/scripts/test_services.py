"""The servers of the tests never outlive the test run."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from app.settings import ROOT
from tests.services import REDIS_URL, ServiceUnavailable, debian_program

HOLDER = f"""
import time
from tests.services import read_addresses, start_guard
print(read_addresses(start_guard(["{REDIS_URL}"]), ["{REDIS_URL}"])["{REDIS_URL}"], flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder() -> Iterator[subprocess.Popen[str]]:
    """A process that holds a Valkey server as pytest does."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with process:
        yield process
        process.kill()


def answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


def test_a_server_stops_when_its_test_run_is_killed(holder: subprocess.Popen[str]) -> None:
    assert holder.stdout is not None
    url = holder.stdout.readline().strip()
    assert answers(url)
    holder.kill()
    deadline = time.monotonic() + 10
    while answers(url) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not answers(url)


def test_a_missing_server_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    def nothing() -> Path | None:
        return None

    with pytest.raises(ServiceUnavailable, match="apt-get install postgresql"):
        debian_program("postgresql", nothing)
