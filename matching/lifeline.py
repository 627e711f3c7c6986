"""Processes of our own: how they find this package, and that none outlives who asked for it."""

import ctypes
import os
import signal
import sys
import threading
import time
from multiprocessing import parent_process
from pathlib import Path

import matching

_PR_SET_PDEATHSIG = 1
_LOOK_SECONDS = 1.0


def die_with_parent(parent_pid: int | None = None) -> None:
    """Have this process killed as soon as its parent is gone.

    On Linux the kernel does it, even inside a solver that never comes back to Python. Elsewhere a
    thread looks once a second.

    Parameters
    ----------
    parent_pid
        Who the parent was when this process was started; by default as ``multiprocessing`` knows
        it, so that the function can be the ``initializer`` of a pool.
    """
    if parent_pid is None:
        started_by = parent_process()
        parent_pid = os.getppid() if started_by is None else started_by.pid
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent_pid,), daemon=True).start()
    if os.getppid() != parent_pid:
        os._exit(1)


def environment() -> dict[str, str]:
    """This process's own, where the package is found as it was found here."""
    home = str(Path(matching.__path__[0]).parent)
    places = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places)}


def _watch(parent_pid: int | None) -> None:
    while os.getppid() == parent_pid:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)
