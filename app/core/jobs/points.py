"""Where a test may kill the process, to prove that nothing is lost and nothing is done twice.

`GUFEI_KILL_AT` names the point; in production it is ignored. The platform's own points are
`after_claim`, `before_record_commit`, `after_record_commit` and `before_acknowledgement`; a
handler adds its own with `JobContext.point`.
"""

from __future__ import annotations

import os
import signal


def reached(point: str) -> None:
    """Die here, as by a power cut, if the environment asks for it."""
    if os.environ.get("GUFEI_KILL_AT") == point and os.environ.get("GUFEI_ENV") != "production":
        os.kill(os.getpid(), signal.SIGKILL)
