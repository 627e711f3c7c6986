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
    """Start background work; say once, after the first process, how long the start took."""
    # Imported here: the master process must not hold code that a reload is to replace.
    from app.core.jobs.supervisor import start_embedded  # noqa: PLC0415

    start_embedded(worker.wsgi)
    started = os.environ.get("GUFEI_STARTED_AT")
    if started and worker.age == 1:
        print(f"serving after {time.time() - float(started):.1f} s; Ctrl-C ends", flush=True)
