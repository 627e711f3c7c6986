"""What is true of one run rather than of its outcome: times, memory, engine."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from matching.outcome import Outcome

if TYPE_CHECKING:
    from matching.solver import RunFacts

FILE = "report.json"

#: All there is to say of an outcome that never came to be.
CANCELLED: Mapping[str, object] = {"status": "cancelled", "levels": []}


class Stopwatch:
    """Seconds per stage of a run, in the order the stages began.

    Attributes
    ----------
    current
        The stage under way.
    """

    def __init__(self, first: str) -> None:
        self._started = self._since = time.perf_counter()
        self.current = first
        self._seconds: dict[str, float] = {}

    def stage(self, name: str) -> None:
        """End the stage before and begin this one."""
        now = time.perf_counter()
        spent = self._seconds.get(self.current, 0.0) + now - self._since
        self._seconds[self.current] = spent
        self.current, self._since = name, now

    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self._started

    def stop(self) -> dict[str, float]:
        """End the last stage; seconds per stage and in ``total``."""
        self.stage("")
        seconds = {**self._seconds, "total": self.elapsed()}
        return {name: round(spent, 4) for name, spent in seconds.items()}


def of_run(outcome: Outcome, facts: "RunFacts") -> dict[str, object]:
    """What ``report.json`` says of an outcome and of how it was found."""
    from importlib.metadata import version  # noqa: PLC0415  (a slow import)

    certificate = outcome.certificate
    return {
        "status": facts.status,
        "engine": facts.engine,
        "libraries": {name: version(name) for name in ("numpy", "ortools", "scipy")},
        "iterations": facts.iterations,
        "components": facts.components,
        "shadow_components": facts.shadow_components,
        "input_sha256": certificate.problem_sha256,
        "levels": [
            {
                "name": level.name,
                "value": level.value,
                "bound": level.bound,
                "claimed": level.claimed,
                "gap": level.gap,
            }
            for level in certificate.levels
        ],
        "matches": len(outcome.matches),
        "orders": len(outcome.orders),
    }


def of_process(seconds: Mapping[str, float], worker_mib: float | None) -> dict[str, object]:
    """What ``report.json`` says of the processes: the command and its worker together."""
    own = peak_memory_mib()
    together = None if own is None or worker_mib is None else round(own + worker_mib, 1)
    return {
        "seconds": seconds,
        "peak_memory_mib": together,
        "peak_memory_parts_mib": {"command": own, "worker": worker_mib},
    }


def peak_memory_mib(pid: int | None = None) -> float | None:
    """The most memory a process has held, by default this one; ``None`` where nobody says."""
    status = Path("/proc", "self" if pid is None else str(pid), "status")
    try:
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    except OSError:
        return None
    peak = lines.get("VmHWM")
    return None if peak is None else round(int(peak.split()[0]) / 1024, 1)
