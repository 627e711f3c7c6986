"""Gunicorn's settings, read from the working directory by every start of the server.

The environment decides the address (`PORT`), processes (`WEB_CONCURRENCY`) and threads per
process (`GUFEI_THREADS`).
"""

from __future__ import annotations

import os
import time
from typing import Any

worker_class = "gthread"
threads = int(os.environ.get("GUFEI_THREADS", "8"))
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Say once, when the first process has loaded the product, how long the start took."""
    started = os.environ.get("GUFEI_STARTED_AT")
    if started and worker.age == 1:
        print(f"serving after {time.time() - float(started):.1f} s; Ctrl-C ends", flush=True)
