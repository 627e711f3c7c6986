"""What is true of one run rather than of its outcome: times, memory, engine."""

import time
from importlib.metadata import version
from pathlib import Path

from matching.outcome import Outcome

FILE = "report.json"


class Stopwatch:
    """Seconds per stage of a run, in the order the stages began."""

    def __init__(self) -> None:
        self._started = self._since = time.perf_counter()
        self._stage = "read"
        self.seconds: dict[str, float] = {}

    def stage(self, name: str) -> None:
        """End the stage before and begin this one."""
        now = time.perf_counter()
        self.seconds[self._stage] = round(now - self._since, 4)
        self._stage, self._since = name, now

    def stop(self) -> dict[str, float]:
        """End the last stage; seconds per stage and in ``total``."""
        self.stage("")
        self.seconds["total"] = round(time.perf_counter() - self._started, 4)
        return self.seconds


def of_run(outcome: Outcome, seconds: dict[str, float]) -> dict[str, object]:
    """The content of ``report.json``."""
    certificate = outcome.certificate
    return {
        "status": "optimal",
        "engine": f"ortools {version('ortools')} SimpleMinCostFlow",
        "input_sha256": certificate.problem_sha256,
        "levels": [
            {"name": level.name, "value": level.value, "bound": level.bound, "gap": level.gap}
            for level in certificate.levels
        ],
        "matches": len(outcome.matches),
        "orders": len(outcome.orders),
        "seconds": seconds,
        "peak_memory_mib": peak_memory_mib(),
    }


def peak_memory_mib() -> float | None:
    """The most memory this process has held; ``None`` where the system does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return round(int(lines["VmHWM"].split()[0]) / 1024, 1)
