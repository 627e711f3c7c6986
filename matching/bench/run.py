"""All measurements as one page: each topic in a process of its own, one after the other."""

import importlib
import os
import platform
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import matching
from matching.bench import Row, apart

#: The modules of this package that measure, in the order of the table.
TOPICS = ("flows", "audit", "lots", "changes", "levers", "order", "money", "instances")
#: The topic that takes directories.
INSTANCES = "instances"
LIBRARIES = ("numpy", "scipy", "ortools", "pulp")
PAGE = Path(matching.__path__[0]).parent / "docs" / "benchmarks.md"

#: A topic that takes longer than this has come to nothing.
LIMIT_S = 3_600.0

_HEAD = """\
# Benchmarks

What the engine is measured against, printed by one command:

    .venv/bin/python -m matching bench

It exits 1 while a bar is missed. Every ratio is between runs on the same machine, one after the
other. The peers are a bare call of OR-Tools' `SimpleMinCostFlow` (no duals, prices or certificate),
`scipy.optimize.linprog(method="highs")` and PuLP with its CBC, on the same arrays
(`matching/bench/peers.py`). `--only TOPIC …` measures some topics and writes nothing;
`--instance DIR …` solves further problem directories over twelve months with silos.

"""


def measured(topic: str, instances: Sequence[Path]) -> list[Row]:
    """The rows of a topic; one that says so where it came to nothing."""
    begun = time.perf_counter()
    arguments = (tuple(instances),) if topic == INSTANCES else ()
    try:
        answer = apart.run(_rows, topic, arguments, limit_s=LIMIT_S)
    except RuntimeError as error:
        return [_nothing(topic, str(error), begun)]
    return [_nothing(topic, "not done in time", begun)] if answer is None else answer.value


def page(rows: Sequence[Row]) -> str:
    """The table in Markdown under a description of the machine."""
    return f"{_HEAD}Measured on {machine()}.\n\n{table(rows)}\n"


def table(rows: Iterable[Row]) -> str:
    """One line per row."""
    lines = ["| what | bar | measured | met | seconds |", "| --- | --- | --- | :-: | --: |"]
    lines += [
        f"| {row.what} | {row.bar} | {row.measured} | {_MET[row.met]} | {row.seconds:,.1f} |"
        for row in rows
    ]
    return "\n".join(lines)


def machine() -> str:
    """Processor, cores, memory, system and versions, as one sentence."""
    libraries = ", ".join(filter(None, map(_with_version, LIBRARIES)))
    return (
        f"{_processor()}, {os.cpu_count()} cores, {_memory()}, {_system()}, "
        f"Python {platform.python_version()}, {libraries}"
    )


_MET = {True: "yes", False: "**no**", None: "–"}


def _rows(topic: str, arguments: tuple[object, ...]) -> list[Row]:
    return list(importlib.import_module(f"matching.bench.{topic}").rows(*arguments))


def _nothing(topic: str, what: str, begun: float) -> Row:
    return Row(topic, "–", f"came to nothing: {what}", False, time.perf_counter() - begun)


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{gib:.0f} GiB"


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = platform.system()
    return f"{name} ({platform.system()} {platform.release().partition('-')[0]})"


def _with_version(library: str) -> str | None:
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return None
