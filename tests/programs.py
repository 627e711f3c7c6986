"""Programs of the product as processes of their own, forked from one that has imported it.

A fresh interpreter needs two seconds of work to import the product, ten times what most of these
processes do; those of `tests/scripts` and the jobs of a supervisor start fresh, as everywhere.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing import get_context

from app.settings import ROOT


class Program:
    """What `python -m …` would be in the checkout; asked and ended like a `subprocess.Popen`."""

    def __init__(self, *command: str, env: Mapping[str, str]) -> None:
        context = get_context("forkserver")
        self._process = context.Process(target=_run, args=(command, dict(env)), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Its status once it has ended; minus the signal that killed it."""
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int:
        """Its status, waited for; raises `subprocess.TimeoutExpired`."""
        self._process.join(seconds)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired(self._process.name, seconds or 0)
        return status

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


def _run(command: tuple[str, ...], environment: Mapping[str, str]) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = list(command)
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)
