from __future__ import annotations

import subprocess
import sys

from flask import Flask

from app.settings import ROOT, Settings
from tests.core.jobs.claimants import PROCESSES
from tests.core.jobs.processes import enqueued

JOBS = 40


def test_of_eight_processes_exactly_one_gets_each_job(any_app: Flask) -> None:
    settings: Settings = any_app.extensions["gufei.settings"]
    jobs = [enqueued("test.work", str(number)) for number in range(JOBS)]
    command = [sys.executable, "-m", "tests.core.jobs.claimants", settings.database_url, *jobs]
    answer = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    won = [line.split() for line in answer.stdout.splitlines()]
    assert len(won) == PROCESSES
    assert sorted(job for share in won for job in share) == sorted(jobs)
